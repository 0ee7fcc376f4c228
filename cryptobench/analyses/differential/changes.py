"""One-sample changes of a plaintext: where, in which channel, and how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from cryptobench.analyses.base import channel_names
from cryptobench.cipher import Image

__all__ = ["KINDS", "POSITIONS", "Change", "applied", "plan_changes"]

POSITIONS = ("first", "last", "corner", "middle", "random")
KINDS = ("lsb", "msb", "plus one")


@dataclass(frozen=True)
class Change:
    """One sample of an image, at (row, column, index of the channel), and what is done to it."""

    position: str
    channel: str
    kind: str
    row: int
    column: int
    index: int


def plan_changes(image: Image, trials: int, generator: np.random.Generator) -> tuple[Change, ...]:
    """The changes of ``trials`` trials: every position x channel x kind once, and random positions from then on.

    The order spreads positions, channels and kinds evenly, so that a short plan holds some of each.
    """
    names = channel_names(image)
    cycle = len(POSITIONS) * len(names) * len(KINDS)
    changes = []
    for trial in range(trials):
        place, step = trial % len(POSITIONS), trial // len(POSITIONS)
        index = (step + place) % len(names)
        kind = KINDS[(step // len(names) + place) % len(KINDS)]
        position = POSITIONS[place] if trial < cycle else "random"
        row, column = _pixel(position, step, image.shape[0], image.shape[1], generator)
        changes.append(Change(position, names[index], kind, row, column, index))
    return tuple(changes)


@contextmanager
def applied(change: Change, image: Image) -> Iterator[None]:
    """Make the change in ``image`` itself while the context is open, and put the old value back."""
    place = (change.row, change.column, change.index)[: image.ndim]
    old = int(image[place])
    image[place] = {"lsb": old ^ 1, "msb": old ^ 128, "plus one": (old + 1) % 256}[change.kind]
    try:
        yield
    finally:
        image[place] = old


def _pixel(position: str, step: int, height: int, width: int, generator: np.random.Generator) -> tuple[int, int]:
    if position == "random":
        return int(generator.integers(height)), int(generator.integers(width))
    corner = ((0, width - 1), (height - 1, 0))[step % 2]
    return {"first": (0, 0), "last": (height - 1, width - 1), "corner": corner, "middle": (height // 2, width // 2)}[
        position
    ]
