"""The random walk: cumulative sums and excursions (SP 800-22 rev. 1a, 2.13 to 2.15)."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.bits import Bits, BitsLike, TooShort, as_bits, popcount, require
from cryptobench.metrics.randomness.outcome import SequenceOutcome, sequence_outcome

__all__ = [
    "FAR",
    "NEAR",
    "cumulative_sums",
    "largest_sum_p_value",
    "random_excursions",
    "random_excursions_variant",
    "walk_statistics",
]

NEAR = 4  # states of the excursions test
FAR = 9  # states of its variant
_NEAR_STATES = [x for x in range(-NEAR, NEAR + 1) if x]
_FAR_STATES = [x for x in range(-FAR, FAR + 1) if x]


def cumulative_sums(sequence: BitsLike, n: int | None = None, *, enforce_limits: bool = True) -> SequenceOutcome:
    """Whether the walk of the bits as -1 and +1 strays too far; the statistics are the largest |partial sums|.

    Forward from the first bit, backward from the last. `TooShort` below 100 bits.
    """
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 100, "cumulative_sums", "at least 100", bits.n)
    walk = _walk(bits)
    forward = max(walk.highest, -walk.lowest)
    backward = max(walk.end - walk.lowest, walk.highest - walk.end)
    p_values = [largest_sum_p_value(z, bits.n) for z in (forward, backward)]
    return sequence_outcome("cumulative_sums", [forward, backward], p_values, ("forward", "backward"))


def random_excursions(sequence: BitsLike, n: int | None = None, *, enforce_limits: bool = True) -> SequenceOutcome:
    """Whether states -4..4 are visited in cycles from 0 to 0 as often as they should; chi-square over 0..4 and more.

    `TooShort` below 1 000 000 bits, and below max(500, 0.005 sqrt(n)) cycles, which about 38 % of random megabits have.
    """
    bits = as_bits(sequence, n)
    walk = _cycles_of(bits, "random_excursions", enforce_limits)
    x = np.abs(np.array(_NEAR_STATES, np.float64))[:, None]
    visits = np.arange(1.0, 5.0)
    stay = 1 - 1 / (2 * x)
    probabilities = np.hstack([stay, stay ** (visits - 1) / (4 * x * x), stay**4 / (2 * x)])
    expected = walk.cycles * probabilities
    found = walk.tallies[[state + NEAR for state in _NEAR_STATES]]
    statistics = ((found - expected) ** 2 / expected).sum(axis=1)
    p_values = special.gammaincc(2.5, statistics / 2)
    return sequence_outcome("random_excursions", statistics, p_values, _parts(_NEAR_STATES), cycles=walk.cycles)


def random_excursions_variant(
    sequence: BitsLike, n: int | None = None, *, enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether states -9..9 are visited in the whole walk as often as they should; the statistics are the visits.

    `TooShort` as in `random_excursions`.
    """
    bits = as_bits(sequence, n)
    walk = _cycles_of(bits, "random_excursions_variant", enforce_limits)
    visits = [int(walk.visits[state + FAR]) for state in _FAR_STATES]
    p_values = [
        erfc(abs(count - walk.cycles) / sqrt(2 * walk.cycles * (4 * abs(state) - 2)))
        for state, count in zip(_FAR_STATES, visits, strict=True)
    ]
    return sequence_outcome("random_excursions_variant", visits, p_values, _parts(_FAR_STATES), cycles=walk.cycles)


def _parts(states: list[int]) -> list[str]:
    return [f"x={state:+d}" for state in states]


@dataclass(frozen=True, slots=True)
class _Walk:
    end: int
    lowest: int
    highest: int
    cycles: int
    visits: NDArray[np.int64]  # (19,): states -9..9
    tallies: NDArray[np.int64]  # (9, 6): states -4..4, cycles with 0, 1, 2, 3, 4 and more visits


def _walk(bits: Bits) -> _Walk:
    if "walk" not in bits.shared:
        bits.shared["walk"] = _Walk(*walk_statistics(bits.words, bits.n))
    walk: _Walk = bits.shared["walk"]
    return walk


