"""Key space: every key bit is flipped, and the ones that change nothing are counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.base import Analysis
from cryptobench.analyses.tools.crops import central_part
from cryptobench.analyses.tools.key_bits import flip_bit, format_ranges, key_parts
from cryptobench.cipher import CipherError, Encrypted, Image, UnsupportedImage
from cryptobench.contract import refused_keys
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement

__all__ = ["Keyspace", "central_crop"]

Flags = NDArray[np.bool_]
_TRIED = 64  # random keys, of which refused ones are counted


@dataclass(frozen=True)
class Keyspace(Analysis):
    """Nominal, effective, dead and weak key bits, for the whole key and, where there are several, for each key field.

    Every bit of each of ``keys`` random keys is flipped once, with nonce and per-message secret fixed, on the
    central crop of ``side`` pixels a side, which is quick; a flip without effect there, or refused there, is
    repeated on the whole image, whose size the key's use may depend on. A bit is *effective* if its flip changes the
    cipher image under at least one key, *dead* if it does so under none, and *weak* if it is effective but without
    effect under some key: the flipped key is then an equivalent key, for images of this size. Effective bits bound the
    key's entropy from above, they do not prove it. A bit that changes only the header, such as one of a separate
    authentication key, hides nothing of the image and counts as dead; the message says so.

    A scheme may refuse keys with CipherError. Another key then takes the place of a refused one, a flip that is refused
    counts as one with an effect, and ``refused_keys`` is the share of 64 random keys that are refused, if any are.

    The verdict is that of ``effective_key_bits`` for the whole key: pass if they equal the nominal bits, else fail.
    """

    name: ClassVar[str] = "keyspace"
    title: ClassVar[str] = "Key space"
    images: ClassVar[str] = "first"

    keys: int = 4
    side: int = 64

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        card = experiment.cipher.card
        in_image, in_header = self._responses(experiment)
        effective, always, signed = (
            np.asarray(flags) for flags in (in_image.any(axis=0), in_image.all(axis=0), in_header.any(axis=0))
        )
        weak, header_only = effective & ~always, signed & ~effective
        for part, bits in key_parts(card):
            selected = np.zeros(card.key_bits, np.bool_)
            selected[bits.start : bits.stop] = True
            alive = int(np.count_nonzero(effective & selected))
            row = partial(Measurement, part=part, unit="bit", nonce=experiment.nonce_modes[-1])
            yield row("nominal_key_bits", len(bits))
            verdict = "none" if part else "pass" if alive == len(bits) else "fail"
            yield row("effective_key_bits", alive, expected=len(bits), verdict=verdict)
            dead: dict[str, Flags] = {"no effect": ~(effective | header_only), "only the header changes": header_only}
            yield row("dead_key_bits", len(bits) - alive, expected=0, message=_listed(dead, selected))
            partly = {f"no effect under some of {self.keys} keys": weak}
            yield row(
                "weak_key_bits", int(np.count_nonzero(weak & selected)), expected=0, message=_listed(partly, selected)
            )

        if share := refused_keys(experiment.bare_cipher, _TRIED):
            message = f"{round(share * _TRIED)} of {_TRIED} random keys"
            yield Measurement("refused_keys", share, unit="share", expected=0, message=message)

    def _responses(self, experiment: Experiment) -> tuple[Flags, Flags]:
        """Which bits change the cipher image, and which the header: two arrays, (keys, key bits)."""
        if self.keys < 1:
            raise ValueError(f"keyspace: keys is {self.keys}, wanted at least 1")
        card = experiment.cipher.card
        crop = central_crop(experiment.image, card.side_from(self.side), card.square)
        images = (experiment.image,) if crop.shape == experiment.image.shape else (crop, experiment.image)
        in_image, in_header = (np.zeros((self.keys, card.key_bits), np.bool_) for _ in range(2))
        for index in range(self.keys):
            for image in images:
                dead = np.flatnonzero(~in_image[index]).tolist()
                try:
                    for bit, effect in _flip_effects(experiment, image, f"keyspace {index}", dead):
                        in_image[index, bit], in_header[index, bit] = effect
                except UnsupportedImage:
                    if image is experiment.image:
                        raise
        return in_image, in_header


def _flip_effects(
    experiment: Experiment, image: Image, purpose: str, bits: Sequence[int]
) -> Iterator[tuple[int, tuple[bool, bool]]]:
    """For each bit of the purpose's key: whether its flip changes the cipher image, and whether the header."""
    if not bits:
        return
    nonce = experiment.random_nonce(purpose)
    key, base = _first_taken(experiment, image, purpose, nonce)
    for bit in bits:
        try:
            other = experiment.cipher.encrypt(image, flip_bit(key, bit), nonce, secret=base.secret or None)
        except UnsupportedImage:
            raise
        except CipherError:
            yield bit, (True, False)
        else:
            yield bit, (not np.array_equal(base.image, other.image), base.header != other.header)


def _first_taken(experiment: Experiment, image: Image, purpose: str, nonce: bytes) -> tuple[bytes, Encrypted]:
    """The purpose's key, or the first of those after it that is not refused, and the ciphertext."""
    for number in range(_TRIED):
        key = experiment.random_key(f"{purpose} again {number}" if number else purpose)
        try:
            return key, experiment.cipher.encrypt(image, key, nonce)
        except UnsupportedImage:
            raise
        except CipherError:
            if number == _TRIED - 1:
                raise
    raise AssertionError


def central_crop(image: Image, side: int, square: bool) -> Image:
    """The central ``side`` x ``side`` pixels, or as much of them as the image has; ``square`` cuts it to a square."""
    height, width = (min(side, length) for length in image.shape[:2])
    if square:
        height = width = min(height, width)
    return central_part(image, height, width)


def _listed(groups: dict[str, Flags], selected: Flags) -> str:
    """Selected bits, numbered within the whole key, by reason: "no effect: 128-255"."""
    found = {reason: np.flatnonzero(flags & selected).tolist() for reason, flags in groups.items()}
    return "; ".join(f"{reason}: {format_ranges(bits)}" for reason, bits in found.items() if bits)
