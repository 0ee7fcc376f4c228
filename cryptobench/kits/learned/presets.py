"""Settings of recipes by the name of a preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptobench.cipher import CipherError

__all__ = ["Presets", "settings_of"]

Presets = Mapping[str, Mapping[str, Any]]


def settings_of(presets: Presets, name: str) -> Mapping[str, Any]:
    """The settings of preset ``name``; CipherError names the presets that there are."""
    try:
        return presets[name]
    except KeyError:
        raise CipherError(f"there is no preset {name!r}; there are {' and '.join(presets)}") from None
