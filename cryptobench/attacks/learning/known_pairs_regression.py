"""Regression on known pairs: plaintext samples from ciphertext bits, from matching columns, or from recurring masks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import COMBINERS, XOR, Combiner
from cryptobench.attacks.tools.known_pairs import (
    KnownPairs,
    bit_features,
    collect_known_pairs,
    explained_variance,
    gram_matrices,
    pairing_p_value,
    ridge_predict,
)
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER
from cryptobench.cipher import Image

__all__ = ["KnownPairsRegression", "match_columns", "recurring_masks"]

_FEWEST = 96  # known pairs
_FEWEST_TESTED = 48  # 24 couples: p-values down to 2^-24
_FEWEST_SPARE = 16  # pairs more than the entries of a table; with fewer, matching bytes may be chance
_OFTEN = 0.5  # of the windows of masks: known pairs then contain most of the masks in use
_WINDOW = 8  # samples


@dataclass(frozen=True)
class KnownPairsRegression(Attack):
    """Learns the plaintext from the ciphertext by example, without knowledge of the algorithm.

    Ridge regression predicts every sample from all ciphertext bits; an eighth of the pairs is held out to measure how
    much of a plaintext it explains beyond the mean image. Then columns of the pairs are matched: plaintext bits that
    are one ciphertext bit or its inverse in every pair, and plaintext bytes that are one ciphertext byte under a fixed
    table. The guess takes the matching columns and fills in the rest by regression. Where windows of the pairs' masks
    recur, the keystream has few states, for the image or for parts of it. If most do and few columns match, the guess
    is the challenge under the masks that make its rows smoothest. Asks for ``pairs``, or as many as the budget allows.
    """

    name: ClassVar[str] = "known_pairs_regression"
    title: ClassVar[str] = "Regression on known pairs"
    identifier: ClassVar[str] = "A20"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "1024"

    pairs: int = 1024

    def __post_init__(self) -> None:
        if self.pairs < _FEWEST:
            raise ValueError(f"pairs is {self.pairs}, wanted at least {_FEWEST}")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = collect_known_pairs(oracle, self.pairs, _FEWEST)
        if pairs is None:
            return AttackResult.inapplicable(SHAPES_DIFFER)
        tested = max(_FEWEST_TESTED, len(pairs) // 8)
        kept = KnownPairs(pairs.plain[:-tested], pairs.cipher[:-tested], pairs.headers[:-tested])
        truths = pairs.plain[-tested:].astype(np.float64)
        mean = kept.plain.mean(axis=0)
        held_out = np.concatenate([pairs.cipher[-tested:], oracle.challenge.image.reshape(1, -1)])
        estimates = ridge_predict(*gram_matrices(bit_features(kept.cipher), bit_features(held_out)), kept.plain)
        explained = explained_variance(estimates[:-1], truths, mean)
        columns = match_columns(kept)
        guess = columns.reconstruct(held_out[-1:], estimates[-1:] if explained > 0 else mean[None])
        error = float(np.mean((columns.reconstruct(held_out[:-1], estimates[:-1]) - truths) ** 2))
        recurring, recovered = recurring_masks(pairs), guess.reshape(oracle.shape)
        if recurring.share > _OFTEN and max(columns.matched_bits, columns.matched_bytes) < ALMOST_ALL:
            recovered = _smoothest_decryption(pairs, recurring.combiner, oracle.challenge.image)
        return AttackResult(
            recovered=recovered,
            statistic=explained,
            statistic_name="share of held-out plaintexts' variance that regression explains",
            expected=0.0,
            p_value=min(
                1.0,
                3 * min(pairing_p_value(estimates[:-1] - mean, truths - mean), columns.p_value, recurring.p_value),
            ),
            notes=_notes(columns, recurring),
            numbers={
                "psnr_regression": _psnr(float(np.mean((estimates[:-1] - truths) ** 2))),
                "psnr_mean_image": _psnr(float(np.mean((mean - truths) ** 2))),
                "psnr_held_back": _psnr(error),
                "joined_bits": columns.matched_bits,
                "joined_bytes": columns.matched_bytes,
            },
        )


def _notes(columns: MatchingColumns, recurring: RecurringMasks) -> str:
    notes = []
    if columns.p_value < LEAK_LEVEL:
        notes.append(
            f"found in the ciphertext: {int((columns.bits >= 0).sum())} of {len(columns.bits)} plaintext bits, "
            f"{int((columns.bytes >= 0).sum())} of {len(columns.bytes)} samples"
        )
    if recurring.p_value < LEAK_LEVEL:
        notes.append(f"{recurring.equal} windows of masks recur, {recurring.combiner.equation}")
    return "; ".join(notes)


def _psnr(error: float) -> float:
    """Of a mean squared error of bytes, dB; that of half a grey level in 1024 samples stands for none at all."""
    return 10 * float(np.log10(255**2 / max(error, 0.25 / 1024)))


@dataclass(frozen=True, eq=False)
class MatchingColumns:
    """Plaintext bits and bytes that are a ciphertext bit or byte in every pair, apart from inversion or a table.

    ``bits`` (8 x samples) are the places of the ciphertext bits, -1 where none matches, ``flips`` those that are
    inverted; ``bytes`` (samples) the places of the ciphertext bytes, -1 where none matches, ``tables`` (samples, 256)
    the plaintext for each of their values, -1 where no pair has it. ``p_value`` is the probability of any match under
    an ideal cipher.
    """

    bits: NDArray[np.int64]
    flips: NDArray[np.uint8]
    bytes: NDArray[np.int64]
    tables: NDArray[np.int16]
    p_value: float

    @property
    def matched_bits(self) -> float:
        """The share of plaintext bits that are ciphertext bits, or their inverse."""
        return float(np.mean(self.bits >= 0))

    @property
    def matched_bytes(self) -> float:
        """The share of plaintext samples that are a ciphertext byte under a fixed table."""
        return float(np.mean(self.bytes >= 0))

    def reconstruct(self, cipher_images: NDArray[np.uint8], estimate: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Plaintexts, (n, samples) uint8: of the values that agree with the matching columns, those nearest to the
        estimate."""
        guess = np.empty(estimate.shape, np.uint8)
        values = np.arange(256)
        has = self.bits >= 0
        for row, (image, near) in enumerate(zip(cipher_images, estimate, strict=True)):
            bits = np.unpackbits(image)[self.bits] ^ self.flips
            known, mask = np.packbits(bits * has), np.packbits(has)
            by_table = np.where(self.bytes >= 0, self.tables[np.arange(len(self.bytes)), image[self.bytes]], -1)
            known, mask = np.where(by_table >= 0, by_table, known), np.where(by_table >= 0, 255, mask)
            free = np.clip(np.ceil(near - 0.5), 0, 255)  # the lower of two that are equally near
            guess[row] = np.where(mask == 255, known, free)
            some = np.flatnonzero((mask > 0) & (mask < 255))
            distance = np.abs(values - near[some, None])
            distance[(values & mask[some, None]) != (known & mask)[some, None]] = np.inf
            guess[row, some] = distance.argmin(axis=1)
        return guess


