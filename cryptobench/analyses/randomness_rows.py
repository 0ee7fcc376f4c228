"""Rows of the randomness analysis: what many sequences of bytes show."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from cryptobench.analyses.rows import attempt, result_row
from cryptobench.measurement import Measurement
from cryptobench.metrics import byte_sequence
from cryptobench.metrics.randomness import ALPHA, CORRECTED, SecondLevel, Statistic, batteries, holm, second_level
from cryptobench.metrics.randomness.second_level import FEWEST_FOR_UNIFORMITY, UNIFORMITY_LEVEL
from cryptobench.metrics.result import Result

__all__ = ["aes_rows", "sequence_rows"]

Sequences = Sequence[NDArray[np.uint8]]

_BYTES = {
    "ent_entropy": (byte_sequence.byte_entropy, "bit"),
    "ent_chi_square": (byte_sequence.byte_chi_square, ""),
    "ent_mean": (byte_sequence.byte_mean, ""),
    "ent_monte_carlo_pi": (byte_sequence.monte_carlo_pi, ""),
    "ent_serial_correlation": (byte_sequence.serial_correlation, ""),
    "byte_pairs": (byte_sequence.byte_pairs, ""),
}


def sequence_rows(sequences: Sequences, alpha: float, **columns: Any) -> Iterator[Measurement]:
    """SP 800-22 at the second level over the sequences; byte statistics and bit planes of all of them joined."""
    found = batteries(sequences)
    skipped = ", ".join(test for test in found[0].skipped if all(test in one.skipped for one in found))
    for level in (second_level(found), second_level(found, "corrected")):
        yield from _battery_rows(level, skipped, alpha, **columns)
        tests: dict[str, list[Statistic]] = {}
        for statistic in level.statistics:
            tests.setdefault(statistic.name.split()[0], []).append(statistic)
        for test, statistics in tests.items():
            if level.variant == "standard":
                yield from _test_rows(statistics, alpha, direction=test, **columns)
            elif test in CORRECTED:
                yield from _test_rows(statistics, alpha, direction=f"{test} corrected", **columns)
    joined = np.concatenate(sequences)
    for metric, (test_of, unit) in _BYTES.items():
        yield result_row(metric, attempt(partial(test_of, joined, alpha)), alpha, unit=unit, **columns)
    for bit, share in enumerate(byte_sequence.bit_planes(joined, alpha)):
        yield Measurement.of("bit_plane", share, alpha, direction=str(bit), unit="share", **columns)


@lru_cache(maxsize=4)
def aes_rows(seed: int, sequences: int, size: int, alpha: float) -> tuple[Measurement, ...]:
    """The same of AES-256-CTR output: ``sequences`` of ``size`` bytes, fixed by the seed; no p-values, no verdicts."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.shake_256(f"randomness reference {seed}".encode()).digest(32)
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(sequences * size))
    cut = np.frombuffer(stream, np.uint8).reshape(sequences, size)
    return tuple(sequence_rows(list(cut), alpha, variant="AES-256-CTR"))


def _battery_rows(level: SecondLevel, skipped: str, alpha: float, **columns: Any) -> Iterator[Measurement]:
    """How many statistics the standard would reject one by one, and the smallest p-value of all after Holm."""
    message = f"{level.sequences} sequences, {len(level.statistics)} statistics"
    if level.sequences < FEWEST_FOR_UNIFORMITY:
        message += f"; uniformity takes {FEWEST_FOR_UNIFORMITY} sequences"
    if skipped:
        message += f"; too short for {skipped}"
    rejected = sum(not statistic.accepted for statistic in level.statistics)
    expected = math.fsum(map(_rejection, level.statistics))
    name = "sp800_22" if level.variant == "standard" else "sp800_22_corrected"
    yield Measurement(f"{name}_rejected", float(rejected), unit="count", expected=expected, message=message, **columns)
    smallest = min((statistic.adjusted for statistic in level.statistics), default=math.nan)
    outcome = Result(smallest, None, alpha, None, smallest)
    yield result_row(f"{name}_adjusted", outcome, alpha, message=message, **columns)


def _test_rows(statistics: Sequence[Statistic], alpha: float, **columns: Any) -> Iterator[Measurement]:
    """Lowest proportion and smallest uniformity p-value of one test, each with Holm's correction within the test."""
    lowest = min((statistic.proportion for statistic in statistics), key=lambda result: result.value)
    p_value = _adjusted([statistic.proportion for statistic in statistics])
    outcome = Result(lowest.value, lowest.expected, lowest.low, lowest.high, p_value)
    yield Measurement.of("sp800_22_proportion", outcome, alpha, unit="share", **columns)
    uniform = [s.uniformity.p_value for s in statistics if s.uniformity.p_value is not None]
    if uniform:
        p_value = _adjusted([statistic.uniformity for statistic in statistics])
        outcome = Result(min(uniform), None, UNIFORMITY_LEVEL, None, p_value)
        yield Measurement.of("sp800_22_uniformity", outcome, alpha, **columns)


def _adjusted(results: Sequence[Result]) -> float:
    return float(holm([result.p_value for result in results if result.p_value is not None]).min())


def _rejection(statistic: Statistic) -> float:
    """The chance that the standard rejects an ideal source by this statistic alone."""
    assert statistic.proportion.low is not None
    allowed = math.floor((1 - statistic.proportion.low) * statistic.sequences + 1e-9)
    by_share = float(bdtrc(allowed, statistic.sequences, ALPHA))
    return by_share if statistic.uniformity.p_value is None else by_share + (1 - by_share) * UNIFORMITY_LEVEL
