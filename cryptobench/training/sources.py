"""What a run is made from: the cipher to train, the pictures, and the state of the code, as the manifest records it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.training import TrainingError
from cryptobench.provenance import git_commit
from cryptobench.registry import load_cipher
from cryptobench.training.pictures import read_pictures, require_apart, require_scorable, split
from cryptobench.version import __version__

__all__ = ["code_state", "data_facts", "gather", "trainable"]


def trainable(reference: str) -> type[Any]:
    """The class of a cipher by name or ``path/to/file.py:ClassName``; TrainingError if it has no ``recipe(preset)``."""
    cipher = type(load_cipher(reference))
    if not callable(getattr(cipher, "recipe", None)):
        raise TrainingError(
            f"{reference} has no networks to train; `cryptobench list ciphers` shows what each one's weights are"
        )
    return cipher


def gather(data: Sequence[Path], held_out: Sequence[Path], share: float) -> tuple[PictureSet, PictureSet]:
    """(training, held out) pictures; errors name the folder, or say that a held-out picture is trained on."""
    pictures = read_pictures(data)
    if held_out:
        scored = read_pictures(held_out)
        require_apart(pictures, scored)
    else:
        pictures, scored = split(pictures, share)
    require_scorable(scored)
    return pictures, scored


def data_facts(
    data: Sequence[Path], held_out: Sequence[Path], pictures: PictureSet, scored: PictureSet
) -> dict[str, Any]:
    """Counts and hashes of the pixels, with the last two parts of the folders' names."""
    return {
        "folders": [_named(folder) for folder in data],
        "pictures": len(pictures),
        "sha256": pictures.sha256,
        "held_out": {
            "folders": [_named(folder) for folder in held_out] or "kept aside",
            "pictures": len(scored),
            "sha256": scored.sha256,
        },
    }


def code_state() -> str:
    """The git commit in a checkout, else the version of the package."""
    return git_commit() or f"cryptobench {__version__}"


def _named(folder: Path) -> str:
    return "/".join(folder.resolve().parts[-2:])
