"""What an ideal cipher gives when each key bit is flipped once: distributions of one bit's and of mean results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cryptobench.cipher import Image
from cryptobench.metrics import channel_correlation
from cryptobench.metrics.entropy import entropy_moments
from cryptobench.metrics.histogram import histogram
from cryptobench.metrics.result import Result

__all__ = [
    "NullMean",
    "absolute_correlation",
    "mean_nulls",
    "random_psnr",
    "shared_base_correlation",
    "wrong_key_psnr",
]

_LEVELS = np.arange(256.0)
_DECIBEL = 10 / math.log(10)


@dataclass(frozen=True)
class NullMean:
    """Mean and standard deviation of one trial under an ideal cipher, and the correlation of any two trials.

    ``tail`` is the side on which a mean fails.
    """

    expected: float
    deviation: float
    tail: Literal["low", "high", "both"]
    correlation: float = 0.0

    def mean(self, values: Sequence[float], alpha: float) -> Result:
        """The mean of T trials, normal with variance deviation^2 (correlation + (1 - correlation) / T)."""
        from scipy.special import ndtr, ndtri

        spread = self.deviation * math.sqrt(self.correlation + (1 - self.correlation) / len(values))
        value = sum(values) / len(values)
        z = (value - self.expected) / spread
        p = {"low": ndtr(z), "high": ndtr(-z), "both": 2 * ndtr(-abs(z))}[self.tail]
        half = -float(ndtri(alpha / 2 if self.tail == "both" else alpha)) * spread
        low = None if self.tail == "high" else self.expected - half
        high = None if self.tail == "low" else self.expected + half
        return Result(value, self.expected, low, high, float(p))


def mean_nulls(plain: Image, cipher: Image) -> dict[str, NullMean]:
    """The distributions of means over key bits, by metric, for a plain image and its cipher image.

    All bits share the ciphertext under the right key. Given that ciphertext, NPCR and bit avalanche of different bits
    are still independent and equally distributed, whereas UACI values are correlated (`shared_base_correlation`).
    Decryptions under wrong keys are independent uniform images. The mean of a UACI, NPCR or avalanche value and its
    variance for n samples: Wu, Noonan and Agaian 2011.
    """
    n, m = cipher.size, plain.size
    distance = np.abs(_LEVELS[:, None] - _LEVELS) / 255
    error, error_variance = _error_moments(plain)
    entropy, entropy_variance = entropy_moments(m)
    half_normal = math.sqrt(2 / math.pi)
    return {
        "key_npcr": NullMean(100 * 255 / 256, 100 * math.sqrt(255 / n) / 256, "low"),
        "key_uaci": NullMean(
            100 * float(distance.mean()), 100 * float(distance.std()) / math.sqrt(n), "both", shared_base_correlation()
        ),
        "key_avalanche": NullMean(50.0, 50 / math.sqrt(8 * n), "both"),
        # To second order in the relative deviation of the mean squared error, which is normal.
        "wrong_key_psnr": NullMean(
            random_psnr(plain) + _DECIBEL * error_variance / (2 * error * error),
            _DECIBEL * math.sqrt(error_variance) / error,
            "high",
        ),
        "wrong_key_correlation": NullMean(
            half_normal / math.sqrt(m), math.sqrt((1 - half_normal * half_normal) / m), "high"
        ),
        "wrong_key_entropy": NullMean(entropy, math.sqrt(entropy_variance), "both"),
    }


def shared_base_correlation() -> float:
    """The correlation of abs(X - Y) and abs(X - Z) for independent uniform bytes X, Y, Z, about 0.1.

    It is the variance of E[abs(X - Y) given X] over the variance of abs(X - Y).
    """
    distance = np.abs(_LEVELS[:, None] - _LEVELS)
    return float(distance.mean(axis=1).var() / distance.var())


def random_psnr(plain: Image) -> float:
    """The PSNR, in dB, of ``plain`` against a uniformly random image: what is left when nothing is recovered."""
    return 10 * math.log10(255**2 / _error_moments(plain)[0])


def wrong_key_psnr(psnr: float, plain: Image, alpha: float) -> Result:
    """A PSNR, in dB, against ``plain``, tested on one side: too high for a uniformly random image."""
    from scipy.special import ndtr, ndtri

    error, variance = _error_moments(plain)
    deviation = math.sqrt(variance)
    least = error + float(ndtri(alpha)) * deviation
    high = 10 * math.log10(255**2 / least) if least > 0 else math.inf
    p = float(ndtr((255**2 * 10 ** (-psnr / 10) - error) / deviation))
    return Result(psnr, 10 * math.log10(255**2 / error), None, high, p)


def absolute_correlation(plain: Image, other: Image, alpha: float) -> Result:
    """The absolute correlation of all samples of two images, tested on one side; ValueError if one of them is flat."""
    for what, image in (("plaintext", plain), ("decrypted image", other)):
        if image.min() == image.max():
            raise ValueError(f"the {what} is flat, so its correlation does not exist")
    rows = (plain.shape[0], -1)
    signed = channel_correlation(plain.reshape(rows), other.reshape(rows), alpha)
    expected = math.sqrt(2 / (math.pi * plain.size))
    return Result(abs(signed.value), expected, None, signed.high, signed.p_value)


def _error_moments(plain: Image) -> tuple[float, float]:
    """Mean and variance of the mean squared error of ``plain`` against uniformly random images of its shape."""
    squares = (_LEVELS[:, None] - _LEVELS) ** 2
    counts = histogram(plain)
    mean = float(counts @ squares.mean(axis=1)) / plain.size
    return mean, float(counts @ squares.var(axis=1)) / plain.size**2
