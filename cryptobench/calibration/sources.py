"""What tests are calibrated on: ideal sources, on which they must keep silent, and controls, which they must catch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from cryptobench.calibration import ideal
from cryptobench.calibration.rows import KEY_TASKS, RowKey
from cryptobench.card import Card
from cryptobench.cipher import Cipher
from cryptobench.registry import cipher_names, code_version, load_cipher, read_card

__all__ = ["IDEAL", "SOUND", "Source", "controls", "sound_sources"]

IDEAL = ideal.IdealCipher.card.name
SOUND = ("aes-256-siv", "chacha20-poly1305", IDEAL)
_NEEDS_FRESH_NONCES = ("chacha20-poly1305",)  # a stream cipher: two messages under one nonce share a keystream


@dataclass(frozen=True)
class Source:
    """A cipher by name; ``sound`` says that every test's null distribution holds for it."""

    name: str
    sound: bool

    @property
    def card(self) -> Card:
        return ideal.IdealCipher.card if self.name == IDEAL else read_card(self.name)

    @property
    def reference(self) -> str:
        """How another process can load the cipher; empty for the ideal one, which lives in one process only."""
        return "" if self.name == IDEAL else self.name

    @property
    def version(self) -> str:
        """A digest of the cipher's code."""
        if self.name == IDEAL:
            return hashlib.sha256(Path(ideal.__file__).read_bytes()).hexdigest()
        return _version(self.name)

    def cipher(self) -> Cipher:
        """The cipher; a new instance of the ideal one, which would otherwise remember everything."""
        return ideal.IdealCipher() if self.name == IDEAL else _registered(self.name)

    def under_null(self, task: str, key: RowKey) -> bool:
        """Whether an alarm of this test on this source is a false one."""
        misused = self.name in _NEEDS_FRESH_NONCES and key.nonce == "fixed" and task not in KEY_TASKS
        return self.sound and not misused


def sound_sources() -> list[Source]:
    """AES-256-SIV, ChaCha20-Poly1305, and the ideal cipher."""
    return [Source(name, True) for name in SOUND]


def controls() -> list[Source]:
    """Every registered cipher of the family "control"."""
    return [Source(name, False) for name in cipher_names() if read_card(name).family == "control"]


@cache
def _version(name: str) -> str:
    return code_version("cipher", name)


@lru_cache(maxsize=64)
def _registered(name: str) -> Cipher:
    return load_cipher(name)
