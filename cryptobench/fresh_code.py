"""A user's own code runs as its source says now: neither from old bytecode nor from what numba compiled before.

Python takes bytecode for current if the source has the same size and the same second; numba takes a compiled function
for current if its own file is, whatever the functions and constants that it was compiled with have become since.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from cryptobench.own_files import is_own

__all__ = ["compile_own_code"]

_NUMBA = "numba.core.caching"


@cache
def compile_own_code() -> None:
    """From now on have this process compile modules of a user's own from their source; those of packages are cached."""
    plain = SourceFileLoader.get_code
    is_own(os.sep)  # asks where Python is, once: that imports a module, for which it must not be asked again

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        path = self.get_filename(name)
        if is_own(os.path.realpath(path)):
            return self.source_to_code(self.get_data(path), path)
        return plain(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]
    if _NUMBA in sys.modules:
        _compile_anew(sys.modules[_NUMBA])
    else:
        sys.meta_path.insert(0, _Finder())


def _compile_anew(caching: Any) -> None:
    """Have functions of a user's own neither loaded from numba's cache on disk nor saved there."""
    enable = caching.Cache.enable

    def enable_unless_own(self: Any) -> None:
        if is_own(os.path.realpath(self._py_func.__code__.co_filename)):
            self.disable()
        else:
            enable(self)

    caching.Cache.enable = enable_unless_own


class _Finder(MetaPathFinder):
    """Finds numba's module of caches once, as all others do, and changes it when it has been loaded."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _NUMBA:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    def __init__(self, plain: Loader) -> None:
        self._plain = plain

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._plain.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._plain.exec_module(module)
        _compile_anew(module)
