"""A generative adversarial network that imitates chunks of a key stream, and its training on a hyperchaotic system."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cryptobench.primitives.chaos.maps.flows import HyperLorenz
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.integer_mlp import IntegerMlp
from cryptobench.primitives.learned.recipe import Player, Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["ByteGanRecipe", "integer_generator"]

Terms = dict[str, "Tensor"]
SCORED = 256  # chunks


def _perceptron(sizes: tuple[int, ...], slope: float) -> nn.Sequential:
    from torch import nn

    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(slope)]
    return nn.Sequential(*layers[:-1])


@dataclass(frozen=True)
class ByteGanRecipe(Recipe):
    """A generator latent-128-256-chunk with a sigmoid, a critic chunk-256-64-1, binary cross-entropy, Adam.

    Real samples are chunks of the system's byte stream over 255; a latent value is a signed byte over 128. The pictures
    are not used.
    """

    name: ClassVar[str] = "byte-gan"
    stored: ClassVar[str] = "float16"

    steps: int = 2000
    latent: int = 64
    chunk: int = 1024
    chunks: int = 64
    learning_rate: float = 2e-4
    beta1: float = 0.5

    @property
    def shipped(self) -> tuple[str, ...]:
        return ("generator",)

    def networks(self) -> nn.ModuleDict:
        from torch import nn

        return nn.ModuleDict(
            {
                "generator": _perceptron((self.latent, 128, 256, self.chunk), 0.25),
                "critic": _perceptron((self.chunk, 256, 64, 1), 0.25),
            }
        )

    def players(self) -> tuple[Player, ...]:
        betas = (self.beta1, 0.999)
        return tuple(Player(name, (name,), self.learning_rate, betas) for name in ("critic", "generator"))

    def batch(self, pictures: PictureSet, seed: int, step: int) -> dict[str, Tensor]:
        import torch

        stream = HyperLorenz.of(b"training %d" % seed, b"", f"step {step}")
        real = stream.bytes(self.chunks * self.chunk).reshape(self.chunks, self.chunk)
        latent = stream.bytes(self.chunks * self.latent).view(np.int8).reshape(self.chunks, self.latent)
        return {"real": torch.from_numpy(real / np.float32(255)), "latent": torch.from_numpy(latent / np.float32(128))}

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        import torch

        return {"real": batch["real"], "fake": torch.sigmoid(networks["generator"](batch["latent"]))}

    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.networks import critic_loss, deceive_loss

        critic = networks["critic"]
        if player.name == "critic":
            loss = critic_loss(critic(state["real"]), critic(state["fake"].detach()), "bce")
        else:
            loss = deceive_loss(critic(state["fake"]), "bce")
        return loss, {player.name: loss}

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        """Of ``SCORED`` chunks by the integer generator: entropy of all bytes in bits, and the share of each value."""
        stream = HyperLorenz.of(b"scoring", b"", "latent")
        latent = stream.bytes(SCORED * self.latent).view(np.int8).reshape(SCORED, self.latent)
        made = integer_generator(networks)(latent)
        share = np.bincount(made.ravel(), minlength=256) / made.size
        entropy = -(share[share > 0] * np.log2(share[share > 0])).sum()
        return {"entropy": float(entropy), "largest_share": float(share.max()), "mean": float(made.mean())}


def integer_generator(networks: nn.ModuleDict) -> IntegerMlp:
    """The generator in integers, as it will be read from its file."""
    state = {name: value.detach().cpu().numpy() for name, value in networks["generator"].state_dict().items()}
    return IntegerMlp.of(state)
