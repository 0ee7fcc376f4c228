"""Fang, Liu, Wu & Liu 2021: a GAN's key stream, a Feistel network on chained blocks, DNA coding by dynamic rules."""

from __future__ import annotations

import inspect
import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.diffusion.dna import DEC, ENC, add, subtract
from cryptobench.primitives.chaos.diffusion.feistel import feistel_chain, feistel_unchain
from cryptobench.primitives.chaos.key_schedule.keys import require_session, session_of
from cryptobench.primitives.chaos.maps.flows import HyperLorenz
from cryptobench.primitives.chaos.permutation.sorting import argsort
from cryptobench.primitives.learned.integer_mlp import IntegerMlp
from cryptobench.primitives.learned.weights import load_arrays

if TYPE_CHECKING:
    from cryptobench.primitives.learned.byte_gan import ByteGanRecipe

__all__ = ["SHAPE_BYTES", "Fang2021", "KeyStream", "gan_bytes", "pack_shape", "unpack_shape"]

SIDE = 16  # of a block
AREA = SIDE * SIDE
ROUNDS = 4
_SHAPE = struct.Struct("<III")
SHAPE_BYTES = _SHAPE.size
PRESETS: dict[str, dict[str, Any]] = {"cpu": {"steps": 2000}, "paper": {"steps": 20_000}}


@cache
def generator_of(cipher: type[Fang2021]) -> IntegerMlp:
    """The trained generator; raises WeightsError if its file is missing or altered."""
    weights = Path(inspect.getfile(cipher)).resolve().parent / cipher.weights[0]
    return IntegerMlp.of(load_arrays(weights, "fang2021"), "generator.")


