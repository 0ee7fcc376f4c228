"""Natural-looking images of any shape, cut from photographs, for known pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["natural_image"]


def natural_image(photographs: Sequence[Image], shape: tuple[int, ...], generator: np.random.Generator) -> Image:
    """A random cut of a random photograph at a random scale, maybe mirrored, with brightness and contrast varied.

    ``shape`` is (H, W) or (H, W, C). Without photographs it is a random smooth picture of 1/f noise.
    """
    height, width = shape[:2]
    channels = shape[2] if len(shape) == 3 else 1
    if photographs:
        cut = _cut(photographs[int(generator.integers(len(photographs)))], height, width, generator)
    else:
        cut = _noise(height, width, generator)
    bands = cut.shape[2]
    if channels == 1 and bands > 1:
        cut = cut.mean(axis=2, keepdims=True)
    elif channels != bands:
        cut = cut[..., np.arange(channels) % bands]
    contrast, brightness = generator.uniform(0.7, 1.2), generator.uniform(-25, 25)
    varied = np.clip((cut - cut.mean()) * contrast + cut.mean() + brightness, 0, 255)
    image: Image = np.rint(varied).astype(np.uint8).reshape(shape)
    return image


def _cut(photograph: Image, height: int, width: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(height, width, bands) float, from a window of the photograph drawn at random; sampled with a whole step."""
    source = photograph if photograph.ndim == 3 else photograph[..., None]
    source = np.pad(
        source,
        ((0, max(0, height - source.shape[0])), (0, max(0, width - source.shape[1])), (0, 0)),
        mode="wrap",
    )
    step = int(generator.integers(1, min(source.shape[0] // height, source.shape[1] // width) + 1))
    top = int(generator.integers(source.shape[0] - height * step + 1))
    left = int(generator.integers(source.shape[1] - width * step + 1))
    window = source[top : top + height * step, left : left + width * step]
    rows = window.reshape(height, step, width * step, -1).sum(axis=1, dtype=np.uint32)
    cut: NDArray[np.float64] = rows.reshape(height, width, step, -1).sum(axis=2) / step**2
    return cut[:, ::-1] if generator.random() < 0.5 else cut


def _noise(height: int, width: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(height, width, 3) float: amplitude falling as 1/f, the three bands alike but not equal."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    amplitude = 1 / np.maximum(np.hypot(rows, columns), 1 / max(height, width))
    white = generator.normal(size=(4, height, width))
    smooth = np.fft.irfft2(np.fft.rfft2(white) * amplitude, s=(height, width))
    smooth /= smooth.std(axis=(1, 2), keepdims=True) + 1e-12
    bands: NDArray[np.float64] = 128 + 45 * smooth[0] + 15 * smooth[1:]
    return np.moveaxis(bands, 0, -1)
