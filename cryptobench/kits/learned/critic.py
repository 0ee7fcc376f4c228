"""The PatchGAN critic, and the two losses that the cited schemes train it with."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Objective", "PatchCritic", "critic_loss", "deceive_loss"]

Objective = Literal["lsgan", "bce"]


class PatchCritic(nn.Sequential):
    """(N, 3, H, W) to a score for each overlapping patch: 4x4 convolutions, strides 2, 2, 1, 1 (Isola et al. 2017)."""

    def __init__(self, width: int = 16) -> None:
        super().__init__(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.InstanceNorm2d(2 * width, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 4 * width, 4, 1, 1),
            nn.InstanceNorm2d(4 * width, affine=True),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(4 * width, 1, 4, 1, 1),
        )


def critic_loss(real: Tensor, fake: Tensor, objective: Objective) -> Tensor:
    """What the critic lowers: real patches scored 1, fake ones 0."""
    if objective == "lsgan":
        return (real - 1).square().mean() + fake.square().mean()
    return F.binary_cross_entropy_with_logits(real, torch.ones_like(real)) + F.binary_cross_entropy_with_logits(
        fake, torch.zeros_like(fake)
    )


def deceive_loss(fake: Tensor, objective: Objective) -> Tensor:
    """What the generator lowers: its patches scored 1 (for ``bce`` the non-saturating form)."""
    if objective == "lsgan":
        return (fake - 1).square().mean()
    return F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
