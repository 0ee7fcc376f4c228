"""Randomness of ciphertexts: SP 800-22 over many sequences, ENT's statistics, byte pairs, bit planes."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from cryptobench.analyses.base import Analysis, result_row, unjudged, unsupported
from cryptobench.analyses.tools.byte_rows import byte_rows
from cryptobench.analyses.tools.distinct import FEWEST_SAMPLES, encrypted, flat_colours, flat_images, modified_images
from cryptobench.cipher import CipherError, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics.randomness import ALPHA, CORRECTED, SecondLevel, Statistic, batteries, second_level
from cryptobench.metrics.randomness.second_level import FEWEST_FOR_UNIFORMITY, UNIFORMITY_LEVEL
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import holm

__all__ = ["Randomness", "aes_rows", "sequence_rows"]

Sequences = Sequence[NDArray[np.uint8]]

_FEWEST_BITS = 128
_MOST_BITS = 100_000_000  # in one sequence: the spectral test needs eight bytes for each
_MOST_CIPHERTEXTS = 64  # joined into one sequence


def sequence_rows(sequences: Sequences, alpha: float, **columns: Any) -> Iterator[Measurement]:
    """The rows of SP 800-22 at the second level over the sequences, and of the bytes of all sequences joined.

    ``columns`` are those of every row, such as the source of the sequences.
    """
    found = batteries(sequences)
    skipped = ", ".join(test for test in found[0].skipped if all(test in one.skipped for one in found))
    for level in (second_level(found), second_level(found, "corrected")):
        yield from _battery_rows(level, skipped, alpha, **columns)
        tests: dict[str, list[Statistic]] = {}
        for statistic in level.statistics:
            tests.setdefault(statistic.name.split()[0], []).append(statistic)
        for test, statistics in tests.items():
            if level.variant == "standard":
                yield from _test_rows(statistics, alpha, part=test, **columns)
            elif test in CORRECTED:
                yield from _test_rows(statistics, alpha, part=test, statistic="corrected", **columns)
    yield from byte_rows(np.concatenate(sequences), alpha, **columns)


@lru_cache(maxsize=4)
def aes_rows(seed: int, sequences: int, size: int, alpha: float) -> tuple[Measurement, ...]:
    """The rows of ``sequences`` sequences of ``size`` bytes of AES-256-CTR output, which follows from the seed."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.shake_256(f"randomness reference {seed}".encode()).digest(32)
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(sequences * size))
    cut = np.frombuffer(stream, np.uint8).reshape(sequences, size)
    return tuple(sequence_rows(list(cut), alpha, condition="AES-256-CTR"))


def _battery_rows(level: SecondLevel, skipped: str, alpha: float, **columns: Any) -> Iterator[Measurement]:
    """How many statistics the standard would reject one by one, and the smallest of all their Holm p-values."""
    message = f"{level.sequences} sequences, {len(level.statistics)} statistics"
    if level.sequences < FEWEST_FOR_UNIFORMITY:
        message += f"; uniformity takes {FEWEST_FOR_UNIFORMITY} sequences"
    if skipped:
        message += f"; too short for {skipped}"
    rejected = sum(not statistic.accepted for statistic in level.statistics)
    expected = math.fsum(map(_rejection, level.statistics))
    name = "sp800_22" if level.variant == "standard" else "sp800_22_corrected"
    yield Measurement(f"{name}_rejected", float(rejected), unit="count", expected=expected, message=message, **columns)
    message = "; ".join([message, *level.reasons])
    if level.smallest is None:
        yield unsupported(f"{name}_adjusted", message, **columns)
        return
    result = Result(level.smallest, None, alpha, None, level.smallest)
    yield result_row(f"{name}_adjusted", result, alpha, message=message, **columns)


def _test_rows(statistics: Sequence[Statistic], alpha: float, **columns: Any) -> Iterator[Measurement]:
    """Lowest proportion and smallest P_T of one test; their p-values with Holm's correction within the test."""
    reason = "; ".join(dict.fromkeys(statistic.reason for statistic in statistics if statistic.reason))
    lowest = min((statistic.proportion for statistic in statistics), key=lambda result: result.value)
    p_value = _adjusted(statistic.proportion.p_value for statistic in statistics)
    result = Result(lowest.value, lowest.expected, lowest.low, lowest.high, p_value)
    yield _judged("sp800_22_proportion", result, alpha, reason, unit="share", **columns)
    uniform = [s.uniformity.p_value for s in statistics if s.uniformity.p_value is not None]
    if uniform:
        p_value = _adjusted(statistic.uniformity_p_value for statistic in statistics)
        result = Result(min(uniform), None, UNIFORMITY_LEVEL, None, p_value)
        yield _judged("sp800_22_uniformity", result, alpha, reason, **columns)


def _judged(metric: str, result: Result, alpha: float, reason: str, **columns: Any) -> Measurement:
    """A row that says why it has no verdict, where it has none."""
    row = Measurement.of(metric, result, alpha, **columns)
    return row if result.p_value is not None else replace(row, message=reason)


