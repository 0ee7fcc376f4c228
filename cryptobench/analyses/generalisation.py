"""Generalisation: what a learned cipher makes of pictures that are unlike those it was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Artifact
from cryptobench.analyses.tools.networks import FLAT_LEVELS, NetworkCipher
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.images import load_image
from cryptobench.measurement import Measurement
from cryptobench.metrics import global_entropy, peak_signal_noise_ratio, structural_similarity

__all__ = ["Generalisation"]


@dataclass(frozen=True)
class Generalisation(Analysis):
    """The same weights on other pictures; nothing is measured of ciphers that are no networks.

    ``generalisation_psnr`` and ``generalisation_ssim`` of the decoded picture and ``generalisation_entropy`` of the
    network's ciphertext, by picture (``part``) and its kind (``condition``): "photograph" at ``side`` pixels, "grey",
    "large" (twice the side), "odd" (sides that are no multiple of anything), "flat" and "synthetic". It brings its
    own pictures, so that the run's do not matter.
    """

    name: ClassVar[str] = "generalisation"
    title: ClassVar[str] = "Other pictures than those trained on"
    images: ClassVar[str] = "first"

    side: int = 256
    photographs: tuple[str, ...] = ("astronaut", "chelsea", "coffee", "ihc", "motorcycle")
    grey: tuple[str, ...] = ("camera", "coins", "text")

    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        cipher = experiment.bare_cipher
        if not isinstance(cipher, NetworkCipher):
            return
        for kind, name, picture in self._pictures():
            encoded, shape = cipher.encode(picture)
            decoded = cipher.decode(encoded, shape)
            columns: dict[str, Any] = {"part": name, "condition": kind}
            psnr = peak_signal_noise_ratio(picture, decoded).value
            yield Measurement("generalisation_psnr", psnr, unit="dB", **columns)
            if min(picture.shape[:2]) >= 11:  # the window of SSIM
                yield Measurement("generalisation_ssim", structural_similarity(picture, decoded).value, **columns)
            yield Measurement("generalisation_entropy", global_entropy(encoded).value, unit="bit", **columns)

    def _pictures(self) -> Iterator[tuple[str, str, Image]]:
        """(kind, name, picture)."""
        for name in self.photographs:
            yield "photograph", name, load_image(name, self.side)
        for name in self.grey:
            yield "grey", name, load_image(name, self.side)
        first = self.photographs[0]
        large = load_image(first, 2 * self.side)
        yield "large", f"{first} {large.shape[0]}x{large.shape[1]}", large
        odd = large[: self.side + 1, : self.side * 3 // 2 - 1]
        yield "odd", f"{first} {odd.shape[0]}x{odd.shape[1]}", np.ascontiguousarray(odd)
        for level in FLAT_LEVELS:
            yield "flat", f"level {level}", np.full((self.side, self.side, 3), level, np.uint8)
        for name in ("gradient", "checkerboard", "impulse"):
            yield "synthetic", name, load_image(name, self.side)
        noise = np.random.default_rng(0).integers(0, 256, (self.side, self.side, 3), np.uint8)
        yield "synthetic", "noise", noise
