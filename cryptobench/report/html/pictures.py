"""The pictures of a page, each held once: small ones exactly, large ones as WebP with loss."""

from __future__ import annotations

import base64
import hashlib
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BUDGET", "EXACT", "EmbeddedPictures", "histogram", "within"]

EXACT = 64 * 64 * 3  # samples up to which a picture is kept without loss
_QUALITY = 80
BUDGET = 6_000_000  # characters
_SHRINKS = (1, 2, 4)


class EmbeddedPictures:
    """Collects pictures by content; ``texts`` holds each as base64 of WebP, its place in the list being its number.

    ``shrink`` divides the side that a picture may have.
    """

    def __init__(self, shrink: int = 1) -> None:
        self.texts: list[str] = []
        self._shrink = shrink
        self._known: dict[bytes, int] = {}

    def add(self, image: NDArray[np.uint8], most: int) -> dict[str, int]:
        """Keep a picture, (H, W) or (H, W, 3) uint8, at no more than about ``most``² pixels.

        Returns its number, its size as it was and the step at which its pixels were sampled.
        """
        height, width = image.shape[:2]
        step = math.ceil(math.sqrt(height * width) * self._shrink / most)
        kept = np.ascontiguousarray(image[::step, ::step])
        exact = image.size <= EXACT
        key = hashlib.sha256(repr((kept.shape, exact)).encode() + kept.tobytes()).digest()
        if key not in self._known:
            self._known[key] = len(self.texts)
            self.texts.append(_encode(kept, exact))
        return {"id": self._known[key], "width": width, "height": height, "step": step}


def within(
    collect: Callable[[EmbeddedPictures], list[dict[str, Any]]], budget: int = BUDGET
) -> tuple[list[dict[str, Any]], EmbeddedPictures]:
    """What ``collect`` makes with the largest pictures that fit in ``budget`` characters, or with the smallest."""
    for shrink in _SHRINKS:
        content = collect(pictures := EmbeddedPictures(shrink))
        if sum(map(len, pictures.texts)) <= budget:
            break
    return content, pictures


def histogram(image: NDArray[np.uint8]) -> list[tuple[str, list[int]]]:
    """The count of each of the 256 values by channel."""
    planes = [("grey", image)] if image.ndim == 2 else [(name, image[..., i]) for i, name in enumerate("RGB")]
    return [(name, np.bincount(plane.ravel(), minlength=256).tolist()) for name, plane in planes]


def _encode(image: NDArray[np.uint8], exact: bool) -> str:
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(image).save(content, "WEBP", lossless=exact, quality=_QUALITY, method=4)
    return base64.b64encode(content.getvalue()).decode("ascii")
