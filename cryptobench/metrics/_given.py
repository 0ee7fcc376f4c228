"""What to do with something that is no image as metrics take it: the line that converts it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["advice", "described", "is_array", "sequence_advice"]


def is_array(given: Any) -> bool:
    """Whether it is an array, all of whose values count: a masked one is not."""
    return isinstance(given, np.ndarray) and not isinstance(given, np.ma.MaskedArray)


def described(given: Any) -> str:
    """What it is, in a few words: "float64 of shape (64, 64)", "Tensor of torch", "list"."""
    if isinstance(given, np.ndarray):
        masked = "masked " if isinstance(given, np.ma.MaskedArray) else ""
        return f"{masked}{given.dtype} of shape {given.shape}"
    kind = type(given).__name__
    if home := _home(given):
        return f"{kind} of {home}"
    return kind


def advice(given: Any) -> str:
    """How it becomes a uint8 array of shape (H, W) or (H, W, C), as a line of code where there is one."""
    if isinstance(given, np.ma.MaskedArray):
        return "masked samples have no value: crop to those that have, or fill them with image.filled(0)"
    if isinstance(given, np.ndarray):
        return _of_array(given)
    home = _home(given)
    if home == "torch":
        return _of_tensor(given)
    if home == "PIL":
        mode = getattr(given, "mode", "")
        return "pass np.asarray(image)" if mode in ("L", "RGB") else 'pass np.asarray(image.convert("RGB")), or "L"'
    if home == "pandas":
        return "pass frame.to_numpy(np.uint8), once its values are whole numbers from 0 to 255"
    if isinstance(given, list | tuple):
        return "pass np.array(image, np.uint8), once its values are whole numbers from 0 to 255"
    if isinstance(given, bytes | bytearray | memoryview):
        return "pass np.frombuffer(data, np.uint8).reshape(height, width)"
    if isinstance(given, str) or hasattr(given, "__fspath__"):
        return "pass cryptobench.load_image(path)"
    if isinstance(getattr(given, "image", None), np.ndarray):
        return "pass its .image"
    if home or hasattr(given, "__array__"):
        return "pass np.asarray(image), scaled to 0..255, with .astype(np.uint8)"
    return "pass the pixels, such as those of cryptobench.load_image(name)"


def sequence_advice(given: Any) -> str:
    """How it becomes a one-dimensional uint8 array, or bytes."""
    if is_array(given) and given.dtype == np.uint8 and given.size:
        return "use image.ravel() for an image"
    return advice(given)


def _home(given: Any) -> str:
    """The library that an object is of, of those that people keep images in; "" for any other."""
    libraries = ("torch", "PIL", "pandas", "tensorflow", "jax", "jaxlib", "cupy", "xarray", "polars")
    homes = (cls.__module__.partition(".")[0] for cls in type(given).__mro__)
    return next((home for home in homes if home in libraries), "")


def _of_tensor(given: Any) -> str:
    whole = "uint8" in str(getattr(given, "dtype", ""))
    scaled = "" if whole else ", scaled to 0..255, with .astype(np.uint8)"
    shape = tuple(getattr(given, "shape", ()))
    channels_first = len(shape) == 3 and shape[0] in (1, 3)
    moved = ".permute(1, 2, 0)" if channels_first else ""
    return f"pass tensor.detach(){moved}.cpu().numpy(){scaled}"


def _of_array(given: NDArray[Any]) -> str:
    if given.size == 0:
        return "it has no samples"
    if given.dtype != np.uint8:
        return _of_values(given)
    if given.ndim == 1:
        return "give it its shape with .reshape(height, width)"
    if given.ndim == 0:
        return "pass the whole image"
    return "measure one image at a time, such as image[0]"


def _of_values(given: NDArray[Any]) -> str:
    if given.dtype == bool:
        return "pass 255 * image.astype(np.uint8)"
    if not (np.issubdtype(given.dtype, np.integer) or np.issubdtype(given.dtype, np.floating)):
        return "convert it to real numbers from 0 to 255, then with .astype(np.uint8)"
    if np.issubdtype(given.dtype, np.floating) and not np.isfinite(given).all():
        return "it holds NaN or infinity: replace them, scale it to 0..255, and convert it with .astype(np.uint8)"
    low, high = given.min(), given.max()
    if np.issubdtype(given.dtype, np.floating):
        if low >= 0 and high <= 1:
            return "its values lie in 0..1: pass (255 * image).round().astype(np.uint8)"
        if low >= 0 and high <= 255:
            return "its values lie in 0..255: pass image.round().astype(np.uint8)"
    elif low >= 0 and high <= 255:
        return "its values lie in 0..255: pass image.astype(np.uint8)"
    elif given.dtype == np.uint16:
        return "pass (image >> 8).astype(np.uint8), which keeps the upper 8 bits of 16"
    return f"its values lie in {low:g}..{high:g}: scale it to 0..255 and convert it with .astype(np.uint8)"
