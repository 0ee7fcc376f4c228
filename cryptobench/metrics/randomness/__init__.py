"""The statistical tests of NIST SP 800-22 rev. 1a, exact and complete, on packed bits.

`battery` runs all fifteen with the standard's parameters; each is also a function of its own, of bytes or a uint8 array
with the most significant bit first. ``variant="corrected"`` of `longest_run`, `spectral`, `overlapping_template`
and `linear_complexity` corrects constants that are known to be wrong; the default is what the standard's published
values are computed with.
"""

from cryptobench.metrics.randomness.battery import CORRECTED, TESTS, Battery, batteries, battery
from cryptobench.metrics.randomness.bits import Bits, SequenceError, TooShort, as_bits
from cryptobench.metrics.randomness.complexity import linear_complexity
from cryptobench.metrics.randomness.frequency import block_frequency, frequency
from cryptobench.metrics.randomness.outcome import ALPHA, SequenceOutcome
from cryptobench.metrics.randomness.patterns import approximate_entropy, serial
from cryptobench.metrics.randomness.rank import rank
from cryptobench.metrics.randomness.runs import longest_run, runs
from cryptobench.metrics.randomness.second_level import (
    SecondLevel,
    Statistic,
    null_proportion,
    null_uniformity,
    proportion_test,
    second_level,
    uniformity_test,
)
from cryptobench.metrics.randomness.spectral import spectral
from cryptobench.metrics.randomness.templates import non_overlapping_template, overlapping_template
from cryptobench.metrics.randomness.universal import universal
from cryptobench.metrics.randomness.walks import cumulative_sums, random_excursions, random_excursions_variant

__all__ = [
    "ALPHA",
    "CORRECTED",
    "TESTS",
    "Battery",
    "Bits",
    "SecondLevel",
    "SequenceError",
    "SequenceOutcome",
    "Statistic",
    "TooShort",
    "approximate_entropy",
    "as_bits",
    "batteries",
    "battery",
    "block_frequency",
    "cumulative_sums",
    "frequency",
    "linear_complexity",
    "longest_run",
    "non_overlapping_template",
    "null_proportion",
    "null_uniformity",
    "overlapping_template",
    "proportion_test",
    "random_excursions",
    "random_excursions_variant",
    "rank",
    "runs",
    "second_level",
    "serial",
    "spectral",
    "uniformity_test",
    "universal",
]
