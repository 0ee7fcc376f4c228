"""What is known about trained weights, read without torch: the JSON file beside them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptobench.cipher import CipherError

__all__ = ["Manifest", "WeightsError", "load_manifest", "manifest_path", "remedy"]


class WeightsError(CipherError):
    """Weights are missing, altered or of another network; the message names the command that makes them."""


@dataclass(frozen=True)
class Manifest:
    """How weights came about: enough to train them again, and the hash that the file must have.

    ``recipe`` has the recipe's name under "recipe" and its settings; ``data`` the pictures' count and hash and what
    was held out; ``scores`` are of held-out pictures, PSNR in dB. ``seconds`` passed on the clock, ``cpu_seconds`` on
    all cores together.
    """

    name: str
    cipher: str
    preset: str
    sha256: str
    recipe: dict[str, Any]
    seed: int
    steps: int
    seconds: float
    device: str
    data: dict[str, Any]
    commit: str
    torch: str
    scores: dict[str, float] = field(default_factory=dict)
    licence: str = ""
    cpu_seconds: float = 0.0

    @property
    def minutes(self) -> float:
        """How long training took: processor time on a CPU, where other work may have held it up; else by the clock."""
        return (self.seconds if self.device.startswith("cuda") else self.cpu_seconds or self.seconds) / 60

    def json(self) -> bytes:
        """The manifest as the text of its file."""
        return (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode()


def manifest_path(weights: Path) -> Path:
    """``x.safetensors`` has its manifest in ``x.json``."""
    return weights.with_suffix(".json")


def load_manifest(path: Path, cipher: str = "") -> Manifest:
    """The manifest of the weights at ``path``; raises WeightsError if it is missing or damaged."""
    source = manifest_path(path)
    try:
        return Manifest(**json.loads(source.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WeightsError(f"{source}: no such file; {remedy(path, cipher)}") from None
    except (ValueError, TypeError) as error:
        raise WeightsError(f"{source}: not a weight manifest ({error}); {remedy(path, cipher)}") from error


def remedy(path: Path, cipher: str = "") -> str:
    """What to do about missing or altered weights; a cipher that is not given is read from the file's name."""
    name = cipher or path.stem.rpartition("-")[0] or path.stem
    return f"reinstall cryptobench, or train it: cryptobench train {name} --data DIR --out {path.name}"