def match_columns(pairs: KnownPairs) -> MatchingColumns:
    """Find plaintext bits that equal a ciphertext bit or its inverse in every pair, and likewise bytes under a table.

    A cipher that permutes bits and XORs a fixed mask is found by its bits, one that permutes bytes and substitutes each
    by a table of its own is found by its bytes. Columns that are constant in all pairs match nothing.
    """
    plain_bits, plain_first = _bit_columns(pairs.plain)
    cipher_bits, cipher_first = _bit_columns(pairs.cipher)
    bits = _match(plain_bits, cipher_bits)
    flips = np.where(bits >= 0, plain_first ^ cipher_first[bits], 0).astype(np.uint8)
    plain_bytes, kinds = _byte_columns(pairs.plain)
    cipher_bytes, _ = _byte_columns(pairs.cipher)
    sources = _match(plain_bytes, cipher_bytes)
    spare = len(pairs) - kinds
    sources[spare < _FEWEST_SPARE] = -1
    tables = np.full((pairs.plain.shape[1], 256), -1, np.int16)
    matched = np.flatnonzero(sources >= 0)
    for place in matched:
        tables[place, pairs.cipher[:, sources[place]]] = pairs.plain[:, place]
        _complete(tables[place])
    log2 = []
    if (bits >= 0).any():
        log2.append(1 + math.log2(len(bits)) + math.log2(len(cipher_first)) - len(pairs))
    if matched.size:
        log2.append(2 * math.log2(len(sources)) + 8 - 8 * float(spare[matched].max()))
    p_value = min((2.0 ** min(0.0, 1 + exponent) for exponent in log2), default=1.0)
    return MatchingColumns(bits, flips, sources, tables, p_value)


