"""Recipes and pictures small enough to train within a test."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from cryptobench.primitives.learned.crops import PictureSet, crop_batch
from cryptobench.primitives.learned.networks import critic_loss, deceive_loss
from cryptobench.primitives.learned.recipe import PairRecipe, Player, StatisticsRecipe

SIZES = {"crops": 2, "side": 16, "width": 8, "growth": 4, "layers": 1, "blocks": 1}


def pair_recipe(steps, **settings):
    """The proposed cipher's recipe with a network of 1,400 weights."""
    return StatisticsRecipe(steps=steps, **{**SIZES, **settings})


def pictures(count=3, height=40, width=33, contrast=60):
    """Smooth colour pictures with edges, all different; ``contrast`` in levels."""
    y, x = np.mgrid[:height, :width]
    made = []
    for i in range(count):
        waves = [np.sin(x / (3 + i + c) + i) + np.cos(y / (4 + c)) + (x > 9 + 4 * i) for c in range(3)]
        made.append(np.clip(contrast * np.stack(waves, 2) + 100, 0, 255).astype(np.uint8))
    return PictureSet(made)


@dataclass(frozen=True)
class GanRecipe(PairRecipe):
    """Two players: the pair, and a critic that separates its ciphertexts from noise; with dropout, so that it draws."""

    name: ClassVar[str] = "tiny-gan"

    def networks(self):
        critic = nn.Sequential(nn.Conv2d(3, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.Dropout(0.2), nn.Conv2d(4, 1, 4, 2, 1))
        return nn.ModuleDict({"encoder": self.backbone(), "decoder": self.backbone(), "critic": critic})

    def players(self):
        return (*super().players(), Player("critic", ("critic",), 1e-3, (0.5, 0.9)))

    def encryption(self, networks, state):
        return deceive_loss(networks["critic"](state["encoded"]), "lsgan"), {}

    def loss(self, player, networks, state, progress):
        if player.name == "pair":
            return super().loss(player, networks, state, progress)
        noise = torch.rand_like(state["encoded"]) * 2 - 1
        critic = networks["critic"]
        loss = critic_loss(critic(noise), critic(state["encoded"].detach()), "lsgan")
        return loss, {"critic": loss}

    def batch(self, pictures, seed, step):
        return crop_batch(pictures, seed, step, self.crops, self.side)


def gan_recipe(steps, **settings):
    return GanRecipe(steps=steps, **{**SIZES, **settings})
