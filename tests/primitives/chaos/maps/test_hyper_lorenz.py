"""The hyperchaotic Lorenz system: its flow, its hyperchaos, and the evenness of its words."""

import hashlib

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cryptobench.primitives.chaos.maps.flows import HyperLorenz, hyper_lorenz_words


def slope(s: np.ndarray) -> list[float]:
    x, y, z, w = s
    return [10 * (y - x) + w, 28 * x - y - x * z, x * y - 8 / 3 * z, -y * z - w]


def key(label: str, trial: int) -> bytes:
    return hashlib.sha256(f"{label} {trial}".encode()).digest()


def test_the_system_follows_an_adaptive_solver():
    """Up to t = 0.4, before chaos tells, the state agrees with scipy's DOP853 to a relative 1e-5."""
    state = np.array([1.0, -2.0, 3.0, -1.0])
    hyper_lorenz_words(state, 0.002, np.empty((200, 4), np.uint32))
    exact = solve_ivp(lambda _, s: slope(s), (0, 0.4), [1.0, -2.0, 3.0, -1.0], method="DOP853", rtol=1e-12)
    assert state == pytest.approx(exact.y[:, -1], rel=1e-5)


def test_words_are_the_digits_behind_the_point():
    """A step and the formula, in Python's floats."""
    state = np.array([1.5, -2.25, 3.125, -30.0])
    words = np.empty((3, 4), np.uint32)
    hyper_lorenz_words(state, 0.002, words)
    assert words[-1].tolist() == [int(abs(v) % 1 * 1e10) % 2**32 for v in state.tolist()]


def test_the_system_is_hyperchaotic():
    """Two exponents are positive, and their sum over all four is the divergence, -10 - 1 - 8/3 - 1."""
    h, n, out = 0.002, 12_000, np.empty((1, 4), np.uint32)
    orbit = HyperLorenz.of(key("exponents", 0), b"", "")
    frame, total = np.eye(4), np.zeros(4)
    for _ in range(n):
        x, y, z, _ = orbit.state
        J = np.array([[-10, 10, 0, 1], [28 - z, -1, -x, 0], [y, x, -8 / 3, 0], [0, -z, -y, -1]])
        frame, upper = np.linalg.qr(frame + h * (J @ (frame + h / 2 * (J @ frame))))
        total += np.log(np.abs(np.diag(upper)))
        hyper_lorenz_words(orbit.state, h, out)
    found = total / (n * h)
    assert found[0] > found[1] > 0.03
    assert found.sum() == pytest.approx(-10 - 1 - 8 / 3 - 1, abs=0.5)


def test_no_sampled_key_diverges_or_falls_on_a_short_cycle():
    """100 keys: of 8192 words next to none are alike, as chance has it, and states stay below 512."""
    for trial in range(100):
        orbit = HyperLorenz.of(key("cycle", trial), b"", "")
        assert len(np.unique(orbit.words(8192))) >= 8189
        assert np.abs(orbit.state).max() < 512


def test_the_low_24_bits_of_a_word_are_even():
    """Each is set in 49 to 51 % of a million words, and chi-square of the bytes is within 5 sigma of 255."""
    words = HyperLorenz.of(key("bits", 0), b"", "").words(1 << 20)
    assert np.abs(np.array([(words >> bit & 1).mean() for bit in range(24)]) - 0.5).max() < 0.01
    counts = np.bincount(words.astype(np.uint8), minlength=256)
    assert abs(((counts - 4096) ** 2 / 4096).sum() - 255) < 5 * np.sqrt(2 * 255)


def test_reads_start_on_a_new_step():
    """A read that ends inside a step drops the rest of it; bytes are the low bytes of words."""
    one, two = (HyperLorenz.of(key("reads", 0), b"s", "label") for _ in range(2))
    words = one.words(16)
    assert np.array_equal(two.words(5), words[:5])
    assert np.array_equal(two.bytes(8), words[8:].astype(np.uint8))
