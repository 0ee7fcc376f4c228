"""Chains against plain Python, their inverses, and what they do to a difference."""

from collections.abc import Callable
from itertools import accumulate
from operator import xor

import numpy as np
import pytest

from cryptobench.metrics import uaci
from cryptobench.primitives.chaos.diffusion import chains
from cryptobench.primitives.chaos.diffusion.chains import (
    add_xor_rotate,
    add_xor_rotate_inverse,
    running_xor,
    xor_chain,
    xor_unchain,
)

RNG = np.random.default_rng(11)


def data(n: int, count: int) -> list[np.ndarray]:
    return list(RNG.integers(0, 256, (count, n), np.uint8))


def plain_rotating(p: int, k: int, r: int, z: int, previous: int) -> int:
    turn, total = r % 8, (p + k + previous) % 256
    return ((total << turn | total >> (8 - turn)) & 255) ^ z


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [1, 2, 1000])
def test_rotating_chain_is_its_formula_and_invertible(n: int, backward: bool):
    """Every byte agrees with plain Python integers, scanned from either end."""
    p, k, r, z = data(n, 4)
    c = chains.rotating_chain(p, k, r, z, 77, backward)
    previous = 77
    for i in reversed(range(n)) if backward else range(n):
        previous = plain_rotating(int(p[i]), int(k[i]), int(r[i]), int(z[i]), previous)
        assert c[i] == previous
    assert np.array_equal(chains.rotating_unchain(c, k, r, z, 77, backward), p)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [1, 2, 1000])
def test_mask_chain_is_its_formula_and_invertible(n: int, backward: bool):
    """Every byte agrees with plain Python integers, scanned from either end."""
    p, phi = data(n, 2)
    c = chains.mask_chain(p, phi, 200, backward)
    previous = 200
    for i in reversed(range(n)) if backward else range(n):
        previous = int(phi[i]) ^ (int(p[i]) + int(phi[i])) % 256 ^ previous
        assert c[i] == previous
    assert np.array_equal(chains.mask_unchain(c, phi, 200, backward), p)


@pytest.mark.parametrize("n", [2, 3, 1000])
def test_add_chain_is_closed_on_itself_and_invertible(n: int):
    """The first byte takes in the last plain byte; every further one is a running sum."""
    p, k = data(n, 2)
    c = chains.add_chain(p, k)
    sums = (int(p[-1]) + np.cumsum(p.astype(np.int64) + k)) % 256
    assert np.array_equal(c, sums)
    assert np.array_equal(chains.add_unchain(c, k), p)


def steps() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    p, k, r, z = data(600, 4)
    return {
        "rotating": lambda start: chains.rotating_chain(p, k, r, z, start, False),
        "mask": lambda start: chains.mask_chain(p, k, start, False),
    }


@pytest.mark.parametrize("name", ["rotating", "mask"])
def test_each_step_permutes_the_previous_byte(name: str):
    """256 start bytes give 256 different bytes at every position: no difference ever dies."""
    chain = steps()[name]
    ciphertexts = np.stack([chain(start) for start in range(256)])
    assert (np.sort(ciphertexts, axis=0) == np.arange(256)[:, None]).all()


def test_only_a_rotation_moves_a_top_bit_change():
    """In the mask chain it is 128 at every later byte; the rotating chain carries it to all bits."""
    p, k, r, z = data(600, 4)
    q = p.copy()
    q[0] ^= 128
    masked = chains.mask_chain(p, k, 5, False) ^ chains.mask_chain(q, k, 5, False)
    rotated = chains.rotating_chain(p, k, r, z, 5, False) ^ chains.rotating_chain(q, k, r, z, 5, False)
    assert set(masked.tolist()) == {128}
    assert np.bitwise_or.reduce(rotated) == 255


def test_mask_chain_turns_black_into_its_start():
    """On zeros the mask cancels: every cipher byte is the start byte, whatever the key stream is."""
    (phi,) = data(500, 1)
    assert set(chains.mask_chain(np.zeros(500, np.uint8), phi, 83, False).tolist()) == {83}


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [0, 1, 257])
def test_add_xor_rotate_is_undone_exactly(n, backward):
    """For any length and direction the inverse gives the plaintext back."""
    p, k = np.random.default_rng(n).integers(0, 256, (2, n), np.uint8)
    assert np.array_equal(add_xor_rotate_inverse(add_xor_rotate(p, k, 5, backward), k, 5, backward), p)


def test_add_xor_rotate_follows_the_equation():
    """Byte by byte in plain Python the chain gives the same ciphertext."""
    p, k = np.random.default_rng(0).integers(0, 256, (2, 60), np.uint8)
    expected, previous = [], 5
    for x, y in zip(p.tolist(), k.tolist(), strict=True):
        mixed = (x + previous) % 256 ^ y
        previous = (mixed * 8 + mixed // 32) % 256
        expected.append(previous)
    assert add_xor_rotate(p, k, 5, False).tolist() == expected


def test_two_passes_spread_better_than_ideally():
    """Where only the backward pass carries a change it never dies, so there UACI is that of bytes that always differ.

    Ideal UACI is 257/768. Of unequal bytes alone it is 256/255 of that. A change at a uniform place leaves half of
    the bytes to the backward pass alone, so the mean lies between the two (and NPCR above its ideal 99.61 %).
    """
    generator = np.random.default_rng(1)
    values = []
    for _ in range(20):
        p, k1, k2 = generator.integers(0, 256, (3, 256 * 256), np.uint8)
        q = p.copy()
        q[generator.integers(len(q))] ^= 1
        c, d = (add_xor_rotate(add_xor_rotate(x, k1, 5, False), k2, 6, True).reshape(256, 256) for x in (p, q))
        values.append(uaci(c, d).value)
    expected = 100 * 257 / 768 * (1 + 256 / 255) / 2
    assert abs(np.mean(values) - expected) < 4 * np.std(values) / np.sqrt(20)
    assert np.std(values) < 0.2


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 16, 1003])
@pytest.mark.parametrize("backward", [False, True])
def test_running_xor_is_of_all_bytes_before(n: int, backward: bool):
    """With and without bytes beyond the last whole word, from either end."""
    a = RNG.integers(0, 256, n, np.uint8)
    order = slice(None, None, -1 if backward else 1)
    expected = list(accumulate(a[order].tolist(), xor, initial=77))[1:][order]
    running_xor(a, 77, backward)
    assert a.tolist() == expected


@pytest.mark.parametrize("n", [0, 1, 2, 100])
def test_xor_chain_is_its_formula_and_invertible(n: int):
    """C_i = ((P_i + k_i) mod 256) xor C_(i-1) xor z_i in Python integers."""
    p, k, z = RNG.integers(0, 256, (3, n), np.uint8)
    c, previous = xor_chain(p, k, z, 77), 77
    for i in range(n):
        previous ^= (int(p[i]) + int(k[i])) % 256 ^ int(z[i])
        assert c[i] == previous
    assert np.array_equal(xor_unchain(c, k, z, 77), p)


def test_xor_chain_keeps_a_top_bit_change():
    """A change of 128 in the first byte is a change of 128 in every byte."""
    p, k, z = RNG.integers(0, 256, (3, 500), np.uint8)
    other = p.copy()
    other[0] ^= 128
    assert set(xor_chain(p, k, z, 3) ^ xor_chain(other, k, z, 3)) == {128}
