"""Trained weights as numpy arrays, for ciphers that need no torch to run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cryptobench.kits.learned.manifest import Manifest, WeightsError, load_manifest, remedy

__all__ = ["load_arrays", "read_content"]


def read_content(path: Path, cipher: str = "") -> tuple[Manifest, bytes]:
    """The manifest and the bytes of a weight file; raises WeightsError if it is missing or not the manifest's.

    ``cipher`` is the name that the error's command for training has, if it is known.
    """
    manifest = load_manifest(path, cipher)
    cipher = cipher or manifest.cipher
    try:
        content = path.read_bytes()
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
    from safetensors.numpy import load

    arrays: dict[str, NDArray[np.floating]] = load(read_content(path, cipher)[1])
    return arrays
