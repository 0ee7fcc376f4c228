"""The avalanche analysis: what a flip of one plaintext bit does to the bits of the cipher image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.base import Analysis, result_row, unsupported
from cryptobench.cipher import CipherError, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import bit_avalanche, strict_avalanche
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import (
    binomial_cdf,
    binomial_ppf,
    extreme_p_value,
    percent,
    sidak_level,
    two_sided_share,
)

__all__ = ["Avalanche"]

_STRICT = "strict_avalanche"


@dataclass(frozen=True)
class _Trial:
    """One trial's result in percent, the bits that flipped out of all, and which of the watched bits did."""

    result: Result
    bits: int
    watched: NDArray[np.bool_]

    @property
    def flipped(self) -> int:
        return round(self.result.value * self.bits / 100)


@dataclass(frozen=True)
class Avalanche(Analysis):
    """Share of cipher bits that flip with one random plaintext bit, and the flip rate of single cipher bits.

    Each of ``trials`` trials has its own plaintext bit, key and nonce; key, nonce and first encryption are those of the
    trial of this number in `differential`, and the same in both nonce modes. The strict criterion watches
    ``output_bits`` random bits of the cipher image over all trials.
    """

    name: ClassVar[str] = "avalanche"
    title: ClassVar[str] = "Plaintext avalanche"
    reads_pixels: ClassVar[bool] = True
    shares_trials: ClassVar[bool] = True

    trials: int = 100
    output_bits: int = 64

    def __post_init__(self) -> None:
        if self.trials < 1 or self.output_bits < 1:
            raise ValueError(f"trials and output_bits are {self.trials} and {self.output_bits}, wanted at least 1")

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        places = experiment.generator("plaintext bits").integers(8 * experiment.image.size, size=self.trials)
        fractions = experiment.generator("watched bits").random(self.output_bits)
        changed = experiment.image.copy()
        trials: dict[str, list[_Trial]] = {mode: [] for mode in experiment.nonce_modes}
        rows: dict[str, list[Measurement]] = {mode: [] for mode in experiment.nonce_modes}
        for number, place in enumerate(places.tolist()):
            for mode in experiment.nonce_modes:  # one after the other, as they share the trial's first encryption
                columns: dict[str, Any] = {"nonce": mode, "trial": number, "unit": "%"}
                try:
                    trial = self._trial(experiment, changed, place, fractions, mode, number)
                except CipherError as error:
                    row = Measurement("plaintext_avalanche", None, status="failed", message=str(error), **columns)
                else:
                    trials[mode].append(trial)
                    row = result_row("plaintext_avalanche", trial.result, self.alpha, **columns)
                rows[mode].append(row)
        for mode in experiment.nonce_modes:
            yield from rows[mode]
            yield from self._summaries(trials[mode], mode)

    def _trial(
        self, experiment: Experiment, changed: Image, place: int, fractions: NDArray[np.float64], mode: str, number: int
    ) -> _Trial:
        sample, bit = np.unravel_index(place // 8, changed.shape), place % 8
        changed[sample] ^= 1 << bit
        try:
            first, second = experiment.encrypt_pair(changed, mode, number, self.name)
            if first.shape != second.shape:
                raise CipherError(f"the two cipher images differ in shape: {first.shape} and {second.shape}")
            first, second = experiment.constant_places.varying(first, second)
            # In tiny cipher images some bits are watched twice, which only makes the test of the worst one milder.
            watched = (fractions * 8 * first.size).astype(np.int64)
            differs = first.ravel()[watched // 8] ^ second.ravel()[watched // 8]
            flips = (differs >> (watched % 8).astype(np.uint8) & 1).astype(bool)
            return _Trial(bit_avalanche(first, second, self.alpha), 8 * first.size, flips)
        finally:
            changed[sample] = experiment.image[sample]

    def _summaries(self, trials: Sequence[_Trial], mode: str) -> Iterator[Measurement]:
        columns: dict[str, Any] = {"nonce": mode}
        if not trials:
            message = f"none of the {self.trials} trials has a value"
            yield unsupported("plaintext_avalanche_mean", message, unit="%", **columns)
            yield unsupported("plaintext_avalanche_worst", message, unit="%", **columns)
            yield unsupported(_STRICT, message, unit="share", **columns)
            return
        if len(trials) < self.trials:
            columns["message"] = f"{self.trials - len(trials)} of {self.trials} trials have no value"
        total = sum(trial.bits for trial in trials)
        mean = percent(two_sided_share(sum(trial.flipped for trial in trials), total, self.alpha))
        yield result_row("plaintext_avalanche_mean", mean, self.alpha, unit="%", **columns)
        yield result_row("plaintext_avalanche_worst", self._worst(trials), self.alpha, unit="%", **columns)
        strict = strict_avalanche(np.array([trial.watched for trial in trials]), self.alpha)
        yield result_row(_STRICT, strict, self.alpha, unit="share", **columns)

    def _worst(self, trials: Sequence[_Trial]) -> Result:
        """The trial least like fair flips, tested exactly and on both sides as the worst of so many."""
        tails = [binomial_cdf(min(trial.flipped, trial.bits - trial.flipped), trial.bits, 0.5) for trial in trials]
        worst = trials[int(np.argmin(tails))]
        low = 100 * binomial_ppf(sidak_level(self.alpha, len(trials)) / 2, worst.bits, 0.5) / worst.bits
        return Result(worst.result.value, 50.0, low, 100 - low, extreme_p_value(min(1.0, 2 * min(tails)), len(trials)))