def _bit_columns(table: NDArray[np.uint8]) -> tuple[list[bytes | None], NDArray[np.uint8]]:
    """The columns of bits, inverted where the first one is 1, packed, None if constant; and the first bits."""
    bits = np.unpackbits(table, axis=1)
    first = bits[0].copy()
    packed = np.packbits(bits ^ first, axis=0).T.copy()
    varies: NDArray[np.bool_] = np.any(packed, axis=1)
    return [column.tobytes() if some else None for column, some in zip(packed, varies, strict=True)], first


def _byte_columns(table: NDArray[np.uint8]) -> tuple[list[bytes | None], NDArray[np.int64]]:
    """The columns of bytes with values numbered in order of appearance, None if constant; how many values each has."""
    numbers, kinds = _numbered(table)
    return [column.tobytes() if kind > 1 else None for column, kind in zip(numbers, kinds, strict=True)], kinds


@njit(cache=True, nogil=True)
def _numbered(table: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    rows, columns = table.shape
    numbers, kinds = np.empty((columns, rows), np.uint8), np.zeros(columns, np.int64)
    for column in range(columns):
        names = np.full(256, -1, np.int64)
        for row in range(rows):
            value = table[row, column]
            if names[value] < 0:
                names[value] = kinds[column]
                kinds[column] += 1
            numbers[column, row] = names[value]
    return numbers, kinds


def _match(wanted: list[bytes | None], present: list[bytes | None]) -> NDArray[np.int64]:
    places = {column: place for place, column in enumerate(present) if column is not None}
    return np.array([-1 if column is None else places.get(column, -1) for column in wanted], np.int64)


def _complete(table: NDArray[np.int16]) -> None:
    """Fill in missing entries, if all known ones are one XOR or one addition."""
    values = np.arange(256, dtype=np.int16)
    seen = table >= 0
    shifts = np.unique((table - values)[seen] % 256)
    masks = np.unique((table ^ values)[seen])
    if len(masks) == 1:
        table[:] = values ^ masks[0]
    elif len(shifts) == 1:
        table[:] = (values + shifts[0]) % 256


@dataclass(frozen=True)
class RecurringMasks:
    """``equal`` windows, ``share`` of all, have a mask under ``combiner`` that another pair has too, not counting the
    first one with each mask; with the p-value of any at all under an ideal cipher."""

    combiner: Combiner
    equal: int
    share: float
    p_value: float


def recurring_masks(pairs: KnownPairs) -> RecurringMasks:
    """Compare the masks of all pairs in aligned windows of 8 samples, for every combiner; equal plaintexts count
    once."""
    samples = pairs.plain.shape[1] // _WINDOW * _WINDOW
    if pairs.cipher.shape != pairs.plain.shape or not samples:
        return RecurringMasks(XOR, 0, 0.0, 1.0)
    _, first = np.unique(pairs.plain, axis=0, return_index=True)
    plain, cipher = (np.ascontiguousarray(part[first, :samples]) for part in (pairs.plain, pairs.cipher))
    counts = {combiner: _equal_windows(combiner.mask(cipher, plain)) for combiner in COMBINERS}
    combiner = max(counts, key=counts.__getitem__)
    windows = len(plain) * (samples // _WINDOW)
    expected = windows * len(plain) / 2 * len(COMBINERS) / 256.0**_WINDOW
    count = counts[combiner]
    return RecurringMasks(combiner, count, count / windows, min(1.0, expected) if count else 1.0)


def _equal_windows(masks: NDArray[np.uint8]) -> int:
    """How many windows equal the one before them, where those of each place are sorted."""
    words = np.sort(masks.view(np.uint64), axis=0)
    return int(np.count_nonzero(words[1:] == words[:-1]))


def _smoothest_decryption(pairs: KnownPairs, combiner: Combiner, challenge: Image) -> Image:
    """The challenge, each row decrypted with the known mask of that row that makes it smoothest in itself and to the
    row above."""
    shape = (challenge.shape[0], challenge.shape[1], -1)
    masks = combiner.mask(pairs.cipher, pairs.plain)
    decrypted = combiner.invert(challenge.reshape(1, -1), masks).reshape(len(pairs), *shape)
    image = np.empty(decrypted.shape[1:], np.uint8)
    for row in range(len(image)):
        candidates = decrypted[:, row].astype(np.int16)
        roughness = np.abs(np.diff(candidates, axis=1)).sum(axis=(1, 2))
        if row:
            roughness += np.abs(candidates - image[row - 1]).sum(axis=(1, 2))
        image[row] = decrypted[np.argmin(roughness), row]
    return image.reshape(challenge.shape)
