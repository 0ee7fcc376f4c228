"""Which device to train on, and what to call it."""

from __future__ import annotations

import torch

from cryptobench.primitives.learned.training import TrainingError
from cryptobench.provenance import cpu_model

__all__ = ["choose_device", "device_name"]


def choose_device(wanted: str) -> str:
    """``wanted``, where auto is cuda if there is one; TrainingError if cuda is asked for and there is none."""
    here = torch.cuda.is_available()
    if wanted == "auto":
        return "cuda" if here else "cpu"
    if wanted == "cuda" and not here:
        reason = "finds no CUDA device" if torch.version.cuda else "is built without CUDA"
        raise TrainingError(f"--device cuda: torch {torch.__version__} {reason}; use --device cpu")
    return wanted


def device_name(device: str, precision: str) -> str:
    """Such as "cpu: AMD EPYC, 2 threads, float32"."""
    if device == "cuda":
        return f"cuda: {torch.cuda.get_device_name()}, {precision}"
    threads = torch.get_num_threads()
    return f"cpu: {cpu_model()}, {threads} thread{'s' if threads > 1 else ''}, {precision}"
