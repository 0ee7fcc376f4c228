"""What is to be attacked, and by what. Imports nothing heavy, since the time of a worker process counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptobench.attacking.reports import AttackReport

if TYPE_CHECKING:
    from cryptobench.attacks.experiment import Mode

__all__ = ["Challenge", "Job"]


@dataclass(frozen=True)
class Challenge:
    """The image that is attacked, its shorter side in pixels at most, and the seed of key and trials."""

    image: str
    size: int
    seed: int


@dataclass(frozen=True)
class Job:
    """One attack by name, with its parameters, in one nonce mode; ``nonce`` is what its report calls that."""

    name: str
    parameters: Mapping[str, Any]
    mode: Mode
    attack: str
    title: str
    model: str
    nonce: str

    @property
    def title_of_mode(self) -> str:
        """What is run, for a line of progress."""
        return self.attack if self.nonce == "none" else f"{self.attack} ({self.mode} nonces)"

    def failed(self, shape: tuple[int, ...], message: str) -> AttackReport:
        """The report of an attack that raised, or was ended."""
        return AttackReport(self.attack, self.title, self.model, self.nonce, shape, "failed", notes=message)

    def inapplicable(self, shape: tuple[int, ...], why: str) -> AttackReport:
        """The report of an attack that takes no image which the cipher takes."""
        return AttackReport(self.attack, self.title, self.model, self.nonce, shape, "n/a", notes=why)