def gan_bytes(G: IntegerMlp, orbit: HyperLorenz, count: int) -> Image:
    """``count`` bytes of the generator, one chunk for every 64 latent values; these are the orbit's bytes, signed."""
    chunks = -(-count // G.outputs)
    latent = orbit.bytes(chunks * G.inputs).view(np.int8).reshape(chunks, G.inputs)
    return G(latent, count).ravel()[:count]  # of a single chunk no more than that is computed


class KeyStream(NamedTuple):
    """What key and session give an image of N blocks."""

    order: NDArray[np.int32]  # (N,): the block that comes to each place
    box: Image  # S-box
    starts: Image  # (2, AREA): what the first and the last block are chained to
    rounds: Image  # (2, N, ROUNDS): round keys of the two passes
    rules: NDArray[np.uint16]  # (N SIDE,): bits 0-2, 3-5, 6-8 are d1, d2, d3 of a block's row, bit 9 says XOR
    dna: Image  # (N, AREA): the bytes whose DNA code is added

    @classmethod
    def of(cls, G: IntegerMlp, key: bytes, session: bytes, N: int) -> KeyStream:
        """Read one orbit in the order of the fields, then the latent values, then the bytes that whiten the GAN's."""
        with stage("key"):
            orbit = HyperLorenz.of(key, session, "fang2021")
            box = argsort((orbit.words(256) & 0xFFFFFF).astype(np.float64)).astype(np.uint8)
        with stage("keystream"):
            order = argsort((orbit.words(N) & 0xFFFFFF).astype(np.float64))
            starts = orbit.bytes(2 * AREA).reshape(2, AREA)
            rules = (orbit.words(N * SIDE) & 0x3FF).astype(np.uint16)
        with stage("network"):
            stream = gan_bytes(G, orbit, N * (2 * ROUNDS + AREA))
        with stage("keystream"):
            stream ^= orbit.bytes(len(stream))
            rounds, dna = stream[: N * 2 * ROUNDS], stream[N * 2 * ROUNDS :]
        return cls(order, box, starts, rounds.reshape(2, N, ROUNDS), rules, dna.reshape(N, AREA))


@njit(cache=True, nogil=True)
def dna_rows(blocks: Image, keys: Image, rules: NDArray[np.uint16], back: bool) -> Image:
    """DEC[d3][ENC[d1][p] op ENC[d2][k]] with op addition or XOR, rules by rows of 16 bytes; ``back`` undoes it."""
    out = np.empty(blocks.size, np.uint8)
    flat, k = blocks.ravel(), keys.ravel()
    for row in range(len(rules)):
        w = np.int64(rules[row])
        first, second, third, xors = ENC[w & 7], ENC[w >> 3 & 7], w >> 6 & 7, w >> 9
        for i in range(row * SIDE, (row + 1) * SIDE):
            share = np.int64(second[k[i]])
            if back:
                e = np.int64(ENC[third, flat[i]])
                out[i] = DEC[w & 7, e ^ share if xors else subtract(e, share)]
            else:
                a = np.int64(first[flat[i]])
                out[i] = DEC[third, a ^ share if xors else add(a, share)]
    return out.reshape(blocks.shape)


def to_blocks(image: Image) -> Image:
    """(H, W) or (H, W, C), sides padded with zeros to multiples of 16, as blocks of one channel in turn: (N, 256)."""
    H, W, C = (*padded(image.shape), 1)[:3]
    planes = np.zeros((H, W, C), np.uint8)  # `np.pad` takes as long as a small image's chain
    planes[: len(image), : image.shape[1]] = image.reshape(*image.shape[:2], -1)
    return planes.reshape(H // SIDE, SIDE, W // SIDE, SIDE, C).transpose(0, 2, 4, 1, 3).reshape(-1, AREA)


def from_blocks(blocks: Image, shape: tuple[int, ...]) -> Image:
    """The inverse of `to_blocks`: an image whose padded shape is ``shape``."""
    H, W, C = (*shape, 1)[:3]
    planes = blocks.reshape(H // SIDE, W // SIDE, C, SIDE, SIDE).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(planes).reshape(shape)


def pack_shape(image: Image) -> bytes:
    """Height, width and channels as three little-endian uint32; no channels, 0, for a 2-D image."""
    return _SHAPE.pack(*image.shape[:2], image.shape[2] if image.ndim == 3 else 0)


def unpack_shape(name: str, header: bytes) -> tuple[int, ...]:
    """The shape of a header of `pack_shape`; raises `CipherError` for a header of another length or an empty image."""
    if len(header) != SHAPE_BYTES:
        raise CipherError(f"{name}: header has {len(header)} bytes, wanted {SHAPE_BYTES}: height, width and channels")
    height, width, channels = _SHAPE.unpack(header)
    if not (height and width):
        raise CipherError(f"{name}: header is of an image of {height} x {width} pixels, wanted at least one")
    return (height, width, channels) if channels else (height, width)


class Fang2021(Cipher):
    """Permute blocks, chain them forwards through a Feistel network, DNA-code them, chain them backwards.

    ``weights`` is the generator's file, relative to the class's own.
    """

    card = Card(
        name="fang2021",
        title="A secure chaotic block image encryption algorithm using generative adversarial networks and DNA "
        "sequence coding",
        authors="P. Fang, H. Liu, C. Wu, M. Liu",
        year=2021,
        doi="10.1155/2021/6691547",
        family="learned",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed with the image's hash to the hyperchaotic system's initial values"),),
        deviations=(
            "Reconstructed from the title, the abstract of a follow-up by the same group and a summary of such "
            "schemes: a hyperchaotic system, a GAN that learns its key streams, an improved generalised Feistel "
            "structure on blocks, DNA coding with dynamic rules. Every constant and the order of steps are ours.",
            "System: 4D hyperchaotic Lorenz, a = 10, b = 8/3, c = 28, r = -1, Runge-Kutta of order 4, step 0.002, "
            "3000 steps of burn-in. A byte is floor(1e10 frac|v|) mod 256.",
            "Key: SHA-256 in counter mode over key and SHA-256 of the image gives the initial state in (-5, 5); the "
            "hash of the image is the per-message secret.",
            "GAN: generator 64-128-256-1024, critic 1024-256-64-1, leaky ReLU of slope 1/4, sigmoid, binary "
            "cross-entropy, Adam 2e-4 with decay, 2000 steps on chunks of 1024 bytes of the system. The generator's "
            "weights are public.",
            "The generator is evaluated in integers (16-bit weights, exact sums, a table for the sigmoid): "
            "floating-point sums differ between machines, and one wrong byte would spoil a block.",
            "The GAN's bytes are far from uniform: entropy 7.68 bit, the most frequent value 2.5 times too frequent. "
            "Its stream is XORed with fresh bytes of the system; those alone would do, and the GAN adds no security.",
            "Blocks of 16 x 16 samples of one channel, sides padded with zeros; the order of blocks is an argsort of "
            "words of the system.",
            "Feistel: halves of 128 bytes, 4 rounds, one key byte k a round. F: rotate a byte by k mod 8, add k and "
            "the byte that F gave before, S-box; the first starts from the half's last byte. Without this running sum "
            "a change would stay in two places of each block.",
            "S-box: an argsort of 256 words of the system.",
            "Chain: each block is XORed with the last cipher block before its rounds, forwards, and backwards in a "
            "second pass after the DNA stage, with other round keys.",
            "DNA: for each row of 16 samples in a block three of the eight rules, and addition or XOR, by the system; "
            "the key bases are the whitened GAN bytes.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. DNA coding under a fixed rule is a substitution of bit "
            "pairs (known in general). With the image's hash fixed, permutation, chains and key stream are "
            "fixed.",
        ),
    )

    weights: ClassVar[tuple[str, ...]] = ("weights/fang2021.safetensors",)

    def generator(self) -> IntegerMlp:
        """The trained generator; raises WeightsError if its file is missing or altered."""
        return generator_of(type(self))

    @classmethod
    def recipe(cls, preset: str) -> ByteGanRecipe:
        """How the generator is trained: presets "cpu" (what is shipped) and "paper"."""
        from cryptobench.primitives.learned.byte_gan import ByteGanRecipe
        from cryptobench.primitives.learned.recipe import settings_of

        return ByteGanRecipe(**settings_of(PRESETS, preset))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            session = session_of("fang2021", image, secret)
        blocks = to_blocks(image)
        keys = keyed(_key_stream, type(self), key, session, len(blocks))
        with stage("permutation"):
            blocks = blocks[keys.order]
        with stage("diffusion"):
            blocks = feistel_chain(blocks, keys.rounds[0], keys.box, keys.starts[0], False)
            blocks = dna_rows(blocks, keys.dna, keys.rules, False)
            blocks = feistel_chain(blocks, keys.rounds[1], keys.box, keys.starts[1], True)
        return Encrypted(from_blocks(blocks, padded(image.shape)), pack_shape(image), session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        shape = unpack_shape("fang2021", encrypted.header)
        session = require_session("fang2021", encrypted.secret)
        if encrypted.image.shape != padded(shape):
            given, whole = ("x".join(map(str, s)) for s in (encrypted.image.shape, shape))
            raise CipherError(f"fang2021: cipher image is {given}, but its header is of an image of {whole}")
        blocks = to_blocks(encrypted.image)
        keys = keyed(_key_stream, type(self), key, session, len(blocks))
        with stage("diffusion"):
            blocks = feistel_unchain(blocks, keys.rounds[1], keys.box, keys.starts[1], True)
            blocks = dna_rows(blocks, keys.dna, keys.rules, True)
            blocks = feistel_unchain(blocks, keys.rounds[0], keys.box, keys.starts[0], False)
        with stage("permutation"):
            plain = np.empty_like(blocks)
            plain[keys.order] = blocks
        return np.ascontiguousarray(from_blocks(plain, padded(shape))[: shape[0], : shape[1]])


def _key_stream(cipher: type[Fang2021], key: bytes, session: bytes, N: int) -> KeyStream:
    return KeyStream.of(generator_of(cipher), key, session, N)


def padded(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Height and width up to the next multiples of 16; channels as they are."""
    return (shape[0] + -shape[0] % SIDE, shape[1] + -shape[1] % SIDE, *shape[2:])
