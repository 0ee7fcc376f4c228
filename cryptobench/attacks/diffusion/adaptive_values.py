"""Value by value: where outputs can be put right one after the other, the values of each sample are tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.shapes import encrypt_flat, randomised
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["AdaptiveValues", "Step", "triangular_steps"]

_BASES = 2
_UNCHANGED = 256.0**-_BASES  # probability that a sample which depends on another stays as it was, both times

Step = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class AdaptiveValues(Attack):
    """Changes every sample of two random images, which shows the outputs that each sample reaches. Where there is an
    order in which every output depends on samples before it and on one that is new, however that may be (Latin squares
    and key-dependent S-boxes in chains, diffusion by rows and then by columns), the values of the new one are tried
    until the output is the challenge's. Samples that are not before one another are tried together.

    2 N queries for the order, then 128 for each step on average: 8,300 at 8x8 where there are as many steps as samples,
    33,000 at 16x16, 102 million at 512x512x3; 2 N + 255 at most where there is one step.
    """

    name: ClassVar[str] = "adaptive_values"
    title: ClassVar[str] = "Value by value"
    identifier: ClassVar[str] = "A29"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "130 * N + 4"

    budget: int = 1 << 16

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if unusable := randomised(oracle):
            return unusable
        reaches = _reaches(oracle, generator)
        varying = reaches[:, reaches.any(axis=0)]
        independent = int(np.sum(~varying))
        p_value = binomial_sf(independent, varying.size, _UNCHANGED) if varying.size else 1.0
        steps = list(triangular_steps(reaches))
        ordered = sum(len(samples) for samples, _ in steps)
        recovered, notes = None, f"{ordered} of {oracle.samples} samples can be put in order"
        if ordered > ALMOST_ALL * oracle.samples and p_value < LEAK_LEVEL:
            recovered, right = _steered(oracle, steps, generator)
            notes = f"{len(steps)} steps; {right} of {oracle.samples} samples put right"
        return AttackResult(
            recovered=recovered,
            statistic=independent / max(1, varying.size),
            statistic_name="pairs of a plaintext and a ciphertext sample that do not depend on each other",
            expected=_UNCHANGED,
            p_value=p_value,
            notes=notes,
            numbers={"steps": len(steps)},
            formula=_formula(len(steps), oracle.samples),
        )


def _formula(steps: int, samples: int) -> str:
    """The queries, on average, where there are more steps for more samples in proportion, or one."""
    if steps == 1:
        return "2 * N + 260"
    return f"{2 + 128 * steps / samples:.4g} * N + 4"


def _reaches(oracle: Oracle, generator: np.random.Generator) -> NDArray[np.bool_]:
    """(plaintext samples, ciphertext samples): which change with which."""
    reaches = np.zeros((oracle.samples, oracle.challenge.image.size), bool)
    for _ in range(_BASES):
        image = generator.integers(0, 256, oracle.samples, np.uint8)
        base = encrypt_flat(oracle, image)
        for sample in range(oracle.samples):
            before = image[sample]
            image[sample] = (int(before) + int(generator.integers(1, 256))) % 256
            reaches[sample] |= encrypt_flat(oracle, image) != base
            image[sample] = before
    return reaches


def triangular_steps(reaches: NDArray[np.bool_]) -> Iterator[Step]:
    """Plaintext samples with a ciphertext sample each that depends, beside it, on samples of earlier steps only.

    ``reaches``, (plaintext samples, ciphertext samples), says what changes with what. It ends where nothing is left, or
    where no output depends on one new sample.
    """
    new = reaches.copy()
    while True:
        outputs = np.flatnonzero(new.sum(axis=0) == 1)
        samples, where = np.unique(np.argmax(new[:, outputs], axis=0), return_index=True)
        if not samples.size:
            return
        yield samples.astype(np.int64), outputs[where].astype(np.int64)
        new[samples] = False


def _steered(oracle: Oracle, steps: list[Step], generator: np.random.Generator) -> tuple[Image, int]:
    """A plaintext whose encryption is the challenge's in as many steps as possible, and how many samples are right."""
    wanted = oracle.challenge.image.ravel()
    guess = generator.integers(0, 256, oracle.samples, np.uint8)
    answer = encrypt_flat(oracle, guess)
    right = 0
    for samples, outputs in steps:
        open_ = np.flatnonzero(answer[outputs] != wanted[outputs])
        for _ in range(255):
            if not open_.size:
                break
            if oracle.remaining == 0:
                return guess.reshape(oracle.shape), right
            guess[samples[open_]] += 1
            answer = encrypt_flat(oracle, guess)
            open_ = open_[answer[outputs[open_]] != wanted[outputs[open_]]]
        right += len(samples) - len(open_)
        if open_.size:
            break
    return guess.reshape(oracle.shape), right
