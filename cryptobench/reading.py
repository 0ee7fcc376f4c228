"""Files that somebody else may have written: read within limits, checked, and refused in one line.

Whatever a file holds, nothing here executes it, follows a path that it names, or unpacks more than it may hold.
"""

from __future__ import annotations

import errno
import io
import json
import math
import os
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from cryptobench.shapes import Misfit, Shape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LARGE", "MEBIBYTE", "Source", "inflated", "parsed_json", "uint8_array"]

MEBIBYTE = 1 << 20
LARGE = 1024 * MEBIBYTE  # what a table, a picture or an array may have at most
_GZIP, _ZLIB = 31, 15  # zlib's window bits for the two formats
_MEMBERS = 100  # of a gzip file; a run writes one


@dataclass(frozen=True)
class Source:
    """A file to be read, the error that says what is wrong with it, and what to do then (``remedy``).

    ``home`` is the folder that it belongs to: a link that leads out of it is not followed.
    """

    path: Path
    error: type[ValueError]
    remedy: str
    home: Path | None = None

    def damaged(self, reason: object) -> ValueError:
        """The error for a file that holds something else than was written to it."""
        line = " ".join(str(reason).split()) or type(reason).__name__
        return self.error(f"{self.path} is damaged ({line}); {self.remedy}")

    def exists(self) -> bool:
        """Whether there is anything of that name, be it a link that leads nowhere."""
        try:
            return self.path.exists() or self.path.is_symlink()
        except OSError as error:
            return error.errno != errno.ENAMETOOLONG

    def content(self, most: int = 64 * MEBIBYTE) -> bytes:
        """All bytes of the file; its error if they are more than ``most``, or it is no file, or it cannot be read.

        FileNotFoundError if there is none.
        """
        self.require_home()
        try:
            if self.path.exists() and not self.path.is_file():
                raise self.error(f"{self.path} is no file; {self.remedy}")
            with self.path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size  # to read N bytes takes memory for N, whatever there is
                content = file.read(min(most, size) + 1)
        except FileNotFoundError:
            if self.path.is_symlink():
                raise self.error(f"{self.path} is a link to a file that is not there; {self.remedy}") from None
            raise
        except OSError as error:
            raise self.error(f"{self.path} cannot be read: {(error.strerror or str(error)).lower()}") from error
        if len(content) > most:
            raise self.damaged(f"it has more than {most // MEBIBYTE} MiB")
        return content

    def text(self, most: int = 64 * MEBIBYTE) -> str:
        """The file as UTF-8 text."""
        try:
            return self.content(most).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.damaged(f"byte {error.start} is no UTF-8") from error

    def unpacked(self, most: int, content: bytes | None = None) -> bytes:
        """The content of a gzip file, no more than ``most`` bytes of it; what does not end in .gz may be plain."""
        packed = self.content(most) if content is None else content
        if packed[:2] != b"\x1f\x8b" and self.path.suffix != ".gz":
            return packed
        try:
            return inflated(packed, most, _GZIP)
        except ValueError as error:
            raise self.damaged(error) from error

    def json(self, shape: Shape, most: int = 64 * MEBIBYTE) -> Any:
        """The value in a JSON file, which has ``shape``."""
        try:
            value = parsed_json(self.text(most))
        except _NotJson as error:
            raise self.damaged(error) from error
        self.require(value, shape)
        return value

    def require(self, value: Any, shape: Shape, place: str = "") -> None:
        """The file's error unless a value from it, found at ``place``, has this shape."""
        try:
            shape(value, place)
        except Misfit as misfit:
            raise self.damaged(misfit) from misfit

    def toml(self, most: int = MEBIBYTE, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
        """The table in a TOML file; ``parse_float`` makes a value of the text of a number with a point or power."""
        try:
            return tomllib.loads(self.text(most), parse_float=parse_float)
        except RecursionError:
            raise self.damaged("nested too deeply") from None
        except tomllib.TOMLDecodeError as error:
            raise self.damaged(error) from error
        except ValueError as error:
            if isinstance(error, self.error):
                raise
            raise self.damaged(str(error).partition(";")[0]) from error  # a number of too many digits

    def require_home(self) -> None:
        """The file's error if it is a link out of its home."""
        if self.home is None:
            return
        try:
            outside = not self.path.resolve().is_relative_to(self.home.resolve())
        except (OSError, RuntimeError) as error:  # links in a circle
            raise self.error(f"{self.path} is a link that leads nowhere; {self.remedy}") from error
        if outside:
            raise self.error(
                f"{self.path} is a link out of {self.home}, and is not followed; put the file itself in its place"
            )


class _NotJson(ValueError):
    """A text is no JSON, or JSON that nothing can be computed with."""


def parsed_json(content: str | bytes, *, finite: bool = True) -> Any:
    """The value of a JSON text: each name once, not nested too deeply, numbers finite if that is wanted; or ValueError.

    Python writes NaN and Infinity, which are no JSON; without ``finite`` they are read.
    """
    numbers: dict[str, Any] = {"parse_constant": _no_constant, "parse_float": _finite} if finite else {}
    try:
        return json.loads(content, object_pairs_hook=_once, **numbers)
    except RecursionError:
        raise _NotJson("nested too deeply") from None
    except UnicodeDecodeError as error:
        raise _NotJson(f"byte {error.start} is no UTF-8") from error
    except ValueError as error:  # no JSON, or a number of more digits than Python converts
        raise _NotJson(str(error).partition(";")[0]) from error


def inflated(packed: bytes, most: int, format_: int = _ZLIB) -> bytes:
    """What zlib or gzip packed, whole and no more than ``most`` bytes; ValueError if it is cut off or more."""
    parts: list[bytes] = []
    left, waiting = most, packed
    while waiting:
        if len(parts) == _MEMBERS:
            raise ValueError(f"it has more than {_MEMBERS} parts")
        machine = zlib.decompressobj(format_)
        try:
            parts.append(machine.decompress(waiting, left + 1))
        except zlib.error as error:
            raise ValueError(str(error)) from error
        left -= len(parts[-1])
        if left < 0:
            raise ValueError(f"it unpacks to more than {most // MEBIBYTE} MiB")
        if not machine.eof:
            raise ValueError("it is cut off")
        waiting = machine.unused_data
        if format_ == _ZLIB and waiting:
            raise ValueError("it goes on after its end")
    return b"".join(parts)


def uint8_array(content: bytes) -> NDArray[np.uint8]:
    """The array in the content of a .npy file, writable; ValueError if it is not of uint8, or not as long as it says.

    The header is read before any memory is taken, so that a giant shape is one line, and no pickled object is loaded.
    """
    import numpy as np
    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
        shape, fortran, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(stream)
    except Exception as error:  # NumPy parses it as Python, and raises what parsers of Python raise
        raise ValueError(" ".join(str(error).split())[:200] or type(error).__name__) from error
    left = len(content) - stream.tell()
    if dtype != np.uint8 or any(side < 1 for side in shape) or math.prod(shape) != left:
        raise ValueError(f"its header says {dtype} of shape {str(shape)[:100]}, and {left} bytes follow")
    values = np.frombuffer(content, np.uint8, offset=stream.tell()).copy()
    return values.reshape(shape, order="F" if fortran else "C")


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _NotJson(f"{twice[:60]!r} is there twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _NotJson(f"{name} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _NotJson(f"{digits[:20]} is too large a number")
    return value
