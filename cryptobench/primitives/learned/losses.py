"""How far an encoded image is from independent uniform noise, as a differentiable loss; and the scores of a pair."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cryptobench.cipher import Image
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.inference.forward import to_image, to_tensor
from cryptobench.primitives.learned.inference.network import crop_to, pad_to_multiple

__all__ = ["noise_distance", "score_pair", "total_variation"]

_LAGS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (0, 3), (3, 0), (0, 4), (4, 0), (2, 2), (2, -2))
_VARIANCE = 1 / 3  # of the uniform distribution on [-1, 1]


def noise_distance(encoded: Tensor) -> dict[str, Tensor]:
    """Four terms, each 0 in expectation (up to sampling) for uniform noise; ``encoded`` is (N, C, H, W) in [-1, 1].

    ``histogram``: mean distance of the sorted samples of each plane from the uniform quantiles. ``correlation``: mean
    squared autocorrelation at 12 short lags. ``channels``: mean squared correlation between channels.
    ``patches``: mean squared deviation of the first two moments of 8x8 patches.
    """
    return {
        "histogram": _histogram(encoded),
        "correlation": _autocorrelation(encoded),
        "channels": _channel_correlation(encoded),
        "patches": _patches(encoded),
    }


def _histogram(y: Tensor) -> Tensor:
    n = y.shape[-2] * y.shape[-1]
    quantiles = (torch.arange(n, dtype=y.dtype, device=y.device) + 0.5) * (2 / n) - 1
    return (y.flatten(2).sort(-1).values - quantiles).abs().mean()


def _autocorrelation(y: Tensor) -> Tensor:
    y = y - y.mean((-2, -1), keepdim=True)
    energy = y.square().mean((-2, -1)) + 1e-6
    height, width = y.shape[-2:]
    total = y.new_zeros(())
    for down, right in _LAGS:
        a = y[..., : height - down, max(0, -right) : width - max(0, right)]
        b = y[..., down:, max(0, right) : width + min(0, right)]
        total = total + ((a * b).mean((-2, -1)) / energy).square().mean()
    return total / len(_LAGS)


def _channel_correlation(y: Tensor) -> Tensor:
    y = y.flatten(2)
    y = y - y.mean(-1, keepdim=True)
    y = y / (y.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    gram = y @ y.mT / y.shape[-1]
    channels = y.shape[1]
    return (gram.square().sum((1, 2)) - channels).mean() / (channels * (channels - 1))


def _patches(y: Tensor) -> Tensor:
    first, second = F.avg_pool2d(y, 8), F.avg_pool2d(y.square(), 8)
    return first.square().mean() + 2 * (second - _VARIANCE).square().mean()


def total_variation(image: Tensor) -> Tensor:
    """Mean absolute difference of vertical neighbours plus that of horizontal ones (anisotropic total variation)."""
    rows, columns = image.diff(dim=-2), image.diff(dim=-1)
    return rows.abs().mean() + columns.abs().mean()


def score_pair(encoder: nn.Module, decoder: nn.Module, pictures: PictureSet, multiple: int) -> dict[str, float]:
    """Mean and least PSNR in dB, mean SSIM, and mean entropy of the encoded image in bits."""
    from skimage.metrics import structural_similarity

    device = next(encoder.parameters()).device
    psnr, ssim, entropy = [], [], []
    for image in pictures.images:
        encoded = _apply(encoder, pad_to_multiple(image, multiple), device)
        decoded = crop_to(_apply(decoder, encoded, device), *image.shape[:2])
        error = float(np.mean(np.square(decoded.astype(np.float64) - image)))
        psnr.append(10 * np.log10(255**2 / max(error, 1e-10)))
        ssim.append(structural_similarity(image, decoded, channel_axis=2))  # type: ignore[no-untyped-call]
        share = np.bincount(encoded.ravel(), minlength=256) / encoded.size
        entropy.append(-(share[share > 0] * np.log2(share[share > 0])).sum())
    return {
        "psnr": float(np.mean(psnr)),
        "psnr_min": float(np.min(psnr)),
        "ssim": float(np.mean(ssim)),
        "entropy": float(np.mean(entropy)),
    }


def _apply(network: nn.Module, image: Image, device: torch.device) -> Image:
    with torch.inference_mode():
        return to_image(network(to_tensor(image).to(device)))
