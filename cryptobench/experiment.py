"""An experiment: one cipher, one image and one seed, and the keys, nonces and generators that follow from them.

Besides: the decryption of ciphertexts that were changed, on which a cipher may reject, and must not crash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from cryptobench.blame import users_line
from cryptobench.card import Card
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, ContractError, Encrypted, Image
from cryptobench.constant_places import ConstantPlaces, constant_places
from cryptobench.keyless import Keyed, Keyless, keep_keyed, keep_keyless

__all__ = ["CRASHES", "DecryptionCrash", "Experiment", "KeptCiphertexts", "decrypt_changed", "nonce_modes"]

CRASHES = "crashes: "  # so begins the message of a `DecryptionCrash`


def nonce_modes(card: Card) -> tuple[str, ...]:
    """("fresh", "fixed"), or ("none",) for a cipher with neither nonce nor per-message secret."""
    return ("fresh", "fixed") if card.uses_nonce or card.secret_bits else ("none",)


class DecryptionCrash(CipherError):
    """`decrypt` was given a changed ciphertext or a wrong key, and raised what is no rejection; one line."""


def decrypt_changed(cipher: Cipher, encrypted: Encrypted, key: bytes) -> Image:
    """Decrypt a ciphertext that was changed, or under a wrong key.

    CipherError is a rejection. Any other exception is a `DecryptionCrash`, unless memory ran out or what was
    returned is no image.
    """
    try:
        return cipher.decrypt(encrypted, key)
    except (CipherError, ContractError, MemoryError):
        raise
    except Exception as error:
        name, place = type(error).__name__, users_line(error, _bare(cipher))
        raise DecryptionCrash(
            f"{CRASHES}decrypt raised {name}{place} on a changed ciphertext or a wrong key; raise CipherError, or name "
            f'it in the card: rejects_with=("{name}",)'
        ) from error


class KeptCiphertexts:
    """Ciphertexts of one image under one cipher that several analyses ask for, by name.

    Up to ``most`` bytes of cipher images are kept; what comes after that is not, and is encrypted each time. Copies are
    handed out, so that nobody who changes one changes another's.
    """

    def __init__(self, most: int = 32 << 20) -> None:
        self._left = most
        self._kept: dict[str, Encrypted] = {}

    def get(self, name: str, make: Callable[[], Encrypted]) -> Encrypted:
        """The ciphertext of this name; what ``make`` raises goes through, and nothing is kept."""
        if name in self._kept:
            return _copy(self._kept[name])
        made = make()
        if made.image.nbytes <= self._left:
            self._left -= made.image.nbytes
            self._kept[name] = _copy(made)
        return made


def _copy(encrypted: Encrypted) -> Encrypted:
    return Encrypted(encrypted.image.copy(), encrypted.header, encrypted.secret)


class _OnCopies(Cipher):
    """A cipher that is given copies, so that one which changes its input changes nothing that is measured.

    What it computes of its last two images alone, without the key, or of its last two keys alone, is kept (see
    `cryptobench.keyless`).
    """

    def __init__(self, bare: Cipher) -> None:
        self.bare = bare
        self.card = bare.card  # type: ignore[misc]
        self._keyless, self._keyed = Keyless(), Keyed()

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        process = os.getpid()
        try:
            with keep_keyless(self._keyless), keep_keyed(self._keyed):
                return self.bare.encrypt(np.array(image, order="C"), key, nonce, secret=secret)
        finally:
            if os.getpid() != process:  # it has forked: there is one caller, not two
                os._exit(1)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        own = Encrypted(np.array(encrypted.image, order="C"), encrypted.header, encrypted.secret)
        with keep_keyed(self._keyed):
            return self.bare.decrypt(own, key)

    def __getattr__(self, name: str) -> Any:
        if name == "bare" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.bare, name)

    def __repr__(self) -> str:
        return repr(self.bare)


def _bare(cipher: Cipher) -> Cipher:
    return cipher.bare if isinstance(cipher, _OnCopies) else cipher


class Experiment:
    """A cipher with an image, a key and a nonce, all of them determined by a seed and a ``label`` of the image.

    Two ways of encrypting are kept apart throughout. *Fresh*: a new nonce and, in schemes that have one, a new
    per-message secret for each message, as papers report. *Fixed*: one nonce and one secret for all messages, the
    misuse case, which shows what the cipher itself does. A cipher that has neither has one mode, "none".

    ``image`` is (H, W) or (H, W, C) uint8. ``reference`` is how another process can load the cipher, "" if it cannot.
    ``cipher`` works on copies of what it is given. ``bare_cipher`` is the cipher itself: for what measures time, and
    for what a cipher offers besides encryption. ``kept`` holds ciphertexts that other experiments with equal arguments
    have made; they are what would be made here.
    """

    def __init__(
        self,
        cipher: Cipher,
        image: Image,
        seed: int = 0,
        label: str = "",
        *,
        reference: str = "",
        kept: KeptCiphertexts | None = None,
    ) -> None:
        self.bare_cipher = _bare(cipher)
        self.cipher: Cipher = _OnCopies(self.bare_cipher)
        self.image, self.seed, self.reference = image, seed, reference
        self._kept = kept or KeptCiphertexts(0)
        self._base: tuple[int, Encrypted] | None = None
        self._label = f"{seed}|{cipher.card.name}|{label}"
        self.key = self.random_key("key")
        self.nonce = self._bytes("nonce", NONCE_BYTES)

    def with_image(self, image: Image) -> Experiment:
        """The same with another image, a part of this one: same key, nonce and generators."""
        other = Experiment(self.bare_cipher, image, self.seed, reference=self.reference)
        other._label, other.key, other.nonce = self._label, self.key, self.nonce
        return other

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator that depends on the seed, the cipher, the image's label and ``purpose``, and on nothing else."""
        return np.random.default_rng(int.from_bytes(self._bytes(f"generator {purpose}", 16), "big"))

    def random_key(self, purpose: str) -> bytes:
        """A uniform key, another one for each purpose."""
        return self._bytes(f"key {purpose}", self.cipher.card.key_bytes)

    def random_nonce(self, purpose: str) -> bytes:
        """A uniform nonce, another one for each purpose."""
        return self._bytes(f"nonce {purpose}", NONCE_BYTES)

    @cached_property
    def ciphertext(self) -> Encrypted:
        """The image under the experiment's key and nonce; CipherError if the cipher cannot encrypt it."""
        return self._kept.get("ciphertext", lambda: self.cipher.encrypt(self.image, self.key, self.nonce))

    @cached_property
    def constant_places(self) -> ConstantPlaces:
        """The places of cipher images that hold the same under every key, nonce and image, this one's too."""
        return constant_places(self.bare_cipher, self.image.shape).held_by(self.ciphertext.image)

    @property
    def nonce_modes(self) -> tuple[str, ...]:
        """The modes in which the cipher behaves differently; see `nonce_modes`."""
        return nonce_modes(self.cipher.card)

    def decrypt_changed(self, encrypted: Encrypted, key: bytes | None = None) -> Image:
        """The function of this name, under the experiment's key or another one.

        Where it crashes, the honest ciphertext is decrypted too: what that raises goes through, for then the cipher
        has failed.
        """
        try:
            return decrypt_changed(self.cipher, encrypted, self.key if key is None else key)
        except DecryptionCrash as error:
            crash = error
        _ = self._decrypts_own
        raise crash

    @cached_property
    def _decrypts_own(self) -> bool:
        """Whether the honest ciphertext is decrypted, not rejected; what else `decrypt` raises goes through."""
        own = self.ciphertext
        try:
            self.cipher.decrypt(own, self.key)
        except CipherError:
            return False
        return True

    def base(self, trial: int) -> Encrypted:
        """The image under the trial's own key and nonce; CipherError if the cipher refuses it or the key.

        All analyses and nonce modes have one key and nonce for trials of one number, so that this is encrypted once.
        """
        if self._base is None or self._base[0] != trial:
            key, nonce = self._of_trial(trial)
            self._base = trial, self._kept.get(f"trial {trial}", lambda: self.cipher.encrypt(self.image, key, nonce))
        return self._base[1]

    def encrypt_pair(self, changed: Image, mode: str, trial: int, analysis: str) -> tuple[Image, Image]:
        """The cipher images of the image and of a changed one under the key of a trial, by nonce mode.

        Trials differ in key and nonce, so they are independent of one another: with the first ciphertext shared, UACI
        values of different trials would be correlated by 0.1 even for an ideal cipher. In the mode "fresh" the changed
        image has a nonce of its own, another one for each ``analysis``.
        """
        key, nonce = self._of_trial(trial)
        one = self.base(trial)
        if mode == "fresh":
            two = self.cipher.encrypt(changed, key, self.random_nonce(f"trial {trial} second {analysis}"))
        else:
            two = self.cipher.encrypt(changed, key, nonce, secret=one.secret or None)
        return one.image, two.image

    def _of_trial(self, trial: int) -> tuple[bytes, bytes]:
        return self.random_key(f"trial {trial}"), self.random_nonce(f"trial {trial}")

    def _bytes(self, purpose: str, count: int) -> bytes:
        return hashlib.shake_256(f"{self._label}|{purpose}".encode()).digest(count)
