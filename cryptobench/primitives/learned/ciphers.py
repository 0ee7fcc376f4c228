"""Base classes of ciphers that are an encoder and a decoder network: weights, shapes, grey images, header, key."""

from __future__ import annotations

import copy
import inspect
import struct
from abc import abstractmethod
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Encrypted, Image, stage
from cryptobench.keyless import keyed, keyless
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes, pwlcm_streams
from cryptobench.primitives.learned.inference.network import Network, crop_to, has_kernels, pad_to_multiple
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.primitives.learned.requirement import require_openvino, require_torch
from cryptobench.primitives.learned.weights import (
    WeightsError,
    load_arrays,
    load_manifest,
    load_weights,
    remedy,
    trained_recipe,
)  # fmt: skip

__all__ = [
    "SHAPE_BYTES", "Bytes", "DiffusedCipher", "LearnedCipher", "MaskedCipher", "WeightKeyCipher", "as_colour",
    "keystreams", "split_header", "with_channels",
]  # fmt: skip

Bytes = NDArray[np.uint8]

_SHAPE = struct.Struct("<IIB")
SHAPE_BYTES = _SHAPE.size


class TrainedNetwork(Protocol):
    """(H, W, C) uint8 to uint8, and the same network with every weight w changed to w (1 + relative z)."""

    def __call__(self, image: Image) -> Image: ...
    def disturbed(self, relative: float, seed: int) -> TrainedNetwork: ...


class LearnedCipher(Cipher):
    """An encoder and a decoder network. Subclasses set ``weights`` and ``recipe``, and call ``encode`` and ``decode``.

    ``weights`` names the trained pairs that are shipped, files in the folder ``weights`` beside the source of the
    class that sets it (or paths relative to it that end in .safetensors). A grey image is carried as three equal
    channels, so its cipher image has three; the decoded channels are averaged. The header's first 9 bytes are the
    plaintext's height, width (uint32) and channels (uint8, 0 for a 2-D array), little-endian. ``multiple`` is what the
    networks need the sides of an image to be a multiple of; others are mirrored at the bottom and the right edge.
    """

    weights: ClassVar[tuple[str, ...]]
    multiple: ClassVar[int] = 2
    fast = False  # whether the networks run in a library; see `on_library`

    @classmethod
    @abstractmethod
    def recipe(cls, preset: str) -> Recipe:
        """How the weights are trained; presets are "cpu" (what is shipped) and "paper"."""

    @classmethod
    def weight_file(cls, pair: int = 0) -> Path:
        """Where the weights of a pair are."""
        name = cls.weights[pair]
        owner = next(base for base in cls.__mro__ if "weights" in base.__dict__)
        folder = Path(inspect.getfile(owner)).resolve().parent
        return folder / name if name.endswith(".safetensors") else folder / "weights" / f"{name}.safetensors"

    def networks(self, pair: int = 0) -> Mapping[str, TrainedNetwork]:
        """Encoder and decoder of a trained pair; raises WeightsError if they are missing or altered.

        Those of the sizes that the package knows need no torch.
        """
        return _load(type(self), pair, self.fast)

    def on_library(self) -> Self:
        """The same cipher with its networks run by OpenVINO (`LibraryNetwork`), and with a card that says so.

        Its ciphertexts differ by rounding between processors. CipherError where OpenVINO is not installed, or the
        networks are of a kind that has no other form, as whole numbers.
        """
        if type(self).networks is not LearnedCipher.networks:
            raise CipherError(f"{self.card.name}: its networks have one form only, in which every machine agrees")
        require_openvino(f"{self.card.name}, run fast,", CipherError)
        other = copy.copy(self)
        other.fast, other.card = True, self.card.on_library()  # type: ignore[misc]
        return other

    def trained_minutes(self, pair: int = 0) -> float:
        """How long the weights of a pair were trained, as their manifest says: of processor time on a CPU."""
        return load_manifest(self.weight_file(pair)).minutes

    def encode(self, image: Image, pair: int = 0) -> tuple[Image, bytes]:
        """The network's ciphertext, (H', W', 3) with H' and W' the next multiples, and the shape for the header."""
        encoded = keyless(self, pair, image, lambda: self._encode(image, pair))
        channels = image.shape[2] if image.ndim == 3 else 0
        return encoded, _SHAPE.pack(image.shape[0], image.shape[1], channels)

    def _encode(self, image: Image, pair: int) -> Image:
        with stage("network"):
            return self.networks(pair)["encoder"](pad_to_multiple(as_colour(image), self.multiple))

    def decode(self, encoded: Image, shape: bytes, pair: int = 0) -> Image:
        """The plaintext's estimate; raises CipherError if ``shape`` is not that of this cipher image."""
        return self._decode(self.networks(pair)["decoder"], encoded, shape)

    def _decode(self, decoder: TrainedNetwork, encoded: Image, shape: bytes) -> Image:
        height, width, channels = self.plain_shape(encoded, shape)
        with stage("network"):
            colour = crop_to(decoder(encoded), height, width)
        return with_channels(colour, channels)

    def decode_disturbed(self, encoded: Image, shape: bytes, relative: float, seed: int, pair: int = 0) -> Image:
        """`decode` with every decoder weight w changed to w (1 + relative z), z standard normal."""
        decoder = self.networks(pair)["decoder"].disturbed(relative, seed)
        return self._decode(decoder, encoded, shape)

    def encoded_shape(self, height: int, width: int) -> tuple[int, int, int]:
        """The shape of the network's ciphertext of an image of that size."""
        return height + -height % self.multiple, width + -width % self.multiple, 3

    def plain_shape(self, encoded: Image, shape: bytes) -> tuple[int, int, int]:
        """(height, width, channels) from the header, checked against the cipher image."""
        if len(shape) != SHAPE_BYTES:
            raise CipherError(f"{self.card.name}: header has {len(shape)} bytes for the shape, wanted {SHAPE_BYTES}")
        height, width, channels = _SHAPE.unpack(shape)
        if encoded.shape != self.encoded_shape(height, width) or channels not in (0, 1, 3):
            raise CipherError(
                f"{self.card.name}: cipher image is {'x'.join(map(str, encoded.shape))}, but its header is of a "
                f"{height}x{width} image with {channels} channel(s)"
            )
        return height, width, channels


