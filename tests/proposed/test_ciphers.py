"""The proposed cipher and its variants, with the weights that are shipped."""

import numpy as np
import pytest

from cryptobench.cipher import CipherError, Encrypted, UnsupportedImage
from cryptobench.images import builtin_image
from cryptobench.metrics import global_entropy, npcr, peak_signal_noise_ratio, uaci
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes, pwlcm_streams
from cryptobench.registry import load_cipher

NAMES = (
    "dense-resnet-xor", "dense-resnet-xor-core", "dense-resnet-xor-forward", "dense-resnet-xor-hashiv",
    "dense-resnet-xor-hardened",
)  # fmt: skip
NONCE = bytes(range(16))


def key_of(cipher, seed=1):
    return np.random.default_rng(seed).bytes(cipher.card.key_bytes)


def differing(first, second):
    return npcr(first.image, second.image).value, uaci(first.image, second.image).value


@pytest.fixture(params=NAMES)
def cipher(request):
    return load_cipher(request.param)


@pytest.mark.parametrize("shape", [(33, 47, 3), (64, 64), (1, 1, 3), (7, 1), (2, 9, 1)])
def test_any_size_comes_back_in_its_shape(cipher, shape):
    """Odd, tiny, grey and colour images come back in their own shape; the cipher image has colour, its sides fours."""
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    encrypted = cipher.encrypt(image, key_of(cipher), NONCE)
    assert encrypted.image.shape == (shape[0] + -shape[0] % 4, shape[1] + -shape[1] % 4, 3)
    assert cipher.decrypt(encrypted, key_of(cipher)).shape == shape


@pytest.mark.parametrize("shape", [(258, 255, 3), (255, 258), (1, 300, 3), (3, 2)])
def test_odd_sizes_come_back_as_they_look(shape):
    """The mirrored rows and columns do no harm: as well as 256x256, and one row or a few pixels above 35 dB."""
    image = np.resize(builtin_image("chelsea", 300), shape)
    cipher = load_cipher("dense-resnet-xor")
    decrypted = cipher.decrypt(cipher.encrypt(image, key_of(cipher), NONCE), key_of(cipher))
    assert peak_signal_noise_ratio(image, decrypted).value > 35


def test_the_diffusion_loses_nothing():
    """All variants decrypt to the same bytes as the network alone: only the network is lossy."""
    image = builtin_image("astronaut", 64)
    core = load_cipher("dense-resnet-xor-core")
    expected = core.decrypt(core.encrypt(image, b"\0", NONCE), b"\0")
    for name in NAMES[2:] + NAMES[:1]:
        cipher = load_cipher(name)
        key = key_of(cipher)
        assert np.array_equal(cipher.decrypt(cipher.encrypt(image, key, NONCE), key), expected), name


def test_each_pass_has_a_keystream_of_its_own():
    """The ciphertext is the network's, through both chains in plain Python, under the streams k1 and k2."""
    image, core = builtin_image("astronaut", 16), load_cipher("dense-resnet-xor-core")
    key = key_of(load_cipher("dense-resnet-xor"))
    encoded = core.encrypt(image, b"\0", NONCE).image
    k1, k2 = pwlcm_streams(key, NONCE, ("k1", "k2"), encoded.size)
    start, end = pwlcm_bytes(key, NONCE, "iv", 2)
    assert not np.array_equal(k1, k2)

    def turned(value):
        return (value << 3 | value >> 5) & 255

    steps = {
        "dense-resnet-xor": lambda m, k, last: m ^ k ^ last,
        "dense-resnet-xor-hardened": lambda m, k, last: turned((m + last) % 256 ^ k),
    }
    for name, step in steps.items():
        data = encoded.ravel().tolist()
        for stream, last, order in ((k1, start, range(len(data))), (k2, end, range(len(data) - 1, -1, -1))):
            for place in order:
                data[place] = last = step(data[place], int(stream[place]), int(last))
        assert load_cipher(name).encrypt(image, key, NONCE).image.ravel().tolist() == data, name


