"""Checkpoints: all that a training run needs to go on as if it had never been stopped."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from cryptobench.files import write_bytes

__all__ = ["Checkpoint", "CheckpointError", "load_checkpoint", "read_checkpoint", "save_checkpoint"]


class CheckpointError(ValueError):
    """A checkpoint is damaged or of another run; the message says which and what to do."""


@dataclass
class Checkpoint:
    """Step count, seconds so far, the settings that the run was started with, and all states.

    ``sums`` over ``counted`` steps are the losses since the last line of the log, ``skipped`` the steps left out so
    far. ``machine`` says what the run went on with last: it may change between sessions, the settings may not.
    """

    step: int
    seconds: float
    settings: dict[str, Any]
    networks: dict[str, Any]
    optimisers: dict[str, Any]
    sums: dict[str, float] = field(default_factory=dict)
    counted: int = 0
    skipped: int = 0
    machine: dict[str, Any] = field(default_factory=dict)
    cpu_seconds: float = 0.0


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint`` whole or not at all; OSError, with the old one left as it was, if it cannot be written."""
    # In memory first: torch turns a failed write into a RuntimeError that does not say that the disk is full.
    content = io.BytesIO()
    torch.save(vars(checkpoint), content)
    write_bytes(path, content.getvalue())


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; raises CheckpointError if it is damaged, FileNotFoundError if there is none."""
    content = path.read_bytes()
    try:
        # weights_only: tensors and plain containers, no code from the file is run.
        return Checkpoint(**torch.load(io.BytesIO(content), map_location="cpu", weights_only=True))
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path}: not a readable checkpoint ({reason}); delete it to start anew") from error


def load_checkpoint(path: Path, settings: dict[str, Any]) -> Checkpoint:
    """`read_checkpoint`, and CheckpointError too if it was made with other ``settings``, naming those that differ."""
    checkpoint = read_checkpoint(path)
    if checkpoint.settings != settings:
        names = sorted(set(checkpoint.settings) | set(settings))
        other = [
            f"{name} {_short(checkpoint.settings.get(name))}, now {_short(settings.get(name))}"
            for name in names
            if checkpoint.settings.get(name) != settings.get(name)
        ]
        raise CheckpointError(
            f"{path}: made with other settings ({'; '.join(other)}); use the same ones, or delete it to start anew"
        )
    return checkpoint


def _short(value: object) -> str:
    text = "not set" if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:12]}..."
