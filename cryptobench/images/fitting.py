"""Images as a cipher takes them: in grey where it takes no colour, cut where it wants other sides, never resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Card, Image

__all__ = ["Fit", "as_grey", "centre", "fit", "fitted", "without_note"]

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def as_grey(image: Image) -> Image:
    """The luminance of a colour image, (H, W) by ITU-R BT.601; other images by their first channel."""
    if image.ndim == 2:
        return image
    luminance: Image = (image @ _LUMINANCE + 0.5).astype(np.uint8) if image.shape[2] == 3 else image[..., 0].copy()
    return luminance


def centre(image: Image, height: int, width: int) -> Image:
    """The central ``height`` x ``width`` pixels, or as much of them as the image has."""
    top, left = (max(0, have - want) // 2 for have, want in zip(image.shape, (height, width), strict=False))
    return np.ascontiguousarray(image[top : top + height, left : left + width])


@dataclass(frozen=True)
class Fit:
    """What an image becomes for a cipher: whether grey, its sides in pixels, and the same as words, "" if nothing."""

    grey: bool
    height: int
    width: int
    note: str


def fit(height: int, width: int, channels: int, card: Card) -> Fit:
    """What an image of this shape becomes within the limits of the card.

    Grey, where the cipher takes grey and not so many channels; of the sides what the card allows. An image that is too
    small for the card, or grey where only colour is taken, stays as it is, to be refused.
    """
    grey = card.channels is not None and channels not in card.channels and 1 in card.channels
    sides = card.sides_within(height, width)
    if min(sides) < max(card.min_side, 1):
        sides = height, width
    words = ["grey"] * grey + [f"{sides[0]}x{sides[1]} crop"] * (sides != (height, width))
    return Fit(grey, *sides, " ".join(words))


def fitted(image: Image, card: Card) -> tuple[Image, str]:
    """The image, (H, W) or (H, W, C), as `fit` says, and the words: "", "grey", "252x252 crop", "grey 252x252 crop"."""
    height, width = image.shape[:2]
    wanted = fit(height, width, image.shape[2] if image.ndim == 3 else 1, card)
    return centre(as_grey(image) if wanted.grey else image, wanted.height, wanted.width), wanted.note


def without_note(label: str) -> str:
    """The label of an image without what `fitted` adds to it."""
    words = label.split(" ")
    if len(words) > 2 and words[-1] == "crop":
        words = words[:-2]
    return " ".join(words[:-1] if len(words) > 1 and words[-1] == "grey" else words)
