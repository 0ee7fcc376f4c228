"""barik2020: the golden value, a plain reference, and what both of its modes give away."""

import numpy as np
import pytest

from cryptobench.baselines.chaotic.barik2020 import WINDOWS, Barik2020, KeySchedule, key_streams, outside_windows
from cryptobench.cipher import CipherError
from cryptobench.images import load_image
from cryptobench.metrics import peak_signal_noise_ratio
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from tests.baselines.plain_chaos import fractions, image_of, planes_of
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, digest, flip_rates, key_for, one_flip_pairs

RNG = np.random.default_rng(2020)
ASTRONAUT = load_image("astronaut", 128)


def _cat(p: np.ndarray, a: int, b: int) -> np.ndarray:
    i, j = np.indices(p.shape)
    down = (i + a * j) % p.shape[0]
    right = (j + b * down) % p.shape[1]
    for _ in range(6):
        moved = np.empty_like(p)
        moved[down, right] = p
        p = moved
    return p


def _chain(p: list[int], K: list[int], Z: list[int], c: int) -> list[int]:
    out = []
    for sample, k, z in zip(p, K, Z, strict=True):
        c ^= (sample + k) % 256 ^ z
        out.append(c)
    return out


def reference(image: np.ndarray, key: bytes) -> np.ndarray:
    """The whole cipher in Python's floats and integers."""
    f = fractions(key + b"barik", 8)
    x, y, u, v = 0.2 * f[0] - 0.1, 0.2 * f[1] - 0.1, 0.1 + 0.8 * f[2], 0.05 + 0.9 * f[3]
    r, mu, a, b = 3.99 + 0.01 * f[4], 0.35 + 0.3 * f[5], 1 + int(1000 * f[6]), 1 + int(1000 * f[7])
    H, L, T = [], [], []
    for t in range(1000 + image.size):
        x, y = 1 - 1.4 * x * x + y, 0.3 * x
        u = r * u * (1 - u)
        v = v / mu if v < mu else (1 - v) / (1 - mu)
        if t >= 1000:
            for stream, state in ((H, x), (L, u), (T, v)):
                stream.append(int(abs(state) * 1e12) % 256)
    p = _cat(planes_of(image), a, b)
    shape = p.shape
    c = _chain(p.ravel().tolist(), H, L, a % 256)
    c = _chain(c[::-1], T, H, b % 256)
    p = _cat(np.array(c, np.uint8).reshape(shape), b, a)
    return image_of(np.array(_chain(p.ravel().tolist(), L, T, (a ^ b) % 256), np.uint8).reshape(shape))


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 starts as a separate implementation's does, and as the plain reference's here."""
    assert digest(Barik2020().encrypt(RAMP, GOLDEN_KEY, NONCE).image) == "bd12e5fab1481879"
    assert digest(reference(RAMP, GOLDEN_KEY)) == "bd12e5fab1481879"


def test_ciphertext_is_the_plain_references():
    """For another key and a shape that is no multiple of anything."""
    image, key = RNG.integers(0, 256, (13, 21, 3), np.uint8), key_for("reference")
    assert np.array_equal(Barik2020().encrypt(image, key, NONCE).image, reference(image, key))


@pytest.mark.parametrize("level", [0, 9, True, 2.0, "8"])
def test_level_is_an_integer_from_1_to_8(level: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer from 1 to 8"):
        Barik2020(level=level)


def test_a_flip_of_the_lowest_bit_reaches_everything():
    """Mean NPCR 99.61 and UACI 33.46 over 30 keys, without any hash of the plaintext."""
    rates, intensities = flip_rates(one_flip_pairs(Barik2020(), 30, image=ASTRONAUT))
    assert rates.mean() == pytest.approx(99.611, abs=0.05)
    assert intensities.mean() == pytest.approx(33.464, abs=0.3)


def test_top_bit_changes_stay_in_the_top_bit():
    """Every step is addition, XOR or permutation: the difference is 128 or nothing, at about half of the samples."""
    other, key = ASTRONAUT.copy(), key_for("top bit")
    other[5, 6, 1] ^= 128
    one, two = (Barik2020().encrypt(image, key, NONCE).image for image in (ASTRONAUT, other))
    assert set(np.unique(one ^ two)) == {0, 128}
    rates, intensities = flip_rates(one_flip_pairs(Barik2020(), 20, image=ASTRONAUT, mask=128))
    assert rates.mean() == pytest.approx(50, abs=3)
    assert intensities == pytest.approx(rates * 128 / 255)


@pytest.mark.parametrize(("level", "psnr"), [(3, 37.6), (5, 25.4), (7, 13.6)])
def test_perceptible_levels_have_a_known_quality(level: int, psnr: float):
    """PSNR between plaintext and ciphertext, as an independent prototype has it."""
    image = load_image("astronaut", 256)
    cipher = Barik2020(level=level).encrypt(image, key_for("psnr"), NONCE).image
    assert float(peak_signal_noise_ratio(image, cipher)) == pytest.approx(psnr, abs=0.15)
    assert np.array_equal(cipher >> level, image >> level)


@pytest.mark.parametrize("level", [1, 7])
def test_one_known_plaintext_breaks_the_perceptible_mode(level: int):
    """The mask that it reveals decrypts every other image under the key."""
    cipher, key = Barik2020(level=level), key_for("known plaintext")
    known, secret = RNG.integers(0, 256, (2, 33, 47, 3), np.uint8)
    mask = known ^ cipher.encrypt(known, key, NONCE).image
    assert np.array_equal(cipher.encrypt(secret, key, NONCE).image ^ mask, secret)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: no key stream of 4096 bytes has its last 64 twice, and all byte values occur."""
    for trial in range(300):
        for stream in key_streams(*KeySchedule.of(key_for(trial))[:6], 4096):
            text = stream.tobytes()
            assert text.find(text[-64:]) == len(text) - 64
            assert len(np.unique(stream)) == 256


def test_keys_avoid_the_logistic_maps_windows():
    """Inside the widest, 1000 states take ten values; the parameters that replace them give all different."""
    for low, high in WINDOWS:
        r = (low + high) / 2
        assert 3.99 < r < outside_windows(r) < 4
        assert len(np.unique(logistic_orbit(0.3, outside_windows(r), 20_000)[-1000:])) == 1000
    assert len(np.unique(logistic_orbit(0.3, 3.99029, 20_000)[-1000:])) == 10
    assert outside_windows(3.995) == 3.995
