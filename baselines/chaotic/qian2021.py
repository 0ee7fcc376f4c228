"""Qian, Yang, Li, Liu, Wu & Wang 2021, as attributed: XOR with a 3D logistic map, a cube's 3D cat map, a cuboid."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.key_schedule.keys import bit_fields
from cryptobench.primitives.chaos.maps.three_dimensional import logistic3d_step
from cryptobench.primitives.chaos.permutation.index import Order, cat3d_matrix, cat3d_targets, gather, scatter
from cryptobench.primitives.chaos.permutation.rotations import transposed

__all__ = ["KeySchedule", "Qian2021", "Sizes", "cat_power", "cube_targets", "key_schedule", "keystream"]

LAMBDA, BETA, ALPHA = 3.77, 0.0157, 0.0125  # of the 3D logistic map, the same for all keys
MAX_SAMPLES = 2**29  # the cube's places are int32
PLANES = 3  # of the key stream: plane p of an image takes p mod 3
HEADER = struct.Struct(">II")  # height and width of the plaintext


class KeySchedule(NamedTuple):
    """Key 1, the state (x0, y0, z0) in (0.1, 0.9); key 2, the cat map's t and (ax, ay, az, bx, by, bz)."""

    state: tuple[float, float, float]
    t: int
    cat: tuple[int, ...]


def key_schedule(key: bytes) -> KeySchedule:
    """208 bits: three states of 48, v as 0.1 + 0.8 (v + 1/2) / 2^48; t - 1 of 4; six numbers of 10."""
    x, y, z, t, *cat = bit_fields(key, [48, 48, 48, 4, *[10] * 6])
    first, second, third = (0.1 + 0.8 * ((v + 0.5) / 2.0**48) for v in (x, y, z))
    return KeySchedule((first, second, third), t + 1, tuple(cat))


