"""guo2020: the golden value, a plain reference, and how much of its avalanche is the hash's."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.guo2020 import Cascade, Guo2020, streams
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.images import load_image
from tests.baselines.plain_chaos import fractions, image_of, planes_of
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, digest, flip_rates, key_for, one_flip_pairs

RNG = np.random.default_rng(2020)
ASTRONAUT = load_image("astronaut", 128)


def reference(image: np.ndarray, key: bytes, high: int = 4) -> np.ndarray:
    """The whole cipher with numpy.roll and Python's floats."""
    d = hashlib.sha256(image.tobytes()).digest()
    before, now, mu, A, B = fractions(key + b"guo" + d, 5)
    mu, A, B = 3.9 + 0.1 * mu, 10 + 90 * A, 10 + 90 * B

    def draw(*shape: int) -> np.ndarray:
        nonlocal before, now
        integers = []
        for _ in range(np.prod(shape)):
            before, now = now, (A * (mu * now * (1 - now)) + B * before) % 1
            integers.append(int(now * 2**32))
        return np.array(integers).reshape(shape)

    draw(300)
    p = planes_of(image)
    (H, W), bits = p.shape, np.stack([p >> k & 1 for k in range(8)], axis=-1)
    for block in (bits[:, :, 8 - high :], bits[:, :, : 8 - high]):
        planes = block.shape[2]
        along, down, deep = draw(H, planes) % W, draw(W, planes) % H, draw(H, W) % planes
        for i, k in np.ndindex(H, planes):
            block[i, :, k] = np.roll(block[i, :, k], along[i, k])
        for j, k in np.ndindex(W, planes):
            block[:, j, k] = np.roll(block[:, j, k], down[j, k])
        for i, j in np.ndindex(H, W):
            block[i, j] = np.roll(block[i, j], deep[i, j])
    p = (bits.astype(int) << np.arange(8)).sum(axis=-1).ravel()
    K1, K2 = draw(p.size) & 255, draw(p.size) >> 8 & 255
    c, out = d[0], []
    for sample, k, z in zip(p.tolist(), K1.tolist(), K2.tolist(), strict=True):
        c ^= (sample + k) % 256 ^ z
        out.append(c)
    return image_of(np.array(out, np.uint8).reshape(H, W))


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 starts as a separate implementation's does, and as the plain reference's here."""
    assert digest(Guo2020().encrypt(RAMP, GOLDEN_KEY, NONCE).image) == "080da0edee32075d"
    assert digest(reference(RAMP, GOLDEN_KEY)) == "080da0edee32075d"


@pytest.mark.parametrize("high", [1, 3, 7])
def test_ciphertext_is_the_plain_references(high: int):
    """For other numbers of high planes, another key and an odd shape."""
    image, key = RNG.integers(0, 256, (13, 7, 3), np.uint8), key_for("reference")
    encrypted = Guo2020(high_planes=high).encrypt(image, key, NONCE)
    assert np.array_equal(encrypted.image, reference(image, key, high))


@pytest.mark.parametrize("high", [0, 8, True, 4.0, "4"])
def test_high_planes_are_1_to_7(high: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer from 1 to 7"):
        Guo2020(high_planes=high)


def test_the_secret_is_the_hash_of_the_samples():
    """SHA-256 of the bytes in C order."""
    assert Guo2020().encrypt(RAMP, GOLDEN_KEY, NONCE).secret == hashlib.sha256(RAMP.tobytes()).digest()


def test_the_avalanche_is_the_hashes():
    """Under a fixed hash NPCR is about 48 and UACI 6, from one end to the other."""
    rates, intensities = flip_rates(one_flip_pairs(Guo2020(), 60, image=ASTRONAUT, fixed_secret=True))
    assert rates.mean() == pytest.approx(50, abs=12)
    assert rates.max() - rates.min() > 60
    assert intensities.mean() < 10


def test_under_one_hash_changes_never_go_forwards():
    """The samples before the first changed one stay, and later ones differ in the same bit."""
    other, key = ASTRONAUT.copy(), key_for("held")
    other[60, 60, 1] ^= 1
    one = Guo2020().encrypt(ASTRONAUT, key, NONCE)
    two = Guo2020().encrypt(other, key, NONCE, secret=one.secret)
    changes = planes_of(one.image ^ two.image).ravel()
    first = np.flatnonzero(changes)[0]
    assert first > 0
    assert len(np.unique(changes[first:])) == 1


def test_one_damaged_byte_spoils_few_samples():
    """It reaches two bytes of the shuffled image, which hold bits of at most 16 samples."""
    encrypted = Guo2020().encrypt(ASTRONAUT, GOLDEN_KEY, NONCE)
    for place in RNG.integers(0, ASTRONAUT.size, 20).tolist():
        damaged = encrypted.image.copy()
        damaged.flat[place] ^= int(RNG.integers(1, 256))
        decrypted = Guo2020().decrypt(Encrypted(damaged, secret=encrypted.secret), GOLDEN_KEY)
        assert 1 <= (decrypted != ASTRONAUT).sum() <= 16


def test_the_shuffle_keeps_high_and_low_planes_apart():
    """Under a fixed hash an image below 16 enters the chain as one below 16: no bit has changed its block."""
    cipher, key, session = Guo2020(), key_for("planes"), bytes(32)
    black, low = np.zeros((16, 16, 3), np.uint8), RNG.integers(0, 16, (16, 16, 3), np.uint8)
    _, K1, K2 = streams(key, session, planes_of(black).shape, cipher.blocks)
    c = planes_of(cipher.encrypt(low, key, NONCE, secret=session).image).ravel()
    before = np.concatenate([[session[0]], c[:-1]]).astype(np.uint8)
    assert ((c ^ before ^ K2) - K1).max() < 16


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: 4096 integers of 32 bits hold at most a few equal ones, and their mean is that of uniform ones."""
    for trial in range(300):
        integers = Cascade.of(key_for(trial), bytes(32)).draw(4096, 2**31 - 1)
        assert len(np.unique(integers)) > 4090
        assert abs(integers.mean() / 2**31 - 0.5) < 0.03


def test_the_cascade_is_chaotic():
    """Its largest Lyapunov exponent, by the Jacobian along plain orbits, is above 2 over the range of parameters."""
    for A, B in ((10.0, 10.0), (40.0, 90.0), (99.0, 50.0)):
        mu, before, now, growth = 3.95, 0.3, 0.6, 0.0
        u, v = 1.0, 0.5  # the tangents of the newer and of the older state
        for _ in range(5000):
            u, v = A * mu * (1 - 2 * now) * u + B * v, u
            before, now = now, (A * (mu * now * (1 - now)) + B * before) % 1
            length = float(np.hypot(u, v))
            growth, u, v = growth + np.log(length), u / length, v / length
        assert growth / 5000 > 2
