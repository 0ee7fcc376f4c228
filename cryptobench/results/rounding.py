"""Numbers as text, where plain rounding would say what is not so."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["SMALLEST", "p_text", "percentage"]

SMALLEST = "<1e-300"
"""A p-value that a float cannot hold: it is small, but never 0."""


def p_text(p_value: float, digits: int = 2) -> str:
    """A p-value with so many significant digits."""
    return f"{p_value:.{digits}g}" if p_value > 0 else SMALLEST


def percentage(places: int) -> Callable[[float], str]:
    """Writes shares as percentages; only all of it reads 100 %."""

    def text(share: float) -> str:
        below = 1 - 10.0 ** -(places + 2)
        return f"{min(share, below) if share < 1 else share:.{places}%}"

    return text
