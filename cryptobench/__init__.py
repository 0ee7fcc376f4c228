"""cryptobench: a security-analysis benchmark suite for image ciphers."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Card": "cryptobench.card",
    "Cipher": "cryptobench.cipher",
    "CipherError": "cryptobench.cipher",
    "Encrypted": "cryptobench.cipher",
    "KeyField": "cryptobench.card",
    "UnsupportedImage": "cryptobench.cipher",
    "stage": "cryptobench.cipher",
    "load_cipher": "cryptobench.registry",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import cryptobench` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cryptobench' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
