"""Garbage is looked for when a report says so."""

from __future__ import annotations

import gc
import weakref

from cryptobench.report.garbage import collect, collected_between


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


def test_what_is_left_is_not_searched_again() -> None:
    """A circle of objects that is alive at a collection is put aside; one that is dead at the next is taken away."""
    with collected_between():
        alive: list[object] = []
        alive.append(alive)
        before = gc.get_freeze_count()
        collect()
        assert gc.get_freeze_count() > before
        assert not any(one is alive for one in gc.get_objects())
        dead = weakref.ref(_in_a_circle())
        assert dead() is not None
        collect()
        assert dead() is None
    assert gc.get_freeze_count() == 0
    collect()
    assert gc.get_freeze_count() == 0


class _Node:
    other: _Node


def _in_a_circle() -> _Node:
    node = _Node()
    node.other = node
    return node


def test_who_has_switched_it_off_is_obeyed() -> None:
    """A process that runs without it goes on without it."""
    gc.disable()
    try:
        with collected_between():
            assert gc.get_freeze_count() == 0
        assert not gc.isenabled()
    finally:
        gc.enable()
