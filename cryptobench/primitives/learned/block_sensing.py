"""How the networks of learned compressed sensing of image blocks are trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cryptobench.primitives.learned.crops import PictureSet, crop_batch
from cryptobench.primitives.learned.recipe import Player, Recipe
from cryptobench.primitives.learned.sizes import BLOCK_SIDE, CODES, DecoderSize, EncoderSize, Size

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["SensingRecipe"]


@dataclass(frozen=True)
class SensingRecipe(Recipe):
    """Both networks together, by the mean squared error of the reconstruction, with 8-bit rounding of the code.

    ``rate`` is the share of a block's 33 x 33 x 3 bytes that its code has, one of `CODES`.
    """

    name: ClassVar[str] = "sensing"
    stored: ClassVar[str] = "float16"

    rate: float = 0.18
    learning_rate: float = 1e-3
    blocks: int = 32

    def networks(self) -> nn.ModuleDict:
        from torch import nn

        from cryptobench.primitives.learned.sensing_networks import BlockDecoder, BlockEncoder

        code = self._code()
        return nn.ModuleDict({"encoder": BlockEncoder(EncoderSize(*code)), "decoder": BlockDecoder(DecoderSize(*code))})

    def size(self, name: str) -> Size:
        return EncoderSize(*self._code()) if name == "encoder" else DecoderSize(*self._code())

    def players(self) -> tuple[Player, ...]:
        return (Player("pair", ("encoder", "decoder"), self.learning_rate),)

    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        return crop_batch(pictures, seed, step, self.blocks, BLOCK_SIDE)

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        from cryptobench.primitives.learned.inference.forward import round_through

        return {"plain": batch, "decoded": networks["decoder"](round_through(networks["encoder"](batch)))}

    def loss(
        self, player: Player, networks: nn.ModuleDict, state: Any, progress: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        from torch.nn import functional as F

        error = F.mse_loss(state["decoded"], state["plain"])
        return error, {"error": error}

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        from cryptobench.primitives.learned.losses import score_pair

        return score_pair(networks["encoder"], networks["decoder"], pictures, BLOCK_SIDE)

    def _code(self) -> tuple[int, int]:
        code = CODES.get(self.rate)
        if code is None:
            raise ValueError(f"rate is {self.rate}, wanted one of {', '.join(map(str, CODES))}")
        return code
