"""How the networks of the lossless form are trained: presets "cpu" and "paper"."""

from __future__ import annotations

from typing import Any

from cryptobench.primitives.learned.lifting_recipe import LiftingRecipe
from cryptobench.primitives.learned.recipe import settings_of

__all__ = ["LIFTING_PRESETS", "lifting_recipe"]

# "cpu": four couplings of two layers of eight channels; "paper" takes larger crops and longer. Nobody has trained it.
LIFTING_PRESETS: dict[str, dict[str, Any]] = {
    "cpu": {"steps": 1_200},
    "paper": {"steps": 20_000, "crops": 16, "side": 96},
}


def lifting_recipe(preset: str) -> LiftingRecipe:
    """Both networks, colour and grey, are pulled towards uniform noise by the statistics of what they make."""
    return LiftingRecipe(**settings_of(LIFTING_PRESETS, preset))
