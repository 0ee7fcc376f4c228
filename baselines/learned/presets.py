"""Settings that the learned baselines share: their generators at two scales, and the proposed cipher's networks."""

from __future__ import annotations

from typing import Any

__all__ = ["LITE_CPU", "LITE_PAPER", "OWN_CPU", "OWN_PAPER"]

# Steps in the files of the schemes are what half an hour of one core does, the proposed cipher's budget.
_RAMP: dict[str, Any] = {"ramp_start": 0.05, "ramp_end": 0.35}

# The networks that the proposed cipher had first, and its batches then: 56,812 weights a network.
LITE_CPU: dict[str, Any] = {"generator": "dense-resnet", "crops": 4, **_RAMP}
LITE_PAPER: dict[str, Any] = {
    "generator": "dense-resnet",
    "crops": 32,
    "side": 96,
    "width": 48,
    "growth": 24,
    "blocks": 4,
    "critic_width": 64,
}

# A CycleGAN generator at the scale that a CPU trains best (a wider one makes too few steps), and at
# the published one.
_OWN: dict[str, Any] = {"generator": "cyclegan", "slope": 0.2, **_RAMP}
OWN_CPU: dict[str, Any] = {**_OWN, "width": 16, "blocks": 2, "crops": 4}
OWN_PAPER: dict[str, Any] = {
    **_OWN,
    "width": 32,
    "blocks": 9,
    "crops": 8,
    "side": 128,
    "learning_rate": 5e-4,
    "critic_width": 64,
}
