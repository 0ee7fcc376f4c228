"""Probabilities under an ideal cipher, for attacks' p-values."""

from __future__ import annotations

__all__ = ["BYTE_CHANCE", "at_least", "at_most"]

BYTE_CHANCE = 1 / 256


def at_least(hits: int, samples: int, chance: float = BYTE_CHANCE, tries: int = 1) -> float:
    """The probability of ``hits`` or more in ``samples`` independent samples, times ``tries`` (Bonferroni)."""
    from scipy.special import bdtrc

    return min(1.0, tries * float(bdtrc(hits - 1, samples, chance))) if hits > 0 else 1.0


def at_most(hits: int, samples: int, chance: float = BYTE_CHANCE, tries: int = 1) -> float:
    """The probability of ``hits`` or fewer in ``samples`` independent samples, times ``tries`` (Bonferroni)."""
    from scipy.special import bdtr

    return min(1.0, tries * float(bdtr(hits, samples, chance)))
