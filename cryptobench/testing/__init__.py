"""Security tests in a project of your own: a pytest plug-in with the fixture `security`.

The plug-in is `cryptobench.testing.plugin`; pytest finds it wherever cryptobench is installed. Nothing here imports
what is heavy until a test asks for it.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "Assessment": "cryptobench.testing.assessment",
    "Security": "cryptobench.testing.security",
    "SecurityFailure": "cryptobench.testing.assessment",
}

__all__ = ["Assessment", "Security", "SecurityFailure"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cryptobench.testing' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
