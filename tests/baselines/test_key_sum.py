"""The control whose cipher depends on the sum of the key's bytes alone."""

import numpy as np

from cryptobench.baselines.controls.key_sum import KeySum
from cryptobench.cipher import CipherError
from tests.baselines.test_planted_defects import NONCE, key_of, photograph


def test_key_sum_forgets_the_order_of_its_bytes() -> None:
    """Sorted, rotated and levelled keys decrypt, while each single flipped bit gives another ciphertext."""
    image, key = photograph(16, 16), key_of(0)
    encrypted = KeySum().encrypt(image, key, NONCE)
    share, rest = divmod(sum(key), 32)
    for other in (bytes(sorted(key)), key[1:] + key[:1], bytes([share + 1] * rest + [share] * (32 - rest))):
        assert np.array_equal(KeySum().decrypt(encrypted, other), image)
    for bit in range(256):
        flipped = (int.from_bytes(key, "big") ^ 1 << bit).to_bytes(32, "big")
        assert np.mean(KeySum().encrypt(image, flipped, NONCE).image == encrypted.image) < 0.04


def test_key_sum_falls_to_trying_all_sums() -> None:
    """The receiver's own check says which of 8161 sums is right; the likeliest are tried first."""
    image = photograph(16, 16)
    encrypted = KeySum().encrypt(image, key_of(0), NONCE)
    opened = []
    for total in sorted(range(8161), key=lambda total: abs(total - 4080)):
        share, rest = divmod(total, 32)
        try:
            opened.append(KeySum().decrypt(encrypted, bytes([share + (place < rest) for place in range(32)])))
            break
        except CipherError:
            continue
    assert len(opened) == 1
    assert np.array_equal(opened[0], image)
