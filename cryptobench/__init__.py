"""cryptobench: a security-analysis benchmark suite for image ciphers.

Public names are imported when they are first used, so that `import cryptobench` is instant.
"""

from typing import TYPE_CHECKING

import lazy_loader

from cryptobench.version import __version__

if TYPE_CHECKING:
    from cryptobench.api import (
        AttackReport,
        AttackReports,
        Run,
        attack,
        evaluate,
        list_ciphers,
        list_claims,
        measure,
        open_run,
        plan,
        plausible,
    )
    from cryptobench.card import Card, KeyField
    from cryptobench.cipher import Cipher, CipherError, Encrypted, UnsupportedImage, stage
    from cryptobench.images import load_image
    from cryptobench.registry import load_cipher

__all__ = [
    "AttackReport",
    "AttackReports",
    "Card",
    "Cipher",
    "CipherError",
    "Encrypted",
    "KeyField",
    "Run",
    "UnsupportedImage",
    "__version__",
    "attack",
    "evaluate",
    "list_ciphers",
    "list_claims",
    "load_cipher",
    "load_image",
    "measure",
    "open_run",
    "plan",
    "plausible",
    "stage",
]

__getattr__, _, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "api": [
            "AttackReport",
            "AttackReports",
            "Run",
            "attack",
            "evaluate",
            "list_ciphers",
            "list_claims",
            "measure",
            "open_run",
            "plan",
            "plausible",
        ],
        "card": ["Card", "KeyField"],
        "cipher": ["Cipher", "CipherError", "Encrypted", "UnsupportedImage", "stage"],
        "images": ["load_image"],
        "registry": ["load_cipher"],
    },
)


def __dir__() -> list[str]:
    return list(__all__)
