"""A prior of natural images: how similar neighbouring samples are, by grey level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["ImagePrior"]

_TONE_PRIOR = 5.0  # counts added to each cell

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImagePrior:
    """Log-likelihoods, learnt from some images.

    ``differences`` is (3, 256), of the absolute difference to the next sample in a row, in a column, and in the next
    channel; ``residuals`` (256,), of a sample's distance from its prediction by its neighbours and its pixel's other
    channels (`predicted`); ``tones`` (8, 16), of neighbours in a row by their mean grey level and the difference
    between them, in steps of 32 and of 4: dark areas are smoother than bright ones, and one extreme is commoner than
    the other.
    """

    differences: Floats
    residuals: Floats
    tones: Floats

    @classmethod
    def of(cls, plains: Image) -> ImagePrior:
        """Learnt from a stack (K, H, W, C)."""
        signed = plains.astype(np.int16)
        differences = np.stack([_log_likelihoods(np.abs(np.diff(signed, axis=axis)).ravel()) for axis in (2, 1, 3)])
        shape, at = plains.shape[1:], np.arange(plains[0].size)
        blank = cls(differences, np.zeros(256), np.zeros((8, 16)))
        residuals = [np.abs(plain.ravel() - blank.predicted(plain.ravel(), at, shape)) for plain in plains]
        tones = np.bincount(_tones(plains).ravel(), minlength=128) + _TONE_PRIOR
        return cls(differences, _log_likelihoods(np.concatenate(residuals)), np.log(tones / tones.sum()).reshape(8, 16))

    def predicted(self, image: Image, at: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int16]:
        """The samples at places ``at`` of a flat image of ``shape`` (H, W, C) as their neighbours predict them,
        rounded.

        The mean of the neighbours in the same channel, plus how far the pixel's other channels are from theirs.
        """
        height, width, channels = shape
        pixel, channel = at // channels, at % channels
        y, x = pixel // width, pixel % width
        steps = ((y > 0, -width), (y < height - 1, width), (x > 0, -1), (x < width - 1, 1))
        there = np.maximum(sum(inside.astype(np.int64) for inside, _ in steps), 1)
        means = []
        for other in range(channels):
            place = (pixel * channels + (channel + other) % channels).astype(np.int64)
            total = sum(inside * image[np.where(inside, place + step * channels, 0)].astype(np.int64)
                        for inside, step in steps)  # fmt: skip
            means.append((place, total / there))
        prediction = means[0][1]
        if channels > 1:
            prediction = prediction + np.mean([image[place] - mean for place, mean in means[1:]], axis=0)
        rounded: NDArray[np.int16] = np.clip(np.rint(prediction), 0, 255).astype(np.int16)
        return rounded

    def tone_likelihood(self, image: Image) -> float:
        """Log-likelihood of an image (H, W, C) by ``tones``."""
        return float(self.tones.ravel()[_tones(image)].sum())

    def likelihood(self, image: Image) -> float:
        """Log-likelihood of an image (H, W, C) by the differences along rows, columns and channels."""
        signed = image.astype(np.int16)
        return sum(
            float(table[np.abs(np.diff(signed, axis=axis))].sum())
            for table, axis in zip(self.differences, (1, 0, 2), strict=True)
        )


def _tones(images: Image) -> NDArray[np.intp]:
    """The cell of ``tones``, in raster order, of every two neighbours in a row of (..., W, C)."""
    left, right = images[..., :-1, :].astype(np.intp), images[..., 1:, :].astype(np.intp)
    cells: NDArray[np.intp] = (left + right) // 64 * 16 + np.minimum(np.abs(left - right) // 4, 15)
    return cells


def _log_likelihoods(distances: NDArray[np.int16]) -> Floats:
    """Log-likelihood of each sign of an absolute difference; rare ones by a tail that falls as 1 / (1 + d)^2."""
    counts = np.bincount(distances, minlength=256)[:256] + 10 / (1 + np.arange(256.0)) ** 2
    counts[1:] /= 2
    result: Floats = np.log(counts / counts.sum())
    return result
