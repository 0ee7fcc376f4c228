"""How far small changes spread: p-values for numbers of changed samples."""

from __future__ import annotations

from collections.abc import Sequence

from cryptobench.attacks.chance import at_least, at_most

__all__ = ["CHANGED", "spread_p_value"]

CHANGED = 255 / 256  # of the samples of two independent uniform images


def spread_p_value(counts: Sequence[int], samples: int) -> float:
    """The p-value of ``counts`` changed samples, each of ``samples``, if all samples were drawn anew each time.

    Three ways to be unlike that, with Bonferroni's factor: the smallest count is too small, all of them together
    are too few, or too many.
    """
    total = sum(counts)
    return min(
        at_most(min(counts), samples, CHANGED, tries=3 * len(counts)),
        at_most(total, samples * len(counts), CHANGED, tries=3),
        at_least(total, samples * len(counts), CHANGED, tries=3),
    )
