"""The functions of Python and NumPy as they were when this module was loaded, and those that were replaced since.

A cipher that sets ``np.array_equal = lambda *a: True`` changes what is measured of every cipher after it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy  # noqa: F401  (so that its functions are there to be kept)

__all__ = ["Functions", "Replaced", "functions", "functions_at_first", "put_in_place", "replaced", "restore"]

_MODULES = (
    "builtins", "math", "cmath", "random", "hashlib", "hmac", "secrets", "time", "os", "struct", "zlib", "numpy",
    "numpy.linalg", "numpy.fft", "numpy.random",
)  # fmt: skip
_PACKAGES = ("cryptobench", "numpy", "scipy", "numba", "PIL", "skimage", "pandas")
_ABSENT = object()

Functions = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Replaced:
    """A public function or class of a module, such as numpy, with another in its place.

    ``owner`` is the module, or the class in it that has the function.
    """

    module: str
    name: str
    old: Any
    new: Any
    owner: Any

    def __str__(self) -> str:
        module = self.module.replace("numpy", "np", 1)
        return self.name if module == "builtins" else f"{module}.{self.name}"


def functions() -> Functions:
    """The public functions and classes of the modules that are watched, as they are now."""
    return {
        (module, name): value
        for module in _MODULES
        if module in sys.modules
        for name, value in list(vars(sys.modules[module]).items())
        if callable(value) and not name.startswith("_")
    }


_AT_FIRST = functions()


def replaced(since: Functions | None = None) -> list[Replaced]:
    """What has been replaced or deleted ``since`` then; if not given, since this module was loaded."""
    return [
        Replaced(module, name, old, new, sys.modules[module])
        for (module, name), old in (_AT_FIRST if since is None else since).items()
        if module in sys.modules and (new := getattr(sys.modules[module], name, _ABSENT)) is not old
    ]


def functions_at_first() -> Functions:
    """The same, as they were when this module was loaded."""
    return _AT_FIRST


def put_in_place(is_own: Callable[[str], bool]) -> Iterator[Replaced]:
    """The functions that are written in files for which ``is_own`` holds, and stand in a library or its classes.

    Looked through is what is loaded of this package, of NumPy and of the libraries that measuring uses. What stood
    there before is not known: ``old`` is None, and `restore` leaves them.
    """
    for module, content in list(sys.modules.items()):
        if module not in _MODULES and module.partition(".")[0] not in _PACKAGES:
            continue
        if is_own(getattr(content, "__file__", None) or "<builtin>"):
            continue
        for name, value in list(getattr(content, "__dict__", {}).items()):
            if isinstance(value, FunctionType):
                if is_own(value.__code__.co_filename):
                    yield Replaced(module, name, None, value, content)
            elif getattr(type(value) if not isinstance(value, type) else value, "__module__", "") == module:
                for attribute, inner in list(getattr(value, "__dict__", {}).items()):
                    if isinstance(inner, FunctionType) and is_own(inner.__code__.co_filename):
                        yield Replaced(module, f"{name}.{attribute}", None, inner, value)


def restore(changes: list[Replaced]) -> None:
    """Put the old functions back in their places."""
    for change in changes:
        if change.old is not None:
            setattr(change.owner, change.name, change.old)
