"""How the proposed cipher's networks are trained: presets "cpu" and "paper", and two forms of the encryption loss."""

from __future__ import annotations

from typing import Any

from cryptobench.primitives.learned.adversarial import AdversarialRecipe
from cryptobench.primitives.learned.recipe import StatisticsRecipe, settings_of

__all__ = ["PRESETS", "gan_recipe", "statistics_recipe"]

# Four couplings of dense blocks of two layers, 27,088 weights for both directions; crops are larger than the 32 pixels
# around it that a sample depends on. An inverse need not learn to carry the image, so there is no slow ramp.
_NETWORK: dict[str, Any] = {
    "network": "coupling-resnet",
    "factor": 4,
    "layers": 2,
    "couplings": 4,
    "side": 128,
    "learning_rate": 4e-3,
    "ramp_start": 0.0,
    "ramp_end": 0.05,
}
# "paper" is a larger network for a GPU. Nobody has trained it.
PRESETS: dict[str, dict[str, Any]] = {
    "cpu": {**_NETWORK, "steps": 18_000, "growth": 8, "crops": 2},
    "paper": {**_NETWORK, "steps": 100_000, "growth": 24, "crops": 16},
}


def statistics_recipe(preset: str) -> StatisticsRecipe:
    """The encoder's output is pulled towards uniform noise by its statistics: the default form of the loss."""
    return StatisticsRecipe(**settings_of(PRESETS, preset))


def gan_recipe(preset: str) -> AdversarialRecipe:
    """The encoder's output is to deceive a patch critic that knows uniform noise, as in the authors' 2021 work."""
    return AdversarialRecipe(**settings_of(PRESETS, preset))
