"""Images of the domains that encoded images are to look like, and how alike encoded and plain images are."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from cryptobench.primitives.learned.inference.forward import round_through

__all__ = ["Domain", "drpe_amplitude", "likeness", "sample", "uniform_noise"]

Domain = Literal["noise", "drpe"]

_WHITE = 1.7  # amplitude that is carried to 255; for images of mean square 1/4 about 1 sample in 10^5 is above it


def likeness(plain: Tensor, encoded: Tensor) -> Tensor:
    """Mean squared correlation of each sample of 2x2 pixels and channels with the same one of the encoded image."""
    a, b = (F.pixel_unshuffle(image, 2).transpose(0, 1).flatten(1) for image in (plain, encoded))
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return ((a * b).mean(1).square() / (a.square().mean(1) * b.square().mean(1) + 1e-9)).mean()


def sample(domain: Domain, images: Tensor) -> Tensor:
    """A batch of the domain, of the shape of ``images``, (N, C, H, W) in [-1, 1] on the 256 levels of a byte."""
    if domain == "noise":
        return uniform_noise(images)
    if domain == "drpe":
        return drpe_amplitude(images)
    raise ValueError(f"there is no target domain {domain!r}; there are 'noise' and 'drpe'")


def uniform_noise(images: Tensor) -> Tensor:
    """Independent uniform bytes."""
    return torch.randint_like(images, 256) / 127.5 - 1


def drpe_amplitude(images: Tensor) -> Tensor:
    """The images' 8-bit amplitude under double random phase encoding, with fresh phase masks for each plane.

    |IFFT(FFT(f exp(2 pi i n)) exp(2 pi i b))| for f the image scaled to [0, 1], n and b uniform in [0, 1)
    (Refregier & Javidi, Opt. Lett. 20(7), 1995). The amplitude is Rayleigh-like; 1.7 becomes 255, more is cut.
    """
    f = ((images.detach() + 1) / 2).clamp(0, 1)
    n, b = torch.rand_like(f), torch.rand_like(f)
    encoded = torch.fft.ifft2(torch.fft.fft2(torch.polar(f, 2 * math.pi * n)) * _phase(b))
    return round_through(encoded.abs() * (2 / _WHITE) - 1).clamp(-1, 1)


def _phase(turns: Tensor) -> Tensor:
    return torch.polar(torch.ones_like(turns), 2 * math.pi * turns)
