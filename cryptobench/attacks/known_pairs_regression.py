"""Known pairs alone: regression of plaintext samples on ciphertext bits, and columns that are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.column_joins import Joins, join
from cryptobench.attacks.kernel_ridge import gram, predict
from cryptobench.attacks.known_set import KnownSet, bits_of, collect, couples_p_value, share_explained
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.stream_windows import Recurring, recurring_windows, smoothest_of

__all__ = ["KnownPairsRegression"]

_FEWEST = 96
_LEAK = 1e-6
_MOST = 0.9
_OFTEN = 0.5  # of the windows of masks, where known pairs show most of what there are
_FEWEST_TESTED = 48  # 24 couples: p-values down to 2^-24


@dataclass(frozen=True)
class KnownPairsRegression(Attack):
    """Learns the plaintext from the ciphertext by example, knowing nothing of the algorithm.

    Ridge regression predicts every sample from all ciphertext bits; an eighth of the pairs is held back to see how much
    of a plaintext it explains beyond the mean image. Then plaintext bits and bytes are looked for that are a ciphertext
    bit or byte, but for its place and name, in every pair. The guess takes what was found and fills in the rest by
    regression. Where windows of the pairs' masks recur, the keystream has few states, for the image or for parts of it.
    If most do and little else was found, the guess is the challenge under the masks that make its rows smoothest. Asks
    for ``pairs``, or as many as the budget allows.
    """

    name: ClassVar[str] = "known_pairs_regression"
    title: ClassVar[str] = "Regression on known pairs"
    identifier: ClassVar[str] = "A20"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True

    pairs: int = 1024

    def __post_init__(self) -> None:
        if self.pairs < _FEWEST:
            raise ValueError(f"pairs is {self.pairs}, wanted at least {_FEWEST}")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = collect(oracle, self.pairs, _FEWEST)
        if pairs is None:
            return AttackResult.inapplicable("cipher images differ in shape from message to message")
        tested = max(_FEWEST_TESTED, len(pairs) // 8)
        kept = KnownSet(pairs.plain[:-tested], pairs.sealed[:-tested], pairs.headers[:-tested])
        truths = pairs.plain[-tested:].astype(np.float64)
        mean = kept.plain.mean(axis=0)
        asked = np.concatenate([pairs.sealed[-tested:], oracle.challenge.image.reshape(1, -1)])
        estimates = predict(*gram(bits_of(kept.sealed), bits_of(asked)), kept.plain)
        explained = share_explained(estimates[:-1], truths, mean)
        joins = join(kept)
        guess = joins.read(asked[-1:], estimates[-1:] if explained > 0 else mean[None])
        known = joins.read(asked[:-1], estimates[:-1])
        error = float(np.mean((known - truths) ** 2))
        recurring, recovered = recurring_windows(pairs), guess.reshape(oracle.shape)
        if recurring.share > _OFTEN and max(joins.joined_bits, joins.joined_bytes) < _MOST:
            recovered = smoothest_of(pairs, recurring.join, oracle.challenge.image)
        return AttackResult(
            recovered=recovered,
            statistic=explained,
            statistic_name="share of held-back plaintexts' variance that regression explains",
            expected=0.0,
            p_value=min(
                1.0,
                3 * min(couples_p_value(estimates[:-1] - mean, truths - mean), joins.p_value, recurring.p_value),
            ),
            notes=_found(joins, recurring),
            numbers={
                "psnr_regression": _psnr(float(np.mean((estimates[:-1] - truths) ** 2))),
                "psnr_mean_image": _psnr(float(np.mean((mean - truths) ** 2))),
                "psnr_held_back": _psnr(error),
                "joined_bits": joins.joined_bits,
                "joined_bytes": joins.joined_bytes,
            },
        )


def _found(joins: Joins, recurring: Recurring) -> str:
    found = []
    if joins.p_value < _LEAK:
        found.append(
            f"found in the ciphertext: {int((joins.bits >= 0).sum())} of {len(joins.bits)} plaintext bits, "
            f"{int((joins.bytes >= 0).sum())} of {len(joins.bytes)} samples"
        )
    if recurring.p_value < _LEAK:
        found.append(f"{recurring.equal} windows of masks recur, {recurring.join.name}")
    return "; ".join(found)


def _psnr(error: float) -> float:
    """Of a mean squared error of bytes, dB; that of half a grey level in 1024 samples stands for none at all."""
    return 10 * float(np.log10(255**2 / max(error, 0.25 / 1024)))
