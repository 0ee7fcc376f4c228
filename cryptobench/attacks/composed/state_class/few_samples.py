"""The values of the few samples that are a cipher's state, read from where each passes through a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_class.state_classes import FewSamples
from cryptobench.attacks.oracle import Oracle

__all__ = ["few_as_challenge"]

_IMAGES = 4  # that differ in all other samples, and show which of the ciphertext depend on these alone


def few_as_challenge(
    oracle: Oracle, state: FewSamples, generator: np.random.Generator
) -> tuple[FewSamples, int] | None:
    """The state with all its samples but the first held as in the challenge, and the first one's value: 256 queries a
    sample, and 4. None where a sample does not show by itself in the ciphertext."""
    first = generator.integers(0, 256, oracle.shape, np.uint8)
    images = [first, *(generator.integers(0, 256, oracle.shape, np.uint8) for _ in range(_IMAGES - 1))]
    answers = [oracle.encrypt(state.given(image, 0)).image for image in images]
    wanted = oracle.challenge.image.ravel()
    if any(answer.shape != oracle.challenge.image.shape for answer in answers):
        return None
    places = np.flatnonzero(np.logical_and.reduce([answer == answers[0] for answer in answers]))
    tables: list[NDArray[np.uint8]] = []
    for index in range(len(state.reserved)):
        values = state.given(first, 0)
        rows = []
        for value in range(256):
            values.flat[state.reserved[index]] = value
            answer = oracle.encrypt(values).image
            if answer.size != wanted.size:
                return None
            rows.append(answer.ravel()[places])
        tables.append(np.stack(rows))
    depends = np.array([(table != table[0]).any(axis=0) for table in tables])
    found = []
    for table, own in zip(tables, depends & (depends.sum(axis=0) == 1), strict=True):
        fitting = np.flatnonzero((table[:, own] == wanted[places][own]).all(axis=1))
        if not own.any() or fitting.size == 0:
            return None
        found.append(int(fitting[0]))
    return FewSamples(state.reserved, tuple(found[1:])), found[0]
