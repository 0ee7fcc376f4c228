"""How the proposed cipher's networks are trained: presets "cpu" and "paper", and two forms of the encryption loss."""

from __future__ import annotations

from typing import Any

from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.recipe import StatisticsRecipe, settings_of

__all__ = ["PRESETS", "gan_recipe", "statistics_recipe"]

# "cpu": two blocks of three layers without normalisation, 56,812 weights a network. "paper" is for a GPU.
PRESETS: dict[str, dict[str, Any]] = {
    "cpu": {"steps": 18_000, "crops": 4, "ramp_start": 0.05, "ramp_end": 0.35},
    "paper": {"steps": 200_000, "crops": 32, "side": 96, "width": 48, "growth": 24, "blocks": 4},
}


def statistics_recipe(preset: str) -> StatisticsRecipe:
    """The encoder's output is pulled towards uniform noise by its statistics: the default form of the loss."""
    return StatisticsRecipe(**settings_of(PRESETS, preset))


def gan_recipe(preset: str) -> AdversarialRecipe:
    """The encoder's output is to deceive a patch critic that knows uniform noise, as in the authors' 2021 work."""
    return AdversarialRecipe(**settings_of(PRESETS, preset))
