"""Single steps of maps, for kernels that run several orbits at once: + - * / on float64, the same bits everywhere."""

from __future__ import annotations

from numba import njit

__all__ = ["henon_step", "skew_tent_step"]


@njit(cache=True, nogil=True, inline="always")
def henon_step(x: float, y: float) -> tuple[float, float]:
    """x' = 1 - a x^2 + y, y' = b x at a = 1.4, b = 0.3 (Henon, Commun. Math. Phys. 50, 1976), as (a x) x.

    Starts with |x|, |y| of at most 0.1 lie in the attractor's basin; elsewhere an orbit may escape to infinity.
    """
    return 1.0 - 1.4 * x * x + y, 0.3 * x


@njit(cache=True, nogil=True, inline="always")
def skew_tent_step(x: float, m: float) -> float:
    """x/m below the break ``m``, else (1-x)/(1-m), for x in (0, 1), 0 < m < 1.

    Chaotic for every m, with exponent -m ln m - (1-m) ln(1-m), but at m = 1/2 orbits in binary fall to 0 in some fifty
    steps.
    """
    left = x < m
    return (x if left else 1.0 - x) / (m if left else 1.0 - m)  # one division after the choice: no branch to predict
