"""Garbage is looked for when a report says so."""

from __future__ import annotations

import gc

from cryptobench.report.garbage import collected_between


def test_collection_rests_and_comes_back() -> None:
    """Inside, nothing is collected by itself and what was there before is left alone; afterwards all is as before."""
    with collected_between():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
        with collected_between():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_who_has_switched_it_off_is_obeyed() -> None:
    """A process that runs without it goes on without it."""
    gc.disable()
    try:
        with collected_between():
            assert gc.get_freeze_count() == 0
        assert not gc.isenabled()
    finally:
        gc.enable()
