"""All fifteen tests on one sequence."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.metrics.randomness.bits import Bits, BitsLike, TooShort, as_bits, bits_of_samples
from cryptobench.metrics.randomness.complexity import linear_complexity
from cryptobench.metrics.randomness.frequency import block_frequency, frequency
from cryptobench.metrics.randomness.outcome import ALPHA, SequenceOutcome, Variant
from cryptobench.metrics.randomness.patterns import (
    approximate_entropy,
    approximate_entropy_width,
    count_patterns,
    serial,
    serial_width,
)
from cryptobench.metrics.randomness.rank import rank
from cryptobench.metrics.randomness.runs import longest_run, runs
from cryptobench.metrics.randomness.spectral import spectral
from cryptobench.metrics.randomness.templates import (
    BLOCKS,
    WIDTH,
    non_overlapping_template,
    overlapping_template,
)
from cryptobench.metrics.randomness.universal import universal
from cryptobench.metrics.randomness.walks import cumulative_sums, random_excursions, random_excursions_variant

__all__ = ["CORRECTED", "TESTS", "Battery", "batteries", "battery", "only_zeros_and_ones"]

TESTS: Mapping[str, Callable[[Bits], SequenceOutcome]] = {
    test.__name__: test
    for test in (
        frequency,
        block_frequency,
        runs,
        longest_run,
        rank,
        spectral,
        non_overlapping_template,
        overlapping_template,
        universal,
        linear_complexity,
        serial,
        approximate_entropy,
        cumulative_sums,
        random_excursions,
        random_excursions_variant,
    )
}

CORRECTED: Mapping[str, Callable[..., SequenceOutcome]] = {
    "longest_run": longest_run,
    "spectral": spectral,
    "overlapping_template": overlapping_template,
    "linear_complexity": linear_complexity,
}


@dataclass(frozen=True, slots=True, eq=False)
class Battery:
    """The outcomes of the tests that ``n`` bits are enough for, and why each other one was left out.

    ``standard`` holds them as the standard computes them, ``corrected`` once more those that have a corrected variant.
    """

    n: int
    standard: Mapping[str, SequenceOutcome]
    corrected: Mapping[str, SequenceOutcome]
    skipped: Mapping[str, str]

    def outcomes(self, variant: Variant = "standard") -> list[SequenceOutcome]:
        """One outcome a test: the standard's, or the corrected where there is one."""
        replaced = self.corrected if variant == "corrected" else {}
        return [replaced.get(test, found) for test, found in self.standard.items()]

    def p_values(self, variant: Variant = "standard") -> dict[str, float]:
        """All p-values by name: 188 of a megabit with enough cycles."""
        return {name: p_value for found in self.outcomes(variant) for name, _, p_value in found}

    def verdict(self, variant: Variant = "standard", alpha: float = ALPHA) -> Literal["pass", "fail", "none"]:
        """Fail if any p-value is rejected at ``alpha`` after Holm's correction over all; none without any test."""
        p_values = self.p_values(variant)
        if not p_values:
            return "none"
        return "fail" if min(p_values.values()) * len(p_values) < alpha else "pass"


def battery(sequence: BitsLike, n: int | None = None, *, bits: bool = False) -> Battery:
    """All tests of SP 800-22 rev. 1a on the first ``n`` bits, with the standard's parameters for this length.

    ``sequence`` is packed, 8 bits a sample; with ``bits`` it holds one bit a sample, values 0 and 1. Samples that are
    all 0 or 1 without ``bits`` are a `UserWarning`. Tests that share a count share one pass. A test below its limits is
    left out with the reason. `SequenceError` as in `as_bits`, and for values other than 0 and 1 with ``bits``.
    """
    if bits:
        return _battery(bits_of_samples(sequence, n))
    found = as_bits(sequence, n)
    if not isinstance(sequence, Bits) and only_zeros_and_ones(np.frombuffer(sequence, np.uint8)):
        warnings.warn(
            "all samples are 0 or 1, and each is taken as 8 bits; use bits=True for one bit a sample", stacklevel=2
        )
    return _battery(found)


def only_zeros_and_ones(samples: NDArray[np.uint8]) -> bool:
    """Whether no sample is above 1: most likely bits that have not been packed."""
    return samples.size > 0 and int(samples.max()) <= 1


def _battery(bits: Bits) -> Battery:
    width = max(serial_width(bits.n), approximate_entropy_width(bits.n) + 1)
    if width >= WIDTH:
        count_patterns(bits, width, WIDTH, BLOCKS)
    standard: dict[str, SequenceOutcome] = {}
    corrected: dict[str, SequenceOutcome] = {}
    skipped: dict[str, str] = {}
    for name, test in TESTS.items():
        try:
            standard[name] = test(bits)
        except TooShort as reason:
            skipped[name] = str(reason)
            continue
        if name in CORRECTED:
            corrected[name] = CORRECTED[name](bits, variant="corrected")
    return Battery(bits.n, standard, corrected, skipped)


def batteries(sequences: Iterable[BitsLike], workers: int = 1) -> list[Battery]:
    """`battery` of every sequence, in order, over ``workers`` threads; the compiled passes run side by side."""
    if workers == 1:
        return [_battery(as_bits(sequence)) for sequence in sequences]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda sequence: _battery(as_bits(sequence)), sequences))
