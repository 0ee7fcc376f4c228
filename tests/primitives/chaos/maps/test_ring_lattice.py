"""The nine-site lattice in vector registers, against the general kernel and Python's integers."""

import math
from itertools import product

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.maps.basic import ncml_neighbours, ncml_orbit
from cryptobench.primitives.chaos.maps.ring_lattice import (
    PLACES,
    SITES,
    remainders,
    ring_pair,
    ring_step,
    store_bit_places,
    store_key_bytes,
)
from cryptobench.primitives.simd.float64 import load, store

RNG = np.random.default_rng(5)


@njit
def orbit(states: np.ndarray, mu: float, eps: float, pair: int, out: np.ndarray) -> None:
    x, y = load(states, 0, 4), load(states, 4, 4)
    for n in range(len(out) // 8):
        x, y = ring_step(x, y, mu, eps, pair)
        store(out, 8 * n, x)
        store(out, 8 * n + 4, y)


@njit
def bit_places(values: np.ndarray, modulus: np.int32, places: np.ndarray, bits: np.ndarray) -> None:
    for n in range(len(values) // 8):
        store_bit_places(load(values, 8 * n, 4), load(values, 8 * n + 4, 4), modulus, places, bits, 8 * n)


@njit
def bits_of_states(states: np.ndarray, modulus: np.int32, places: np.ndarray, bits: np.ndarray) -> None:
    for n in range(len(states) // 8):
        x, y = remainders(load(states, 8 * n, 4), modulus), remainders(load(states, 8 * n + 4, 4), modulus)
        store_bit_places(x, y, modulus, places, bits, 8 * n)


@njit
def key_bytes_of_states(states: np.ndarray, K1: np.ndarray, K2: np.ndarray) -> None:
    for n in range(len(K1)):
        store_key_bytes(load(states, 8 * n, 4), load(states, 8 * n + 4, 4), K1, K2, n)


def test_places_are_where_the_sites_are():
    """Site s is at PLACES[s - 1]."""
    assert [SITES[place] for place in PLACES] == list(range(1, 9))


@pytest.mark.parametrize(("p", "q"), list(product((1, 4, 7, 997), (2, 5, 8, 998))))
def test_ring_steps_are_those_of_the_lattice(p: int, q: int):
    """For every coupling that is a ring, over 300 steps."""
    x, mu, eps = RNG.uniform(0.05, 0.95, 9), RNG.uniform(3.992, 4), RNG.uniform(0.01, 0.05)
    expected, out = np.empty((300, 8)), np.empty((300, 8))
    orbit(x[list(SITES)], mu, eps, ring_pair(p, q), out.ravel())
    ncml_orbit(x, mu, eps, *ncml_neighbours(9, p, q), expected)
    assert np.array_equal(out[:, PLACES], expected)


@pytest.mark.parametrize(("p", "q"), [(2, 2), (1, 3), (18, 27)])
def test_other_couplings_are_refused(p: int, q: int):
    """The error names p and q."""
    with pytest.raises(ValueError, match=f"p = {p} and q = {q}"):
        ring_pair(p, q)


@pytest.mark.parametrize("modulus", [8, 24 * 33 * 47, 8 * 512 * 512 * 3, 2**31 - 8])
def test_bit_places_are_quotients_by_8(modulus: int):
    """Of the whole parts, site by site; the modulus itself counts as 0."""
    values = RNG.uniform(0, modulus, (50, 8))
    values[0, :3], values[1] = [0.0, modulus, modulus - 0.5], np.floor(values[1])
    places, bits = np.empty((2, 400), np.int32)
    bit_places(values.ravel(), np.int32(modulus), places, bits)
    whole = [int(u) % modulus for u in values[:, PLACES].ravel().tolist()]
    assert places.tolist() == [w // 8 for w in whole]
    assert bits.tolist() == [w % 8 for w in whole]


@pytest.mark.parametrize("modulus", [8, 24 * 33 * 47, 8 * 512 * 512 * 3, 2**31 - 8])
def test_places_from_states_are_exact_remainders(modulus: int):
    """8 place + bit is floor(2^40 x) mod m by Python's integers, also next to the multiples of m."""
    edges = RNG.integers(1, 2**40 // modulus, 400) * modulus / 2**40
    states = np.concatenate([RNG.random(400), edges, np.nextafter(edges, 0), np.nextafter(edges, 1)])
    states[:4] = 0.0, 2.0**-60, 0.5, 1 - 2.0**-53
    places, bits = np.empty((2, len(states)), np.int32)
    bits_of_states(states, np.int32(modulus), places, bits)
    by_site = states.reshape(-1, 8)[:, PLACES].ravel().tolist()
    assert (8 * places + bits).tolist() == [math.floor(x * 2**40) % modulus for x in by_site]


def test_key_bytes_come_from_two_sites():
    """By Python's integers, for states all over [0, 1), next to 0 and 1 and next to multiples of 2^-36 too."""
    edges = RNG.integers(1, 2**36, 400) / 2**36
    states = np.concatenate([RNG.random(400), edges, np.nextafter(edges, 0), np.nextafter(edges, 1)])
    states[:4] = 0.0, 2.0**-60, 1 - 2.0**-53, 2.0**-36
    K1, K2 = np.empty((2, len(states) // 8), np.uint8)
    key_bytes_of_states(states, K1, K2)
    w = [[math.floor(x * 2**36) for x in row] for row in states.reshape(-1, 8)[:, PLACES].tolist()]
    assert K1.tolist() == [(row[1] ^ (row[5] >> 8)) & 255 for row in w]
    assert K2.tolist() == [(row[2] ^ (row[6] >> 8)) & 255 for row in w]
