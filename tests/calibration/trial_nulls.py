"""Null distributions of the analyses that share the first encryptions of their trials.

``python -m tests.calibration.trial_nulls 1000`` prints them over 1,000 seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest, chi2

from cryptobench.analyses.avalanche import Avalanche
from cryptobench.analyses.differential.analysis import Differential
from cryptobench.calibration.sources import IdealCipher
from cryptobench.cipher import Cipher
from cryptobench.measurement import Measurement
from cryptobench.registry import load_cipher
from cryptobench.task import SharedExperiments, run_task
from tests.analyses.statistical_toys import photograph

LEVELS = (0.01, 0.05)
MEANS = ("npcr_mean", "uaci_mean", "baci_mean", "plaintext_avalanche_mean")
SINGLE = ("npcr", "uaci", "plaintext_avalanche")
_AT_MOST = ("npcr_mean", "npcr", "any mean")  # exact tests of whole counts, and a correction: no more than stated


@dataclass(frozen=True)
class Size:
    """Under how many of ``cases`` the p-value of ``metric`` was below ``level``; ``p_value`` of the binomial test."""

    metric: str
    nonce: str
    level: float
    alarms: int
    cases: int

    @property
    def p_value(self) -> float:
        side = "greater" if self.metric in _AT_MOST else "two-sided"
        return float(binomtest(self.alarms, self.cases, self.level, side).pvalue)

    def __str__(self) -> str:
        share = 100 * self.alarms / self.cases
        return f"{self.metric} {self.nonce} at {self.level:g}: {share:.2f} % of {self.cases}, p = {self.p_value:.3f}"


@dataclass(frozen=True)
class Independence:
    """Variance of the mean over trials, as a multiple of what independent trials have; ``p_value`` by chi-square."""

    metric: str
    nonce: str
    seeds: int
    ratio: float

    @property
    def p_value(self) -> float:
        degrees = self.seeds - 1
        tail = float(chi2.sf(self.ratio * degrees, degrees))
        return 2 * min(tail, 1 - tail)

    def __str__(self) -> str:
        return f"{self.metric} {self.nonce}: variance of means {self.ratio:.3f} of independent, p = {self.p_value:.3f}"


def rows_of(
    cipher: type[Cipher] | Cipher,
    seeds: int,
    trials: int,
    *shape: int,
    kinds: tuple[type[Differential] | type[Avalanche], ...] = (Differential, Avalanche),
) -> list[list[Measurement]]:
    """The rows of both analyses by seed, the first encryptions shared between them as a run shares them."""
    image, tables = photograph(*shape), []
    for seed in range(seeds):
        shared, fresh = SharedExperiments(), cipher() if isinstance(cipher, type) else cipher
        results = [run_task(kind(trials=trials), fresh, image, seed, shared=shared) for kind in kinds]
        tables.append([row for result in results for row in result.measurements])
    return tables


def sizes(tables: list[list[Measurement]], modes: tuple[str, ...]) -> Iterator[Size]:
    """Of the means over trials, one for each seed, and of single trials."""
    for metric in (*MEANS, *SINGLE):
        for mode in modes:
            p_values = np.array([_p_values(rows, metric, mode) for rows in tables])
            for level in LEVELS:
                yield Size(metric, mode, level, int((p_values < level).sum()), p_values.size)
    family = [[p for metric in MEANS for mode in modes for p in _p_values(rows, metric, mode)] for rows in tables]
    smallest = np.array([len(p_values) * min(p_values) for p_values in family])
    for level in LEVELS:  # Bonferroni's and Holm's corrections hold whatever the means of one seed share
        yield Size("any mean", "all", level, int((smallest < level).sum()), smallest.size)


def _p_values(rows: list[Measurement], metric: str, mode: str) -> list[float]:
    """Those of all trials; of means, of that over all places and kinds of change."""
    found = [row for row in rows if row.metric == metric and row.nonce == mode]
    found = [row for row in found if metric in SINGLE or not row.place + row.condition]
    return [row.p_value for row in found if row.p_value is not None]


def independence(tables: list[list[Measurement]], modes: tuple[str, ...]) -> Iterator[Independence]:
    """Of the trials of one seed, by the variance of their mean."""
    for metric in SINGLE:
        for mode in modes:
            values = np.array(
                [[row.value for row in rows if (row.metric, row.nonce) == (metric, mode)] for rows in tables],
                np.float64,
            )
            if not values.size:  # the analysis was not run
                continue
            ratio = float(values.mean(axis=1).var(ddof=1) * values.shape[1] / values.var())
            yield Independence(metric, mode, len(values), ratio)


def main(seeds: int) -> None:
    """Print sizes and independence for an ideal cipher, AES-256-SIV, and AES-256-CTR with fresh nonces."""
    sources: dict[str, tuple[Any, tuple[str, ...]]] = {
        "ideal": (IdealCipher, ("fresh", "fixed")),
        "aes-256-siv": (load_cipher("aes-256-siv"), ("fresh", "fixed")),
        "aes-256-ctr": (load_cipher("aes-256-ctr"), ("fresh",)),
    }
    for name, (cipher, modes) in sources.items():
        tables = rows_of(cipher, seeds, 20, 32, 32)
        for found in (*sizes(tables, modes), *independence(tables, modes)):
            print(f"{name}: {found}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
