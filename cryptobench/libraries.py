"""The functions of Python and NumPy as they were when this module was loaded, and those that were replaced since.

A cipher that sets ``np.array_equal = lambda *a: True`` changes what is measured of every cipher after it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy  # noqa: F401  (so that its functions are there to be kept)

__all__ = ["Replaced", "functions", "replaced", "restore"]

_MODULES = ("builtins", "math", "random", "hashlib", "numpy", "numpy.linalg", "numpy.fft", "numpy.random")

Functions = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Replaced:
    """A public function or class of a module, such as numpy, with another in its place."""

    module: str
    name: str
    old: Any
    new: Any

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
        Replaced(module, name, old, new)
        for (module, name), old in (_AT_FIRST if since is None else since).items()
        if (new := getattr(sys.modules.get(module), name, None)) is not old
    ]


def restore(changes: list[Replaced]) -> None:
    """Put the old functions back in their places."""
    for change in changes:
        setattr(sys.modules[change.module], change.name, change.old)
