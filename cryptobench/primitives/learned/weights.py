"""The weight store: safetensors files, each beside a manifest that says how it was trained and what its hash is.

Torch is imported only where weights go to or come from its networks: `load_arrays` does without.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import CipherUnavailable
from cryptobench.files import write_bytes
from cryptobench.primitives.learned.manifest import Manifest, manifest_path, read_manifest
from cryptobench.reading import Source

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cryptobench.primitives.learned.recipe import Recipe

__all__ = [
    "Manifest",
    "WeightsError",
    "load_arrays",
    "load_manifest",
    "load_weights",
    "manifest_path",
    "read_content",
    "remedy",
    "save_weights",
    "trained_recipe",
]

_R = TypeVar("_R", bound="Recipe")
_LARGEST = 1 << 30  # bytes of a weight file
_LARGEST_SETTING, _MOST_STEPS = 1 << 14, 1 << 31


class WeightsError(CipherUnavailable):
    """Weights are missing, altered or of another network; the message names the command that makes them."""


def load_manifest(path: Path, cipher: str = "") -> Manifest:
    """The manifest of the weights at ``path``; raises WeightsError if it is missing or damaged."""
    source = manifest_path(path)
    try:
        return read_manifest(path, WeightsError, remedy(path, cipher))
    except FileNotFoundError:
        raise WeightsError(f"{source}: no such file; {remedy(path, cipher)}") from None


def remedy(path: Path, cipher: str = "") -> str:
    """What to do about missing or altered weights; a cipher that is not given is read from the file's name."""
    name = cipher or path.stem.rpartition("-")[0] or path.stem
    return f"reinstall cryptobench, or train it: cryptobench train {name} --data DIR --out {path.name}"


def read_content(path: Path, cipher: str = "") -> tuple[Manifest, bytes]:
    """The manifest and the bytes of a weight file; raises WeightsError if it is missing or not the manifest's.

    ``cipher`` is the name that the error's command for training has, if it is known.
    """
    manifest = load_manifest(path, cipher)
    cipher = cipher or manifest.cipher
    try:
        content = Source(path, WeightsError, remedy(path, cipher)).content(_LARGEST)
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such file; {remedy(path, cipher)}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise WeightsError(
            f"{path}: altered (sha256 {found[:12]}, its manifest says {manifest.sha256[:12]}); {remedy(path, cipher)}"
        )
    return manifest, content


def load_arrays(path: Path, cipher: str = "") -> dict[str, NDArray[np.floating]]:
    """The arrays of a weight file by name; raises WeightsError as `read_content` does."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    manifest, content = read_content(path, cipher)
    try:
        arrays: dict[str, NDArray[np.floating]] = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsError(f"{path} is damaged ({_short(error)}); {remedy(path, cipher or manifest.cipher)}") from error
    return arrays


def save_weights(path: Path, networks: nn.ModuleDict, manifest: Manifest, dtype: str = "float32") -> Manifest:
    """Write the networks' weights as ``dtype``, and their manifest; returns the manifest with the file's hash in it."""
    from safetensors.torch import save

    content = save({name: _stored(value, dtype) for name, value in networks.state_dict().items()})
    complete = replace(manifest, sha256=hashlib.sha256(content).hexdigest())
    write_bytes(path, content)
    write_bytes(manifest_path(path), complete.json())
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
    except (RuntimeError, SafetensorError, ValueError, KeyError) as error:
        raise WeightsError(f"{path}: weights of another network ({_short(error)}); {remedy(path, cipher)}") from error
    networks.eval().requires_grad_(False)
    return manifest


def trained_recipe(recipe: _R, manifest: Manifest) -> _R:
    """``recipe`` with the settings that the weights were trained with, so that its networks have their sizes.

    A setting that the manifest lacks has its class's default, whatever ``recipe``, a preset of today, makes of it: it
    came after the weights, and its default leaves them as they were. WeightsError for a setting of another type than
    the recipe's own, or for a number out of reach.
    """
    own = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    since = {field.name: field.default for field in fields(recipe) if field.default is not MISSING}
    trained = {name: value for name, value in manifest.recipe.items() if name in own}
    for name, value in trained.items():
        if not _fits(value, own[name], _MOST_STEPS if name == "steps" else _LARGEST_SETTING):
            raise WeightsError(
                f"the manifest of {manifest.name} is damaged (recipe.{name} is {_short(value)}, wanted a value like "
                f"{own[name]!r}); {remedy(Path(f'{manifest.name}.safetensors'), manifest.cipher)}"
            )
    return replace(recipe, **{**since, **trained})


def _fits(value: object, own: object, most: int) -> bool:
    if own is None:
        return True
    if isinstance(own, bool) or isinstance(value, bool):
        return isinstance(own, bool) and isinstance(value, bool)
    if isinstance(own, int):
        return isinstance(value, int) and 0 <= value <= most
    if isinstance(own, float):
        return isinstance(value, int | float) and abs(value) <= most
    return isinstance(value, tuple | list) if isinstance(own, tuple) else isinstance(value, type(own))


def _short(value: object) -> str:
    return " ".join(str(value).split())[:200]


def _stored(value: Tensor, dtype: str) -> Tensor:
    import torch

    value = value.detach().cpu()
    return (value.to(getattr(torch, dtype)) if value.is_floating_point() else value).contiguous()
