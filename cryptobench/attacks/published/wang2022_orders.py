"""Networks of sorted DCT rows: known pairs give the order of the rows by linear algebra, and with it every image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf
from cryptobench.primitives.learned.dct_network import (
    LEAST,
    STEPS,
    FlatDct,
    blocks_of,
    descend,
    read_outputs,
    samples_of,
    write_outputs,
)

__all__ = ["Wang2022Orders", "find_orders", "second_layer"]

_AT_ONCE = 1024  # rows of a matrix that are worked on together
_WAVES = 512  # lowest frequencies that place the columns
_RIDGE = 1e-9  # of the mean square of a hidden number: how far known blocks may be alike
Reals = NDArray[Any]
Order = NDArray[np.int64]


@dataclass(frozen=True)
class Wang2022Orders(Attack):
    """Solves for the second layer of y = tanh(W2 max(W1 x, 0)), a DCT matrix with its rows and columns out of order.

    The first layer's outputs are the attacker's own computation but for their order, and atanh y is linear in them:
    with more known blocks than hidden numbers, ``share`` times as many, least squares gives W2 with its columns in an
    unknown order. The row of the lowest frequency is known by its sorted entries, and places the columns roughly; the
    rows of the 4, 8, 16, ... lowest frequencies that are then found place them better, until all are right. The last
    known pair is not fitted: ``statistic`` is the share of the bytes of its cipher image that both orders predict.

    ``side``, ``hidden`` and ``outputs`` are the roots of the layers' sizes. Only whole blocks are used, so the smallest
    image is one block. Our own attack, on the reading "flat" of C. Wang and Y. Zhang, Signal Processing 196 (2022)
    108536; at full size it takes 3 GB and five minutes of one core.
    """

    name: ClassVar[str] = "wang2022_orders"
    title: ClassVar[str] = "Known pairs against sorted DCT rows"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 128
    against: ClassVar[tuple[str, ...]] = ("wang2022-dnn",)
    formula: ClassVar[str] = "ceil(10830 * 4096 / N) + 1"

    side: int = 64
    hidden: int = 95
    outputs: int = 100
    share: float = 1.2

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        blocks = (oracle.shape[0] // self.side) * (oracle.shape[1] // self.side) * int(np.prod(oracle.shape[2:]))
        if not blocks:
            pixels = "x".join(map(str, oracle.shape[:2]))
            return AttackResult.inapplicable(
                f"the image has {pixels} pixels, wanted a block of {self.side}x{self.side}"
            )
        bits = self._bits(oracle.shape, oracle.challenge.image)
        if bits is None:
            return AttackResult.inapplicable(
                f"the cipher image does not consist of tiles of {self.outputs}x{self.outputs} numbers of 8 or 16 bits"
            )
        first, second = FlatDct(self.side, self.hidden), FlatDct(self.hidden, self.outputs)
        wanted = -(-int(self.share * first.m) // blocks)
        hidden, z = np.empty((wanted * blocks, first.m)), np.empty((wanted * blocks, second.m), np.float32)
        for pair in range(wanted):
            plain, encrypted = oracle.known_pair()
            if encrypted.image.shape != oracle.challenge.image.shape:
                return AttackResult.inapplicable("the cipher image does not always have the same shape")
            rows, columns = (length // self.side for length in oracle.shape[:2])
            whole = plain[: rows * self.side, : columns * self.side]
            place = slice(pair * blocks, (pair + 1) * blocks)
            hidden[place] = np.maximum(first.apply(blocks_of(whole, self.side)), 0)
            z[place] = self._numbers(encrypted.image, bits, rows, columns)
        order1, order2 = find_orders(second_layer(hidden, z), second)
        plain, encrypted = oracle.known_pair()
        predicted = self._encrypted(plain, encrypted.image.shape, bits, (order1, order2))
        hits = int(np.sum(predicted == encrypted.image))
        p_value = binomial_sf(hits, predicted.size)
        return AttackResult(
            recovered=self._decrypted(oracle, bits, (order1, order2)) if p_value < LEAK_LEVEL else None,
            statistic=hits / predicted.size,
            statistic_name="bytes of a further ciphertext that the orders found predict",
            expected=BYTE_CHANCE,
            p_value=p_value,
            formula=f"ceil({int(self.share * first.m)} * {first.n} / N) + 1",
        )

    def _tiles(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """How many blocks an image has down and across, with those that its edges are continued to."""
        return -(-shape[0] // self.side), -(-shape[1] // self.side)

    def _bits(self, shape: tuple[int, ...], cipher_image: Image) -> int | None:
        """8 or 16 by the shape of the cipher image, None for another one."""
        rows, columns = (tiles * self.outputs for tiles in self._tiles(shape))
        shapes = {bits: (rows * bits // 8, columns, *shape[2:]) for bits in (8, 16)}
        return next((bits for bits, one in shapes.items() if one == cipher_image.shape), None)

    def _numbers(self, cipher_image: Image, bits: int, rows: int, columns: int) -> Reals:
        """atanh y of the tiles that belong to whole blocks."""
        planes = [plane[: rows * self.outputs, : columns * self.outputs] for plane in np.split(cipher_image, bits // 8)]
        return np.arctanh(read_outputs(np.concatenate(planes), self.outputs, bits))

    def _encrypted(self, image: Image, shape: tuple[int, ...], bits: int, orders: tuple[Order, Order]) -> Image:
        """The cipher image of ``shape`` by the orders."""
        first, second = FlatDct(self.side, self.hidden), FlatDct(self.hidden, self.outputs)
        hidden = np.maximum(first.apply(blocks_of(image, self.side)), 0)[:, orders[0]]
        y = np.tanh(second.apply(hidden)[:, orders[1]])
        return write_outputs(y, self.outputs, (shape[0] * 8 // bits, *shape[1:]), bits)

    def _decrypted(self, oracle: Oracle, bits: int, orders: tuple[Order, Order]) -> Image:
        """The challenge, as its receiver decrypts it."""
        first, second = FlatDct(self.side, self.hidden), FlatDct(self.hidden, self.outputs)
        read = np.arctanh(read_outputs(oracle.challenge.image, self.outputs, bits))
        z = np.zeros_like(read)
        z[:, orders[1]] = read
        hidden = np.zeros((len(z), first.m))
        hidden[:, orders[0]] = second.adjoint(z)
        x = descend(first, hidden, LEAST[bits], STEPS[bits])
        rows, columns = self._tiles(oracle.shape)
        whole = samples_of(x, self.side, (rows * self.side, columns * self.side, *oracle.shape[2:]))
        return np.ascontiguousarray(whole[: oracle.shape[0], : oracle.shape[1]])


def second_layer(hidden: Reals, z: Reals) -> NDArray[np.float32]:
    """The matrix M, (outputs, n), of the least squares z = hidden M^T, for hidden (K, n) float64 and z (K, outputs)."""
    n, outputs = hidden.shape[1], z.shape[1]
    gram = np.zeros((n, n), order="F")
    for first in range(0, len(hidden), _AT_ONCE):
        gram = linalg.blas.dsyrk(1.0, hidden[first : first + _AT_ONCE].T, beta=1.0, c=gram, overwrite_c=1)
    gram[np.diag_indices(n)] += _RIDGE * np.trace(gram) / n + 1e-300
    factor = linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
    matrix = np.empty((outputs, n), np.float32)
    for first in range(0, outputs, _AT_ONCE):
        products = hidden.T @ z[:, first : first + _AT_ONCE].astype(np.float64)
        matrix[first : first + _AT_ONCE] = linalg.cho_solve(factor, products, overwrite_b=True, check_finite=False).T
    return matrix


def find_orders(matrix: NDArray[np.float32], base: FlatDct) -> tuple[Order, Order]:
    """Of a ``base`` with its rows and columns out of order, and noise: the column in each place, and each row's own.

    The first is the order of the layer before: which of its numbers, as the attacker has them, comes n-th.
    """
    n, outputs = base.n, base.m
    slowest = np.sort(_waves(np.arange(1, 2), np.arange(n), outputs)[0])
    misfits = [float(np.sum((np.sort(row) - slowest) ** 2)) for row in matrix]
    place = np.empty(n, np.int64)
    place[np.argsort(-matrix[int(np.argmin(misfits))], kind="stable")] = np.arange(n)
    count = 4
    while True:
        count = min(count, outputs)
        waves = np.arange(count)
        rows = np.argmax(matrix @ _waves(waves, place, outputs).T, axis=0)
        place = _places(matrix[rows].T, _waves(waves, np.arange(n), outputs))
        if count >= min(_WAVES, outputs):
            break
        count *= 2
    frequencies = np.empty(outputs, np.int64)
    for first in range(0, outputs, _AT_ONCE):
        part = matrix[first : first + _AT_ONCE]
        placed = np.zeros((len(part), n), np.float32)
        placed[:, place] = part
        frequencies[first : first + _AT_ONCE] = np.argmax(base.apply(placed), axis=1)
    return _inverse(place), frequencies


def _waves(frequencies: Order, places: Order, outputs: int) -> NDArray[np.float32]:
    """Entries of the orthonormal DCT-II matrix of order ``outputs``, (frequencies, places)."""
    waves: Reals = np.sqrt(2 / outputs) * np.cos(np.pi / (2 * outputs) * np.outer(frequencies, 2 * places + 1))
    waves[frequencies == 0] /= np.sqrt(2)
    return waves.astype(np.float32)


def _places(columns: Reals, waves: Reals) -> Order:
    """The place whose values in ``waves``, (frequencies, n), are nearest to each of ``columns``, (n, frequencies)."""
    places = np.empty(len(columns), np.int64)
    lengths = np.sum(waves**2, axis=0) / 2
    for first in range(0, len(columns), _AT_ONCE):
        likeness = columns[first : first + _AT_ONCE] @ waves - lengths
        places[first : first + _AT_ONCE] = np.argmax(likeness, axis=1)
    return places


def _inverse(place: Order) -> Order:
    """The column at each place; of several the last, and the columns without a place fill those without a column."""
    order = np.full(len(place), -1, np.int64)
    order[place] = np.arange(len(place))
    free = np.flatnonzero(order < 0)
    order[free] = np.setdiff1d(np.arange(len(place)), order)
    return order
