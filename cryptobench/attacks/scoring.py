"""How much of the target an attack's guess has right, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["ALMOST_ALL", "LEAK_LEVEL", "Score", "chance_of", "score_of", "tolerance_of"]

LEAK_LEVEL = 1e-6  # a p-value below this is a leak
ALMOST_ALL = 0.9  # a map that holds for this share of the samples is taken for the cipher's

_ROLLS, _MOST_ROLLS = 32, 4095
_DOUBTFUL = (1e-12, 0.02)  # p-values between which the tails of a few rolls are not relied on
_USUAL_SHARE = 0.95
_LARGEST_TOLERANCE = 32


@dataclass(frozen=True)
class Score:
    """``share`` of samples recovered (chance is 1/256 for a uniform guess), ``psnr`` in dB, both of the guess.

    A sample is recovered if it is right, or, against a cipher that decrypts with loss, within ``tolerance`` grey
    levels. ``baseline`` is the mean share of the same guess rolled to 32 random places, and ``p_value`` that of a
    share as large as seen if the guess knew nothing of the place of a sample (`chance_of`); where that is in doubt, no
    less than its rank among all rolls by whole pixels (4095 of them where there are more). So a smooth or flat guess
    gains nothing by being smooth, nor by having the target's colours.
    ``gain`` is how far the guess's PSNR is above that of the best flat image, the target's own mean in each channel;
    -inf of a flat target.
    """

    share: float = 0.0
    psnr: float | None = None
    baseline: float = 1 / 256
    p_value: float = 1.0
    tolerance: int = 0
    gain: float = float("-inf")

    @property
    def excess(self) -> float:
        """Of the samples that rolled guesses have wrong, the share that this one has right; 0 of a flat image."""
        return (self.share - self.baseline) / (1 - self.baseline) if self.baseline < 1 else 0.0


def tolerance_of(decrypted: Image, target: Image) -> int:
    """How many grey levels the receiver's own image is off in all but 5 % of the samples, 32 at most."""
    if decrypted.shape != target.shape:
        return 0
    errors = np.abs(decrypted.astype(np.int16) - target)
    return min(int(np.quantile(errors, _USUAL_SHARE, method="inverted_cdf")), _LARGEST_TOLERANCE)


def score_of(recovered: Image | None, target: Image, generator: np.random.Generator, tolerance: int = 0) -> Score:
    """The score of a guess; a guess that is missing or has another shape or dtype recovers nothing."""
    if recovered is None or recovered.shape != target.shape or recovered.dtype != np.uint8:
        return Score()
    from cryptobench.metrics import peak_signal_noise_ratio

    samples, bands = target.size, target.shape[2] if target.ndim == 3 else 1
    guess, truth = recovered.ravel(), target.ravel()
    lowest = np.maximum(truth, tolerance) - np.uint8(tolerance)
    highest = np.minimum(truth, 255 - tolerance) + np.uint8(tolerance)
    twice = np.concatenate((guess, guess))

    def hits(offset: int) -> int:
        """Right samples of the guess rolled by ``offset``."""
        rolled = twice[samples - offset : 2 * samples - offset]
        return int(np.count_nonzero(rolled == truth if tolerance == 0 else (rolled >= lowest) & (rolled <= highest)))

    found = hits(0)
    offsets = generator.integers(1, samples, _ROLLS).tolist() if samples > 1 else [0] * _ROLLS
    rolled = np.array([hits(offset) for offset in offsets]) / samples
    p_value = chance_of(found, samples, rolled, _expected(guess, truth, tolerance, bands))
    if _DOUBTFUL[0] < p_value < _DOUBTFUL[1]:
        pixels = samples // bands
        others = np.unique(np.linspace(1, pixels - 1, min(pixels - 1, _MOST_ROLLS)).astype(np.int64)) * bands
        better = sum(hits(int(offset)) >= found for offset in others)
        if better:  # where none is, the rank says no more than the tails do
            p_value = max(p_value, (better + 1) / (others.size + 1))
    psnr = float(peak_signal_noise_ratio(target, recovered).value)
    return Score(found / samples, psnr, float(rolled.mean()), p_value, tolerance, _gain(recovered, target))


def chance_of(hits: int, samples: int, rolled: NDArray[np.float64], expected: float) -> float:
    """The probability that a guess which knows nothing of the place of a sample has ``hits`` or more of them right.

    The larger one of two. Student's t over ``rolled``, the shares that a few rolls have right, whose spread is not
    taken for smaller than the binomial: it allows for hits that come in clumps, as those of a smooth guess do. And the
    binomial tail with the ``expected`` share, one in 256 at least: it allows for hits that are few, where t does not.
    """
    from scipy.special import stdtr  # loading it takes every worker longer than starting does

    from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

    mean = float(rolled.mean())
    least = max(mean, BYTE_CHANCE)
    spread = max(float(rolled.std(ddof=1)), float(np.sqrt(least * (1 - least) / samples)), 1e-12)
    t = (hits / samples - mean) / (spread * np.sqrt(1 + 1 / len(rolled)))
    return max(float(stdtr(len(rolled) - 1, -t)), binomial_sf(hits, samples, max(expected, BYTE_CHANCE)))


def _expected(guess: Image, truth: Image, tolerance: int, bands: int) -> float:
    """The mean share of right samples over all rolls by whole pixels, by the histograms of each channel."""
    total = 0
    for band in range(bands):
        ours, theirs = (np.bincount(image[band::bands], minlength=256) for image in (guess, truth))
        within = np.convolve(theirs, np.ones(2 * tolerance + 1, np.int64))[tolerance : tolerance + 256]
        total += int(ours @ within)
    return total * bands / guess.size**2


def _gain(guess: Image, target: Image) -> float:
    """10 log10 of the target's variance, within channels, over the guess's mean squared error."""
    truth = target.reshape(*target.shape[:2], -1).astype(np.float64)
    error = float(np.mean((guess.reshape(truth.shape) - truth) ** 2))
    variance = float(np.mean(np.var(truth, axis=(0, 1))))
    if variance == 0:
        return float("-inf")
    return 10 * float(np.log10(variance / error)) if error else float("inf")
