"""Permutation recovery among plaintexts of one state, for ciphers keyed with the plaintext's sum or XOR."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from cryptobench.attacks.index_map import digit_images, gathered
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.permutation import MaskedMap, masked_maps
from cryptobench.attacks.smoothness import Smoothest
from cryptobench.cipher import Image

__all__ = ["Steered", "steered_permutation"]

_LEAK = 1e-6
_ALMOST_ALL = 0.9  # what is not placed is left at zero, and would look smooth
_STATES = 256


@dataclass(frozen=True, eq=False)
class Steered:
    """The challenge under the state that makes it smoothest, and how smooth; see `Choice`."""

    image: Image
    log_p: float
    joint: float


def steered_permutation(oracle: Oracle, invariants: Collection[str]) -> Steered | None:
    """Recover a masked permutation for every state and keep the one that makes the challenge smoothest.

    One sample of each chosen image is set so that the image has the state wanted; that sample's own place is lost.
    None if the state is not a sum mod 256 or an XOR, or if no masked permutation is found inside it.
    """
    steer: Callable[[Image, int], Image]
    if "sum mod 256" in invariants:
        steer = _to_sum
    elif "XOR" in invariants:
        steer = _to_exclusive
    else:
        return None
    images = [np.zeros(oracle.shape, np.uint8), *digit_images(oracle.shape)]
    smoothest, guesses = Smoothest(oracle.shape), []
    for state in range(_STATES):
        maps = _maps(oracle, [steer(image, state) for image in images])
        if maps is None or maps[1][0].p_value > _LEAK or maps[1][0].share < _ALMOST_ALL:
            return None
        zero, found = maps
        for one in found:
            if one.share < _ALMOST_ALL:
                continue
            guesses.append(gathered(one.join.take(oracle.challenge.image, zero), one.source, oracle.shape))
            smoothest.offer(guesses[-1])
    choice = smoothest.best()
    return Steered(guesses[int(choice.chosen.flat[0])], choice.log_p, choice.joint)


def _maps(oracle: Oracle, images: Sequence[Image]) -> tuple[Image, list[MaskedMap]] | None:
    """The ciphertext of the first image, taken for zeros, and the maps; None if there is no room or no one shape."""
    if oracle.remaining is not None and oracle.remaining < len(images):
        return None
    zero, *digits = (oracle.encrypt(image).image for image in images)
    if {digit.shape for digit in (*digits, oracle.challenge.image)} != {zero.shape}:
        return None
    return zero, masked_maps(zero, digits, oracle.samples)


def _to_sum(image: Image, state: int) -> Image:
    steered = image.copy()
    middle = image.size // 2
    steered.flat[middle] = (int(image.flat[middle]) + state - int(image.sum(dtype=np.int64))) % 256
    return steered


def _to_exclusive(image: Image, state: int) -> Image:
    steered = image.copy()
    steered.flat[image.size // 2] ^= np.uint8(state) ^ np.bitwise_xor.reduce(image, axis=None)
    return steered