def _cycles_of(bits: Bits, test: str, enforce_limits: bool) -> _Walk:
    require(not enforce_limits or bits.n >= 1_000_000, test, "at least 1000000", bits.n)
    walk = _walk(bits)
    fewest = max(500.0, 0.005 * sqrt(bits.n))
    if enforce_limits and walk.cycles < fewest:
        raise TooShort(
            f"{test} needs at least {fewest:g} cycles, this walk of {bits.n} bits has {walk.cycles}; "
            "use a longer sequence or another one"
        )
    return walk


def largest_sum_p_value(z: int, n: int) -> float:
    """The standard's p-value of a largest |partial sum| ``z`` of ``n`` bits (2.13.4, step 4).

    Terms farther out than ``most`` are 0 in double precision.
    """
    most = int(10 * sqrt(n) / z) + 2
    scale = z / sqrt(n)
    upper = min(int((n // z - 1) / 4), most)
    k = np.arange(max(int((-(n // z) + 1) / 4), -most), upper + 1)
    first = special.ndtr((4 * k + 1) * scale) - special.ndtr((4 * k - 1) * scale)
    k = np.arange(max(int((-(n // z) - 3) / 4), -most), upper + 1)
    second = special.ndtr((4 * k + 3) * scale) - special.ndtr((4 * k + 1) * scale)
    return float(1 - first.sum() + second.sum())


# Of the eight steps of each byte: the steps, the way they lead, the lowest and the highest point (0 among them).
_STEPS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.int64) - 1
_NET = _STEPS.sum(axis=1)
_LOWEST = np.minimum(np.cumsum(_STEPS, axis=1).min(axis=1), 0)
_HIGHEST = np.maximum(np.cumsum(_STEPS, axis=1).max(axis=1), 0)


@njit(cache=True, nogil=True)
def walk_statistics(words: np.ndarray, n: int) -> tuple[int, int, int, int, np.ndarray, np.ndarray]:
    """Of S_k = sum of the first k bits as -1 and +1: S_n, min and max over 0..n, cycles, visits and tallies.

    Cycles are counted as the standard does, the last one ending at n. Visits: (19,) int64, to the states -9..9.
    Tallies: (9, 6) int64, for states -4..4 the cycles with 0, 1, 2, 3, 4 and more visits.
    """
    at = lowest = highest = np.int64(0)
    cycles = 0
    visits = np.zeros(2 * FAR + 1, np.int64)
    tallies = np.zeros((2 * NEAR + 1, 6), np.int64)
    cycle = np.zeros(2 * NEAR + 1, np.int64)
    i = 0
    while 8 * i < n:
        if not i & 7 and n - 8 * i >= 64 and abs(at) > FAR + 64 and lowest <= at - 64 and at + 64 <= highest:
            at += 2 * np.int64(popcount(words[i >> 3])) - 64  # a whole word, which reaches nothing new
            i += 8
            continue
        byte = (words[i >> 3] >> np.uint64(56 - 8 * (i & 7))) & np.uint64(0xFF)
        steps = min(8, n - 8 * i)
        i += 1
        if steps == 8:
            lowest = min(lowest, at + _LOWEST[byte])
            highest = max(highest, at + _HIGHEST[byte])
            if abs(at) > FAR + 8:
                at += _NET[byte]
                continue
        for k in range(steps):
            at += 2 * np.int64((byte >> np.uint64(7 - k)) & np.uint64(1)) - 1
            if at == 0:
                cycles += 1
                _close_cycle(cycle, tallies)
            elif abs(at) <= FAR:
                visits[at + FAR] += 1
                if abs(at) <= NEAR:
                    cycle[at + NEAR] += 1
        lowest, highest = min(lowest, at), max(highest, at)
    if at != 0:
        cycles += 1
        _close_cycle(cycle, tallies)
    return int(at), int(lowest), int(highest), cycles, visits, tallies


@njit(cache=True, nogil=True)
def _close_cycle(cycle: np.ndarray, tallies: np.ndarray) -> None:
    for state in range(2 * NEAR + 1):
        tallies[state, min(cycle[state], 5)] += 1
        cycle[state] = 0
