"""Bit-plane lifting: planes that depend on lower ones alone are solved one after the other, over GF(2)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.tools.gf2 import solve_gf2
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER, shapes_differ
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["BitPlaneLifting", "PlaneGroup", "plane_groups"]

_PLANES = 8
_MOST_UNKNOWNS = 1 << 13


@dataclass(frozen=True)
class PlaneGroup:
    """Plaintext bit planes that, with those of the groups before, determine these planes of the ciphertext."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class BitPlaneLifting(Attack):
    """Additions, subtractions, XORs, odd multipliers and permutations of samples, in any number of rounds and in both
    directions, carry bits upwards only: no plane of the ciphertext depends on a higher one of the plaintext.

    Nine queries show which plane depends on which. Where the planes can be ordered, each is affine over GF(2) once
    those before it are known: N unit images give its matrix, which mostly holds for the others too, and one query a
    plane takes off what the known planes contribute. That makes N + 21 queries for N samples, and at most 8 N + 49
    where every plane has a matrix of its own, as where planes are permuted apart or where lower planes key the map of
    the higher ones. Planes that depend on each other are solved together.

    The p-value is that of so many pairs of planes, of 64, that do not depend on each other: a plane of n bits stays as
    it is with probability 2^-n. Only bits that some answer changes are counted, for the plane that has fewest.

    After the cryptanalyses of two-way diffusion in Entropy 24(11), 2022, 1551, and 25(3), 2023, 395.
    """

    name: ClassVar[str] = "bit_plane_lifting"
    title: ClassVar[str] = "Bit-plane lifting"
    identifier: ClassVar[str] = "A24"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "8 * N + 49"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        base = oracle.encrypt_probe("a").image
        draws = generator.integers(0, 256, oracle.shape, np.uint8)
        answers = [oracle.encrypt(_exchanged(oracle.probe("a"), draws, plane)).image for plane in range(_PLANES)]
        if unusable := shapes_differ(base, *answers, oracle.challenge.image):
            return unusable
        changes = [answer ^ base for answer in answers]
        depends = np.array([_ones(change) > 0 for change in changes])
        bits = _ones(np.bitwise_or.reduce(changes))
        live = bits > 0
        independent = int(np.sum(~depends[:, live]))
        chance = 2.0 ** -int(bits[live].min()) if live.any() else 1.0
        groups = plane_groups(depends)
        recovered, notes, formula = None, "every plane depends on every plane", ""
        if independent:
            notes = "no plane can be solved before the others"
        if len(groups) > 1:
            lifting = _Lifting(oracle, generator)
            recovered, notes = lifting.run(groups)
            formula = "" if recovered is None else lifting.formula
        return AttackResult(
            recovered=recovered,
            statistic=independent / _PLANES**2,
            statistic_name="pairs of bit planes that do not depend on each other",
            expected=chance,
            p_value=binomial_sf(independent, _PLANES**2, chance),
            notes=notes,
            numbers={"plane_groups": len(groups)},
            formula=formula,
        )


def plane_groups(depends: NDArray[np.bool_]) -> list[PlaneGroup]:
    """Planes in an order in which they can be solved, in the smallest groups.

    ``depends``, (8, 8), says whether plane i of the plaintext changes plane j of the ciphertext. A group's planes of
    the ciphertext depend on no plane of the plaintext after it, and are at least as many as those of the plaintext, in
    all groups until then. Planes of the plaintext that change nothing are in no group.
    """
    waiting = {plane for plane in range(len(depends)) if depends[plane].any()}
    groups: list[PlaneGroup] = []
    solved: set[int] = set()
    used: set[int] = set()
    while waiting:
        for inputs in _subsets(waiting):
            later = sorted(waiting - set(inputs))
            outputs = {int(plane) for plane in np.flatnonzero(~depends[later].any(axis=0) & depends.any(axis=0))}
            if len(outputs) >= len(solved) + len(inputs):
                break
        else:  # fewer planes come out than go in
            return groups
        groups.append(PlaneGroup(inputs, tuple(sorted(outputs - used))))
        solved |= set(inputs)
        used |= outputs
        waiting -= set(inputs)
    return groups


def _subsets(planes: set[int]) -> Iterator[tuple[int, ...]]:
    for count in range(1, len(planes) + 1):
        yield from itertools.combinations(sorted(planes), count)


def _exchanged(image: Image, draws: Image, plane: int) -> Image:
    """One plane replaced, in the first sample by what it is not, so that the image is never the same."""
    bit = np.uint8(1 << plane)
    exchanged: Image = image & ~bit | draws & bit
    exchanged.flat[0] = image.flat[0] ^ bit
    return exchanged


