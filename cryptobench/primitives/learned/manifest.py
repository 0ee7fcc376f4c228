"""What is known about trained weights: the JSON file beside them, read without anything heavy, for lists of ciphers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptobench.reading import MEBIBYTE, Source
from cryptobench.shapes import anything, hexadecimal, mapping, number, record, text, whole

__all__ = ["Manifest", "manifest_path", "read_manifest"]


_TEXTS = ("name", "cipher", "preset", "device", "commit", "torch")
_MANIFEST = record(
    {
        **dict.fromkeys(_TEXTS, text), "sha256": hexadecimal(32), "seed": whole(-(2**63)), "steps": whole(),
        "recipe": mapping(anything), "data": mapping(anything), "seconds": number(0),
    },
    {"scores": mapping(number()), "licence": text, "cpu_seconds": number(0)},
)  # fmt: skip


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


def read_manifest(
    weights: Path,
    error: type[ValueError] = ValueError,
    remedy: str = "reinstall cryptobench, or train the weights anew",
) -> Manifest:
    """The manifest of the weights at this path; ``error`` if it is damaged, FileNotFoundError if there is none."""
    return Manifest(**Source(manifest_path(weights), error, remedy).json(_MANIFEST, MEBIBYTE))
