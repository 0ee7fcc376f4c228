"""Reading files of strangers: limits, links, and one line for whatever is damaged."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cryptobench.reading import LARGE, MEBIBYTE, Source, inflated, parsed_json, uint8_array
from cryptobench.shapes import anything, mapping, whole


class Refused(ValueError):
    """The error of these tests."""


def source(path: Path, home: Path | None = None) -> Source:
    return Source(path, Refused, "get it again", home)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Expecting value"), (b"{", "Expecting property name"), (b'{"a": 1, "a": 2}', "'a' is there twice"),
        (b'{"a": NaN}', "NaN is no number"), (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e999}', "1e999 is too large"), (b'{"a": "\\ud800"}', "wanted Unicode text"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"), (b'{"a": ' + b"9" * 5000 + b"}", "Exceeds the limit"),
        (b'{"a": "\xff"}', "byte 7 is no UTF-8"), (b'\xef\xbb\xbf{"a": 1}', "BOM"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "at most 32 levels"),
    ],
)  # fmt: skip
def test_damaged_json_is_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    """What Python's parser takes, fails on, or recurses into: one line with the file and what to do."""
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(Refused, match=says) as refused:
        source(path).json(anything)
    line = str(refused.value)
    assert line.startswith(f"{path} is damaged (")
    assert line.endswith("); get it again")
    assert "\n" not in line


def test_a_value_of_another_shape_is_named(tmp_path: Path) -> None:
    """The place of the value and the shape that is wanted."""
    path = tmp_path / "a.json"
    path.write_text('{"a": 1, "b": "two"}')
    with pytest.raises(Refused, match=r"damaged \(b is 'two', wanted a whole number from 0\); get it again"):
        source(path).json(mapping(whole()))


def test_no_link_leads_out_of_home(tmp_path: Path) -> None:
    """A link to a file of the same folder is read, one that leads out is not, by file or by folder."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (elsewhere / "secret").write_text("secret")
    (home / "own").write_text("own")
    (home / "to own").symlink_to("own")
    (home / "out").symlink_to(elsewhere / "secret")
    (home / "folder").symlink_to(elsewhere)
    (home / "circle").symlink_to("circle")
    (home / "nowhere").symlink_to("not there")
    assert source(home / "to own", home).text() == "own"
    assert source(home / "out").text() == "secret"
    for name in ("out", "folder/secret"):
        with pytest.raises(Refused, match="is a link out of"):
            source(home / name, home).content()
    for name in ("circle", "nowhere"):
        assert source(home / name, home).exists()
        with pytest.raises(Refused, match="link"):
            source(home / name, home).content()


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A folder and a pipe, which would wait for ever, are refused; what is not there is said as Python says it."""
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(Refused, match="is no file"):
            source(tmp_path / name).content()
    with pytest.raises(FileNotFoundError):
        source(tmp_path / "none").content()
    assert not source(tmp_path / ("x" * 5000)).exists()


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    """More than the limit, packed or not, in one part or in thousands, is refused; just as much is read."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(MEBIBYTE)))
    assert len(source(path).unpacked(MEBIBYTE)) == MEBIBYTE
    path.write_bytes(gzip.compress(bytes(MEBIBYTE + 1)))
    with pytest.raises(Refused, match="unpacks to more than 1 MiB"):
        source(path).unpacked(MEBIBYTE)
    path.write_bytes(gzip.compress(b"a") * 101)
    with pytest.raises(Refused, match="more than 100 parts"):
        source(path).unpacked(MEBIBYTE)
    path.write_bytes(bytes(MEBIBYTE + 1))
    with pytest.raises(Refused, match="has more than 1 MiB"):
        source(path).content(MEBIBYTE)
    path.write_bytes(b"no gzip")
    with pytest.raises(Refused, match="incorrect header"):
        source(path).unpacked(MEBIBYTE)


def test_packed_bytes_are_whole() -> None:
    """Cut off, changed, or followed by more: each is an error."""
    packed = zlib.compress(b"some text " * 9)
    assert inflated(packed, 1000) == b"some text " * 9
    for damaged in (packed[:-1], packed + b"x", bytes([packed[0] ^ 1]) + packed[1:], packed[:-2] + b"\0\0"):
        with pytest.raises(ValueError, match=r"cut off|after its end|incorrect"):
            inflated(damaged, 1000)


def test_json_is_parsed_from_bytes_too() -> None:
    """As BLOBs of SQLite hold it."""
    assert parsed_json(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    with pytest.raises(ValueError, match="no UTF-8"):
        parsed_json(b'"\xff"')


def test_toml_nested_too_deeply_is_damaged(tmp_path: Path) -> None:
    """As is what is no TOML."""
    path = tmp_path / "a.toml"
    for content in ("a = " + "[" * 5000, "a = ", "\0", "a = " + "9" * 5000):
        path.write_text(content)
        with pytest.raises(Refused, match="is damaged"):
            source(path).toml()


def _npy(array: NDArray[Any], old: str = "", new: str = "") -> bytes:
    """An array as .npy, with something else in its header."""
    stream = io.BytesIO()
    np.save(stream, array)
    content = stream.getvalue()
    if not old:
        return content
    header = content[10:128].decode().replace(old, new).rstrip()
    return content[:10] + header.ljust(117).encode() + b"\n" + content[128:]


def test_arrays_are_as_long_as_they_say() -> None:
    """A whole array comes back, in both orders; whatever its header or length does not fit is refused before memory."""
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    for kept in (array, np.asfortranarray(array)):
        found = uint8_array(_npy(kept))
        assert np.array_equal(found, array)
        assert found.flags.writeable
    for content in (
        b"", b"text", _npy(array)[:-1], _npy(array) + b"x", _npy(array.astype(float)), _npy(array[:0]),
        _npy(array, "(2, 3)", "(2, 300000000000)"), _npy(array, "(2, 3)", "(-2, -3)"), _npy(array, "(2, 3)", "(" * 60),
        _npy(array, "|u1", "|O"), _npy(array, "'|u1'", "[]"), _npy(array, "shape", "shapes"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r".") as refused:
            uint8_array(content)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 300


def test_small_files_take_little_memory(tmp_path: Path) -> None:
    """Reading three bytes within a limit of 1 GiB takes less than 1 MiB."""
    import tracemalloc

    (tmp_path / "small").write_bytes(b"abc")
    tracemalloc.start()
    try:
        content = Source(tmp_path / "small", ValueError, "").content(LARGE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert content == b"abc"
    assert peak < 1 << 20
