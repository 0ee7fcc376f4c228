"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import resource
import signal
from pathlib import Path

import pytest

from cryptobench.files import remove_parts, replacing, write_bytes, write_text


@pytest.fixture
def full_disk():
    """Files may not grow beyond 1000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_written_file_is_alone_and_readable(tmp_path: Path) -> None:
    """Folders are made, no other file is left, line ends stay, and the mode is that of any new file."""
    path = write_text(tmp_path / "a" / "b" / "text.md", "é\n")
    assert path.read_bytes() == b"\xc3\xa9\n"
    assert list(path.parent.iterdir()) == [path]
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, full_disk: None) -> None:
    """The error names the file that was wanted, not the temporary one, which is gone."""
    path = write_bytes(tmp_path / "file", b"old")
    with pytest.raises(OSError, match="too large") as raised:
        write_bytes(path, bytes(5000))
    assert (raised.value.errno, raised.value.filename) == (errno.EFBIG, str(path))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_in_the_block_changes_nothing(tmp_path: Path) -> None:
    """The temporary path keeps the ending, by which libraries choose the format; other errors pass as they are."""
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")

    def draw() -> None:
        with replacing(path) as temporary:
            assert temporary.suffix == ".png"
            temporary.write_bytes(b"new")
            raise ValueError("my own")

    with pytest.raises(ValueError, match="my own"):
        draw()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where the file should be, and a file where the folder should be."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError, match="folder"):
        write_text(tmp_path / "folder", "x")
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match="file"):
        write_text(tmp_path / "file" / "x", "x")


def test_parts_of_killed_processes_are_removed(tmp_path: Path) -> None:
    """At any depth, and nothing else."""
    stay = [tmp_path / ".hidden.part", tmp_path / "a.12.part", tmp_path / "deep" / "picture.png"]
    (tmp_path / "deep").mkdir()
    for path in (*stay, tmp_path / ".run.json.12.part.json", tmp_path / "deep" / ".picture.png.7.part.png"):
        path.touch()
    remove_parts(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(stay)