@cache
def _load(cipher: type[LearnedCipher], pair: int, fast: bool) -> dict[str, TrainedNetwork]:
    path = cipher.weight_file(pair)
    manifest = load_manifest(path)
    # The manifest says how large the networks are, so that weights of any preset or settings can be loaded.
    recipe = trained_recipe(cipher.recipe("cpu"), manifest)
    if cipher.multiple % (wanted := getattr(recipe, "multiple", 1)):
        raise WeightsError(
            f"{path}: its networks take sides that are multiples of {wanted}, and {cipher.__name__} carries images to "
            f"multiples of {cipher.multiple}; write multiple = {wanted} into the class"
        )
    sizes = {name: size for name in _needed_by(recipe) if (size := recipe.size(name)) is not None and has_kernels(size)}
    if not sizes.keys() >= set(recipe.shipped):
        if fast:
            raise CipherError(f"{path}: these networks run on PyTorch alone; leave out the fast way")
        return _load_with_torch(path, recipe)
    stored: dict[str, dict[str, NDArray[np.floating]]] = {name: {} for name in recipe.shipped}
    try:
        for name, array in load_arrays(path).items():
            network, _, rest = name.partition(".")
            stored.setdefault(network, {})[rest] = array
        if unknown := stored.keys() - set(recipe.shipped):
            raise ValueError(f"there is {min(unknown)}, wanted {', '.join(recipe.shipped)}")
        made = {name: Network(size, stored[recipe.weights_of(name)]) for name, size in sizes.items()}
    except ValueError as error:
        if isinstance(error, WeightsError):
            raise
        line = f"{path}: weights of another network ({error}); {remedy(path, manifest.cipher)}"
        raise WeightsError(line) from error
    if not fast:
        return dict(made)
    from cryptobench.primitives.learned.inference.library import LibraryNetwork

    return {name: LibraryNetwork(network.size, network.arrays) for name, network in made.items()}


def _load_with_torch(path: Path, recipe: Recipe) -> dict[str, TrainedNetwork]:
    """Networks of other classes, or with layers that there are no kernels for."""
    require_torch(f"the network of {path.name}", CipherError)
    from torch import nn

    from cryptobench.primitives.learned.inference.forward import TorchNetwork

    everything = recipe.networks()
    load_weights(path, nn.ModuleDict({name: everything[name] for name in recipe.shipped}))
    return {name: TorchNetwork(everything[name].eval()) for name in _needed_by(recipe) if name in everything}


def _needed_by(recipe: Recipe) -> tuple[str, ...]:
    """The networks whose weights are stored, and the decoder, which may be on the encoder's."""
    return tuple(dict.fromkeys((*recipe.shipped, "decoder")))


def as_colour(image: Image) -> Image:
    """(H, W, 3), a grey image as three equal channels."""
    if image.ndim == 3 and image.shape[2] == 3:
        return image
    plane = image if image.ndim == 2 else image[..., 0]
    return np.repeat(plane[..., None], 3, axis=2)


def with_channels(colour: Image, channels: int) -> Image:
    """The inverse of `as_colour`: three channels as they are, or their mean; 0 is for an array of two axes."""
    if channels == 3:
        return colour
    grey: Image = np.rint(colour.mean(2, dtype=np.float32)).astype(np.uint8)
    return grey[..., None] if channels == 1 else grey


