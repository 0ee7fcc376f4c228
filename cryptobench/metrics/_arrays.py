"""The one place where metrics check and normalise the arrays they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.metrics._given import advice, described, is_array

__all__ = ["Bytes", "check_alpha", "pair", "plane", "plane_pair", "planes_of", "samples"]

Bytes = NDArray[np.uint8]


def samples(image: Any, name: str = "image") -> Bytes:
    """The image as a C-contiguous, writable-typed uint8 array (H, W) or (H, W, C); ValueError for anything else."""
    if not is_array(image) or image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(
            f"{name} must be a non-empty uint8 array of shape (H, W) or (H, W, C), not {described(image)}; "
            f"{advice(image)}"
        )
    # Kernels are compiled for writable arrays; a read-only one would be a second type and a second compilation.
    return np.ascontiguousarray(image) if image.flags.writeable else np.array(image, order="C")


def pair(first: Any, second: Any, names: tuple[str, str] = ("first", "second")) -> tuple[Bytes, Bytes]:
    """Both images through `samples`; ValueError when their shapes differ."""
    one, two = samples(first, names[0]), samples(second, names[1])
    if one.shape != two.shape:
        raise ValueError(
            f"{names[0]} has shape {one.shape} and {names[1]} {two.shape}; "
            "they must have one shape: crop or resize before comparing"
        )
    return one, two


def plane(image: Any, name: str = "plane") -> Bytes:
    """One channel (H, W) through `samples`; ValueError for an image with a channel axis."""
    checked = samples(image, name)
    if checked.ndim != 2:
        raise ValueError(f"{name} must be one channel of shape (H, W), not {checked.shape}; pass image[..., c]")
    return checked


def plane_pair(first: Any, second: Any, names: tuple[str, str] = ("first", "second")) -> tuple[Bytes, Bytes]:
    """Two channels through `plane`; ValueError when their shapes differ."""
    one, two = pair(first, second, names)
    return plane(one, names[0]), plane(two, names[1])


def planes_of(image: Bytes) -> Bytes:
    """The channels of a checked image as one contiguous array (C, H, W)."""
    return image[None] if image.ndim == 2 else np.ascontiguousarray(np.moveaxis(image, 2, 0))


def check_alpha(alpha: float) -> None:
    """ValueError unless ``alpha`` is a significance level."""
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha!r}; 0.05 is usual")
