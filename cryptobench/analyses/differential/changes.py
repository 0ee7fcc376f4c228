"""One-sample changes of a plaintext: where, in which channel, and how."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from cryptobench.analyses.base import channel_names
from cryptobench.cipher import Image

__all__ = ["KINDS", "PLACES", "Change", "applied", "plan_changes"]

PLACES = ("first", "last", "corner", "middle", "random")
KINDS = ("lsb", "msb", "plus one")


@dataclass(frozen=True)
class Change:
    """One sample of an image, at (row, column, index of the channel), and what is done to it."""

    place: str
    channel: str
    kind: str
    row: int
    column: int
    index: int


def plan_changes(image: Image, trials: int, generator: np.random.Generator) -> tuple[Change, ...]:
    """The changes of ``trials`` trials: every place x channel x kind once, and random places from then on.

    The order spreads places, channels and kinds evenly, so that a short plan holds some of each.
    """
    names = channel_names(image)
    cycle = len(PLACES) * len(names) * len(KINDS)
    changes = []
    for trial in range(trials):
        number, step = trial % len(PLACES), trial // len(PLACES)
        index = (step + number) % len(names)
        kind = KINDS[(step // len(names) + number) % len(KINDS)]
        place = PLACES[number] if trial < cycle else "random"
        row, column = _pixel(place, step, image.shape[0], image.shape[1], generator)
        changes.append(Change(place, names[index], kind, row, column, index))
    return tuple(changes)


@contextmanager
def applied(change: Change, image: Image) -> Iterator[None]:
    """Make the change in ``image`` itself while the context is open, and put the old value back."""
    index = (change.row, change.column, change.index)[: image.ndim]
    old = int(image[index])
    image[index] = {"lsb": old ^ 1, "msb": old ^ 128, "plus one": (old + 1) % 256}[change.kind]
    try:
        yield
    finally:
        image[index] = old


def _pixel(place: str, step: int, height: int, width: int, generator: np.random.Generator) -> tuple[int, int]:
    if place == "random":
        return int(generator.integers(height)), int(generator.integers(width))
    corner = ((0, width - 1), (height - 1, 0))[step % 2]
    centre = (height // 2, width // 2)
    return {"first": (0, 0), "last": (height - 1, width - 1), "corner": corner, "middle": centre}[place]
