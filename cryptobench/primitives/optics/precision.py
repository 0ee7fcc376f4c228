"""How exactly a key must be known: quality of decryption against error of a parameter, and the bits that leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cryptobench.cipher import Image

__all__ = ["READABLE", "ErrorCurve", "error_curve"]

READABLE = 15.0  # dB: about where a picture can be recognised


class ErrorCurve(NamedTuple):
    """PSNR in dB of the decryption for each error of a parameter, in its own unit, rising errors."""

    errors: tuple[float, ...]
    psnr: tuple[float, ...]

    def tolerance(self, psnr: float = READABLE) -> float:
        """The largest error up to which every PSNR measured is at least ``psnr``; between errors, on a log scale.

        0 if the smallest error is too large already, and the largest error if none is.
        """
        below = next((place for place, value in enumerate(self.psnr) if value < psnr), len(self.psnr))
        if below in (0, len(self.psnr)):
            return 0.0 if below == 0 else self.errors[-1]
        (x0, x1), (y0, y1) = np.log(self.errors[below - 1 : below + 1]), self.psnr[below - 1 : below + 1]
        return float(np.exp(x0 + (x1 - x0) * (y0 - psnr) / (y0 - y1)))

    def effective_bits(self, span: float, psnr: float = READABLE) -> float:
        """log2(span / (2 tolerance)): bits that a search needs to hit a parameter out of ``span`` closely enough."""
        tolerance = self.tolerance(psnr)
        return float("inf") if tolerance == 0 else max(0.0, float(np.log2(span / (2 * tolerance))))


def error_curve(plain: Image, decrypt: Callable[[float], Image], errors: Sequence[float]) -> ErrorCurve:
    """The curve for ``decrypt``, which takes an error of the parameter and returns what it decrypts to."""
    ordered = tuple(sorted(float(error) for error in errors))
    squared = [float(np.mean((plain.astype(np.float64) - decrypt(error)) ** 2)) for error in ordered]
    return ErrorCurve(ordered, tuple(10 * np.log10(255**2 / value) if value else float("inf") for value in squared))
