"""maniyath2020: the network in plain integers, refusals, and how far a change reaches."""

import hashlib

import numpy as np
import pytest

from baselines.chaotic.maniyath2020 import Maniyath2020, Network, chain, key_bytes, logistic_sequence, unchain
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.kits.chaos.maps import logistic_orbit
from cryptobench.metrics import npcr, uaci

RNG = np.random.default_rng(20)
KEY, NONCE = hashlib.sha256(b"maniyath2020").digest(), bytes(16)
SHAPES = [(1, 1), (1, 263), (7, 1), (33, 47, 3), (9, 31, 2), (5, 1, 1), (101, 83)]
CIPHERS = [Maniyath2020(), Maniyath2020(hash_iv=True)]


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
        assert key_bytes(*network, x).tolist() == plain_key_bytes(network, x.tolist())


@pytest.mark.parametrize("word", [0x7FFF, 0x8000])
@pytest.mark.parametrize("weight", [4095, -4095])
def test_no_sum_of_the_network_passes_31_bits(word: int, weight: int):
    """The largest weights, biases and inputs of either sign give what unbounded integers give."""
    shapes = [(32, 16), (32,), (32, 32), (32,), (16, 32), (16,)]
    network = Network(*(np.full(shape, weight, np.int16) for shape in shapes))
    x = np.full(160, word / 2**32)
    assert key_bytes(*network, x).tolist() == plain_key_bytes(network, x.tolist())


def test_weights_use_their_range_and_differ_from_key_to_key():
    """Between -1/4 and 1/4 in Q1.14, crowded at both ends as logistic samples are."""
    one, two = Network.of(KEY, b""), Network.of(bytes(32), b"")
    assert -4095 <= one.W2.min() < -4000 < 4000 < one.W2.max() <= 4094
    assert (one.W2 != two.W2).mean() > 0.99


def test_key_bytes_are_even():
    """Chi-square of 2^20 bytes of one key within the central 99.9 % of its distribution (255 degrees of freedom)."""
    k = key_bytes(*Network.of(KEY, b""), logistic_sequence(KEY, b"", "input", 2**20))
    counts = np.bincount(k, minlength=256)
    assert 190 < ((counts - 4096.0) ** 2 / 4096).sum() < 335


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [1, 2, 500])
def test_chain_equals_its_formula_and_its_inverse_undoes_it(n: int, backward: bool):
    """Every byte agrees with plain integers, scanned from either end."""
    p, k = photo((2, n))
    c = chain(p, k, backward)
    previous = 0
    for i in reversed(range(n)) if backward else range(n):
        mixed = (int(p[i]) + previous) % 256 ^ int(k[i])
        previous = (mixed << 3 | mixed >> 5) & 255
        assert c[i] == previous
    assert np.array_equal(unchain(c, k, backward), p)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("cipher", CIPHERS, ids=["plain", "hash_iv"])
def test_decryption_returns_the_image(cipher: Maniyath2020, shape: tuple[int, ...]):
    """Random, black and white images; random cipher images decrypt to images that encrypt to them again."""
    for image in (photo(shape), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        encrypted = cipher.encrypt(image, KEY, NONCE)
        assert len(encrypted.secret) == (32 if cipher.hash_iv else 0)
        assert np.array_equal(cipher.decrypt(encrypted, KEY), image)
        plain = cipher.decrypt(Encrypted(image, secret=encrypted.secret), KEY)
        again = cipher.encrypt(plain, KEY, NONCE, secret=encrypted.secret or None)
        assert np.array_equal(again.image, image)


def test_wrong_side_data_and_key():
    """Side data that does not belong is refused; one flipped key bit returns noise."""
    image = np.full((64, 64), 9, np.uint8)
    plain, hashed = CIPHERS
    encrypted = plain.encrypt(image, KEY, NONCE)
    with pytest.raises(CipherError, match="header has 3 bytes, wanted none"):
        plain.decrypt(Encrypted(encrypted.image, b"abc"), KEY)
    with pytest.raises(CipherError, match="secret has 2 bytes, wanted none"):
        plain.decrypt(Encrypted(encrypted.image, b"", b"ab"), KEY)
    with pytest.raises(CipherError, match="secret has 2 bytes, wanted none"):
        plain.encrypt(image, KEY, NONCE, secret=b"ab")
    for refused in (lambda: hashed.decrypt(encrypted, KEY), lambda: hashed.encrypt(image, KEY, NONCE, secret=b"ab")):
        with pytest.raises(CipherError, match="wanted 32 bytes"):
            refused()
    flipped = bytes([KEY[0] ^ 1]) + KEY[1:]
    assert npcr(plain.decrypt(encrypted, flipped), image).value > 98


def test_hash_iv_ties_the_key_stream_to_the_image():
    """Two images under one key have different secrets, and either's secret decrypts the other to noise."""
    cipher, images = CIPHERS[1], [np.full((64, 64), value, np.uint8) for value in (9, 10)]
    one, two = (cipher.encrypt(image, KEY, NONCE) for image in images)
    assert one.secret != two.secret
    assert npcr(cipher.decrypt(Encrypted(one.image, secret=two.secret), KEY), images[0]).value > 98


def test_the_backward_chain_carries_all_of_a_difference_or_nothing():
    """20 keys, one LSB: NPCR 99.80 and UACI 33.55 in the mean, a little more than between random images."""
    cipher, rates = CIPHERS[0], []
    for trial in range(20):
        key, image = hashlib.sha256(bytes([trial])).digest(), photo((96, 96, 3))
        one = cipher.encrypt(image, key, NONCE).image
        index = int(RNG.integers(image.size))
        image.flat[index] ^= 1
        two = cipher.encrypt(image, key, NONCE).image
        rates.append((npcr(one, two).value, uaci(one, two).value))
    assert np.mean(rates, axis=0) == pytest.approx([99.80, 33.55], abs=0.15)


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
