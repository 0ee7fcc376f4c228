"""What a lossy cipher decrypts to under a wrong key: no uniform image, so its distribution is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

import numpy as np

from cryptobench.analyses.base import Subject
from cryptobench.cipher import CipherError, Image
from cryptobench.metrics import channel_correlation, global_entropy, peak_signal_noise_ratio
from cryptobench.metrics.result import Result

__all__ = ["SampledNull", "lossy_nulls", "signed_correlation"]

_SAMPLES = 24


@dataclass(frozen=True)
class SampledNull:
    """Values of one metric where nothing was recovered, and the side on which a value fails.

    ``absolute`` metrics are reported without their sign; one value is tested with it, as the sign makes it normal.
    """

    values: tuple[float, ...]
    tail: Literal["high", "both"]
    absolute: bool = False

    def one(self, value: float, alpha: float) -> Result:
        """One more value, by Student's t for a further draw; for an absolute metric, ``value`` has its sign."""
        result = _student(self.values, [value], "both" if self.absolute else self.tail, alpha)
        if not self.absolute:
            return result
        high = max(abs(result.low or 0.0), abs(result.high or 0.0))
        return Result(abs(value), fmean(map(abs, self.values)), None, high, result.p_value)

    def mean(self, values: Sequence[float], alpha: float) -> Result:
        """The mean of further values, by Student's t; those of an absolute metric are without their signs."""
        return _student([abs(v) for v in self.values] if self.absolute else self.values, values, self.tail, alpha)


def lossy_nulls(subject: Subject) -> Mapping[str, SampledNull]:
    """Wrong-key PSNR, correlation and entropy of a lossy cipher, by metric; none if it refuses to decrypt.

    What comes out has passed through the decoder, so it is smooth and its histogram uneven even if the key hides
    everything. So noise is encrypted under one random key and decrypted under another, and what comes out is compared
    with the plaintext, to which it has no relation.
    """
    cipher, image = subject.cipher, subject.image
    generator = subject.generator("unrelated images")
    psnr, correlation, entropy = [], [], []
    for index in range(_SAMPLES):
        noise = generator.integers(0, 256, image.shape, dtype=np.uint8)
        key, nonce = subject.random_key(f"of noise {index}"), subject.random_nonce(f"noise {index}")
        encrypted = cipher.encrypt(noise, key, nonce)
        try:
            decrypted = cipher.decrypt(encrypted, subject.random_key(f"wrong for noise {index}"))
        except CipherError:
            return {}
        psnr.append(peak_signal_noise_ratio(image, decrypted).value)
        if _varies(image) and _varies(decrypted):
            correlation.append(signed_correlation(image, decrypted))
        entropy.append(global_entropy(decrypted).value)
    nulls = {
        "wrong_key_psnr": SampledNull(tuple(psnr), "high"),
        "wrong_key_correlation": SampledNull(tuple(correlation), "high", absolute=True),
        "wrong_key_entropy": SampledNull(tuple(entropy), "both"),
    }
    return {metric: null for metric, null in nulls.items() if len(set(null.values)) > 1}


def signed_correlation(plain: Image, other: Image) -> float:
    """The correlation of all samples of two images of one shape, neither of them flat."""
    rows = (plain.shape[0], -1)
    return channel_correlation(plain.reshape(rows), other.reshape(rows)).value


def _varies(image: Image) -> bool:
    return bool(image.min() != image.max())


def _student(known: Sequence[float], values: Sequence[float], tail: Literal["high", "both"], alpha: float) -> Result:
    """The mean of T new values against n known ones: t with n - 1 degrees, variance s^2 (1 / T + 1 / n)."""
    from scipy.special import stdtr, stdtrit

    degrees, expected = len(known) - 1, fmean(known)
    spread = stdev(known) * math.sqrt(1 / len(values) + 1 / len(known))
    value = sum(values) / len(values)
    t = (value - expected) / spread
    p = float(stdtr(degrees, -t)) if tail == "high" else 2 * float(stdtr(degrees, -abs(t)))
    half = -float(stdtrit(degrees, alpha if tail == "high" else alpha / 2)) * spread
    return Result(value, expected, None if tail == "high" else expected - half, expected + half, p)
