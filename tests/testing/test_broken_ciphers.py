"""A cipher that breaks the interface fails its security test, with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cryptobench.testing import SecurityFailure
from cryptobench.testing.security import Security
from tests.bench.test_breaches import LINE, Floats


def test_a_broken_cipher_fails_with_its_line(tmp_path: Path) -> None:
    """Nothing is measured, and the line stands once for all analyses and attacks that were asked for."""
    measured = Security(tmp_path)(Floats(), only=["entropy", "histogram"], attacks=["determinism"], size=32)
    assert set(measured.measurements["status"]) == {"failed"}
    with pytest.raises(SecurityFailure) as caught:
        measured.passes()
    message = str(caught.value)
    assert message.startswith("floats does not pass")
    assert message.partition("not run:")[2].count(LINE) == 1
    assert f"and 2 more: failed: {LINE}" in message
