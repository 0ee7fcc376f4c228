"""maniyath2020: the network in plain integers, and how far a change reaches."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.maniyath2020 import (
    Maniyath2020,
    Network,
    chain,
    key_bytes,
    logistic_sequence,
    unchain,
)
from cryptobench.cipher import Encrypted
from cryptobench.metrics import npcr
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from tests.baselines.scheme_checks import NONCE, flip_rates, one_flip_pairs

RNG = np.random.default_rng(20)
KEY = hashlib.sha256(b"maniyath2020").digest()


def photo(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, shape, np.uint8)


def signed(value: int) -> int:
    """The residue of ``value`` mod 2^16 in [-2^15, 2^15)."""
    return (value + 0x8000) % 0x10000 - 0x8000


def plain_key_bytes(network: Network, x: list[float]) -> list[int]:
    """The network's byte stream in Python's unbounded integers."""
    out, o = [], [0] * 16
    for start in range(0, len(x), 16):
        h = [signed(int(x[start + i] * 2**32) ^ (o[i] & 0xFFFF)) for i in range(16)]
        for W, b in ((network.W1, network.b1), (network.W2, network.b2)):
            rows = [sum(w * v for w, v in zip(row, h, strict=True)) for row in W.tolist()]
            h = [min(max((total >> 14) + bias, -16384), 16383) for total, bias in zip(rows, b.tolist(), strict=True)]
        rows = [sum(w * v for w, v in zip(row, h, strict=True)) for row in network.W3.tolist()]
        o = [signed((total >> 14) + bias) for total, bias in zip(rows, network.b3.tolist(), strict=True)]
        out += [value >> 4 & 255 for value in o]
    return out


def test_network_equals_plain_integers():
    """Key bytes of 60 steps with feedback, for three keys."""
    for trial in range(3):
        key = hashlib.sha256(bytes([trial])).digest()
        network, x = Network.of(key, b""), logistic_sequence(key, b"", "input", 960)
        assert key_bytes(network, x).tolist() == plain_key_bytes(network, x.tolist())


@pytest.mark.parametrize("word", [0x7FFF, 0x8000])
@pytest.mark.parametrize("weight", [4095, -4095])
def test_no_sum_of_the_network_passes_31_bits(word: int, weight: int):
    """The largest weights, biases and inputs of either sign give what unbounded integers give."""
    shapes = [(32, 16), (32,), (32, 32), (32,), (16, 32), (16,)]
    network = Network(*(np.full(shape, weight, np.int16) for shape in shapes))
    x = np.full(160, word / 2**32)
    assert key_bytes(network, x).tolist() == plain_key_bytes(network, x.tolist())


def test_weights_use_their_range_by_key():
    """Between -1/4 and 1/4 in Q1.14, crowded at both ends as logistic samples are."""
    one, two = Network.of(KEY, b""), Network.of(bytes(32), b"")
    assert -4095 <= one.W2.min() < -4000 < 4000 < one.W2.max() <= 4094
    assert (one.W2 != two.W2).mean() > 0.99


def test_key_bytes_are_even():
    """Chi-square of 2^20 bytes of one key within the central 99.9 % of its distribution (255 degrees of freedom)."""
    k = key_bytes(Network.of(KEY, b""), logistic_sequence(KEY, b"", "input", 2**20))
    counts = np.bincount(k, minlength=256)
    assert 190 < ((counts - 4096.0) ** 2 / 4096).sum() < 335


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [1, 2, 500])
def test_chain_is_its_formula_and_invertible(n: int, backward: bool):
    """Every byte agrees with plain integers, scanned from either end."""
    p, k = photo((2, n))
    c = chain(p, k, backward)
    previous = 0
    for i in reversed(range(n)) if backward else range(n):
        mixed = (int(p[i]) + previous) % 256 ^ int(k[i])
        previous = (mixed << 3 | mixed >> 5) & 255
        assert c[i] == previous
    assert np.array_equal(unchain(c, k, backward), p)


def test_hash_iv_ties_the_stream_to_images():
    """Two images under one key have different secrets, and either's secret decrypts the other to noise."""
    cipher, images = Maniyath2020(hash_iv=True), [np.full((64, 64), value, np.uint8) for value in (9, 10)]
    one, two = (cipher.encrypt(image, KEY, NONCE) for image in images)
    assert one.secret != two.secret
    assert npcr(cipher.decrypt(Encrypted(one.image, secret=two.secret), KEY), images[0]).value > 98


def test_backward_chain_carries_all_or_nothing():
    """20 keys, one LSB: NPCR 99.80 and UACI 33.55 in the mean, a little more than between random images."""
    rates, changes = flip_rates(one_flip_pairs(Maniyath2020(), 20))
    assert rates.mean() == pytest.approx(99.80, abs=0.15)
    assert changes.mean() == pytest.approx(33.55, abs=0.15)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys, all three uses: the state after 4096 steps of the logistic map does not come earlier."""
    for trial in range(300):
        key = hashlib.sha256(b"cycle %d" % trial).digest()
        for use in ("weights", "input", "permutation"):
            x = logistic_sequence(key, b"", use, 4096)
            assert not (x[:-1] == x[-1]).any()


def test_wider_logistic_parameters_would_give_weak_keys():
    """With r down to 3.9, some percent of orbits settle in a cycle of at most 4096 states."""
    weak = 0
    for _ in range(1000):
        x = logistic_orbit(RNG.random(), RNG.uniform(3.9, 4.0), 8000)
        weak += (x[-4097:-1] == x[-1]).any()
    assert 0.01 < weak / 1000 < 0.05
