"""How far a task or a cipher is from what is known of its cost, by what a run has seen of it."""

from __future__ import annotations

import math

__all__ = ["FLOOR_SECONDS", "Factor"]

FLOOR_SECONDS = 1e-3  # below that, what a cell takes says nothing of the machine
_TELLING_SECONDS = 0.05  # what is expected to take so long counts half
_MOST = math.log(50.0)  # ratios are cut there


class Factor:
    """How many times as long as expected one task takes, by the ciphers that it ran on; or one cipher, by its tasks.

    The logarithm of each of these counts once, less where it took a few milliseconds, and the mean is drawn to 0 while
    there are few of them: many cells of one cipher say little of the others.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, float, float]] = {}
        self._sums = (0.0, 0.0, 0.0)

    def add(self, name: str, taken: float, expected: float, belief: float) -> None:
        """Take in seconds, over what was taken for the load: so much of what is shown of it, from 0 to 1."""
        before = self._seen.get(name, (0.0, 0.0, 0.0))
        self._seen[name] = now = before[0] + taken, before[1] + expected, belief
        changes = zip(self._sums, _weighed(*now), _weighed(*before), strict=True)
        ratios, beliefs, weights = (total + (one - other) for total, one, other in changes)
        self._sums = ratios, beliefs, weights

    def value(self, doubt: float, load: float, belief: float) -> float:
        """The factor; with as many ciphers, or tasks, as ``doubt``, the root of it.

        What of ``load``, a logarithm, is believed now and was not then is no longer theirs.
        """
        ratios, beliefs, weights = self._sums
        if weights <= 0:
            return 1.0
        count = len(self._seen)
        mean = (ratios + beliefs * load) / weights - belief * load
        return math.exp(min(max(mean, -_MOST), _MOST) * count / (count + doubt))


def _weighed(taken: float, expected: float, belief: float) -> tuple[float, float, float]:
    """The logarithm of the ratio, and the belief, times their weight; and the weight."""
    if expected <= 0:
        return 0.0, 0.0, 0.0
    weight = (expected + FLOOR_SECONDS) / (expected + FLOOR_SECONDS + _TELLING_SECONDS)
    ratio = math.log(max(taken, FLOOR_SECONDS) / max(expected, FLOOR_SECONDS))
    return weight * min(max(ratio, -_MOST), _MOST), weight * belief, weight
