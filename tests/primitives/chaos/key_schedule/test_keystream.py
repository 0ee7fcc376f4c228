"""Orbit states to integers, exactly; PWLCM key streams follow their definition and look uniform."""

import hashlib
import math
import struct

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.key_schedule.keystream import (
    _fill,
    bits_after,
    index_pairs,
    indices,
    pwlcm_bytes,
    pwlcm_seed,
    pwlcm_streams,
    scaled_bytes,
)
from cryptobench.primitives.chaos.maps.classic import pwlcm_orbit

KEY, NONCE = bytes(range(32)), bytes(range(100, 116))


def _plain_python(key, nonce, label, count):
    a, b = struct.unpack("<QQ", hashlib.sha256(key + nonce + label.encode()).digest()[:16])
    x, p = (a >> 11) / 2**53, 0.05 + 0.4 * ((b >> 11) / 2**53)
    stream = []
    for _ in range(1000 + count):
        if x >= 0.5:
            x = 1 - x
        x = x / p if x < p else (x - p) / (0.5 - p)
        stream.append(int(x * 2**40) % 256)
    return stream[1000:]


@pytest.mark.parametrize(("nonce", "label"), [(b"", "k1"), (NONCE, "k1"), (NONCE, "k2")])
def test_the_stream_follows_its_definition(nonce, label):
    """A plain Python loop over the map's three cases gives the same bytes."""
    assert pwlcm_bytes(KEY, nonce, label, 300).tolist() == _plain_python(KEY, nonce, label, 300)


def test_the_orbit_is_that_of_the_classic_map():
    """States 1001 and on of `pwlcm_orbit` from the same seed, cut to bytes, are the stream."""
    orbit = pwlcm_orbit(*pwlcm_seed(KEY, NONCE, "k1"), 6000)[1000:]
    assert np.array_equal(pwlcm_bytes(KEY, NONCE, "k1", 5000), (np.floor(orbit * 2**40) % 256).astype(np.uint8))


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
def test_streams_side_by_side_are_the_single_ones(labels):
    """However many streams are asked, row i is the stream of label i."""
    streams = pwlcm_streams(KEY, NONCE, labels, 100)
    assert streams.shape == (len(labels), 100)
    for row, label in zip(streams, labels, strict=True):
        assert np.array_equal(row, pwlcm_bytes(KEY, NONCE, label, 100))


def test_a_longer_stream_begins_with_the_shorter_one():
    """A prefix does not depend on the count, and no bytes may be asked."""
    assert np.array_equal(pwlcm_bytes(KEY, NONCE, "k1", 1001)[:7], pwlcm_bytes(KEY, NONCE, "k1", 7))
    assert pwlcm_bytes(KEY, NONCE, "k1", 0).shape == (0,)


def test_key_nonce_and_label_change_the_whole_stream():
    """One flipped bit of key or nonce, or another label, leaves 1 byte in 256 as it was, as chance does."""
    base = pwlcm_bytes(KEY, NONCE, "k1", 65536)
    for changed in (
        pwlcm_bytes(KEY[:-1] + b"\x1e", NONCE, "k1", 65536),
        pwlcm_bytes(KEY, b"\x65" + NONCE[1:], "k1", 65536),
        pwlcm_bytes(KEY, NONCE, "k2", 65536),
    ):
        assert 150 < np.count_nonzero(base == changed) < 370  # 256 expected, standard deviation 16


def test_bytes_are_uniform_and_uncorrelated():
    """Chi-square over the 256 values is in its 99.9 % interval, and neighbours do not correlate."""
    stream = pwlcm_bytes(KEY, NONCE, "k1", 200_000).astype(float)
    counts = np.bincount(stream.astype(int), minlength=256)
    expected = len(stream) / 256
    assert 187 < ((counts - expected) ** 2 / expected).sum() < 336
    assert abs(np.corrcoef(stream[1:], stream[:-1])[0, 1]) < 3.3 / np.sqrt(len(stream))


@pytest.mark.parametrize("x", [0.0, 0.2, 1.0])
def test_orbit_leaves_the_fixed_point(x):
    """From 0, from p itself and from 1 the map leads to 0 for ever; the stream does not."""
    out = np.empty(256, np.uint8)
    _fill(x, 0.2, out)
    assert len(set(out.tolist())) > 100


STATES = np.concatenate(
    [np.random.default_rng(3).random(5000), [0.0, 2.0**-60, 0.5, 1 - 2.0**-53], np.arange(1, 300) / 300]
)


@njit
def all_bits_after(x: np.ndarray, skipped: float, size: float) -> np.ndarray:
    out = np.empty(len(x), np.int32)
    for t in range(len(x)):
        out[t] = bits_after(x[t], skipped, size)
    return out


@pytest.mark.parametrize("modulus", [8, 9, 255, 24 * 33 * 47, 8 * 512 * 512 * 3, 2**31 - 1])
def test_indices_are_exact_remainders(modulus: int):
    """floor(x 2^40) mod m agrees with Python's integers, and lies in 0 .. m-1."""
    out = np.empty(len(STATES), np.int32)
    indices(STATES, modulus, out)
    assert out.tolist() == [math.floor(x * 2**40) % modulus for x in STATES.tolist()]


@pytest.mark.parametrize("exponent", [8, 32, 36, 52])
def test_scaled_bytes_are_exact(exponent: int):
    """floor(x 2^e) mod 256 agrees with Python's integers; the shape is kept."""
    out = scaled_bytes(STATES[:5000].reshape(50, 100), exponent)
    assert out.shape == (50, 100)
    assert out.ravel().tolist() == [math.floor(x * 2**exponent) % 256 for x in STATES[:5000].tolist()]


def test_index_pairs_take_turns():
    """The indices of two sequences, one from each in turn."""
    other, out, alone = STATES[::-1].copy(), np.empty(2 * len(STATES), np.int32), np.empty(len(STATES), np.int32)
    index_pairs(STATES, other, 24 * 33 * 47, out)
    for x, part in ((STATES, out[::2]), (other, out[1::2])):
        indices(x, 24 * 33 * 47, alone)
        assert np.array_equal(part, alone)


@pytest.mark.parametrize(("skipped", "size"), [(24, 12), (12, 4), (0, 8), (-16, 16), (21, 31)])
def test_bits_after_are_exact(skipped: int, size: int):
    """floor(x 2^(a+b)) mod 2^b agrees with Python's integers, also for x above 1."""
    for x in (STATES, STATES * 1e10, np.array([1.0, 2.0])):
        expected = [math.floor(v * 2.0 ** (skipped + size)) % 2**size for v in x.tolist()]
        assert all_bits_after(x, 2.0**skipped, 2.0**size).tolist() == expected