def _ones(image: Image) -> NDArray[np.int64]:
    """(8,), how many samples have a one in each bit plane."""
    return np.array([np.count_nonzero(image & np.uint8(1 << plane)) for plane in range(_PLANES)])


class _Unsolved(Exception):
    """A group of planes cannot be solved; the message says why."""


class _Lifting:
    """Solves the planes of the challenge group by group; ``known`` is the plaintext with what is solved until now."""

    def __init__(self, oracle: Oracle, generator: np.random.Generator) -> None:
        self.oracle = oracle
        self.generator = generator
        self.known: Image = np.zeros(oracle.shape, np.uint8)
        self.matrices: list[Image] = []
        self._columns = 0

    @property
    def formula(self) -> str:
        """The queries made, by how many of them each sample takes."""
        each = "N" if self._columns == 1 else f"{self._columns} * N"
        return f"{each} + {self.oracle.queries.total - self._columns * self.oracle.samples}"

    def run(self, groups: list[PlaneGroup]) -> tuple[Image | None, str]:
        solved = 0
        try:
            answer = self._encrypted(self.known)
            for group in groups:
                self.known, answer = self._solved(group, answer)
                solved += 1
        except BudgetExceeded:
            return None, f"the queries end at group {solved + 1} of {len(groups)}"
        except _Unsolved as error:
            return None, f"{error}, at group {solved + 1} of {len(groups)}"
        matrices = "one matrix" if len(self.matrices) == 1 else f"{len(self.matrices)} matrices"
        return self.known, f"planes in {len(groups)} groups, {matrices}"

    def _encrypted(self, image: Image) -> Image:
        answer = self.oracle.encrypt(image).image
        if answer.shape != self.oracle.challenge.image.shape:
            raise _Unsolved(SHAPES_DIFFER)
        return answer

    def _solved(self, group: PlaneGroup, answer: Image) -> tuple[Image, Image]:
        """What is known after this group, and its ciphertext; _Unsolved if it cannot be solved."""
        wanted = _bits(self.oracle.challenge.image ^ answer, group.outputs)
        unknowns = len(group.inputs) * self.oracle.samples
        for matrix in self.matrices[-1:]:
            if matrix.shape == (wanted.size, unknowns) and (found := self._tried(group, matrix, wanted)):
                return found
        if unknowns > _MOST_UNKNOWNS:
            raise _Unsolved(f"{unknowns} unknowns are more than {_MOST_UNKNOWNS}")
        if not self._affine(group, answer):
            raise _Unsolved("not affine over GF(2)")
        self.matrices.append(self._matrix(group, answer))
        if found := self._tried(group, self.matrices[-1], wanted):
            return found
        raise _Unsolved("not one to one")

    def _tried(self, group: PlaneGroup, matrix: Image, wanted: NDArray[np.uint8]) -> tuple[Image, Image] | None:
        solution = solve_gf2(matrix, wanted)
        if solution is None:
            return None
        plain = self.known | self._image(solution, group.inputs)
        answer = self._encrypted(plain)
        right = not _bits(self.oracle.challenge.image ^ answer, group.outputs).any()
        return (plain, answer) if right else None

    def _affine(self, group: PlaneGroup, answer: Image) -> bool:
        """Whether the group's planes are affine above what is known: three queries."""
        mask = np.uint8(sum(1 << plane for plane in group.inputs))
        first, second = (self.generator.integers(0, 256, self.oracle.shape, np.uint8) & mask for _ in range(2))
        changed = answer
        for change in (first, second, first ^ second):
            changed = changed ^ self._encrypted(self.known ^ change)
        return not _bits(changed, group.outputs).any()

    def _matrix(self, group: PlaneGroup, answer: Image) -> Image:
        """(bits of the group's planes of the ciphertext, bits of those of the plaintext), above what is known."""
        rows = []
        self._columns += len(group.inputs)
        for plane in group.inputs:
            image = self.known.copy()
            for index in range(self.oracle.samples):
                image.flat[index] ^= np.uint8(1 << plane)
                rows.append(_bits(self._encrypted(image) ^ answer, group.outputs))
                image.flat[index] ^= np.uint8(1 << plane)
        return np.ascontiguousarray(np.stack(rows).T)

    def _image(self, bits: Image, planes: tuple[int, ...]) -> Image:
        shifted: Image = bits.reshape(len(planes), -1) << np.array(planes, np.uint8)[:, None]
        image: Image = np.bitwise_or.reduce(shifted, axis=0).reshape(self.oracle.shape)
        return image


def _bits(image: Image, planes: tuple[int, ...]) -> NDArray[np.uint8]:
    """The bits of these planes, one plane after the other."""
    bits: Image = image.ravel() >> np.array(planes, np.uint8)[:, None] & np.uint8(1)
    return bits.ravel()
