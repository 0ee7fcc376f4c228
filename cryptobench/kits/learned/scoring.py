"""Quality of an encoder and decoder pair on held-out pictures, through real uint8 images."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from cryptobench.cipher import Image
from cryptobench.kits.learned.crops import Pictures
from cryptobench.kits.learned.pixels import crop_to, pad_to_multiple, to_image, to_tensor

__all__ = ["score_pair"]


def score_pair(encoder: nn.Module, decoder: nn.Module, pictures: Pictures, multiple: int) -> dict[str, float]:
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
