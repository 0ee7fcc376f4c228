"""What training needs to know of a scheme: its networks, who trains them by what loss, and how to score them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from cryptobench.kits.learned.crops import Pictures

__all__ = ["Optimiser", "Player", "Recipe"]

Terms = dict[str, Tensor]
Optimiser = Literal["adam", "muon"]


@dataclass(frozen=True)
class Player:
    """Networks that are trained together by one optimiser; in a GAN the critic is another player."""

    name: str
    modules: tuple[str, ...]
    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float | None = 1.0
    optimiser: Optimiser = "adam"


@dataclass(frozen=True)
class Recipe(ABC):
    """A way of training. Its dataclass fields are its settings; they are kept in checkpoints and manifests."""

    name: ClassVar[str]
    stored: ClassVar[str] = "float32"  # what weights are stored in; "float16" halves large ones

    steps: int = 10_000

    @abstractmethod
    def networks(self) -> nn.ModuleDict:
        """Fresh networks; random initial weights come from torch's global generator."""

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """Who is trained, in the order in which they move within a step."""

    @abstractmethod
    def batch(self, pictures: Pictures, seed: int, step: int) -> Any:
        """The training data of a step, a pure function of its arguments."""

    @abstractmethod
    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> Any:
        """What all players need of a step, computed once; random numbers come from torch's global generator."""

    @abstractmethod
    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        """The player's loss, and the terms to log."""

    @abstractmethod
    def score(self, networks: nn.ModuleDict, pictures: Pictures) -> dict[str, float]:
        """Quality on held-out pictures, such as {"psnr": 40.1}, through real uint8."""

    @property
    def shipped(self) -> tuple[str, ...]:
        """The networks that the cipher needs; a critic is not among them."""
        return ("encoder", "decoder")

    def settings(self) -> dict[str, Any]:
        """The dataclass fields, as JSON values."""
        return asdict(self)
