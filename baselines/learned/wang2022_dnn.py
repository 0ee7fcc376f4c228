"""Wang & Zhang 2022: an untrained network whose weights are DCT rows in the order of logistic orbits."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_rounds
from cryptobench.primitives.learned.dct_network import (
    LEAST,
    STEPS,
    Dct,
    FlatDct,
    FrameDct,
    Order,
    blocks_of,
    descend,
    in_order,
    logistic_order,
    out_of_order,
    read_outputs,
    rectified,
    samples_of,
    write_outputs,
)

__all__ = ["HEADER_BYTES", "Parameters", "Wang2022Dnn", "Wang2022Dnn8Bit", "parameters"]

_SIDES = struct.Struct(">II")
HEADER_BYTES = _SIDES.size
FIELD = 6  # bytes of a parameter
READINGS: dict[str, type[Dct]] = {"flat": FlatDct, "frame": FrameDct}
Floats = NDArray[np.float64]


class Parameters(NamedTuple):
    """Starts of the two logistic orbits, in (0, 1), and their mu, in (3.57, 4)."""

    r1: float
    r2: float
    mu1: float
    mu2: float


def parameters(key: bytes) -> Parameters:
    """Four 48-bit fields v of the key, the most significant first, as u = (v + 1/2) / 2^48; mu = 3.57 + 0.43 u."""
    fields = (int.from_bytes(key[first : first + FIELD], "big") for first in range(0, 4 * FIELD, FIELD))
    r1, r2, u1, u2 = ((v + 0.5) / 2.0**48 for v in fields)
    return Parameters(r1, r2, 3.57 + 0.43 * u1, 3.57 + 0.43 * u2)


class _Wang2022(Cipher):
    """x2 = max(W1 x, 0) and y = tanh(W2 x2) for each block of 64 x 64 samples of a channel.

    ``reading`` is "flat" or "frame" (see `primitives.learned.dct_network`), ``bits`` (8 or 16) are of a number y,
    ``sides`` the roots of the three layers' sizes, ``steps`` those of the descent that decrypts.
    """

    def __init__(
        self,
        bits: int,
        reading: str = "flat",
        sides: tuple[int, int, int] = (64, 95, 100),
        steps: int | None = None,
    ) -> None:
        name = self.card.name
        if bits not in (8, 16) or isinstance(bits, bool):
            raise CipherError(f"{name}: bits is {bits!r}, wanted 8 or 16")
        if reading not in READINGS:
            raise CipherError(f"{name}: reading is {reading!r}, wanted {' or '.join(READINGS)}")
        if len(sides) != 3 or not 1 <= sides[0] < sides[1] < sides[2]:
            raise CipherError(f"{name}: sides is {sides!r}, wanted three whole numbers, each above the one before")
        self.bits = bits
        self.sides = (sides[0], sides[1], sides[2])
        self.steps = STEPS[bits] if steps is None else require_rounds(name, steps)
        self.first: Dct = READINGS[reading](sides[0], sides[1])
        self.second: Dct = READINGS[reading](sides[1], sides[2])

    def orders(self, key: bytes) -> tuple[Order, Order]:
        """Which row of the base matrix stands in each row of W1 and of W2."""
        with stage("keystream"):
            return keyed(_orders, key, self.first.m, self.second.m)

    def outputs(self, image: Image, key: bytes) -> Floats:
        """y before it is recorded, in (-1, 1): (blocks, 10000)."""
        order1, order2 = self.orders(key)
        with stage("network"):
            hidden = rectified(self.first.apply(blocks_of(image, self.sides[0])), order1)
            z = self.second.apply(hidden)
            y: Floats = in_order(np.tanh(z, out=z), order2)
        return y

    def inputs(self, y: Floats, key: bytes) -> NDArray[np.float32]:
        """The blocks, (blocks, 4096) from 0 to 1, that explain outputs y in (-1, 1)."""
        order1, order2 = self.orders(key)
        with stage("network"):
            z = np.empty_like(y)
            out_of_order(np.arctanh(y), order2, z)
            hidden = np.empty((len(y), self.first.m), np.float32)
            out_of_order(self.second.invert(z), order1, hidden)
        with stage("descent"):
            return descend(self.first, hidden, LEAST[self.bits], self.steps)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data(self.card.name, secret=secret)
        y = self.outputs(image, key)
        with stage("recording"):
            rows, columns = self._tiles(*image.shape[:2])
            side = self.sides[2]
            cipher_image = write_outputs(y, side, (rows * side, columns * side, *image.shape[2:]), self.bits)
        return Encrypted(cipher_image, _SIDES.pack(*image.shape[:2]))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data(self.card.name, secret=encrypted.secret)
        height, width = self._plain_sides(encrypted)
        with stage("recording"):
            y = read_outputs(encrypted.image, self.sides[2], self.bits)
        x = self.inputs(y, key)
        rows, columns = self._tiles(height, width)
        side = self.sides[0]
        plain = samples_of(x, side, (rows * side, columns * side, *encrypted.image.shape[2:]))
        return np.ascontiguousarray(plain[:height, :width])

    def _tiles(self, height: int, width: int) -> tuple[int, int]:
        """How many blocks a plane has down and across."""
        return -(-height // self.sides[0]), -(-width // self.sides[0])

    def _plain_sides(self, encrypted: Encrypted) -> tuple[int, int]:
        """Height and width of the plaintext, by a header that fits the cipher image; CipherError for others."""
        name = self.card.name
        if len(encrypted.header) != HEADER_BYTES:
            raise CipherError(
                f"{name}: header has {len(encrypted.header)} bytes, wanted {HEADER_BYTES}: height and width"
            )
        height, width = _SIDES.unpack(encrypted.header)
        rows, columns = self._tiles(height, width)
        wanted = (rows * self.sides[2] * self.bits // 8, columns * self.sides[2])
        if not height or not width or encrypted.image.shape[:2] != wanted:
            given = "x".join(map(str, encrypted.image.shape[:2]))
            raise CipherError(f"{name}: cipher image is {given}, but its header is of an image of {height}x{width}")
        return height, width


def _orders(key: bytes, m1: int, m2: int) -> tuple[Order, Order]:
    k = parameters(key)
    return logistic_order(k.r1, k.mu1, m1), logistic_order(k.r2, k.mu2, m2)


class Wang2022Dnn(_Wang2022):
    """Two bytes for each output: a plane of high bytes above a plane of low bytes."""

    card = Card(
        name="wang2022-dnn",
        title="A novel image encryption algorithm with deep neural network",
        authors="C. Wang, Y. Zhang",
        year=2022,
        doi="10.1016/j.sigpro.2022.108536",
        family="learned",
        fidelity="B+",
        key=(
            KeyField("r1", 48, "start of the first layer's logistic orbit, in (0, 1)"),
            KeyField("r2", 48, "start of the second layer's"),
            KeyField("mu1", 48, "parameter of the first layer's logistic map, in (3.57, 4)"),
            KeyField("mu2", 48, "parameter of the second layer's"),
        ),
        deviations=(
            "The paper was read in full. It gives layers of 4096, 9025 and 10000, ReLU and tanh, rows of a DCT "
            "matrix in the ascending order of a logistic sequence, and decryption by optimisation. Nothing is "
            "trained.",
            "How a rectangular DCT matrix is formed is not said. Default: the first n columns of the orthonormal "
            "DCT-II matrix of order m. The option reading='frame' is the separable overcomplete DCT. The paper's own "
            "solver decrypts neither better nor worse than the paper says, so neither is excluded.",
            "How outputs are stored is not said: they are real numbers, and the paper's PSNR seems to be theirs. Here "
            "a number has 16 bits, so that the cipher image has 4.88 times the samples (wang2022-dnn-8bit: 8 bits, "
            "2.44 times). Real numbers would decrypt no better (a smooth picture 37.5 dB at 16 bits, 37.4 dB as "
            "float64 under the paper's threshold of 0, 31.9 dB at 8 bits) and take 19.5 times the plaintext.",
            "Planes are continued by their last row and column to multiples of 64; blocks are in reading order, each "
            "becomes a tile of 100 x 100 numbers. Each channel is encrypted by itself under the same orders. The "
            "header has height and width.",
            "Key: fields v of 48 bits as u = (v + 1/2) / 2^48 for both starts, 3.57 + 0.43 u for both mu. The paper "
            "counts 10^60 keys; finer fields would have bits without effect. Orbits drop no first values; the sort "
            "is stable.",
            "Decryption: the tanh layer has a closed inverse. The first layer is found by accelerated projected "
            "gradient (300 steps at 16 bits, 50 at 8) over images from 0 to 1, in place of the paper's AD-LPMM, "
            "which takes 5000 steps for less; both are given the same unknown. Outputs below 3e-4 (0.01 at 8 bits) "
            "count as switched off, since rounding would make others of them.",
        ),
        uses_nonce=False,
        lossless=False,
        cost="slow",
        known_attacks=(
            "No published attack on this scheme was found. Some 10,800 known blocks, 904 pictures of "
            "128 x 128 x 3, give both orders by linear algebra, and with them every image (attack wang2022_orders).",
            "Blocks are independent: equal blocks give equal tiles, a changed sample changes one tile, and a black "
            "block gives a flat tile under every key.",
            "The network is positively homogeneous: half the brightness halves every atanh y exactly, so brightness "
            "and contrast pass through.",
            "A tenth of all mu lie in periodic windows of the logistic map: there the order only sorts places by "
            "their residue. r and 1 - r give the same orbit but for rounding.",
        ),
    )

    def __init__(
        self,
        bits: int = 16,
        reading: str = "flat",
        sides: tuple[int, int, int] = (64, 95, 100),
        steps: int | None = None,
    ) -> None:
        super().__init__(bits, reading, sides, steps)


class Wang2022Dnn8Bit(_Wang2022):
    """One byte for each output: half the ciphertext of `Wang2022Dnn`, and a coarser decryption."""

    card = Card(
        name="wang2022-dnn-8bit",
        title="The network of wang2022-dnn with one byte for each output",
        family="learned",
        fidelity="B+",
        key=(
            KeyField("r1", 48, "start of the first layer's logistic orbit, in (0, 1)"),
            KeyField("r2", 48, "start of the second layer's"),
            KeyField("mu1", 48, "parameter of the first layer's logistic map, in (3.57, 4)"),
            KeyField("mu2", 48, "parameter of the second layer's"),
        ),
        deviations=(
            "A variant of wang2022-dnn: outputs have 8 bits, so that the cipher image has 2.44 times the samples of "
            "the plaintext and decryption loses more (a smooth picture 31.9 dB instead of 37.5).",
        ),
        uses_nonce=False,
        lossless=False,
        cost="slow",
        known_attacks=("As wang2022-dnn; rounding to 8 bits takes three times as many known blocks.",),
    )

    def __init__(
        self, reading: str = "flat", sides: tuple[int, int, int] = (64, 95, 100), steps: int | None = None
    ) -> None:
        super().__init__(8, reading, sides, steps)
