"""What an analysis needs of a cipher that is a neural network, and the flat images that networks are tried on."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptobench.cipher import Image

__all__ = ["FLAT_LEVELS", "NetworkCipher"]

FLAT_LEVELS = (0, 128, 255)


@runtime_checkable
class NetworkCipher(Protocol):
    """What a cipher offers, besides `Cipher`, to have its networks measured; `LearnedCipher` has it."""

    weights: tuple[str, ...]

    def trained_minutes(self, pair: int = 0) -> float: ...
    def encode(self, image: Image, pair: int = 0) -> tuple[Image, bytes]: ...
    def decode(self, encoded: Image, shape: bytes, pair: int = 0) -> Image: ...
    def decode_disturbed(self, encoded: Image, shape: bytes, relative: float, seed: int, pair: int = 0) -> Image: ...