class DiffusedCipher(LearnedCipher):
    """Encode, then diffuse the ciphertext's bytes in C order. The header is the plaintext's shape and the nonce.

    The trained pair is fixed (``pair``, the first one): the key acts on the diffusion only.
    """

    pair: ClassVar[int] = 0

    @abstractmethod
    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The cipher bytes of ``data``, as many."""

    @abstractmethod
    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The inverse of `diffuse`."""

    def nonce_for(self, encoded: Image, nonce: bytes) -> bytes:
        """The nonce that goes into the header; a subclass may take a hash of the network's ciphertext instead."""
        return nonce

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encoded, shape = self.encode(image, self.pair)
        nonce = self.nonce_for(encoded, nonce)
        diffused = self.diffuse(encoded.ravel(), key, nonce)
        return Encrypted(diffused.reshape(encoded.shape), shape + nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return self.decode(self.intermediate(encrypted, key), encrypted.header[:SHAPE_BYTES], self.pair)

    def intermediate(self, encrypted: Encrypted, key: bytes) -> Image:
        """The network's ciphertext, with the diffusion undone; raises CipherError for a header of another cipher."""
        shape, nonce = split_header(self.card.name, encrypted)
        self.plain_shape(encrypted.image, shape)
        data = np.ascontiguousarray(encrypted.image).ravel()
        return self.undo_diffusion(data, key, nonce).reshape(encrypted.image.shape)


class MaskedCipher(LearnedCipher):
    """Diffuse the image's bytes in C order, then encode. The header is the plaintext's shape and the nonce.

    The trained pair is the first one: the key acts on the diffusion only.
    """

    @abstractmethod
    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The bytes of ``data`` before the network, as many."""

    @abstractmethod
    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The inverse of `diffuse`."""

    def diffused(self, image: Image, key: bytes, nonce: bytes) -> Image:
        """What the network is given: (H', W', 3) with H' and W' the next multiples."""
        colour = pad_to_multiple(as_colour(image), self.multiple)
        return self.diffuse(np.ascontiguousarray(colour).ravel(), key, nonce).reshape(colour.shape)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        given = self.diffused(image, key, nonce)
        with stage("network"):
            encoded = self.networks()["encoder"](given)
        channels = image.shape[2] if image.ndim == 3 else 0
        return Encrypted(encoded, _SHAPE.pack(image.shape[0], image.shape[1], channels) + nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        shape, nonce = split_header(self.card.name, encrypted)
        height, width, channels = self.plain_shape(encrypted.image, shape)
        with stage("network"):
            decoded = self.networks()["decoder"](np.ascontiguousarray(encrypted.image))
        colour = self.undo_diffusion(decoded.ravel(), key, nonce).reshape(decoded.shape)
        return with_channels(crop_to(colour, height, width), channels)


def split_header(name: str, encrypted: Encrypted) -> tuple[bytes, bytes]:
    """The shape and the nonce of a header; CipherError for one of another length, or a secret."""
    header = encrypted.header
    if len(header) != SHAPE_BYTES + NONCE_BYTES or encrypted.secret:
        raise CipherError(
            f"{name}: header has {len(header)} bytes and the secret {len(encrypted.secret)}, wanted "
            f"{SHAPE_BYTES + NONCE_BYTES} (shape and nonce) and none"
        )
    return header[:SHAPE_BYTES], header[SHAPE_BYTES:]


def keystreams(key: bytes, nonce: bytes, count: int) -> tuple[Bytes, Bytes, int, int]:
    """Two PWLCM streams of ``count`` bytes, one for each pass, and the two bytes that start the passes."""
    with stage("keystream"):
        return keyed(_keystreams, key, nonce, count)


def _keystreams(key: bytes, nonce: bytes, count: int) -> tuple[Bytes, Bytes, int, int]:
    start, end = pwlcm_bytes(key, nonce, "iv", 2).tolist()
    k1, k2 = pwlcm_streams(key, nonce, ("k1", "k2"), count)
    return k1, k2, start, end


class WeightKeyCipher(LearnedCipher):
    """The encoder's 8-bit output is the ciphertext. The key's first byte, modulo the number of pairs, selects one.

    The header is the plaintext's shape.
    """

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(*self.encode(image, self.pair_of(key)))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != SHAPE_BYTES or encrypted.secret:
            raise CipherError(
                f"{self.card.name}: header has {len(encrypted.header)} bytes and the secret {len(encrypted.secret)}, "
                f"wanted {SHAPE_BYTES} (the shape) and none"
            )
        return self.decode(encrypted.image, encrypted.header, self.pair_of(key))

    def pair_of(self, key: bytes) -> int:
        """The trained pair that ``key`` selects."""
        return key[0] % len(self.weights)
