"""Temporary folders go with their process, however it ends."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from cryptobench.cli import _ended_by_sigterm
from cryptobench.scratch import ScratchFolder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def make_old(folder: Path) -> Path:
    os.utime(folder, (0, 0))
    return folder


def test_a_folder_goes_with_its_block(place: Path) -> None:
    """It is there in the block, for its user alone, and gone after it with all that is in it."""
    with ScratchFolder() as name:
        Path(name, "deep", "er").mkdir(parents=True)
        assert [Path(name)] == list(place.iterdir())
        assert Path(name).stat().st_mode & 0o077 == 0
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_goes(place: Path) -> None:
    """The next one that is made removes it; not one that is in use, just made, somebody else's, or a link."""
    left = place / "cryptobench-tmp-left"
    (left / "deep").mkdir(parents=True)
    (left / "deep" / "file").write_text("text")
    make_old(left)
    young = place / "cryptobench-tmp-young"
    young.mkdir()
    other = place / "cryptobench-other"
    other.mkdir()
    make_old(other)
    (place / "target").mkdir()
    link = place / "cryptobench-tmp-link"
    link.symlink_to(make_old(place / "target"))
    with ScratchFolder() as used:
        make_old(Path(used))
        with ScratchFolder() as second:
            stay = {young, other, link, place / "target", Path(used), Path(second)}
            assert set(place.iterdir()) == stay


def test_a_missing_place_is_one_line(place: Path) -> None:
    """The line says what happened and what to do."""
    tempfile.tempdir = str(place / "missing")
    with pytest.raises(OSError, match=r"^no temporary folder can be made \(no such file or directory\); set TMPDIR"):
        ScratchFolder()


def test_sigterm_removes_temporary_folders(place: Path) -> None:
    """A command that is asked to end does so with exit code 143, and the handler of before is there again."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, _ended_by_sigterm(), ScratchFolder():
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 143
    assert list(place.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is before
