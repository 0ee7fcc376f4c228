"""huang2020: a plain reference, which gives the prototype's golden value under that one's sine and range of r."""

import math
import platform
from collections.abc import Callable

import numpy as np
import pytest
from scheme_checks import (
    COLOUR,
    GOLDEN_KEY,
    GREY,
    NONCE,
    OTHERS,
    RAMP,
    assert_round_trips,
    digest,
    flip_rates,
    fractions,
    image_of,
    key_for,
    planes_of,
)  # fmt: skip

from baselines.chaotic.huang2020 import BURN_IN, Huang2020, key_schedule
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.images import load_image
from cryptobench.kits.chaos.maps_sine import lscm_pair
from cryptobench.kits.chaos.sine import sine
from cryptobench.metrics import global_entropy, npcr

RNG = np.random.default_rng(2020)
ASTRONAUT = load_image("astronaut", 128)


def library_sin_pi(u: float) -> float:
    return math.sin(math.pi * u)


def kit_sin_pi(u: float) -> float:
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
def test_the_reference_gives_the_ciphertext_of_an_independent_prototype():
    """With glibc's sine and r in (0.70, 0.98), the SHA-256 starts as the prototype's does."""
    assert digest(reference(RAMP, GOLDEN_KEY, library_sin_pi, 0.70, 0.28)) == "b2172892cfce5791"


@pytest.mark.parametrize("shape", [(16, 16, 3), (13, 21, 3), (1, 5, 3)], ids=str)
def test_ciphertext_is_the_references(shape: tuple[int, ...]):
    """With the kit's sine and r in (0.90, 0.98), the two choices in which the cipher departs from the prototype."""
    image, key = RNG.integers(0, 256, shape, np.uint8), key_for(shape)
    expected = reference(image, key, kit_sin_pi, 0.90, 0.98 - 0.90)
    assert np.array_equal(Huang2020().encrypt(image, key, NONCE).image, expected)


def test_decryption_returns_the_image():
    """On awkward shapes, and from damaged ciphertexts."""
    assert_round_trips(Huang2020(), GREY + COLOUR + OTHERS)


def test_memory_blocks_do_not_show():
    """An image of several blocks of key stream, the last one not full, has the plain reference's ciphertext."""
    image, key = RNG.integers(0, 256, (67, 71, 3), np.uint8), key_for("blocks")
    assert image.size > 3 * 2048
    expected = reference(image, key, kit_sin_pi, 0.90, 0.98 - 0.90)
    assert np.array_equal(Huang2020().encrypt(image, key, NONCE).image, expected)


def test_side_data_is_refused():
    """The scheme has neither header nor secret."""
    with pytest.raises(CipherError, match="header has 1 bytes, wanted none"):
        Huang2020().decrypt(Encrypted(RAMP, header=b"h"), GOLDEN_KEY)
    with pytest.raises(CipherError, match="secret has 1 bytes, wanted none"):
        Huang2020().encrypt(RAMP, GOLDEN_KEY, NONCE, secret=b"s")


@pytest.mark.parametrize("mask", [1, 128])
def test_a_flip_of_any_bit_reaches_everything(mask: int):
    """Mean NPCR 99.61 and UACI 33.46 over 30 keys, without any hash of the plaintext, for the top bit too."""
    rates, intensities = flip_rates(Huang2020(), ASTRONAUT, 30, mask=mask)
    assert rates.mean() == pytest.approx(99.614, abs=0.05)
    assert intensities.mean() == pytest.approx(33.48, abs=0.2)


def test_the_nonce_is_ignored():
    """The same ciphertext under every nonce."""
    one, two = (Huang2020().encrypt(RAMP, key_for("nonce"), nonce).image for nonce in (NONCE, b"\xff" * 16))
    assert np.array_equal(one, two)


def test_wrong_keys_and_flat_images_give_noise():
    """One key bit off: over 99 % of the samples of a flat image are wrong; its ciphertext has 8 bits of entropy."""
    flat, key = np.zeros((128, 128, 3), np.uint8), key_for("flat")
    encrypted = Huang2020().encrypt(flat, key, NONCE)
    assert global_entropy(encrypted.image).value > 7.99
    assert npcr(Huang2020().decrypt(encrypted, bytes([key[0] ^ 1]) + key[1:]), flat).value > 99


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
