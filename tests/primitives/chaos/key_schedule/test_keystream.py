"""PWLCM key streams are what their definition says, depend on all of their seed, and look uniform."""

import hashlib
import struct

import numpy as np
import pytest

from cryptobench.primitives.chaos.key_schedule.keystream import _fill, pwlcm_bytes, pwlcm_seed, pwlcm_streams
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
def test_an_orbit_that_falls_on_the_fixed_point_goes_on(x):
    """From 0, from p itself and from 1 the map leads to 0 for ever; the stream does not."""
    out = np.empty(256, np.uint8)
    _fill(x, 0.2, out)
    assert len(set(out.tolist())) > 100
