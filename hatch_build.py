"""Writes the index of built-in ciphers, analyses and attacks before a wheel is built or a checkout is installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class IndexHook(BuildHookInterface):  # type: ignore[type-arg]
    """Renews cryptobench/index.json, which is an artifact of the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """The modules that make the index need Python's own library alone; the package's ``__init__`` needs more."""
        folder = Path(self.root, "cryptobench")
        spec = importlib.util.spec_from_file_location(
            "cryptobench", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        sys.modules["cryptobench"] = importlib.util.module_from_spec(spec)
        from cryptobench.catalogue import renew_index

        renew_index()
