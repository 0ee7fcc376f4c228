"""The differential analysis: what a change of one plaintext sample does to the cipher image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Subject, channel_names
from cryptobench.analyses.changes import Change, applied, plan_changes
from cryptobench.analyses.rows import attempt, result_row, shape_difference, unjudged, unsupported
from cryptobench.analyses.scores import CHANGED_SHARE, Score, parts, summaries
from cryptobench.analyses.summary import binomial_share, percent
from cryptobench.cipher import CipherError, Image
from cryptobench.measurement import Measurement
from cryptobench.metrics import baci, npcr, uaci
from cryptobench.metrics.result import Result

__all__ = ["Differential"]

_METRICS = {"npcr": npcr, "uaci": uaci, "baci": baci}


@dataclass(frozen=True)
class _Trial:
    """What one change did: each metric's result, or why it has none; changed samples in each cipher channel."""

    change: Change
    results: Mapping[str, Result | str]
    changed: Mapping[str, int]
    samples: int


@dataclass(frozen=True)
class Differential(Analysis):
    """NPCR, UACI and BACI over ``trials`` one-sample changes, each under its own key and nonce, by nonce mode."""

    name: ClassVar[str] = "differential"
    title: ClassVar[str] = "Differential analysis"
    images: ClassVar[str] = "photographs and flat"
    reads_pixels: ClassVar[bool] = True

    trials: int = 100

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise ValueError(f"trials is {self.trials}, wanted at least 1")

    def measure(self, subject: Subject) -> Iterator[Measurement]:
        plan = plan_changes(subject.image, self.trials, subject.generator("one-sample changes"))
        changed = subject.image.copy()
        for mode in subject.nonce_modes:
            trials: list[_Trial] = []
            for number, change in enumerate(plan):
                try:
                    trial = self._trial(subject, changed, change, mode, number)
                except CipherError as error:
                    yield from self._failures(change, mode, number, str(error))
                    continue
                trials.append(trial)
                yield from self._rows(trial, mode, number)
            yield from self._summaries(trials, mode)
            if subject.image.ndim == 3 and subject.image.shape[2] > 1:
                yield from self._reach(subject.image, trials, mode)
        yield from self._misuse(subject)

    def _trial(self, subject: Subject, changed: Image, change: Change, mode: str, number: int) -> _Trial:
        with applied(change, changed):
            first, second = subject.encrypt_pair(subject.image, changed, mode, f"differential {mode} {number}")
            if first.shape != second.shape:
                raise CipherError(f"the two cipher images differ in shape: {first.shape} and {second.shape}")
            results = {
                metric: attempt(partial(function, first, second, alpha=self.alpha))
                for metric, function in _METRICS.items()
            }
            names = channel_names(first)
            by_column = (first != second).reshape(len(first), -1).sum(axis=0, dtype=np.uint32)
            counts = dict(zip(names, by_column.reshape(-1, len(names)).sum(axis=0).tolist(), strict=True))
        return _Trial(change, results, counts, first.size)

    def _rows(self, trial: _Trial, mode: str, number: int) -> Iterator[Measurement]:
        change = trial.change
        for metric, result in trial.results.items():
            yield result_row(
                metric, result, self.alpha, channel=change.channel, direction=change.position, variant=change.kind,
                nonce=mode, trial=number, unit="%",
            )  # fmt: skip

    def _failures(self, change: Change, mode: str, number: int, message: str) -> Iterator[Measurement]:
        for metric in _METRICS:
            yield Measurement(
                metric, None, channel=change.channel, direction=change.position, variant=change.kind,
                nonce=mode, trial=number, unit="%", status="failed", message=message,
            )  # fmt: skip

    def _summaries(self, trials: Sequence[_Trial], mode: str) -> Iterator[Measurement]:
        for metric in _METRICS:
            scores = [
                Score(trial.change, result, trial.samples)
                for trial in trials
                if isinstance(result := trial.results[metric], Result)
            ]
            yield from summaries(metric, scores, self.trials, self.alpha, nonce=mode)
            yield from parts(metric, scores, self.alpha, nonce=mode)

    def _reach(self, plain: Image, trials: Sequence[_Trial], mode: str) -> Iterator[Measurement]:
        """How much of each cipher channel changes, by the plaintext channel in which the change was made."""
        for source in channel_names(plain):
            here = [trial for trial in trials if trial.change.channel == source]
            for target in dict.fromkeys(name for trial in here for name in trial.changed):
                reached = [trial for trial in here if target in trial.changed]
                changed = sum(trial.changed[target] for trial in reached)
                samples = sum(trial.samples // len(trial.changed) for trial in reached)
                share = percent(binomial_share(changed, samples, CHANGED_SHARE, self.alpha))
                yield result_row(
                    "channel_reach", share, self.alpha, direction=f"{source}->{target}", nonce=mode, unit="%"
                )

    def _misuse(self, subject: Subject) -> Iterator[Measurement]:
        """NPCR and UACI between plain and cipher image, as some papers report: a fixed XOR pad scores well."""
        plain, cipher = subject.image, subject.base.image
        difference = shape_difference(plain, cipher)
        for metric in ("npcr", "uaci"):
            name = f"{metric}_plain_cipher"
            if difference:
                yield unsupported(name, difference, variant="misuse", unit="%")
                continue
            outcome = attempt(partial(_METRICS[metric], plain, cipher, alpha=self.alpha))
            yield unjudged(
                result_row(
                    name, outcome, self.alpha, variant="misuse", unit="%",
                    message="plain against cipher image: no measure of diffusion",
                )
            )  # fmt: skip