def test_network_and_diffusion_add_different_properties():
    """A one-bit change: almost nothing from the network, from XOR chains one difference again and again, as a chain
    carries it on unchanged; ideal values from a hash or from sums.
    """
    image = builtin_image("astronaut", 128)
    changed = image.copy()
    changed[60, 60, 1] ^= 1
    found, most = {}, {}
    for name in NAMES:
        cipher = load_cipher(name)
        key = key_of(cipher)
        first, second = cipher.encrypt(image, key, NONCE), cipher.encrypt(changed, key, NONCE)
        found[name] = differing(first, second)
        most[name] = np.bincount((first.image ^ second.image).ravel()).max() / first.image.size
    assert found["dense-resnet-xor-core"][0] < 2
    assert min(most["dense-resnet-xor"], most["dense-resnet-xor-forward"]) > 0.2
    for ideal in ("dense-resnet-xor-hashiv", "dense-resnet-xor-hardened"):
        assert most[ideal] < 0.01
        assert found[ideal][0] > 99.4
        assert found[ideal][1] == pytest.approx(33.46, abs=0.6)


def test_ciphertext_and_wrong_decryption_are_noise():
    """Entropy inside its interval even on a black image; with one key bit wrong nothing of the photograph is left."""
    cipher = load_cipher("dense-resnet-xor")
    key = key_of(cipher)
    black = cipher.encrypt(np.zeros((128, 128, 3), np.uint8), key, NONCE)
    assert global_entropy(black.image).p_value > 1e-4
    image = builtin_image("coffee", 64)
    wrong = bytes([key[0] ^ 1]) + key[1:]
    assert peak_signal_noise_ratio(image, cipher.decrypt(cipher.encrypt(image, key, NONCE), wrong)).value < 15


def test_damage_leaves_a_trail_and_nothing_else():
    """A damaged block of ciphertext damages that part of the image, and not a sample far from it (traceability)."""
    cipher = load_cipher("dense-resnet-xor")
    key, image = key_of(cipher), builtin_image("astronaut", 128)
    encrypted = cipher.encrypt(image, key, NONCE)
    damaged = encrypted.image.copy()
    damaged[32:64, 32:64] = 0
    before = cipher.decrypt(encrypted, key).astype(int)
    after = cipher.decrypt(Encrypted(damaged, encrypted.header), key).astype(int)
    wrong = np.abs(after - before).max(axis=2)
    assert wrong[40:56, 40:56].mean() > 20
    assert not wrong[100:].any()


def test_one_known_pair_gives_the_nonces_mask():
    """C1 ^ C2 does not depend on the key: XOR diffusion behind a public network is a mask."""
    cipher = load_cipher("dense-resnet-xor")
    one, two = builtin_image("astronaut", 64), builtin_image("coffee", 64)[:, :64]
    differences = [
        cipher.encrypt(one, key_of(cipher, seed), NONCE).image ^ cipher.encrypt(two, key_of(cipher, seed), NONCE).image
        for seed in (1, 2)
    ]
    assert np.array_equal(*differences)


def test_bad_input_is_refused_in_one_line(cipher):
    """Four channels, a header of another cipher and a secret that there is none of are named."""
    key = key_of(cipher)
    with pytest.raises(UnsupportedImage, match="1 or 3 channel"):
        cipher.encrypt(np.zeros((4, 4, 4), np.uint8), key, NONCE)
    encrypted = cipher.encrypt(np.zeros((4, 6, 3), np.uint8), key, NONCE)
    for bad in (
        Encrypted(encrypted.image, b"short"),
        Encrypted(encrypted.image, encrypted.header, b"secret"),
        Encrypted(encrypted.image[:2], encrypted.header),
        Encrypted(encrypted.image, b"\xff" * len(encrypted.header)),
    ):
        with pytest.raises(CipherError, match=cipher.card.name):
            cipher.decrypt(bad, key)
