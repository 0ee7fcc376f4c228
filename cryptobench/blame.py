"""What a cipher's code raised, in one line: what, a hint that fits, and the user's own file and line."""

from __future__ import annotations

import inspect
import re
import sysconfig
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cryptobench.cipher import Cipher, ContractError
from cryptobench.terminal import one_line

__all__ = ["COPY_FIRST", "described", "is_installed", "line_in_file", "line_of", "place_of", "said_by", "users_line"]

COPY_FIRST = "copy the image first: image = image.copy()"
_LONGEST = 300
_PLACE = re.compile(r"\([^()]+, line \d+\)")
_BLAMED = re.compile(r"^[^:]*: (encrypt|decrypt) returned ")
_INSTALLED = {"site-packages", "dist-packages"}
_HINTS = (
    (
        r"\bbytes\b|\bb['\"]|Strings must be encoded",
        'key is bytes: key.hex() is text, int.from_bytes(key, "big") a number',
    ),
    (r"read-only", COPY_FIRST),
    (r"Cannot cast ufunc .*'uint8'", "np.rint(...).astype(np.uint8)"),
    (r"out of bounds for uint8", "samples are uint8: compute with image.astype(np.int64), and take the result % 256"),
)


def described(error: BaseException, cipher: Cipher, method: str = "") -> str:
    """An exception from a cipher's ``method``, in one line: what it is, a hint that fits, the user's file and line.

    That of a `ContractError` begins with the cipher's name, and says by itself what is wanted.
    """
    said = said_by(error)
    if isinstance(error, ContractError) and _PLACE.search(said):  # the line of a breach
        return said
    if isinstance(error, ContractError):
        return f"{said}{users_line(error, cipher) or place_of(cipher, _BLAMED.search(said))}"
    kind = type(error).__name__
    raised = f"{cipher.card.name}: {method} raised {kind}" if method else kind
    line = f"{raised}: {said}" if said else raised
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
    hint = next((f"; {hint}" for pattern, hint in _HINTS if re.search(pattern, said)), "")
    return f"{line}{hint}{users_line(error, cipher) or place_of(cipher, method)}"


def said_by(error: BaseException) -> str:
    """The text of an exception in one line; its class may be the user's own, and have no text."""
    try:
        return one_line(" ".join(str(error).split()))
    except Exception as failure:
        return f"(its text cannot be had: str() of it raises {type(failure).__name__})"


def place_of(cipher: Cipher, method: str | re.Match[str] | None) -> str:
    """ " (my_cipher.py, line 12)": where the cipher's class defines ``method``, or ""."""
    name = method.group(1) if isinstance(method, re.Match) else method
    try:
        return line_of(inspect.unwrap(getattr(type(cipher), name or "")), cipher)
    except (AttributeError, ValueError):
        return ""


def line_of(function: object, cipher: Cipher) -> str:
    """The same of a function, if it is the user's own."""
    code = getattr(function, "__code__", None)
    if code is None or not _is_users(code.co_filename, set(_files_of(cipher))):
        return ""
    return f" ({Path(code.co_filename).name}, line {code.co_firstlineno})"


def line_in_file(file: Path, pattern: str, otherwise: str = "") -> str:
    """ " (my_cipher.py, line 12)": the first line in which a regular expression is found, or ""."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    number = next((number for number, line in enumerate(lines, 1) if re.search(pattern, line)), None)
    return f" ({otherwise})" * bool(otherwise) if number is None else f" ({file.name}, line {number})"


def users_line(error: BaseException, cipher: Cipher) -> str:
    """ " (my_cipher.py, line 12)": the deepest line of the user's own code that the exception came through, or ""."""
    own = set(_files_of(cipher))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename, own)]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def is_installed(file: str | None) -> bool:
    """Whether a file is an installed package's, NumPy excepted: it sets what it sets, not the cipher that loads it."""
    parts = Path(file or "").parts
    return bool(_INSTALLED.intersection(parts)) and "numpy" not in parts


def _files_of(cipher: Cipher) -> Iterator[str]:
    for cls in type(cipher).__mro__:
        if cls.__module__.partition(".")[0] not in ("cryptobench", "builtins", "abc"):
            try:
                yield inspect.getfile(cls)
            except (OSError, TypeError):  # a notebook's
                continue


def _is_users(file: str, own: set[str]) -> bool:
    if file in own:
        return True
    path = Path(file)
    if file.startswith("<") or _INSTALLED.intersection(path.parts):
        return False
    return not any(folder in path.parents for folder in _foreign())


@cache
def _foreign() -> tuple[Path, ...]:
    """Folders of code that is nobody's own: this package, and Python's library."""
    return (Path(__file__).parent, *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")))
