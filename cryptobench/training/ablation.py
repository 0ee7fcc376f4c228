"""What each setting of a recipe does: the same training from the same seed, one setting changed at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from cryptobench.metrics.contours import contour_correlation
from cryptobench.primitives.learned.inference.forward import apply_network
from cryptobench.primitives.learned.inference.network import pad_to_multiple
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.primitives.learned.training import TrainingError
from cryptobench.primitives.learned.weights import Manifest, load_manifest, load_weights, manifest_path
from cryptobench.training.pictures import centre_crops
from cryptobench.training.progress import TrainingProgress
from cryptobench.training.session import SCORED_PICTURES, SCORED_SIDE, Outputs, TrainingRun, train
from cryptobench.training.settings import with_settings

__all__ = ["Trial", "ablate", "trials_of"]


@dataclass(frozen=True)
class Trial:
    """One training of an ablation: the setting that is varied, its value, whether that is the recipe's own."""

    setting: str
    value: float
    own: bool
    recipe: Recipe
    name: str


def trials_of(recipe: Recipe, vary: Sequence[str]) -> list[Trial]:
    """Trials for texts such as ``variation_weight=0,0.02,0.2``; the recipe's own value is added where it is missing.

    Trainings that are the same have the same name. TrainingError for an unknown setting or one that is no number.
    """
    trials = []
    for text in vary:
        setting, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise TrainingError(f"--vary {text}: wanted name=value,value, such as variation_weight=0,0.02,0.2")
        changed = [with_settings(recipe, [f"{setting}={value}"]) for value in values.split(",")]
        own = getattr(recipe, setting)
        if isinstance(own, bool) or not isinstance(own, int | float):
            raise TrainingError(f"--vary {text}: {setting} is {own!r}, wanted a setting that is a number")
        points = {float(getattr(one, setting)): one for one in [*changed, recipe]}
        for value in sorted(points):
            is_own = value == float(own)
            name = "own-settings" if is_own else f"{setting}={value:g}"
            trials.append(Trial(setting, value, is_own, points[value], name))
    if not trials:
        raise TrainingError("nothing to vary; give --vary name=value,value")
    return trials


def ablate(run: TrainingRun, vary: Sequence[str], folder: Path, progress: TrainingProgress) -> pd.DataFrame:
    """Train and score every trial below ``folder``; trials that are finished there are not trained again.

    Columns: setting, value, own, steps, minutes, psnr and psnr_min in dB, ssim (nan where nothing is lost), entropy in
    bits of the network's ciphertext (means over the held-out pictures), and contours, the mean contour correlation on
    their middles.
    """
    trials = trials_of(run.recipe, vary)
    scored: dict[str, dict[str, float]] = {}
    for number, trial in enumerate(trials, 1):
        if trial.name not in scored:
            outputs = Outputs(folder / f"{trial.name}.safetensors")
            manifest = _finished(outputs.weights, trial.recipe, run)
            if manifest is None:
                progress.say(f"{number} of {len(trials)}: {trial.name}")
                manifest = train(replace(run, recipe=trial.recipe, outputs=outputs), progress)
                outputs.checkpoint.unlink(missing_ok=True)
            scored[trial.name] = _scores(outputs.weights, trial.recipe, manifest, run)
    rows = [{"setting": t.setting, "value": t.value, "own": t.own, **scored[t.name]} for t in trials]
    return pd.DataFrame(rows)


def _finished(path: Path, recipe: Recipe, run: TrainingRun) -> Manifest | None:
    """The manifest of a trial that was trained to its end before, as this run would train it."""
    if not (path.exists() and manifest_path(path).exists()):
        return None
    manifest = load_manifest(path, run.cipher)
    wanted: dict[str, Any] = {"recipe": recipe.name, **recipe.settings()}
    known = {name: list(v) if isinstance(v, tuple) else v for name, v in wanted.items()}
    if manifest.recipe != known or manifest.seed != run.seed or manifest.data != run.data:
        raise TrainingError(f"{path} was trained with other settings or pictures; use another --out, or delete it")
    return manifest


def _scores(path: Path, recipe: Recipe, manifest: Manifest, run: TrainingRun) -> dict[str, float]:
    everything = recipe.networks()
    networks = nn.ModuleDict({name: everything[name] for name in recipe.shipped})
    load_weights(path, networks, run.cipher)
    contours = [value for value in _contours(networks["encoder"], recipe, run) if np.isfinite(value)]
    return {
        "steps": manifest.steps,
        "minutes": manifest.minutes,
        **dict.fromkeys(("psnr", "psnr_min", "ssim"), math.nan),  # of networks that lose nothing
        **manifest.scores,
        "contours": float(np.mean(contours)) if contours else float("nan"),
    }


def _contours(encoder: nn.Module, recipe: Recipe, run: TrainingRun) -> Iterator[float]:
    for image in centre_crops(run.held_out, SCORED_PICTURES, SCORED_SIDE).images:
        padded = pad_to_multiple(image, getattr(recipe, "multiple", 1))
        encoded = apply_network(encoder, padded)
        for channel in range(3):
            yield contour_correlation(padded[..., channel], encoded[..., channel]).value
