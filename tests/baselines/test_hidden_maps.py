"""Controls whose decryption, or whose keyed part, is a simple map: working ciphers, with the planted defect."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls.enclosed_tables import EnclosedTables
from cryptobench.baselines.controls.sum_keyed_permutation import SumKeyedPermutation
from cryptobench.cipher import Encrypted
from tests.attacks.keyed_toys import photograph

KEY, NONCE = bytes(range(32)), bytes(16)


def test_ciphertexts_of_equal_sums_decrypt_alike() -> None:
    """Two samples exchanged in value are two samples of the plaintext; one sample changed is all of them."""
    cipher = SumKeyedPermutation()
    image = cipher.encrypt(photograph(16, 16), KEY, NONCE).image
    same, other = image.copy(), image.copy()
    same.flat[3] += np.uint8(1) if image.flat[3] < 255 else np.uint8(255)
    other.flat[3] = same.flat[3]
    down, up = np.flatnonzero(image > 0)[-1], np.flatnonzero(image < 255)[-1]
    if image.flat[3] < 255:
        same.flat[down] -= 1
    else:
        same.flat[up] += 1
    plain, near, far = (cipher.decrypt(Encrypted(one), KEY) for one in (image, same, other))
    assert np.array_equal(plain, photograph(16, 16))
    assert np.sum(plain != near) == 2
    assert np.mean(plain != far) > 0.9


def test_what_mixes_is_public() -> None:
    """Two samples changed alike are one behind XORs that run both ways, and so three of any key's ciphertext."""
    cipher = EnclosedTables()
    image = photograph(16, 16)
    changed = image.copy()
    changed.flat[[100, 102]] ^= np.uint8(9)
    for key in (KEY, bytes(32)):
        one, two = (cipher.encrypt(picture, key, NONCE).image.ravel() for picture in (image, changed))
        difference = two - one
        places = np.flatnonzero(difference)
        assert places.size <= 3
        middle = places[places.size // 2]
        if places.size == 3:
            assert difference[middle - 1] == difference[middle + 1]
            assert int(difference[middle]) == -2 * int(difference[middle - 1]) % 256


def test_one_changed_sample_changes_everything() -> None:
    """In both directions."""
    cipher, image = EnclosedTables(), photograph(16, 16)
    changed = image.copy()
    changed.flat[77] ^= 1
    one, two = (cipher.encrypt(picture, KEY, NONCE).image for picture in (image, changed))
    assert np.mean(one != two) > 0.95
    one.flat[77] ^= 1
    assert np.mean(cipher.decrypt(Encrypted(one), KEY) != image) > 0.5
