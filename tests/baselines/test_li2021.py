"""li2021: the golden value, a plain reference, and images that share a key stream."""

import numpy as np
import pytest

from cryptobench.baselines.chaotic.li2021 import Li2021, Session, lorenz_orbit
from cryptobench.cipher import Encrypted, UnsupportedImage
from cryptobench.images import load_image
from cryptobench.metrics import npcr, uaci
from cryptobench.primitives.chaos.maps.flows import power
from tests.baselines.plain_chaos import fractions
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, digest, key_for

RNG = np.random.default_rng(2021)
ASTRONAUT = load_image("astronaut", 128)


def _states(start: tuple[float, float, float], q: float, steps: int) -> np.ndarray:
    """The fractional Lorenz system with 64 states of memory in Python's floats, without the start: (steps, 3)."""
    c = [1.0]
    for j in range(1, 65):
        c.append((1 - (1 + q) / j) * c[-1])
    gain, states = power(0.01, q), [list(start)]
    for k in range(1, steps + 1):
        past = [0.0, 0.0, 0.0]
        for j in range(1, min(k, 64) + 1):
            past = [total + c[j] * u for total, u in zip(past, states[k - j], strict=True)]
        x, y, z = states[-1]
        x = 10 * (y - x) * gain - past[0]
        y = (x * (28 - z) - y) * gain - past[1]
        states.append([x, y, (x * y - 8 / 3 * z) * gain - past[2]])
    return np.array(states[1:])


def reference(image: np.ndarray, key: bytes) -> np.ndarray:
    """The whole cipher in Python's floats and integers."""
    H, W, _ = image.shape
    s, f = int(image.sum(dtype=int)), fractions(key + b"li", 4)
    v, alpha, tent = (f[3] + s / (255 * 3 * H * W)) % 1, 0.3 + 0.4 * f[2], []
    for _ in range(160):
        v = v / alpha if v < alpha else (1 - v) / (1 - alpha)
        tent.append(v)
    t0, t1, t2 = tent[-3:]
    start = (-10 + 20 * t0 + f[1], -10 + 20 * t1, 10 + 20 * t2)
    g = np.floor(np.abs(_states(start, 0.99 + 0.009 * f[0], 600 + H * W)[600:].T) * 1e10).astype(int)
    K = np.stack([g & 255, g >> 8 & 255], axis=1)  # (3, 2, H W)
    i, j = np.indices((H, W))
    L = []
    for k in range(3):
        layer = image[..., k].astype(int)
        a, b = layer[0, 0] + 2 * layer[-1, -1] + 1, layer[H // 2, W // 2] + 1
        down = (i + a * j) % H
        right = (j + b * down) % W
        for _ in range(5):
            moved = np.empty_like(layer)
            moved[down, right] = layer
            layer = moved
        L.append(layer.ravel())
    for k in range(3):
        L[(k + 1) % 3] = L[(k + 1) % 3] ^ (L[k] + K[k, 0]) % 256
        L[(k + 2) % 3] = (L[(k + 2) % 3] + (L[k] ^ K[k, 1])) % 256
    planes = []
    for k in range(3):
        c = np.add.accumulate(L[k] + K[k, 1]) + (s & 255)
        c = np.add.accumulate(c[::-1] + K[(k + 1) % 3, 0]) + (s >> 8 & 255)
        planes.append((c % 256).astype(np.uint8).reshape(H, W))
    return np.stack(planes, axis=-1)


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 starts as a separate implementation's does, and as the plain reference's here."""
    assert digest(Li2021().encrypt(RAMP, GOLDEN_KEY, NONCE).image) == "b3b0677341320bf2"
    assert digest(reference(RAMP, GOLDEN_KEY)) == "b3b0677341320bf2"


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 3), (13, 21, 3)], ids=str)
def test_ciphertext_is_the_plain_references(shape: tuple[int, ...]):
    """For other keys and odd shapes."""
    image, key = RNG.integers(0, 256, shape, np.uint8), key_for(shape)
    assert np.array_equal(Li2021().encrypt(image, key, NONCE).image, reference(image, key))


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (8, 8, 4)], ids=str)
def test_only_three_layers_are_taken(shape: tuple[int, ...]):
    """The layers are diffused into one another, so grey images are refused, both ways."""
    with pytest.raises(UnsupportedImage, match="wanted 3 channel"):
        Li2021().encrypt(np.zeros(shape, np.uint8), GOLDEN_KEY, NONCE)
    with pytest.raises(UnsupportedImage, match=r"wanted \(H, W, 3\)"):
        Li2021().decrypt(Encrypted(np.zeros(shape, np.uint8), secret=bytes(17)), GOLDEN_KEY)


def test_every_secret_decrypts_to_some_image():
    """All bits set, none set, and random ones, with sums that no image has."""
    for secret in (b"\xff" * 17, bytes(17), RNG.bytes(17)):
        encrypted = Li2021().encrypt(RAMP, GOLDEN_KEY, NONCE, secret=secret)
        assert encrypted.secret == secret
        assert np.array_equal(Li2021().decrypt(encrypted, GOLDEN_KEY), RAMP)


def test_the_secret_is_nine_pixels_and_the_sum():
    """Three bytes each of the first, the last and the middle pixel, and the sum in eight."""
    secret = Li2021().encrypt(ASTRONAUT, GOLDEN_KEY, NONCE).secret
    pixels = [*ASTRONAUT[0, 0], *ASTRONAUT[-1, -1], *ASTRONAUT[64, 64]]
    assert secret == bytes(pixels) + int(ASTRONAUT.sum(dtype=int)).to_bytes(8, "big")


def test_images_of_equal_sum_share_the_key_stream():
    """One pixel up by 1 and another down: the secret is the same, and UACI shows what the chain alone does."""
    rates = []
    for trial in range(120):
        other, key = np.clip(ASTRONAUT, 1, 254), key_for(trial)
        image = other.copy()
        (up, down), (left, right) = RNG.integers(1, 60, (2, 2))
        other[up, left] += 1
        other[down, right] -= 1
        one, two = (Li2021().encrypt(picture, key, NONCE) for picture in (image, other))
        assert one.secret == two.secret
        rates.append((npcr(one.image, two.image).value, uaci(one.image, two.image).value))
    assert 97 < np.mean(rates, axis=0)[0] < 99.6
    assert np.std(rates, axis=0)[1] > 1  # an ideal cipher's is 0.09


def test_one_secret_keeps_top_bit_changes_there():
    """All is addition, XOR and permutation: the difference is 128 or nothing."""
    other, key = ASTRONAUT.copy(), key_for("top bit")
    other[5, 6, 1] ^= 128
    one = Li2021().encrypt(ASTRONAUT, key, NONCE)
    two = Li2021().encrypt(other, key, NONCE, secret=one.secret)
    assert set(np.unique(one.image ^ two.image)) == {0, 128}


def test_no_sampled_key_falls_on_a_short_cycle():
    """100 keys: 5000 states of the orbit are all different, and spread over the attractor."""
    session = Session.of_image(ASTRONAUT)
    for trial in range(100):
        states = lorenz_orbit(key_for(trial), session, ASTRONAUT.size).run(np.empty((5000, 3)))
        assert len(np.unique(states, axis=0)) == 5000
        assert states.std(axis=0).min() > 5
