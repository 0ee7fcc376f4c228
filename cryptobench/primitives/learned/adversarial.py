"""Training an encoder and a decoder against critics, so that the encoded image looks like one of a target domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.recipe import PairRecipe, Player, Terms, ramp
from cryptobench.primitives.learned.sizes import BackboneSize, ByteResNetSize, CycleGanSize, Norm, Objective

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cryptobench.primitives.learned.domains import Domain

__all__ = ["AdversarialRecipe", "Generator"]

Generator = Literal["dense-resnet", "cyclegan", "bytes"]
Plain = Literal["pictures", "noise"]


@dataclass(frozen=True)
class AdversarialRecipe(PairRecipe):
    """A patch critic separates encoded images from those of ``domain``; the encoder's encryption loss is to deceive it.

    With ``both_cycles`` images of the domain are decoded and encoded again too: L1 of that cycle is added with
    ``cycle_weight``, and a second critic separates decoded images from plain pictures. ``generator`` is the shape of
    encoder and decoder; for "cyclegan" ``width`` and ``blocks`` are its width and residual blocks, and ``norm_place``
    and ``slope`` are as in `CycleGanSize`. With ``plain`` "noise" the encoder's images are uniform bytes, such as an
    image that a keystream was XORed with; ``likeness_weight`` is that of `domains.likeness`, without which an
    encoder of noise towards noise may stay the identity.
    """

    name: ClassVar[str] = "adversarial"

    beta1: float = 0.5
    objective: Objective = "lsgan"
    domain: Domain = "noise"
    both_cycles: bool = False
    cycle_weight: float = 10.0
    critic_width: int = 16
    critic_learning_rate: float = 2e-4
    generator: Generator = "dense-resnet"
    plain: Plain = "pictures"
    likeness_weight: float = 0.0
    norm_place: Norm = "branches"
    slope: float = 0.0

    @property
    def multiple(self) -> int:
        return {"cyclegan": 4, "bytes": 2}.get(self.generator, self.factor)

    def batch(self, pictures: PictureSet, seed: int, step: int) -> Any:
        if self.plain == "pictures":
            return super().batch(pictures, seed, step)
        import torch

        generator = torch.Generator().manual_seed(seed << 32 | step)
        shape = (self.crops, 3, self.side, self.side)
        return torch.randint(256, shape, generator=generator).float() / 127.5 - 1

    def backbone_size(self) -> BackboneSize:
        if self.generator == "cyclegan":
            return CycleGanSize(self.width, self.blocks, self.norm_place, self.slope)
        if self.generator == "bytes":
            return ByteResNetSize(self.width, self.blocks)
        return super().backbone_size()

    def networks(self) -> nn.ModuleDict:
        from cryptobench.primitives.learned.networks import PatchCritic

        networks = super().networks()
        networks.update({name: PatchCritic(self.critic_width) for name in self._critics()})
        return networks

    def players(self) -> tuple[Player, ...]:
        critics = Player("critics", self._critics(), self.critic_learning_rate, (self.beta1, 0.999))
        return (critics, *super().players())

    def forward(self, networks: nn.ModuleDict, batch: Any, progress: float) -> dict[str, Tensor]:
        from cryptobench.primitives.learned.domains import sample
        from cryptobench.primitives.learned.inference.forward import round_through

        state = super().forward(networks, batch, progress)
        state["target"] = sample(self.domain, batch)
        if self.both_cycles:
            state["invented"] = round_through(networks["decoder"](state["target"]))
            state["returned"] = networks["encoder"](state["invented"])
        return state

    def loss(self, player: Player, networks: nn.ModuleDict, state: Any, progress: float) -> tuple[Tensor, Terms]:
        if player.name == "critics":
            return self._critics_loss(networks, state)
        loss, terms = super().loss(player, networks, state, progress)
        if not self.both_cycles:
            return loss, terms
        from cryptobench.primitives.learned.networks import deceive_loss

        cycle = (state["returned"] - state["target"]).abs().mean()
        plausible = deceive_loss(networks["plain_critic"](state["invented"]), self.objective)
        weight = self.encryption_weight * ramp(progress, self.ramp_start, self.ramp_end)
        return loss + self.cycle_weight * cycle + weight * plausible, {**terms, "cycle": cycle, "plausible": plausible}

    def encryption(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.domains import likeness
        from cryptobench.primitives.learned.networks import deceive_loss

        deception = deceive_loss(networks["critic"](state["encoded"]), self.objective)
        if not self.likeness_weight:
            return deception, {}
        alike = likeness(state["plain"], state["encoded"])
        return deception + self.likeness_weight * alike, {"deception": deception, "likeness": alike}

    def score(self, networks: nn.ModuleDict, pictures: PictureSet) -> dict[str, float]:
        """For noise: PSNR of the decoded bytes, the share that is not exact, and how far the encoder is from 1."""
        if self.plain == "pictures":
            return super().score(networks, pictures)
        import torch

        from cryptobench.primitives.learned.domains import likeness
        from cryptobench.primitives.learned.inference.forward import round_through

        with torch.inference_mode():
            plain = self.batch(pictures, 0, -1 % 2**31)
            encoded = round_through(networks["encoder"](plain))
            decoded = round_through(networks["decoder"](encoded))
        error = ((decoded - plain) * 127.5).round()
        return {
            "psnr": float(10 * torch.log10(255**2 / error.square().mean().clamp(min=1e-6))),
            "inexact": float((error != 0).float().mean()),
            "moved": float(((encoded - plain) * 127.5).abs().mean()),
            "likeness": float(likeness(plain, encoded)),
        }

    def _critics(self) -> tuple[str, ...]:
        return ("critic", "plain_critic") if self.both_cycles else ("critic",)

    def _critics_loss(self, networks: nn.ModuleDict, state: Any) -> tuple[Tensor, Terms]:
        from cryptobench.primitives.learned.networks import critic_loss

        critic = networks["critic"]
        loss = critic_loss(critic(state["target"]), critic(state["encoded"].detach()), self.objective)
        terms = {"critic": loss}
        if self.both_cycles:
            plain = networks["plain_critic"]
            terms["plain_critic"] = critic_loss(
                plain(state["plain"]), plain(state["invented"].detach()), self.objective
            )
            loss = loss + terms["plain_critic"]
        return loss, terms
