"""The base class of ciphers whose network loses nothing: whole numbers, an exact inverse, any sides, grey as grey."""

from __future__ import annotations

import struct
from functools import cache
from typing import NamedTuple

from cryptobench.cipher import CipherError, Image, stage
from cryptobench.primitives.learned.ciphers import LearnedCipher, TrainedNetwork
from cryptobench.primitives.learned.inference.lifting import Lifting
from cryptobench.primitives.learned.lifting_recipe import LiftingRecipe
from cryptobench.primitives.learned.weights import WeightsError, load_arrays, load_manifest, remedy, trained_recipe

__all__ = ["LiftingCipher", "LiftingPair"]

_SHAPE = struct.Struct("<IIB")  # as in `LearnedCipher`


class LiftingPair(NamedTuple):
    """The network for colour and the one for grey images, as one."""

    colour: Lifting
    grey: Lifting

    def __call__(self, image: Image) -> Image:
        """(H, W), (H, W, 1) or (H, W, 3) uint8, of any sides, to the same shape."""
        if image.ndim == 2:
            return self.grey(image[..., None])[..., 0]
        return (self.colour if image.shape[2] == 3 else self.grey)(image)

    def disturbed(self, relative: float, seed: int) -> LiftingPair:
        """Networks with every weight w changed to w (1 + relative z) before it is made whole, z standard normal."""
        return LiftingPair(self.colour.disturbed(relative, seed), self.grey.disturbed(relative, seed))


class LiftingCipher(LearnedCipher):
    """`LearnedCipher` with networks of whole numbers: what is encoded has the image's own shape, and nothing is lost.

    A weight file has a network for colour and one for grey images, with one channel or two axes.
    """

    def networks(self, pair: int = 0) -> dict[str, TrainedNetwork]:
        """Encoder and decoder of a trained pair; raises WeightsError if they are missing or altered."""
        return _load(type(self), pair)

    def _encode(self, image: Image, pair: int) -> Image:
        with stage("network"):
            return self.networks(pair)["encoder"](image)

    def _decode(self, decoder: TrainedNetwork, encoded: Image, shape: bytes) -> Image:
        self.plain_shape(encoded, shape)
        with stage("network"):
            return decoder(encoded)

    def plain_shape(self, encoded: Image, shape: bytes) -> tuple[int, int, int]:
        height, width = encoded.shape[:2]
        channels = encoded.shape[2] if encoded.ndim == 3 else 0
        if shape != _SHAPE.pack(height, width, channels) or channels not in (0, 1, 3):
            given = "x".join(map(str, encoded.shape))
            raise CipherError(f"{self.card.name}: cipher image is {given}, but its header is of another shape")
        return height, width, channels


@cache
def _load(cipher: type[LiftingCipher], pair: int) -> dict[str, TrainedNetwork]:
    path = cipher.weight_file(pair)
    manifest = load_manifest(path)
    recipe = trained_recipe(cipher.recipe("cpu"), manifest)
    if not isinstance(recipe, LiftingRecipe):
        raise TypeError(f"{cipher.__name__}.recipe is {type(recipe).__name__}, wanted a LiftingRecipe")
    arrays = load_arrays(path)

    def network(name: str) -> Lifting:
        begin = f"{recipe.weights_of(name)}."
        own = {key.removeprefix(begin): array for key, array in arrays.items() if key.startswith(begin)}
        return Lifting(recipe.lifting_size(name), own)

    try:
        if unknown := {key.partition(".")[0] for key in arrays} - set(recipe.shipped):
            raise ValueError(f"there is {min(unknown)}, wanted {', '.join(recipe.shipped)}")
        return {
            "encoder": LiftingPair(network("encoder"), network("grey")),
            "decoder": LiftingPair(network("decoder"), network("grey_decoder")),
        }
    except ValueError as error:
        line = f"{path}: weights of another network ({error}); {remedy(path, manifest.cipher)}"
        raise WeightsError(line) from error
