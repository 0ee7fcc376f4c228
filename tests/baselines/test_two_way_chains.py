"""The chains in both directions: working ciphers, with planes that depend on lower ones alone, and with 256 states."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.baselines.controls._parts import inverse_permute, permutation, subkey
from cryptobench.baselines.controls.two_way_chain import TwoWayChain
from cryptobench.baselines.controls.xor_keyed_chain import XorKeyedChain
from cryptobench.cipher import CipherError, Encrypted
from tests.attacks.keyed_toys import photograph

KEY, NONCE = bytes(range(32)), bytes(16)


def test_the_two_way_chain_follows_its_formula() -> None:
    """d[i] = (c[i] ^ l[i]) + d[i+1], c permuted of c[i] = (p[i] + k[i]) ^ c[i-1]: two flat images show both."""
    zero, one = (TwoWayChain().encrypt(np.full((5, 6), v, np.uint8), KEY, NONCE).image.ravel() for v in (0, 1))
    inner = [np.append(image[:-1] - image[1:], image[-1]) for image in (zero, one)]  # c ^ l
    chained = inverse_permute(inner[0] ^ inner[1], permutation(subkey(KEY, "between"), 30))
    summands = chained ^ np.append(np.uint8(0), chained[:-1])  # k ^ (k + 1): ones up to the lowest 0 of k
    assert np.all(summands & (summands + 1) == 0)
    assert np.all(summands & 1 == 1)
    assert len(np.unique(summands)) > 2


@pytest.mark.parametrize("plane", range(8))
def test_carries_go_upwards_only(plane) -> None:
    """A plane of the plaintext changes about half of its own plane of the ciphertext, and none below."""
    image = photograph(16, 16)
    mask = np.random.default_rng(1).integers(0, 2, image.shape, np.uint8) << plane
    changed = np.bitwise_xor(*(TwoWayChain().encrypt(one, KEY, NONCE).image for one in (image, image ^ mask)))
    assert not np.any(changed & ((1 << plane) - 1))
    assert 0.3 < np.mean(changed >> plane & 1) < 0.7


def test_equal_xors_share_a_key() -> None:
    """Of 300 random images, those with one header have one XOR, and are encrypted as by one two-way chain."""
    images = np.random.default_rng(1).integers(0, 256, (300, 4, 4), np.uint8)
    ciphertexts = [XorKeyedChain().encrypt(image, KEY, NONCE) for image in images]
    pairs = {
        (int(np.bitwise_xor.reduce(image, axis=None)), one.header)
        for image, one in zip(images, ciphertexts, strict=True)
    }
    assert len(pairs) == len({state for state, _ in pairs}) == len({header for _, header in pairs})
    other = images[0].copy()
    other[0, 0] ^= 4
    other[3, 3] ^= 4
    same = XorKeyedChain().encrypt(other, KEY, NONCE)
    changed = same.image ^ ciphertexts[0].image
    assert same.header == ciphertexts[0].header
    assert not np.any(changed & 3)
    assert np.any(changed & 4)


def test_one_changed_sample_changes_all() -> None:
    """Another XOR is another key."""
    image = photograph(16, 16)
    other = image.copy()
    other[7, 7] ^= 4
    one, two = (XorKeyedChain().encrypt(picture, KEY, NONCE) for picture in (image, other))
    assert one.header != two.header
    assert np.mean(one.image == two.image) < 0.03


def test_headers_of_other_lengths_are_refused() -> None:
    """Naming the length that is wanted."""
    with pytest.raises(CipherError, match="xor-keyed-chain: header has 2 bytes, wanted 1"):
        XorKeyedChain().decrypt(Encrypted(photograph(4, 4), b"ab"), KEY)
