"""How the networks of a lossless learned cipher are trained: towards noise alone, since nothing can be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cryptobench.primitives.learned.crops import PictureSet, crop_batch
from cryptobench.primitives.learned.recipe import Optimiser, Player, Recipe, Terms
from cryptobench.primitives.learned.sizes import LiftingSize

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["LiftingRecipe"]


@dataclass(frozen=True)
class LiftingRecipe(Recipe):
    """Two networks, ``encoder`` for colour and ``grey``, each by `circular_distance` of what it makes of crops.

    Their inverses, ``decoder`` and ``grey_decoder``, are on the same weights and exact, so no loss is on what they do.
    """

    name: ClassVar[str] = "lifting"

    learning_rate: float = 2e-3
    beta1: float = 0.9
    crops: int = 4
    side: int = 64
    growth: int = 8
    layers: int = 2
    couplings: int = 4
    gain: int = 4
    histogram_weight: float = 2.0
    correlation_weight: float = 4.0
    channels_weight: float = 1.0
    patches_weight: float = 2.0
    optimiser: Optimiser = "muon"

    def lifting_size(self, name: str) -> LiftingSize:
        """The size of the network or of the inverse of that name."""
        channels, backwards = (1 if name.startswith("grey") else 3), name.endswith("decoder")
        return LiftingSize(channels, self.growth, self.layers, self.couplings, self.gain, backwards)

    def weights_of(self, name: str) -> str:
        return {"decoder": "encoder", "grey_decoder": "grey"}.get(name, name)

    def networks(self) -> nn.ModuleDict:
        from torch import nn

        from cryptobench.primitives.learned.lifting import LiftingResNet

        return nn.ModuleDict({name: LiftingResNet(self.lifting_size(name)) for name in self.shipped})

    @property
    def shipped(self) -> tuple[str, ...]:
        return ("encoder", "grey")

    @property
    def multiple(self) -> int:
        """Sides of crops must be multiples of this; the kernels take any."""
        return 2

    def players(self) -> tuple[Player, ...]:
        betas = (self.beta1, 0.999)
        return tuple(
            Player(name, (name,), self.learning_rate, betas, optimiser=self.optimiser) for name in self.shipped
        )

    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        return crop_batch(pictures, seed, step, self.crops, self.side)

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        # The networks round the dither of crops away. Grey is what green is.
        return {"encoder": networks["encoder"](batch), "grey": networks["grey"](batch[:, 1:2])}

    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.lifting import circular_distance

        terms = circular_distance(state[player.name])
        loss: Tensor = (
            self.histogram_weight * terms["histogram"]
            + self.correlation_weight * terms["correlation"]
            + self.channels_weight * terms["channels"]
            + self.patches_weight * terms["patches"]
        )
        return loss, {f"{player.name}_{name}": value for name, value in terms.items()}

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        from cryptobench.primitives.learned.lifting import score_lifting

        return score_lifting(networks["encoder"], networks["grey"], pictures)
