"""A cipher that breaks the interface fails its security test, with one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cryptobench.testing import SecurityFailure
from cryptobench.testing.security import Security
from tests.bench.hostile import Ends
from tests.bench.test_breaches import LINE, Floats
from tests.forked import fork_preflights


def test_a_broken_cipher_fails_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured, and the line stands once for all analyses and attacks that were asked for."""
    fork_preflights(monkeypatch)
    measured = Security(tmp_path)(Floats(), only=["entropy", "histogram"], attacks=["determinism"], size=32)
    assert set(measured.measurements["status"]) == {"failed"}
    with pytest.raises(SecurityFailure) as caught:
        measured.passes()
    assert re.fullmatch(rf"floats does not pass: {re.escape(LINE)}.*; failed: \w+ and 2 more", str(caught.value))


def test_an_instance_that_ends_processes_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried elsewhere first, so that the test fails instead of ending all tests as if they had passed."""
    fork_preflights(monkeypatch)
    measured = Security(tmp_path)(Ends(), only=["entropy"], attacks=False, size=32)
    with pytest.raises(SecurityFailure, match=r"ends the process: it ended with exit code 0 \(hostile.py, line"):
        measured.passes()