def _adjusted(p_values: Iterable[float | None]) -> float | None:
    return min(holm(p for p in p_values if p is not None), default=None)


def _rejection(statistic: Statistic) -> float:
    """The chance that the standard rejects an ideal source by this statistic alone."""
    assert statistic.proportion.low is not None
    allowed = math.floor((1 - statistic.proportion.low) * statistic.sequences + 1e-9)
    by_share = float(bdtrc(allowed, statistic.sequences, ALPHA))
    return by_share if statistic.uniformity.p_value is None else by_share + (1 - by_share) * UNIFORMITY_LEVEL


@dataclass(frozen=True)
class Randomness(Analysis):
    """The randomness of ``sequences`` sequences of ``bits`` bits from three sources, by nonce mode.

    Distinct images: many images, made from the experiment's, under one key. Distinct keys: its image under many
    keys. Flat images: images of one colour each, under one key. A sequence is a window of one ciphertext, its place
    moving through the ciphertext from sequence to sequence, or several ciphertexts joined where one is too small.
    Rows of AES-256-CTR output of the same size stand beside them.
    """

    name: ClassVar[str] = "randomness"
    title: ClassVar[str] = "Randomness"
    images: ClassVar[str] = "first"
    reads_pixels: ClassVar[bool] = True

    sequences: int = 60
    bits: int = 1_000_000

    def __post_init__(self) -> None:
        if self.sequences < 1:
            raise ValueError(f"sequences is {self.sequences}, wanted at least 1")
        if self.bits % 8 or not _FEWEST_BITS <= self.bits <= _MOST_BITS:
            raise ValueError(f"bits is {self.bits}, wanted a multiple of 8 from {_FEWEST_BITS} to {_MOST_BITS}")

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        size = self.bits // 8
        joined = -(-size // experiment.ciphertext.image.size)
        if obstacle := self._obstacle(experiment, joined):
            yield unsupported("sp800_22_adjusted", obstacle)
            return
        for mode in experiment.nonce_modes:
            for source, messages in _SOURCES.items():
                try:
                    ciphertexts = encrypted(experiment, messages(experiment, joined * self.sequences), source, mode)
                    sequences = list(self._cut(ciphertexts))
                except CipherError as error:
                    yield Measurement(
                        "sp800_22_adjusted", None, condition=source, nonce=mode, status="failed", message=str(error)
                    )
                except _TooFew as reason:
                    yield unsupported("sp800_22_adjusted", str(reason), condition=source, nonce=mode)
                else:
                    yield from sequence_rows(sequences, self.alpha, condition=source, nonce=mode)
        yield from map(unjudged, aes_rows(experiment.seed, self.sequences, size, self.alpha))

    def _obstacle(self, experiment: Experiment, joined: int) -> str:
        if joined > _MOST_CIPHERTEXTS:
            size = experiment.ciphertext.image.size
            return (
                f"a sequence of {self.bits} bits takes {joined} ciphertexts of {size} bytes, "
                f"wanted at most {_MOST_CIPHERTEXTS}; use a larger image or fewer bits"
            )
        if experiment.image.size < FEWEST_SAMPLES:
            return f"an image of {experiment.image.size} samples has too few distinct forms, wanted {FEWEST_SAMPLES}"
        return ""

    def _cut(self, ciphertexts: Iterator[Image]) -> Iterator[NDArray[np.uint8]]:
        """The sequences, as bytes."""
        size = self.bits // 8
        for number in range(self.sequences):
            pieces: list[NDArray[np.uint8]] = []
            while (held := sum(piece.size for piece in pieces)) < size:
                ciphertext = next(ciphertexts, None)
                if ciphertext is None:
                    raise _TooFew("there are too few distinct images for so many bits; use fewer or shorter sequences")
                pieces.append(ciphertext.ravel())
            start = (held - size) * number // max(1, self.sequences - 1)
            yield np.concatenate(pieces)[start : start + size].copy()


class _TooFew(ValueError):
    """A source has fewer messages than the sequences take."""


def _distinct_images(experiment: Experiment, count: int) -> Iterator[tuple[Image, bytes]]:
    for image in modified_images(experiment.image, experiment.generator("randomness images")):
        yield image, experiment.key


def _distinct_keys(experiment: Experiment, count: int) -> Iterator[tuple[Image, bytes]]:
    for number in itertools.count():
        yield experiment.image, experiment.random_key(f"randomness {number}")


def _flat_images(experiment: Experiment, count: int) -> Iterator[tuple[Image, bytes]]:
    """Twice as many as are expected to be needed, where there are so many: the size of ciphertexts may vary."""
    colours = flat_colours(experiment.image)
    if count > colours:
        raise _TooFew(f"{count} distinct flat images are needed, there are {colours}; use fewer or shorter sequences")
    for image in flat_images(experiment.image, min(colours, 2 * count), experiment.generator("randomness colours")):
        yield image, experiment.key


_SOURCES: dict[str, Callable[[Experiment, int], Iterator[tuple[Image, bytes]]]] = {
    "distinct images": _distinct_images,
    "distinct keys": _distinct_keys,
    "flat images": _flat_images,
}
