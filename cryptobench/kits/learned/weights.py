"""The weight store: safetensors files, each beside a manifest that says how it was trained and what its hash is."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from cryptobench.kits.learned.arrays import read_content
from cryptobench.kits.learned.files import write_whole
from cryptobench.kits.learned.manifest import Manifest, WeightsError, load_manifest, manifest_path, remedy

if TYPE_CHECKING:
    from cryptobench.kits.learned.recipe import Recipe

__all__ = [
    "Manifest",
    "WeightsError",
    "load_manifest",
    "load_weights",
    "manifest_path",
    "save_weights",
    "trained_recipe",
]

_R = TypeVar("_R", bound="Recipe")


def save_weights(path: Path, networks: nn.ModuleDict, manifest: Manifest, dtype: str = "float32") -> Manifest:
    """Write the networks' weights as ``dtype``, and their manifest; returns the manifest with the file's hash in it."""
    from safetensors.torch import save

    content = save({name: _stored(value, dtype) for name, value in networks.state_dict().items()})
    complete = replace(manifest, sha256=hashlib.sha256(content).hexdigest())
    write_whole(path, content)
    write_whole(manifest_path(path), complete.json())
    return complete


def load_weights(path: Path, networks: nn.ModuleDict, cipher: str = "") -> Manifest:
    """Fill ``networks`` from ``path``; raises WeightsError if the file is missing, altered or does not fit.

    ``cipher`` is the name that the error's command for training has, if it is known.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    manifest, content = read_content(path, cipher)
    cipher = cipher or manifest.cipher
    try:
        networks.load_state_dict(load(content))
    except (RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(f"{path}: weights of another network ({reason}); {remedy(path, cipher)}") from error
    networks.eval().requires_grad_(False)
    return manifest


def trained_recipe(recipe: _R, manifest: Manifest) -> _R:
    """``recipe`` with the settings that the weights were trained with, so that its networks have their sizes."""
    known = {field.name for field in fields(recipe)}
    return replace(recipe, **{name: value for name, value in manifest.recipe.items() if name in known})


def _stored(value: Tensor, dtype: str) -> Tensor:
    value = value.detach().cpu()
    return (value.to(getattr(torch, dtype)) if value.is_floating_point() else value).contiguous()