class Sizes(NamedTuple):
    """An image of ``channels`` planes of ``plane`` samples in a cube of side N and a cuboid of M x M x channels."""

    plane: int
    channels: int
    N: int
    M: int

    @classmethod
    def of(cls, height: int, width: int, channels: int) -> Sizes:
        """The smallest N with N^3 >= all samples, and the smallest M with channels M^2 >= N^3."""
        samples, N = height * width * channels, 1
        while samples > N**3:
            N += 1
        M = max(1, math.isqrt(N**3 // channels))
        while channels * M**2 < N**3:
            M += 1
        return cls(height * width, channels, N, M)

    @property
    def fillings(self) -> tuple[int, int]:
        """Bytes that fill the cube, and then the cuboid."""
        return self.N**3 - self.plane * self.channels, self.channels * self.M**2 - self.N**3


@njit(cache=True, nogil=True)
def keystream(x: float, y: float, z: float, n: int) -> Image:
    """floor(1e14 v + 1/2) mod 256 of the n states after the first: (3, n)."""
    out = np.empty((3, n), np.uint8)
    for i in range(n):
        x, y, z = logistic3d_step(x, y, z, LAMBDA, BETA, ALPHA)
        out[0, i] = np.uint8(np.int64(1e14 * x + 0.5))
        out[1, i] = np.uint8(np.int64(1e14 * y + 0.5))
        out[2, i] = np.uint8(np.int64(1e14 * z + 0.5))
    return out


def cat_power(t: int, cat: Sequence[int], N: int) -> NDArray[np.int64]:
    """A^t mod N of the 3D cat map with (ax, ay, az, bx, by, bz): (3, 3), of determinant 1 mod N."""
    ax, ay, az, bx, by, bz = cat
    step = np.array([[value % N for value in row] for row in cat3d_matrix(ax, bx, ay, by, az, bz)], np.int64)
    power = np.eye(3, dtype=np.int64)
    for _ in range(t):
        power = power @ step % N
    return power


def cube_targets(t: int, cat: Sequence[int], N: int) -> Order:
    """Where each cell of the cube goes, (N^3,): A^t (i, j, k) mod N, from places counted from 1, i the fastest."""
    power = cat_power(t, cat, N)
    from_0 = cat3d_targets(power[::-1, ::-1].tolist(), N).reshape(N, N, N)  # coordinates slowest first
    return np.roll(from_0, -1, axis=(0, 1, 2)).ravel()


def _by_columns(image: Image) -> NDArray[np.uint8]:
    """(H, W, C) as planes column by column: (C, W, H)."""
    height, width, channels = image.shape
    flipped = transposed(image.reshape(height, width * channels)).reshape(width, channels, height)
    return np.ascontiguousarray(flipped.transpose(1, 0, 2))


def _by_rows(planes: NDArray[np.uint8]) -> Image:
    """The inverse of `_by_columns`."""
    channels, width, height = planes.shape
    return transposed(planes.transpose(1, 0, 2).reshape(width * channels, height)).reshape(height, width, channels)


class Qian2021(Cipher):
    """A key stream and a permutation that no plaintext changes; what fills the cube and the cuboid is thrown away."""

    card = Card(
        name="qian2021",
        title="A novel color image encryption algorithm based on three-dimensional chaotic maps and reconstruction "
        "techniques",
        authors="Qian, Yang, Li, Liu, Wu, Wang",
        year=2021,
        family="chaotic",
        fidelity="B-",
        key=(
            KeyField("x0", 48, "3D logistic map, (0.1, 0.9)"),
            KeyField("y0", 48, "3D logistic map, (0.1, 0.9)"),
            KeyField("z0", 48, "3D logistic map, (0.1, 0.9)"),
            KeyField("t", 4, "iterations of the 3D cat map, less one"),
            KeyField("ax", 10, "3D cat map"),
            KeyField("ay", 10, "3D cat map"),
            KeyField("az", 10, "3D cat map"),
            KeyField("bx", 10, "3D cat map"),
            KeyField("by", 10, "3D cat map"),
            KeyField("bz", 10, "3D cat map"),
        ),
        deviations=(
            "Attributed, not confirmed: two third-party programs do what the title says, step by step, and neither "
            "names the paper, which was not read. They are GitHub moksha09/Image-Encryption (MATLAB, encryption "
            "alone) and a MATLAB project with Chinese comments (both directions).",
            "Where the two differ: the key stream starts with the first new state, the filling comes first and the "
            "planes in reverse order, layers of the cube go last to first, and the cat matrix has ay bz in row 2, "
            "column 3, as in the second. Cells move all at once, as in the first; the second swaps them one by one.",
            "Map parameters: fixed at (3.77, 0.0157, 0.0125) and no part of the key. Over the published range 7 % of "
            "random keys end in cycles of at most 256 steps.",
            "Key: the layout of 208 bits is ours; the programs take decimal numbers, of which 14 digits are kept.",
            "Filling: SHAKE-256 of key and nonce; the programs call a random generator. The receiver throws it away, "
            "so that the nonce is not sent.",
            "The header has height and width, which a receiver needs.",
            "Other numbers of channels: plane p takes sequence p mod 3, a grey image the first; the cuboid has as many "
            "planes as the image.",
        ),
        known_attacks=(
            "No published attack on this cipher was found. By its structure: key stream and permutation depend on "
            "neither plaintext nor nonce, so that a black image and ceil(log256 N^3) images of the samples' indices "
            "decrypt everything, 4 queries at 256x256x3; places of the filling are those that change with the nonce.",
            "By its structure: two ciphertexts of one 256x256x3 image agree in 95 % of their samples, nonce or not.",
            "By its structure: t and the six numbers of the cat map act through nine residues modulo the side of the "
            "cube alone; its last cell goes to its first under every key.",
            "By its structure: from x0 = y0 = z0 the map never leaves x = y = z, and all planes share one key stream.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("qian2021", secret=secret)
        height, width = image.shape[:2]
        sizes, K, targets = keyed(_sequences, key, height, width, image.size // (height * width))
        M, channels, (cube, cuboid) = sizes.M, sizes.channels, sizes.fillings
        filling = np.frombuffer(hashlib.shake_256(b"qian2021" + key + nonce).digest(cube + cuboid), np.uint8)
        with stage("diffusion"):
            planes = _by_columns(image.reshape(height, width, channels)).reshape(channels, -1)
            planes ^= K[np.arange(channels) % PLANES]
        with stage("permutation"):
            moved = scatter(np.concatenate([filling[:cube], planes[::-1].ravel()]), targets)
            layers = moved.reshape(sizes.N, -1)[::-1].ravel()
            c = _by_rows(np.concatenate([filling[cube:], layers]).reshape(channels, M, M))
        return Encrypted(c[:, :, 0] if image.ndim == 2 else c, HEADER.pack(height, width))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("qian2021", secret=encrypted.secret)
        image = encrypted.image
        height, width, channels = _plain_shape(encrypted)
        sizes, K, targets = keyed(_sequences, key, height, width, channels)
        cube, cuboid = sizes.fillings
        with stage("permutation"):
            layers = _by_columns(image.reshape(sizes.M, sizes.M, channels)).ravel()[cuboid:]
            moved = gather(layers.reshape(sizes.N, -1)[::-1].ravel(), targets)
        with stage("diffusion"):
            planes = moved[cube:].reshape(channels, -1)[::-1] ^ K[np.arange(channels) % PLANES]
            p = _by_rows(planes.reshape(channels, width, height))
        return p[:, :, 0] if image.ndim == 2 else p


def _sequences(key: bytes, height: int, width: int, channels: int) -> tuple[Sizes, Image, Order]:
    require_samples("qian2021", height * width * channels, MAX_SAMPLES)
    with stage("key"):
        keys, sizes = key_schedule(key), Sizes.of(height, width, channels)
    with stage("keystream"):
        K = keystream(*keys.state, height * width)
    with stage("permutation"):
        targets = cube_targets(keys.t, keys.cat, sizes.N)
    return sizes, K, targets


def _plain_shape(encrypted: Encrypted) -> tuple[int, int, int]:
    """Height, width and channels of the plaintext; `CipherError` if header and cipher image do not fit."""
    given, found = len(encrypted.header), encrypted.image.shape
    if given != HEADER.size:
        raise CipherError(f"qian2021: header has {given} bytes, wanted the {HEADER.size} that encrypt returned")
    height, width = HEADER.unpack(encrypted.header)
    channels = (*found, 1)[2]
    samples = height * width * channels
    M = Sizes.of(height, width, channels).M if 0 < samples <= MAX_SAMPLES else 0
    if found[:2] != (M, M):
        wanted = f"{M}x{M}" if M else "another header"
        raise CipherError(
            f"qian2021: header says {height}x{width} pixels and the cipher image is {found[0]}x{found[1]}, wanted "
            f"{wanted}; pass both as encrypt returned them"
        )
    return height, width, channels
