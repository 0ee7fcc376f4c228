"""What tests are calibrated on: sound sources, where each alarm is false, and controls, whose defects they detect."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from cryptobench.calibration.findings import KEY_TASKS, RowKey
from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.registry import cipher_names, code_version, load_cipher, read_card

__all__ = ["IDEAL", "SOUND", "IdealCipher", "Source", "controls", "sound_sources"]

_Question = tuple[bytes, bytes, tuple[int, ...], bytes]  # key, nonce, shape, samples


class IdealCipher(Cipher):
    """Answers every question with a uniformly random image and remembers the answer, in both directions.

    Encryption under a key and a nonce is a random injection: plaintexts, keys and nonces that differ in one bit
    have independent ciphertexts. A ciphertext that nobody encrypted decrypts to a random image, which encrypts back
    to it. Answers are drawn from PCG64 seeded with a hash of the question, so equal questions have equal answers in
    every instance; what was encrypted is known to this instance only.
    """

    card = Card(
        name="ideal",
        title="Ideal cipher: random images, remembered",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "names one random injection"),),
    )

    def __init__(self) -> None:
        self._encrypted: dict[_Question, Image] = {}
        self._decrypted: dict[_Question, Image] = {}

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        question = (key, nonce, image.shape, image.tobytes())
        if question not in self._encrypted:
            self._remember(question, _random_image("encrypt", question))
        return Encrypted(self._encrypted[question].copy(), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        nonce = encrypted.header
        if len(nonce) != NONCE_BYTES:
            raise CipherError(f"ideal: header has {len(nonce)} bytes, wanted the nonce, {NONCE_BYTES} bytes")
        question = (key, nonce, encrypted.image.shape, encrypted.image.tobytes())
        if question not in self._decrypted:
            plain = _random_image("decrypt", question)
            self._remember((key, nonce, plain.shape, plain.tobytes()), encrypted.image)
        return self._decrypted[question].copy()

    def _remember(self, question: _Question, cipher_image: Image) -> None:
        key, nonce, shape, samples = question
        plain = np.frombuffer(samples, np.uint8).reshape(shape)
        self._encrypted[question] = cipher_image.copy()
        self._decrypted[key, nonce, cipher_image.shape, cipher_image.tobytes()] = plain.copy()


def _random_image(direction: str, question: _Question) -> Image:
    key, nonce, shape, samples = question
    seed = _digest((direction.encode(), key, nonce, repr(shape).encode(), samples))
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    return generator.integers(0, 256, shape, np.uint8)


def _digest(parts: Sequence[bytes]) -> bytes:
    """A hash of the parts and of their lengths."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big") + part)
    return state.digest()


IDEAL = IdealCipher.card.name
SOUND = ("aes-256-siv", "aes-256-gcm-siv", "chacha20-poly1305", "hctr2", IDEAL)
_NEEDS_FRESH_NONCES = ("chacha20-poly1305",)  # a stream cipher: two messages under one nonce share a keystream
_FINDS_EQUAL_IMAGES = "attack:determinism"


@dataclass(frozen=True)
class Source:
    """A cipher by name; ``sound`` says that every test's null distribution holds for it."""

    name: str
    sound: bool

    @property
    def card(self) -> Card:
        return IdealCipher.card if self.name == IDEAL else read_card(self.name)

    @property
    def reference(self) -> str:
        """How another process can load the cipher; empty for the ideal one, which lives in one process only."""
        return "" if self.name == IDEAL else self.name

    @property
    def version(self) -> str:
        """A digest of the cipher's code."""
        if self.name == IDEAL:
            return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        return _version(self.name)

    def cipher(self) -> Cipher:
        """The cipher; a new instance of the ideal one, which would otherwise remember everything."""
        return IdealCipher() if self.name == IDEAL else _registered(self.name)

    def under_null(self, task: str, key: RowKey) -> bool:
        """Whether an alarm of this test on this source is a false one."""
        misuse = self.name in _NEEDS_FRESH_NONCES and key.nonce == "fixed" and task not in KEY_TASKS
        true = task == _FINDS_EQUAL_IMAGES and not self.card.uses_nonce  # equal images do give equal ciphertexts
        return self.sound and not misuse and not true


def sound_sources() -> list[Source]:
    """AES-256-SIV, AES-256-GCM-SIV, ChaCha20-Poly1305, HCTR2, and the ideal cipher."""
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
