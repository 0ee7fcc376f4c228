"""Removing a public map beside the keyed permutation, with the local cipher under a chosen key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.permutation.recovery.bit_permutation import preserves_weights, recover_bit_permutation
from cryptobench.attacks.tools.combiners import COMBINERS
from cryptobench.attacks.tools.permutation_recovery import index_images, source_indices, unpermuted
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["Decryption", "permutation_under_chosen_key"]


@dataclass(frozen=True)
class Decryption:
    """The plaintext of the challenge, and by which composition and combiner it was found."""

    image: Image
    note: str


@dataclass(frozen=True, eq=False)
class _Composition:
    """The cipher in use composed with the local cipher under the chosen key: a map of images to images.

    ``output`` is the image that the map should give for the plaintext wanted, or for an image that ``restore`` turns
    into it.
    """

    note: str
    apply: Callable[[Image], Image]
    output: Image
    restore: Callable[[Image], Image]


class _NoImage(Exception):
    """Under the chosen key, a ciphertext decrypts to nothing, or to an image of another shape."""


def permutation_under_chosen_key(oracle: Oracle, generator: np.random.Generator) -> Decryption | None:
    """Recover a permutation of samples or bits, masked or not, where the key acts only before or after a public map F.

    D_k'(E_k(P)) is simple where E_k = F after K_k, and E_k(D_k'(C)) where E_k = K_k after F: F cancels, and the inverse
    of K_k' is a permutation and a mask too. Two queries for each rule out most ciphers; the others need as many as a
    permutation does. None if nothing was found, or ciphertexts are of another shape than plaintexts.
    """
    if oracle.challenge.image.shape != oracle.shape or oracle.cipher.card.secret_bits:
        return None
    for composition in _compositions(oracle, generator):
        try:
            decryption = _decrypt(composition, oracle.shape)
        except (_NoImage, CipherError):
            continue
        if decryption is not None:
            return decryption
    return None


def _compositions(oracle: Oracle, generator: np.random.Generator) -> Iterator[_Composition]:
    key, nonce = generator.bytes(oracle.cipher.card.key_bytes), generator.bytes(NONCE_BYTES)

    def decrypt_locally(ciphertext: Encrypted) -> Image:
        image = oracle.local_cipher.decrypt(ciphertext, key)
        if image.shape != oracle.shape:
            raise _NoImage
        return image

    try:
        challenge = decrypt_locally(oracle.challenge)
        header = oracle.local_cipher.encrypt(np.zeros(oracle.shape, np.uint8), key, nonce).header
    except (_NoImage, CipherError):
        return

    def decrypted(image: Image) -> Image:
        return decrypt_locally(Encrypted(image, header))

    def encrypted(image: Image) -> Image:
        answer = oracle.encrypt(decrypted(image)).image
        if answer.shape != oracle.shape:
            raise _NoImage
        return answer

    yield _Composition(
        "after decryption under a chosen key", lambda image: decrypt_locally(oracle.encrypt(image)), challenge, np.copy
    )
    yield _Composition("of images decrypted under a chosen key", encrypted, oracle.challenge.image, decrypted)


def _decrypt(composition: _Composition, shape: tuple[int, ...]) -> Decryption | None:
    first, *others = index_images(shape)
    zero, digits = composition.apply(np.zeros(shape, np.uint8)), [composition.apply(first)]
    for combiner in COMBINERS:
        if not preserves_weights(combiner, zero, [first], digits[:1]):
            continue
        digits += [composition.apply(other) for other in others[len(digits) - 1 :]]
        source = source_indices([combiner.invert(digit, zero) for digit in digits], prod(shape))
        if np.array_equal(np.sort(source), np.arange(source.size)):
            image = unpermuted(combiner.invert(composition.output, zero), source, shape)
            return Decryption(composition.restore(image), f"{combiner.name}, {composition.note}")
        if bits := recover_bit_permutation(combiner, zero, composition.apply):
            image = bits.decrypt(composition.output, shape)
            return Decryption(composition.restore(image), f"{combiner.name}, bits permuted, {composition.note}")
    return None
