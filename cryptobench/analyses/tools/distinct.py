"""Many distinct images from one, so that many ciphertexts need no image set; and their ciphertexts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from cryptobench.cipher import Image
from cryptobench.experiment import Experiment

__all__ = ["FEWEST_SAMPLES", "encrypted", "flat_colours", "flat_images", "modified_images"]

FEWEST_SAMPLES = 192  # each adds 0.34 bit of noise: 64 bits, so that no two of a million images are alike
_COLOURED = 3


def modified_images(image: Image, generator: np.random.Generator) -> Iterator[Image]:
    """Without end: the image moved cyclically, mirrored or not, the lowest bit of one sample in sixteen flipped.

    Which samples is drawn at random. Of an image of `FEWEST_SAMPLES` or more no two are alike.
    """
    height, width = image.shape[:2]
    while True:
        moved = np.roll(image, (generator.integers(height), generator.integers(width)), axis=(0, 1))
        upright, sideways = generator.integers(2, size=2)
        moved = np.ascontiguousarray(moved[:: -1 if upright else 1, :: -1 if sideways else 1])
        moved ^= generator.integers(0, 16, image.shape, dtype=np.uint8) == 0
        yield moved


def flat_colours(image: Image) -> int:
    """How many distinct flat images `flat_images` has for this image's shape."""
    return 256 ** min(image.shape[2] if image.ndim == 3 else 1, _COLOURED)


def flat_images(image: Image, count: int, generator: np.random.Generator) -> Iterator[Image]:
    """``count`` distinct flat images of the image's shape; ValueError beyond `flat_colours`."""
    colours = flat_colours(image)
    if count > colours:
        raise ValueError(f"wanted {count} distinct flat images, there are {colours} of shape {image.shape}")
    channels = np.arange(image.shape[2] if image.ndim == 3 else 1) % _COLOURED
    for colour in generator.choice(colours, count, replace=False):
        values = ((int(colour) >> 8 * channels) & 0xFF).astype(np.uint8)
        yield np.ascontiguousarray(np.broadcast_to(values if image.ndim == 3 else values[0], image.shape))


def encrypted(
    experiment: Experiment, messages: Iterable[tuple[Image, bytes]], purpose: str, mode: str
) -> Iterator[Image]:
    """The cipher images of (image, key) pairs, by nonce mode: "fresh", or with nonce and per-message secret fixed.

    Constant places of the cipher image are left out, see `Experiment.constant_places`.
    """
    for number, (image, key) in enumerate(messages):
        if mode == "fresh":
            answer = experiment.cipher.encrypt(image, key, experiment.random_nonce(f"{purpose} {number}"))
        else:
            answer = experiment.cipher.encrypt(
                image, key, experiment.nonce, secret=experiment.ciphertext.secret or None
            )
        yield experiment.constant_places.varying(answer.image)[0]
