"""huang2020: a plain reference, which gives the prototype's golden value under that one's sine and range of r."""

import math
import platform
from collections.abc import Callable

import numpy as np
import pytest

from cryptobench.baselines.chaotic.huang2020 import BURN_IN, Huang2020, key_schedule
from cryptobench.images import load_image
from cryptobench.primitives.chaos.elementary import sine
from cryptobench.primitives.chaos.maps.two_dimensional import lscm_pair
from tests.baselines.plain_chaos import fractions, image_of, planes_of
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, digest, flip_rates, key_for, one_flip_pairs

RNG = np.random.default_rng(2020)
ASTRONAUT = load_image("astronaut", 128)


def library_sin_pi(u: float) -> float:
    return math.sin(math.pi * u)


def package_sin_pi(u: float) -> float:
    return sine(math.pi * min(u, 1.0 - u))


def _pass(p: list[int], K: list[int], c: int) -> list[int]:
    out = []
    for sample, k, late in zip(p, K, K[::-1], strict=True):
        c = ((sample ^ k) + (c << 3 & 255 | c >> 5)) % 256 ^ late
        out.append(c)
    return out


def reference(image: np.ndarray, key: bytes, sin_pi: Callable[[float], float], low: float, span: float) -> np.ndarray:
    """The whole cipher in Python's floats and integers, with r = low + span f."""
    f, p = fractions(key + b"huang", 7), planes_of(image)
    (H, W), n = p.shape, p.size
    iv = int(f[0] * 2**24)
    for i in range(2):
        x, y, r = f[3 * i + 1], f[3 * i + 2], low + span * f[3 * i + 3]
        X, Y = [], []
        for t in range(500 + n):
            sin_x, sin_y = sin_pi(x), sin_pi(y)
            x, y = (sin_pi(4 * r * u * (1 - u) + (1 - r) * other) for u, other in ((x, sin_y), (y, sin_x)))
            if t >= 500:
                X.append(x), Y.append(y)
        p = p[np.argsort(X[:H], kind="stable")][:, np.argsort(Y[:W], kind="stable")]
        start = iv >> 8 * i & 255
        c = _pass(p.ravel().tolist(), [int(abs(v) * 2**32) & 255 for v in X], start)
        c = _pass(c[::-1], [int(abs(v) * 2**32) & 255 for v in Y], start ^ 255)
        p = np.array(c, np.uint8).reshape(H, W)
    return image_of(p)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another library's sine gives another ciphertext")
def test_reference_agrees_with_an_independent_prototype():
    """With glibc's sine and r in (0.70, 0.98), the SHA-256 starts as the prototype's does."""
    assert digest(reference(RAMP, GOLDEN_KEY, library_sin_pi, 0.70, 0.28)) == "b2172892cfce5791"


@pytest.mark.parametrize("shape", [(16, 16, 3), (13, 21, 3), (1, 5, 3)], ids=str)
def test_ciphertext_is_the_references(shape: tuple[int, ...]):
    """With the package's sine and r in (0.90, 0.98), the two choices in which the cipher departs from the prototype."""
    image, key = RNG.integers(0, 256, shape, np.uint8), key_for(shape)
    expected = reference(image, key, package_sin_pi, 0.90, 0.98 - 0.90)
    assert np.array_equal(Huang2020().encrypt(image, key, NONCE).image, expected)


def test_memory_blocks_do_not_show():
    """An image of several blocks of key stream, the last one not full, has the plain reference's ciphertext."""
    image, key = RNG.integers(0, 256, (67, 71, 3), np.uint8), key_for("blocks")
    assert image.size > 3 * 2048
    expected = reference(image, key, package_sin_pi, 0.90, 0.98 - 0.90)
    assert np.array_equal(Huang2020().encrypt(image, key, NONCE).image, expected)


@pytest.mark.parametrize("mask", [1, 128])
def test_a_flip_of_any_bit_reaches_everything(mask: int):
    """Mean NPCR 99.61 and UACI 33.46 over 30 keys, without any hash of the plaintext, for the top bit too."""
    rates, intensities = flip_rates(one_flip_pairs(Huang2020(), 30, image=ASTRONAUT, mask=mask))
    assert rates.mean() == pytest.approx(99.614, abs=0.05)
    assert intensities.mean() == pytest.approx(33.48, abs=0.2)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys, both rounds: after burn-in 2000 states are all different, and both coordinates run over (0, 1)."""
    for trial in range(300):
        state, r, _ = key_schedule(key_for(trial))
        out = np.empty((2, 2, 2000))
        lscm_pair(state, r, np.empty((2, 2, BURN_IN)))
        lscm_pair(state, r, out)
        for orbit in out:
            assert len(np.unique(orbit, axis=1).T) == 2000
            assert orbit.std(axis=1).min() > 0.2
