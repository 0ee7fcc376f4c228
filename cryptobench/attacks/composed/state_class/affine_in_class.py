"""Plaintexts of one state whose encryption is affine: solved from as many random ones as there are unknowns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_class.class_oracle import ClassOracle
from cryptobench.attacks.tools.gf2 import solve_gf2
from cryptobench.cipher import Image

__all__ = ["affine_in_class", "solve_pairs"]

_SPARE = 24  # equations more than unknowns: random ones are independent but for a probability of 2^-24
_TESTED = 3  # pairs beyond those by which a solution is confirmed
_MOST_UNKNOWNS = 1 << 11


def affine_in_class(oracle: ClassOracle, generator: np.random.Generator) -> Image | None:
    """The plaintext of the challenge where encryption is affine over GF(2) inside a state: N + 28 queries if planes do
    not mix, 8 N + 28 if they do. None if it is not affine, or if there are too many unknowns.

    Images of a state are no vector space, so single samples cannot be changed. Any random ones will do: the difference
    of the challenge from the first is a sum of differences of the others, and so is that of its plaintext.
    """
    samples = oracle.samples
    pairs = _Pairs(oracle, generator)
    if oracle.remaining is not None and oracle.remaining < samples + _SPARE + _TESTED:
        return None
    if not pairs.ask(samples + _SPARE + _TESTED):
        return None
    by_plane = _confirmed(pairs, oracle.challenge.image, [1 << plane for plane in range(8)])
    if by_plane is not None:
        return by_plane.reshape(oracle.shape)
    if 8 * samples > _MOST_UNKNOWNS or (oracle.remaining is not None and oracle.remaining < 7 * samples):
        return None
    if not pairs.ask(7 * samples):
        return None
    together = _confirmed(pairs, oracle.challenge.image, [255])
    return None if together is None else together.reshape(oracle.shape)


class _Pairs:
    """Random plaintexts of the state with their ciphertexts, flat."""

    def __init__(self, oracle: ClassOracle, generator: np.random.Generator) -> None:
        self._oracle = oracle
        self._generator = generator
        self.plain: list[Image] = []
        self.cipher: list[Image] = []

    def ask(self, count: int) -> bool:
        """Whether as many more have cipher images of the challenge's shape."""
        for _ in range(count):
            plain, answer = self._oracle.random_pair(self._generator)
            if answer.image.shape != self._oracle.challenge.image.shape:
                return False
            self.plain.append(plain.ravel())
            self.cipher.append(answer.image.ravel())
        return True


def _confirmed(pairs: _Pairs, challenge: Image, masks: Sequence[int]) -> Image | None:
    """The plaintext, flat, solved for the bits in each mask by themselves; None if the pairs to spare contradict it."""
    plain, cipher = np.stack(pairs.plain), np.stack(pairs.cipher)
    wanted = np.concatenate([challenge.reshape(1, -1), cipher[-_TESTED:]])
    solved = solve_pairs(plain[:-_TESTED], cipher[:-_TESTED], wanted, masks)
    return solved[0] if solved is not None and np.array_equal(solved[1:], plain[-_TESTED:]) else None


def solve_pairs(plain: Image, cipher: Image, wanted: Image, masks: Sequence[int]) -> Image | None:
    """The plaintexts, (k, N), of the ciphertexts ``wanted``, (k, M), by an affine map over GF(2) that is known from
    pairs, (m, N) and (m, M) bytes: for the bits in each mask by themselves. None if they are no sums of the pairs'."""
    solved = np.zeros((len(wanted), plain.shape[1]), np.uint8)
    for mask in masks:
        columns = _bits(cipher[1:] ^ cipher[0], mask).T
        chosen = solve_gf2(columns, _bits(wanted ^ cipher[0], mask).T, free=True)
        if chosen is None:
            return None
        sums = (_bits(plain[1:] ^ plain[0], mask).T.astype(np.float32) @ chosen.astype(np.float32)) % 2
        solved |= _bytes(sums.T.astype(np.uint8), mask)
    solved ^= plain[0]
    return solved


def _bits(rows: Image, mask: int) -> NDArray[np.uint8]:
    """(rows, bits of the mask x samples)"""
    planes = [plane for plane in range(8) if mask >> plane & 1]
    return np.concatenate([rows >> np.uint8(plane) & np.uint8(1) for plane in planes], axis=1)


def _bytes(bits: NDArray[np.uint8], mask: int) -> Image:
    planes = [plane for plane in range(8) if mask >> plane & 1]
    parts = np.split(bits, len(planes), axis=1)
    image: Image = np.bitwise_or.reduce([part << np.uint8(plane) for part, plane in zip(parts, planes, strict=True)])
    return image
