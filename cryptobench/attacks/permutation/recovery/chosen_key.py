"""Keys that act on one side of a public map: the attacker's own key takes that map off, and leaves a permutation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.permutation.recovery.bit_maps import bit_map, keeps_ones
from cryptobench.attacks.tools.combiners import JOINS
from cryptobench.attacks.tools.permutation_recovery import digit_images, gathered, sources
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["Opened", "moved_under_own_key"]


@dataclass(frozen=True)
class Opened:
    """The plaintext of the challenge, and by which view and mask it was read."""

    image: Image
    note: str


@dataclass(frozen=True, eq=False)
class _View:
    """A map of images, by queries and an own key; ``body`` is what the challenge's is under it, ``open`` makes the
    plaintext of the one that ``body`` comes from."""

    note: str
    apply: Callable[[Image], Image]
    body: Image
    open: Callable[[Image], Image]


class _NoView(Exception):
    """The own key makes nothing of a ciphertext, or an image of another shape."""


def moved_under_own_key(oracle: Oracle, generator: np.random.Generator) -> Opened | None:
    """Read a permutation of samples or bits, masked or not, where the key does no more before or after a public map F.

    D_k'(E_k(P)) is simple where E_k = F after K_k, E_k(D_k'(C)) where E_k = K_k after F: F cancels, and K_k' undone is
    a permutation and a mask too. Two queries each give up on ciphers of which neither is so; those that go on need as
    many as a permutation does. None if nothing was read, or ciphertexts have another shape than plaintexts.
    """
    if oracle.challenge.image.shape != oracle.shape or oracle.cipher.card.secret_bits:
        return None
    for view in _views(oracle, generator):
        try:
            opened = _read(view, oracle.shape)
        except (_NoView, CipherError):
            continue
        if opened is not None:
            return opened
    return None


def _views(oracle: Oracle, generator: np.random.Generator) -> Iterator[_View]:
    key, nonce = generator.bytes(oracle.cipher.card.key_bytes), generator.bytes(NONCE_BYTES)

    def own(sealed: Encrypted) -> Image:
        image = oracle.offline.decrypt(sealed, key)
        if image.shape != oracle.shape:
            raise _NoView
        return image

    try:
        body = own(oracle.challenge)
        header = oracle.offline.encrypt(np.zeros(oracle.shape, np.uint8), key, nonce).header
    except (_NoView, CipherError):
        return

    def decrypted(image: Image) -> Image:
        return own(Encrypted(image, header))

    def encrypted(image: Image) -> Image:
        answer = oracle.encrypt(decrypted(image)).image
        if answer.shape != oracle.shape:
            raise _NoView
        return answer

    yield _View("after decryption with an own key", lambda image: own(oracle.encrypt(image)), body, np.copy)
    yield _View("of images decrypted with an own key", encrypted, oracle.challenge.image, decrypted)


def _read(view: _View, shape: tuple[int, ...]) -> Opened | None:
    first, *others = digit_images(shape)
    zero, digits = view.apply(np.zeros(shape, np.uint8)), [view.apply(first)]
    for join in JOINS:
        if not keeps_ones(join, zero, [first], digits[:1]):
            continue
        digits += [view.apply(other) for other in others[len(digits) - 1 :]]
        source = sources([join.take(digit, zero) for digit in digits], prod(shape))
        if np.array_equal(np.sort(source), np.arange(source.size)):
            return Opened(view.open(gathered(join.take(view.body, zero), source, shape)), f"{join.name}, {view.note}")
        if bits := bit_map(join, zero, view.apply):
            return Opened(view.open(bits.open(view.body, shape)), f"{join.name}, bits moved, {view.note}")
    return None
