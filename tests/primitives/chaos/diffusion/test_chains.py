"""Chains against plain Python, their inverses, and what they do to a difference."""

from collections.abc import Callable

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion import chains

RNG = np.random.default_rng(11)


def data(n: int, count: int) -> list[np.ndarray]:
    return list(RNG.integers(0, 256, (count, n), np.uint8))


def plain_rotating(p: int, k: int, r: int, z: int, previous: int) -> int:
    turn, total = r % 8, (p + k + previous) % 256
    return ((total << turn | total >> (8 - turn)) & 255) ^ z


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("n", [1, 2, 1000])
def test_rotating_chain_equals_its_formula_and_its_inverse_undoes_it(n: int, backward: bool):
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
def test_mask_chain_equals_its_formula_and_its_inverse_undoes_it(n: int, backward: bool):
    """Every byte agrees with plain Python integers, scanned from either end."""
    p, phi = data(n, 2)
    c = chains.mask_chain(p, phi, 200, backward)
    previous = 200
    for i in reversed(range(n)) if backward else range(n):
        previous = int(phi[i]) ^ (int(p[i]) + int(phi[i])) % 256 ^ previous
        assert c[i] == previous
    assert np.array_equal(chains.mask_unchain(c, phi, 200, backward), p)


@pytest.mark.parametrize("n", [2, 3, 1000])
def test_add_chain_is_closed_on_itself_and_its_inverse_undoes_it(n: int):
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
def test_each_step_is_a_bijection_of_the_previous_byte(name: str):
    """256 start bytes give 256 different bytes at every position: no difference ever dies."""
    chain = steps()[name]
    ciphertexts = np.stack([chain(start) for start in range(256)])
    assert (np.sort(ciphertexts, axis=0) == np.arange(256)[:, None]).all()


def test_a_change_of_128_stays_in_the_top_bit_without_a_rotation():
    """In the mask chain it is 128 at every later byte; the rotating chain carries it to all bits."""
    p, k, r, z = data(600, 4)
    q = p.copy()
    q[0] ^= 128
    masked = chains.mask_chain(p, k, 5, False) ^ chains.mask_chain(q, k, 5, False)
    rotated = chains.rotating_chain(p, k, r, z, 5, False) ^ chains.rotating_chain(q, k, r, z, 5, False)
    assert set(masked.tolist()) == {128}
    assert np.bitwise_or.reduce(rotated) == 255


def test_the_mask_chain_turns_black_into_its_start_byte():
    """On zeros the mask cancels: every cipher byte is the start byte, whatever the key stream is."""
    (phi,) = data(500, 1)
    assert set(chains.mask_chain(np.zeros(500, np.uint8), phi, 83, False).tolist()) == {83}
