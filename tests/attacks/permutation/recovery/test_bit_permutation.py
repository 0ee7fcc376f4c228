"""Permutations of bits are recovered from one image for each binary digit."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.permutation.recovery.bit_permutation import preserves_weights, recover_bit_permutation
from cryptobench.attacks.tools.combiners import ADDITION, XOR
from tests.attacks.keyed_toys import ideal, order, stream

SHAPE = (9, 7)
MASK = stream(b"mask", 63).reshape(SHAPE)


def _permuted(image):
    return np.packbits(np.unpackbits(image)[order(b"bits", 504)]).reshape(SHAPE)


@pytest.mark.parametrize("combiner", [XOR, ADDITION], ids=lambda combiner: combiner.name)
def test_a_masked_permutation_is_recovered(combiner) -> None:
    """Any ciphertext is decrypted with it."""
    queries = []

    def encrypt(image):
        queries.append(image)
        return combiner.combine(_permuted(image), MASK)

    found = recover_bit_permutation(combiner, MASK, encrypt)
    image = stream(b"image", 63).reshape(SHAPE)
    assert len(queries) == 9  # binary digits of an index below 504
    assert np.array_equal(found.decrypt(encrypt(image), SHAPE), image)
    assert preserves_weights(combiner, MASK, [image], [encrypt(image)])


def test_other_ciphers_are_left_after_one_query() -> None:
    """Their ciphertexts do not have the plaintext's Hamming weight."""
    queries = []

    def encrypt(image):
        queries.append(image)
        return ideal(image, b"seed")

    assert recover_bit_permutation(XOR, encrypt(np.zeros(SHAPE, np.uint8)), encrypt) is None
    assert len(queries) == 2
