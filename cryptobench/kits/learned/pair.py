"""Training an encoder and a decoder together, by the weighted sum of encryption, decryption and variation losses."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor, nn

from cryptobench.kits.learned.crops import Pictures, crop_batch
from cryptobench.kits.learned.dense_resnet import DenseResNet, DenseResNetSize
from cryptobench.kits.learned.losses import noise_distance, total_variation
from cryptobench.kits.learned.pixels import round_through
from cryptobench.kits.learned.recipe import Optimiser, Player, Recipe
from cryptobench.kits.learned.schedule import ramp
from cryptobench.kits.learned.scoring import score_pair

__all__ = ["PairRecipe", "StatisticsRecipe"]

Terms = dict[str, Tensor]


@dataclass(frozen=True)
class PairRecipe(Recipe):
    """Encoder x -> y and decoder y -> x, with 8-bit rounding between them; subclasses say what y should look like.

    The loss is encryption_weight * ramp * E + decryption_weight * L1(x, decoded) + variation_weight * TV(decoded).
    The ramp of E lets the pair first learn to carry the image: with the full weight from the start the decoder learns
    nothing for a long time.
    """

    encryption_weight: float = 1.0
    decryption_weight: float = 10.0
    variation_weight: float = 0.02
    ramp_start: float = 0.1
    ramp_end: float = 0.6
    learning_rate: float = 2e-3
    beta1: float = 0.9
    crops: int = 8
    side: int = 64
    factor: int = 2
    width: int = 32
    growth: int = 16
    layers: int = 3
    blocks: int = 2
    norm: bool = False
    optimiser: Optimiser = "muon"

    def backbone(self) -> nn.Module:
        """A new encoder or decoder."""
        return DenseResNet(DenseResNetSize(self.factor, self.width, self.growth, self.layers, self.blocks, self.norm))

    def networks(self) -> nn.ModuleDict:
        return nn.ModuleDict({"encoder": self.backbone(), "decoder": self.backbone()})

    def players(self) -> tuple[Player, ...]:
        return (
            Player("pair", ("encoder", "decoder"), self.learning_rate, (self.beta1, 0.999), optimiser=self.optimiser),
        )

    def batch(self, pictures: Pictures, seed: int, step: int) -> Any:
        return crop_batch(pictures, seed, step, self.crops, self.side)

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        encoded = round_through(networks["encoder"](batch))
        return {"plain": batch, "encoded": encoded, "decoded": networks["decoder"](encoded)}

    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        encryption, terms = self.encryption(networks, state)
        decryption = (state["decoded"] - state["plain"]).abs().mean()
        variation = total_variation(state["decoded"])
        loss = (
            self.encryption_weight * ramp(progress, self.ramp_start, self.ramp_end) * encryption
            + self.decryption_weight * decryption
            + self.variation_weight * variation
        )
        return loss, {"decryption": decryption, "variation": variation, "encryption": encryption, **terms}

    @abstractmethod
    def encryption(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        """How far the encoded images are from what they should look like, and its parts."""

    @property
    def multiple(self) -> int:
        """Sides of images must be multiples of this."""
        return self.factor

    def score(self, networks: nn.ModuleDict, pictures: Pictures) -> dict[str, float]:
        return score_pair(networks["encoder"], networks["decoder"], pictures, self.multiple)


@dataclass(frozen=True)
class StatisticsRecipe(PairRecipe):
    """The encoded image should be independent uniform noise, by its statistics: no critic, so training is stable."""

    name: ClassVar[str] = "statistics"

    def encryption(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        terms = noise_distance(state["encoded"])
        total = 2 * terms["histogram"] + 4 * (terms["correlation"] + terms["channels"]) + 2 * terms["patches"]
        return total, terms
