"""HCTR2 against the authors' vectors and the paper's pseudocode, and what a permutation of the whole image does."""

from __future__ import annotations

import struct

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

VECTORS = [  # key, tweak, plaintext, ciphertext: google/hctr2, test_vectors/ours/HCTR2/HCTR2_AES256.json
    ("7fc7152ae1f5fda4176769aec92bba82a314e7cfadfd8540da7b7d24bdf17d07", "",
     "9be382c65ac19fad4659b80bacc857a0", "596a76ff906fbe9b792767778fed2361"),
    ("3f42e4e850975914c95edfea2655a9c02804fb6f01bec260ac518c8922ad3199", "",
     "2e6745317a0ec805aa205d2edcc801cc", "d179587b23170b69153f41d5239246b4"),
    ("93ea527d3af227fc39a45851f4e0fda3d790112f8bd7ecaf583d93980800decd", "",
     "84ece276218ef95b3909227107a9d89192", "8e6816ce7b66973882fcb55200bb784fdb"),
    ("4260244fcf1dc13d3132cb3fb7a49c7b88e575bd726d052a6a5cd7264ad24a7a", "",
     "7912c8f77406549a2d23df49a163046a3f7990b3da30b94395043a8a8fba19",
     "d51f77959d19eae5ef71a43c0fa16667d833c31f642c5ec9ebeaa046a5325e"),
    ("5be4575e4b0376545b4c2f703439df278a32a9f7312e84e948219b68cf7eecfc", "57729031780138bb0590c330c4928fb9",
     "00a3282b76c27afbf0dc8a318c15ad2a0f", "64400ceed0075e9c39483bcb3a5d701741"),
    ("9eebb2493c1cf5f46a99c2c4dfb1f4dd752057ea2c4fcdb2a53d7b491eabfd0f",
     "df63d4abd249f3d8338137607dfa7308d8496d80e82f6254eb0ea9395b457f8a",
     "67c9f23084418e43fbf3b33e79367fe8", "2738784716d971352e7edd7e433cb840"),
    ("362b5797f85dcd995f1a5a441d920f27cc16d72b856399d3ba96a1dbd26068da",
     "ef5869b12c5e9a4724c1b169e112938f433d6d00db5ed8d9129afed9ff2daac4",
     "5ea8681985981223260accdb0a04b9df4db3487bb0e3c819435a4606942df2",
     "dbfdc803d0ecc1febd6437b88243624e7e54a3e224a727e8a4d5b36cb226b4"),
    ("0365036e4de6e84e8bbe22194831eed9a09121be6289de78d9b036a33cce43d5",
     "a9c34be70ffc6dbf5627211cfcd604105f43e23035296c1090f1bf61ed0f8a91",
     "07aa0226b498115e3341215151632c7200ab32a71cc83c9c250e8b9adf85ed2df4f2bc55ca926d22fd223b424c0b74ec",
     "7bb1436dd8726cf6676a00c4f1f0f5a4fc6091ab460b15fcd7c12815a1fcf7688ecc276200645672a617d73f67801058"),
    ("a52824341a3cd8f705918fee851f357f803dfc9b94f6fc9e190900a904314f11",
     "a1ba4995ff346db8cd875d5efdea85db8a7b5eb25d57dd62aca98c41429475b7",
     "69b4e88c37e86782f1ec5d04e5149113dff2871b69811d71709e9c3bde497011a0a3db0d544f6669d7db80a7709268ce"
     "81042cc6abaee56015e96fefaa8fa7a7638ff2f077f1a8eae1b71f9eab9e4b3f07875b6fcda8afb9fa700b52b8a8a79e"
     "075fa60eb39b791379c33e8d1c2c68c8511d3c7b7d79772a5665c5542328b003",
     "ebf998863c409f168401f9060feb3ca94ca48e5dc38de5d3aea6e6ccd62d374f99c8a32146b869f2e31489d7b9f59e4e"
     "07936f788e6bea8ffb43b83e9b4c1d7e209ac587eeaff6f946c5188ae869e79652555f001e1adccc13a5eeff4b27cadc"
     "10a64876984394a3c7e2c9659b0814261d68fb150a33498484335a1b24463192"),
]  # fmt: skip


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
