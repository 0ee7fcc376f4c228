"""HCTR2 against the authors' vectors and the paper's pseudocode, and what a permutation of the whole image does."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from cryptobench.baselines.reference.hctr2 import Hctr2, hctr2_decrypt, hctr2_encrypt
from cryptobench.baselines.reference.hctr2_tweaked import Hctr2Tweaked
from cryptobench.cipher import Cipher, CipherError, Encrypted, UnsupportedImage
from tests.baselines.plain_modes import hctr2

IMAGE = np.random.default_rng(0).integers(0, 256, (17, 23, 3), dtype=np.uint8)
KEY = bytes(range(32))
NONCE = bytes(range(100, 116))
BOTH = pytest.mark.parametrize("cipher", [Hctr2(), Hctr2Tweaked()], ids=lambda cipher: cipher.card.name)

VECTORS = [
    tuple(vector[part] for part in ("key", "tweak", "plain", "cipher"))
    for source in json.loads((Path(__file__).parent / "hctr2_vectors.json").read_text()).values()
    for vector in source
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{len(vector[2]) // 2}-{len(vector[1]) // 2}")
def test_hctr2_gives_the_authors_vectors(vector: tuple[str, str, str, str]) -> None:
    """Cipher, its inverse and the pseudocode of the next test; the names are bytes of plaintext and of tweak."""
    key, tweak, plain, ciphertext = map(bytes.fromhex, vector)
    assert hctr2_encrypt(key, tweak, plain) == ciphertext
    assert hctr2_decrypt(key, tweak, ciphertext) == plain
    assert hctr2(key, tweak, plain) == ciphertext


@pytest.mark.parametrize("size", [16, 17, 31, 32, 33, 47, 48, 255])
@pytest.mark.parametrize("tweak", [0, 1, 12, 15, 16, 17, 28])
def test_every_length_is_that_of_the_paper(size: int, tweak: int) -> None:
    """Whole and partial last blocks, with tweaks of whole and partial blocks; the inverse gives the text back."""
    text, key = IMAGE.tobytes()[:size], NONCE + KEY[:16]
    ciphertext = hctr2_encrypt(key, KEY[:tweak], text)
    assert ciphertext == hctr2(key, KEY[:tweak], text)
    assert hctr2_decrypt(key, KEY[:tweak], ciphertext) == text


@pytest.mark.parametrize("shape", [(7, 9, 3), (4, 4), (5, 11), (4, 4, 1)])
@BOTH
def test_the_shape_and_nonce_are_the_tweak(cipher: Cipher, shape: tuple[int, ...]) -> None:
    """The cipher classes give what the pseudocode gives; the header is the nonce where the tweak has it."""
    image = np.resize(IMAGE, shape)
    nonce = NONCE if cipher.card.uses_nonce else b""
    encrypted = cipher.encrypt(image, KEY, NONCE)
    wanted = hctr2(KEY, struct.pack(f">{len(shape)}I", *shape) + nonce, image.tobytes())
    assert (encrypted.image.tobytes(), encrypted.header) == (wanted, nonce)
    assert encrypted.image.shape == image.shape


@pytest.mark.parametrize("place", [0, 15, 16, 600, -1])
@BOTH
def test_one_bit_changes_everything_both_ways(cipher: Cipher, place: int) -> None:
    """A bit of the image changes the whole ciphertext under the same nonce, and one of the ciphertext the whole
    image, wherever it is.
    """
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    changed, damaged = IMAGE.copy(), encrypted.image.copy()
    changed.reshape(-1)[place] ^= 1
    damaged.reshape(-1)[place] ^= 1
    forward = cipher.encrypt(changed, KEY, NONCE).image != encrypted.image
    backward = cipher.decrypt(Encrypted(damaged, encrypted.header), KEY) != IMAGE
    for share in (forward, backward):
        assert np.mean(share) > 0.98
        assert share.ravel()[:64].sum() > 56
        assert share.ravel()[-64:].sum() > 56


def test_equal_images_show_without_a_nonce() -> None:
    """Two messages with one image have one ciphertext, but where the nonce is in the tweak."""
    other = bytes(16)
    one, two = (Hctr2().encrypt(IMAGE, KEY, nonce) for nonce in (NONCE, other))
    assert np.array_equal(one.image, two.image)
    one, two = (Hctr2Tweaked().encrypt(IMAGE, KEY, nonce) for nonce in (NONCE, other))
    assert np.mean(one.image != two.image) > 0.98


@BOTH
def test_another_shape_decrypts_to_noise(cipher: Cipher) -> None:
    """Nothing is rejected, but the ciphertext of one shape says nothing in another."""
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    turned = Encrypted(encrypted.image.reshape(23, 17, 3), encrypted.header)
    assert np.mean(cipher.decrypt(turned, KEY).ravel() != IMAGE.ravel()) > 0.98


@BOTH
def test_fewer_samples_than_a_block_are_refused(cipher: Cipher) -> None:
    """The construction needs 16 bytes; the error says so."""
    with pytest.raises(UnsupportedImage, match="image is 3x7x3, wanted sides of at least 4"):
        cipher.encrypt(IMAGE[:3, :7], KEY, NONCE)
    header = cipher.encrypt(IMAGE, KEY, NONCE).header
    with pytest.raises(CipherError, match="ciphertext has 15 samples, wanted at least 16"):
        cipher.decrypt(Encrypted(IMAGE[:5, :3, 0], header), KEY)
