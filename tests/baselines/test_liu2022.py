"""liu2022: a plain Python version, the S-boxes' properties, and the changes that stay behind."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.baselines.chaotic.liu2022 import Boxes, Liu2022, boxes_and_state, depths, draw_box, key_schedule
from cryptobench.cipher import CipherError
from cryptobench.primitives.chaos.maps.three_dimensional import iqm3d_orbit
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, flip_rates, one_flip_pairs

RNG = np.random.default_rng(22)
CIPHER, KEY = Liu2022(), GOLDEN_KEY


def plain_encrypt(image: np.ndarray, key: bytes) -> np.ndarray:
    """The scheme in Python's integers and floats, one substitution at a time."""
    u = []
    for block in range(2):
        digest = hashlib.sha256(key + b"llm2022" + block.to_bytes(4, "big")).digest()
        u += [((int.from_bytes(digest[i : i + 8], "big") >> 12) + 0.5) / 2**52 for i in range(0, 32, 8)]
    x, y, z, alpha, beta = u[0], u[1], u[2], 20 + 80 * u[3], 20 + 80 * u[4]
    orbit = []
    while len(orbit) < 20_000 + -(-2 * image.size // 3):
        x, y, z = ((alpha * (1 - s * s) + beta * t) % 1 for s, t in ((x, y), (y, z), (z, x)))
        orbit.append((x, y, z))
    boxes = [plain_box([state[k] for state in orbit[:20_000]]) for k in range(3)]
    depths = [1 + math.floor(s * 2**36) % 255 for state in orbit[20_000:] for s in state]
    c, n = image.ravel().tolist(), image.size
    channels = image.shape[2] if image.ndim == 3 else 1
    for first, order, start in ((0, range(n), u[5]), (n, reversed(range(n)), u[6])):
        previous = math.floor(256 * start)
        for i in order:
            value = c[i] ^ previous
            for _ in range(depths[first + i]):
                value = boxes[i % channels % 3][value]
            c[i] = previous = value
    return np.array(c, np.uint8).reshape(image.shape)


def plain_box(samples: list[float]) -> list[int]:
    """The first S-box without x and S[x] = 255 - x, from the next 256 samples at each try."""
    for first in range(0, len(samples), 256):
        pi = list(range(256))
        for t in range(255, 0, -1):
            other = math.floor(samples[first + 255 - t] * 2**36) % (t + 1)
            pi[t], pi[other] = pi[other], pi[t]
        box = [0] * 256
        for i in range(256):
            box[pi[i]] = pi[(i + 1) % 256]
        if all(v + box[v] != 255 for v in range(256)):
            return box
    raise AssertionError("no box")


@pytest.mark.parametrize("shape", [(5, 7, 3), (9, 4), (3, 4, 5)], ids=str)
def test_ciphertext_is_that_of_plain_python(shape: tuple[int, ...]):
    """For colour, grey and five channels, under two keys."""
    image = RNG.integers(0, 256, shape, np.uint8)
    for key in (KEY, bytes(32)):
        assert np.array_equal(CIPHER.encrypt(image, key, NONCE).image, plain_encrypt(image, key))


def key_stream(key: bytes, n: int) -> tuple[Boxes, np.ndarray]:
    """The boxes and the depths of two passes over n samples."""
    keys = key_schedule(key)
    boxes, state = boxes_and_state(keys)
    return boxes, depths(state, keys.alpha, keys.beta, n)[: 2 * n]


def test_boxes_are_single_cycles_without_reverse_fixed_points():
    """100 keys: from any byte, 256 substitutions visit all bytes; none takes x to 255 - x; depths are 1 to 255."""
    for trial in range(100):
        boxes, depths = key_stream(hashlib.sha256(b"box %d" % trial).digest(), 3000)
        for pi, pos in zip(boxes.pi.reshape(3, 512)[:, :256], boxes.pos.reshape(3, 256), strict=True):
            assert sorted(pi.tolist()) == list(range(256))
            assert (pi[pos] == np.arange(256)).all()
            assert (pi.astype(int) + np.roll(pi, -1) != 255).all()
        assert depths.min() == 1
        assert depths.max() == 255


def test_an_orbit_at_rest_gives_no_box():
    """Samples that are all 0 give one order only, which has a reverse fixed point; the message asks for another key."""
    with pytest.raises(CipherError, match="use another key"):
        draw_box(np.zeros(20_000))


def test_diffusion_spreads_more_than_random_pairs():
    """One random bit, 20 keys, no hash: NPCR near 99.8, above the 99.61 of random images; UACI near 33.5."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20))
    assert np.median(rates) == pytest.approx(99.80, abs=0.12)
    assert np.median(changes) == pytest.approx(33.5, abs=0.15)


def test_one_change_in_256_stays_behind_itself():
    """Where the backward pass meets equal bytes at the changed sample, all before it stay: 9 of 2304 expected."""
    image = RNG.integers(0, 256, (32, 24, 3), np.uint8)
    base, stopped = encrypted(image, KEY).ravel(), 0
    for i in range(1, image.size):
        same = encrypted(changed(image, i), KEY).ravel() == base
        stopped += same[:i].all()
        assert same[: i + 1].all() or not same[:i].any()
    assert 1 <= stopped <= 20


def encrypted(image: np.ndarray, key: bytes) -> np.ndarray:
    return CIPHER.encrypt(image, key, NONCE).image


def changed(image: np.ndarray, index: int) -> np.ndarray:
    other = image.copy()
    other.flat[index] ^= 1
    return other


def test_key_stream_does_not_depend_on_the_image():
    """Boxes and depths depend on the key and the number of samples alone; one key bit changes most depths."""
    (boxes, one), (same, two), (_, other) = (key_stream(k, 999) for k in (KEY, KEY, bytes([KEY[0] ^ 1]) + KEY[1:]))
    assert np.array_equal(one, two)
    assert np.array_equal(boxes.pi, same.pi)
    assert (one != other).mean() > 0.97


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: 3000 states after the first 2000 are all different."""
    out = np.empty((5000, 3))
    for trial in range(300):
        keys = key_schedule(hashlib.sha256(b"cycle %d" % trial).digest())
        assert min(keys.alpha, keys.beta) > 20
        assert max(keys.alpha, keys.beta) < 100
        iqm3d_orbit(keys.state, keys.alpha, keys.beta, out)
        assert len(np.unique(out[2000:], axis=0)) == 3000
