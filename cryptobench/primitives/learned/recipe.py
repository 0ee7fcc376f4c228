"""What training needs to know of a scheme: its networks, which are trained together, by what loss, and their scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cryptobench.cipher import CipherError
from cryptobench.primitives.learned.crops import PictureSet, crop_batch
from cryptobench.primitives.learned.sizes import BackboneSize, CouplingSize, DenseResNetSize, Size

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "Network",
    "Optimiser",
    "PairRecipe",
    "Player",
    "Presets",
    "Recipe",
    "StatisticsRecipe",
    "Terms",
    "learning_rate_factor",
    "ramp",
    "settings_of",
]

Presets = Mapping[str, Mapping[str, Any]]
Terms = dict[str, "Tensor"]
Optimiser = Literal["adam", "muon"]
Network = Literal["dense-resnet", "coupling-resnet"]

_WARM_UP_STEPS = 50
_FINAL = 0.02  # share of the learning rate at the end


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
    """A way of training. Its dataclass fields are its settings; they are kept in checkpoints and manifests.

    Only training needs torch: a recipe without it says what size the trained networks have.
    """

    name: ClassVar[str]
    stored: ClassVar[str] = "float32"  # what weights are stored in; "float16" halves large ones

    steps: int = 10_000

    @abstractmethod
    def networks(self) -> nn.ModuleDict:
        """Fresh networks; random initial weights come from torch's global generator."""

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """The networks that are trained, in the order in which they are updated within a step."""

    @abstractmethod
    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        """The training data of a step, a pure function of its arguments."""

    @abstractmethod
    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> Any:
        """What all players need of a step, computed once; random numbers come from torch's global generator."""

    @abstractmethod
    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        """The player's loss, and the terms to log."""

    @abstractmethod
    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        """Quality on held-out pictures, such as {"psnr": 40.1}, through real uint8."""

    def size(self, name: str) -> Size | None:
        """The size of the network of that name, if this package's kernels run it without torch; None, if not."""
        return None

    def weights_of(self, name: str) -> str:
        """The network whose stored weights the one of that name is on: its own, but for an inverse."""
        return name

    @property
    def shipped(self) -> tuple[str, ...]:
        """The networks whose weights the cipher needs; a critic is not among them, nor one on another's weights."""
        return ("encoder", "decoder")

    def settings(self) -> dict[str, Any]:
        """The dataclass fields, as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class PairRecipe(Recipe):
    """Encoder x -> y and decoder y -> x, with 8-bit rounding between them; subclasses say what y should look like.

    The loss is encryption_weight * ramp * E + decryption_weight * L1(x, decoded) + variation_weight * TV(decoded).
    The ramp of E lets the pair first learn to carry the image: with the full weight from the start the decoder learns
    nothing for a long time. With ``network`` "coupling-resnet" the decoder is the encoder's inverse, on the same
    weights; ``factor``, ``growth``, ``layers`` and ``couplings`` are then as in `CouplingSize`.
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
    grey: float = 0.0  # share of the crops that lose their colour
    factor: int = 2
    width: int = 32
    growth: int = 16
    layers: int = 3
    blocks: int = 2
    norm: bool = False
    optimiser: Optimiser = "muon"
    network: Network = "dense-resnet"
    couplings: int = 4

    def backbone_size(self) -> BackboneSize:
        """The size of encoder and decoder."""
        if self.network == "coupling-resnet":
            return CouplingSize(self.factor, self.growth, self.layers, self.couplings)
        if self.network != "dense-resnet":
            raise ValueError(f"network is {self.network!r}, wanted dense-resnet or coupling-resnet")
        return DenseResNetSize(self.factor, self.width, self.growth, self.layers, self.blocks, self.norm)

    def backbone(self) -> nn.Module:
        """A new encoder or decoder."""
        from cryptobench.primitives.learned.networks import network_of

        return network_of(self.backbone_size())

    def size(self, name: str) -> Size | None:
        size = self.backbone_size()
        if name == "decoder" and isinstance(size, CouplingSize):
            return size._replace(backwards=True)
        return size if name in ("encoder", "decoder") else None

    def weights_of(self, name: str) -> str:
        return "encoder" if name == "decoder" and self.network == "coupling-resnet" else name

    def networks(self) -> nn.ModuleDict:
        from torch import nn

        from cryptobench.primitives.learned.coupling import CouplingResNet

        encoder = self.backbone()
        decoder = encoder.inverse() if isinstance(encoder, CouplingResNet) else self.backbone()
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder})

    def players(self) -> tuple[Player, ...]:
        return (
            Player("pair", ("encoder", "decoder"), self.learning_rate, (self.beta1, 0.999), optimiser=self.optimiser),
        )

    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        return crop_batch(pictures, seed, step, self.crops, self.side, self.grey)

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        from cryptobench.primitives.learned.inference.forward import round_through

        encoded = round_through(networks["encoder"](batch))
        return {"plain": batch, "encoded": encoded, "decoded": networks["decoder"](encoded)}

    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.losses import total_variation

        encryption, terms = self.encryption(networks, state)
        decryption = (state["decoded"] - state["plain"]).abs().mean()
        variation = total_variation(state["decoded"])
        loss = (
            self.encryption_weight * ramp(progress, self.ramp_start, self.ramp_end) * encryption
            + self.decryption_weight * decryption
            + self.variation_weight * variation
        )
        return loss, {"decryption": decryption, "variation": variation, "encryption": encryption, **terms}

    @property
    def shipped(self) -> tuple[str, ...]:
        return ("encoder",) if self.network == "coupling-resnet" else ("encoder", "decoder")

    @abstractmethod
    def encryption(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        """How far the encoded images are from what they should look like, and its parts."""

    @property
    def multiple(self) -> int:
        """Sides of images must be multiples of this."""
        return self.factor

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        from cryptobench.primitives.learned.losses import score_pair

        return score_pair(networks["encoder"], networks["decoder"], pictures, self.multiple)


@dataclass(frozen=True)
class StatisticsRecipe(PairRecipe):
    """The encoded image should be independent uniform noise, by its statistics: no critic, so training is stable."""

    name: ClassVar[str] = "statistics"

    def encryption(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.losses import noise_distance

        terms = noise_distance(state["encoded"])
        total = 2 * terms["histogram"] + 4 * (terms["correlation"] + terms["channels"]) + 2 * terms["patches"]
        return total, terms


def settings_of(presets: Presets, name: str) -> Mapping[str, Any]:
    """The settings of preset ``name``; CipherError names the presets that there are."""
    try:
        return presets[name]
    except KeyError:
        raise CipherError(f"there is no preset {name!r}; there are {' and '.join(presets)}") from None


def learning_rate_factor(step: int, steps: int, constant: float = 0.5) -> float:
    """1 for the first ``constant`` share of the run, then linear down to 2 %; the first 50 steps warm up."""
    progress = step / steps
    decay = 1.0 if progress < constant else 1 - (1 - _FINAL) * (progress - constant) / (1 - constant)
    return min(1.0, (step + 1) / _WARM_UP_STEPS) * decay


def ramp(progress: float, start: float, end: float, low: float = 0.01) -> float:
    """``low`` until ``start``, linear up to 1 at ``end``, then 1; a step where the two are the same."""
    if progress <= start:
        return low
    if progress >= end:
        return 1.0
    return low + (1 - low) * (progress - start) / (end - start)
