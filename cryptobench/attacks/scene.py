"""The harness's side of an attack: a cipher under a key, a target image, and whatever attacks share."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from cryptobench.attacks.contract import Contract, receive
from cryptobench.attacks.natural import natural_image
from cryptobench.attacks.reread import Reread, reread
from cryptobench.attacks.score import tolerance_of
from cryptobench.card import Card
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Encrypted, Image

__all__ = ["PROBES", "Mode", "Probe", "Scene", "modes_of"]

Mode = Literal["respect", "misuse"]
Probe = Literal["zero", "a", "b", "a^b", "a+b"]
PROBES: tuple[Probe, ...] = ("zero", "a", "b", "a^b", "a+b")


def modes_of(card: Card) -> tuple[Mode, ...]:
    """The nonce modes in which a cipher behaves differently: one for a cipher with neither nonce nor secret."""
    return ("respect", "misuse") if card.uses_nonce or card.secret_bits else ("respect",)


@dataclass(frozen=True)
class Answer:
    """A ciphertext with its secret, and the seconds that its encryption took."""

    sealed: Encrypted
    seconds: float


class Scene:
    """A cipher, a key, and a target encrypted under it: all that several attacks on one challenge have in common.

    Everything is derived from ``seed``, the cipher's name and ``label``. ``photographs`` are what known pairs are cut
    from; give none that shows the target. CipherError or UnsupportedImage if the cipher cannot encrypt the target.
    """

    def __init__(
        self,
        cipher: Cipher,
        target: Image,
        seed: int = 0,
        *,
        mode: Mode = "respect",
        photographs: Sequence[Image] = (),
        label: str = "",
        reference: str = "",
    ) -> None:
        self.cipher, self.target, self.mode, self.reference = cipher, target, mode, reference
        self._photographs = tuple(photographs)
        self._label = f"{seed}|{cipher.card.name}|{label}|attacks"
        self.key = self._bytes("key", cipher.card.key_bytes)
        self._nonce = self._bytes("nonce challenge", NONCE_BYTES)
        self.sealed = cipher.encrypt(_own(target), self.key, self._nonce)
        self._shared: dict[str, Answer] = {}
        self._plain: dict[str, Image] = {}

    @property
    def nonce(self) -> str:
        """The mode as the measurement table names it: fresh, fixed, or none."""
        if modes_of(self.cipher.card) == ("respect",):
            return "none"
        return "fresh" if self.mode == "respect" else "fixed"

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator that depends on the scene and ``purpose`` only."""
        return np.random.default_rng(int.from_bytes(self._bytes(f"generator {purpose}", 16), "big"))

    def encrypt(self, image: Image, purpose: str) -> Answer:
        """Encrypt as the user would: under a nonce drawn for ``purpose``, or all held still in mode "misuse"."""
        image = _own(image)
        start = time.perf_counter()
        if self.mode == "respect":
            sealed = self.cipher.encrypt(image, self.key, self._bytes(f"nonce {purpose}", NONCE_BYTES))
        else:
            sealed = self.cipher.encrypt(image, self.key, self._nonce, secret=self.sealed.secret or None)
        return Answer(sealed, time.perf_counter() - start)

    def decrypt(self, image: Image, header: bytes) -> Image:
        """Decrypt as the receiver would, who holds the challenge's per-message secret."""
        return self.cipher.decrypt(Encrypted(_own(image), header, self.sealed.secret), self.key)

    @cached_property
    def tolerance(self) -> int:
        """Grey levels that a recovered sample may be off: 0, or where decryption is lossy as many as the receiver's."""
        if self.cipher.card.lossless:
            return 0
        return tolerance_of(self.cipher.decrypt(self.sealed, self.key), self.target)

    def contract(self) -> Contract:
        """What the receiver of the challenge gets in a new process; ValueError if the cipher has no reference."""
        if not self.reference:
            raise ValueError("it is not known how another process loads the cipher; give the scene a reference")
        try:
            here = self.cipher.decrypt(self.sealed, self.key)
            tolerance = self.tolerance
        except CipherError:
            here, tolerance = None, 0
        return receive(self.reference, self.cipher.card, self.sealed, self.key, self.target, here, tolerance)

    def reread(self) -> Reread:
        """What the receiver makes of the challenge as the sender has it, and as a picture file keeps it.

        Another image is encrypted first, lest the cipher remembers the challenge as its last one.
        """
        sealed = self.cipher.encrypt(_own(self.target), self.key, self._nonce, secret=self.sealed.secret or None)
        self.encrypt(255 - self.target, "reread")
        return reread(self.cipher, sealed, self.key, self.target)

    def shared(self, name: str, image: Image) -> Answer:
        """The encryption of an image that several attacks ask for, made once."""
        if name not in self._shared:
            self._shared[name] = self.encrypt(image, f"shared {name}")
        return self._shared[name]

    def has(self, name: str) -> bool:
        """Whether `shared` has been asked for ``name`` before."""
        return name in self._shared

    def probe(self, name: Probe) -> Image:
        """A plaintext that many attacks ask for: zeros, uniform a and b, their XOR, their sum mod 256."""
        if name not in self._plain:
            self._plain[name] = self._make_probe(name)
            self._plain[name].flags.writeable = False
        return self._plain[name]

    def known(self, index: int) -> Image:
        """The plaintext of known pair ``index``, in the target's shape."""
        name = f"known {index}"
        if name not in self._plain:
            self._plain[name] = natural_image(self._photographs, self.target.shape, self.generator(name))
        return self._plain[name].copy()

    def _make_probe(self, name: Probe) -> Image:
        shape = self.target.shape
        if name == "zero":
            return np.zeros(shape, np.uint8)
        if name == "a^b":
            return self.probe("a") ^ self.probe("b")
        if name == "a+b":
            return self.probe("a") + self.probe("b")
        return self.generator(f"probe {name}").integers(0, 256, shape, np.uint8)

    def _bytes(self, purpose: str, count: int) -> bytes:
        return hashlib.shake_256(f"{self._label}|{purpose}".encode()).digest(count)


def _own(image: Image) -> Image:
    """A copy that a cipher's compiled code takes as it takes any image: for numba a read-only array is another type."""
    return np.array(image, order="C")
