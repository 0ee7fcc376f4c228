"""The sealed form: what was changed is refused, the map says where, and the MAC and the stream are standard ones."""

import hmac

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cryptobench.analyses.robustness.traceability import noise_map
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.images import builtin_image
from cryptobench.proposed.damage import damage_map, noisy_places, roughness
from cryptobench.registry import load_cipher

NONCE = bytes(range(16))
KEY = bytes(range(64))
PICTURES = ("astronaut", "coffee", "chelsea", "motorcycle")  # none of them chose a constant


@pytest.fixture(scope="module")
def sealed():
    return load_cipher("dense-resnet-xor-sealed")


@pytest.mark.parametrize("shape", [(12, 14, 3), (9, 7), (5, 5, 1)])
def test_iv_and_streams_are_standard(sealed, shape):
    """IV = HMAC-SHA-256(shape, nonce, network's bytes), two XOR passes with AES-256-CTR, by other libraries."""
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    encoded, header = sealed.encode(image)
    encrypted = sealed.encrypt(image, KEY, NONCE)
    iv = hmac.digest(KEY[:32], header + NONCE + encoded.tobytes(), "sha256")[:16]
    assert encrypted.header == header + NONCE + iv
    block = Cipher(algorithms.AES256(KEY[32:]), modes.ECB()).encryptor()
    count, start = 2 * image.size + 2, int.from_bytes(iv, "big")
    stream = b"".join(block.update(((start + i) % 2**128).to_bytes(16, "big")) for i in range(count // 16 + 1))
    data = encoded.ravel().tolist()
    size = len(data)
    passes = ((stream[:size], stream[2 * size], range(size)), (stream[size:], stream[2 * size + 1], range(size)[::-1]))
    for k, last, order in passes:
        for place in order:
            data[place] = last = data[place] ^ k[place] ^ last
    assert encrypted.image.ravel().tolist() == data


def test_every_change_is_refused(sealed):
    """One bit of the image, the nonce, the IV or the shape, the rows in another order, another key."""
    image = builtin_image("astronaut", 32)
    encrypted = sealed.encrypt(image, KEY, NONCE)
    changed = encrypted.image.copy()
    changed[3, 4, 1] ^= 1
    bad = [Encrypted(changed, encrypted.header), Encrypted(encrypted.image[::-1].copy(), encrypted.header)]
    for place in range(len(encrypted.header)):
        header = bytearray(encrypted.header)
        header[place] ^= 1
        bad.append(Encrypted(encrypted.image, bytes(header)))
    for one in bad:
        with pytest.raises(CipherError, match="dense-resnet-xor-sealed: "):
            sealed.decrypt(one, KEY)
    for place in (0, 63):
        wrong = bytearray(KEY)
        wrong[place] ^= 128
        with pytest.raises(CipherError, match="rejected, it was changed or the key is wrong"):
            sealed.decrypt(encrypted, bytes(wrong))


def test_a_repeated_nonce_gives_nothing_but_equality(sealed):
    """Equal images, equal ciphertexts; images that differ in one bit have ciphertexts that differ everywhere."""
    image = builtin_image("astronaut", 64)
    other = image.copy()
    other[60, 60, 0] ^= 1
    first, again, second = (sealed.encrypt(one, KEY, NONCE) for one in (image, image, other))
    assert np.array_equal(first.image, again.image)
    assert np.mean(first.image != second.image) > 0.99


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "grey"])
def test_the_map_shows_where_damage_lies(sealed, name, colour):
    """A block of 8 pixels is marked, at most 1 % of what the network does not reach, and nothing of what is intact."""
    image = builtin_image(name, 256)
    image = image if colour else np.ascontiguousarray(image[..., 1])
    encrypted = sealed.encrypt(image, KEY, NONCE)
    assert not damage_map(sealed, KEY, encrypted).any()
    damaged = encrypted.image.copy()
    damaged[100:108, 60:68] = 0
    found = damage_map(sealed, KEY, Encrypted(damaged, encrypted.header))
    assert found.shape == image.shape[:2]
    assert found[100:108, 60:68].mean() > 0.95
    far = np.ones(found.shape, bool)
    far[80:128, 40:88] = False
    assert found[far].mean() <= 0.01


def test_the_map_knows_a_picture_that_is_all_damage(sealed):
    """More than half of the cipher image, or an IV that is another one."""
    image = builtin_image("astronaut", 128)
    encrypted = sealed.encrypt(image, KEY, NONCE)
    damaged = encrypted.image.copy()
    damaged[32:] = 7
    found = damage_map(sealed, KEY, Encrypted(damaged, encrypted.header))
    assert found[32:].mean() > 0.98
    assert found[:14].mean() < 0.02
    other = encrypted.header[:-1] + bytes([encrypted.header[-1] ^ 1])
    assert damage_map(sealed, KEY, Encrypted(encrypted.image, other)).mean() > 0.98


def test_the_map_refuses_what_it_cannot_read(sealed):
    """A key of another length and a header of another shape, in one line."""
    encrypted = sealed.encrypt(builtin_image("astronaut", 16), KEY, NONCE)
    with pytest.raises(CipherError, match="key has 3 bytes, wanted 64"):
        damage_map(sealed, b"key", encrypted)
    with pytest.raises(CipherError, match="cipher image is 8x16x3, but its header is of another shape"):
        damage_map(sealed, KEY, Encrypted(encrypted.image[:8], encrypted.header))


def test_roughness_is_that_of_the_analysis():
    """Against `noise_map`, which sums in another way what this one averages; uniform noise has 359."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    assert np.allclose(roughness(noise) * 75, noise_map(noise))
    large = np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)
    assert roughness(large).mean() == pytest.approx(359, rel=0.01)
    assert np.allclose(roughness(noise[..., 0]) * 25, noise_map(noise[..., 0]))
    assert noisy_places(noise).mean() > 0.99
    assert not noisy_places(np.zeros((9, 9), np.uint8)).any()


def test_keys_of_mac_and_stream_are_apart(sealed):
    """The IV depends on the first half of the key alone."""
    image = np.zeros((4, 4, 3), np.uint8)
    one, other = (sealed.encrypt(image, KEY[:32] + half, NONCE) for half in (bytes(32), bytes([1] * 32)))
    assert one.header == other.header
    assert not np.array_equal(one.image, other.image)
