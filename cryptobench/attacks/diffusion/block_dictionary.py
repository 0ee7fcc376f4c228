"""Block dictionary: equal beginnings or equal blocks give equal ciphertext, and likely blocks are tried one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import BudgetExceeded, Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.likely_blocks import LikelyBlocks
from cryptobench.attacks.tools.shapes import encrypt_flat, randomised
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["Block", "BlockDictionary", "dependent_blocks"]

_LOOKS = 32  # changes of one sample that decide whether there is anything to find
_BASES = 3  # so that of 65,536 pairs one in 256 images has one whose dependence is missed
_KNOWN_PAIRS = 4
_CHAINS = ("XOR", "sum")
_TOLD_BY = (
    3  # ciphertext samples, or as many as the block has, tell a block: of 2^24 values the dictionary has some 900
)


@dataclass(frozen=True, eq=False)
class Block:
    """Plaintext samples that reach the same ciphertext samples, flat indices.

    ``outputs`` are the ciphertext samples that depend on them and, beside them, only on the blocks ``before``, numbers.
    """

    samples: NDArray[np.int64]
    outputs: NDArray[np.int64]
    before: frozenset[int]


@dataclass(frozen=True)
class BlockDictionary(Attack):
    """Changes single samples and looks which ciphertext samples stay: under an ideal cipher one in 256 does. Where more
    do, changes of every sample of three images show the blocks that go through the cipher together, and which blocks a
    ciphertext block depends on: on itself alone in any order of places (electronic codebook, also with another table
    at each place), or on those before it (cipher block chaining under a constant initialisation vector).

    Then the challenge is read block by block, where its ciphertext depends on nothing else that is not read yet, with a
    dictionary: blocks that were read before, flat ones, those of known pairs, edges between two levels that were read;
    all pairs of levels for blocks of two samples. Where a ciphertext block is the same function of plaintext block and
    ciphertext block before, combined by XOR or addition, blocks behind one that is not read are tried too.

    35 queries where there is nothing to find, then 3 N + 7 for the blocks, and as many as the dictionary has (some 270
    without edges), once where no block depends on another, otherwise for each at most. Images of few different blocks
    fall, photographs only leak. The class of such ciphers: Bellare, Boldyreva, Knudsen and Namprempre, Online ciphers
    and the Hash-CBC construction, CRYPTO 2001.
    """

    name: ClassVar[str] = "block_dictionary"
    title: ClassVar[str] = "Block dictionary"
    identifier: ClassVar[str] = "A33"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "3 * N + 312"

    budget: int = 1 << 15

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if unusable := randomised(oracle):
            return unusable
        places = generator.permutation(oracle.samples)[:_LOOKS]
        changed = _changed(oracle, places, generator)
        changed = changed[:, changed.any(axis=0)]
        kept = int(np.sum(~changed))
        p_value = binomial_sf(kept, changed.size, BYTE_CHANCE) if changed.size else 1.0
        recovered, notes, formula = None, "", ""
        if p_value < LEAK_LEVEL:
            recovered, notes, formula = _read(oracle, generator)
        return AttackResult(
            recovered=recovered,
            statistic=kept / max(1, changed.size),
            statistic_name="ciphertext samples that stay when one plaintext sample changes",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=notes,
            formula=formula,
        )


def _changed(oracle: Oracle, places: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.bool_]:
    """(places, ciphertext samples): which change with a plaintext sample of a random image."""
    image = generator.integers(0, 256, oracle.samples, np.uint8)
    base = encrypt_flat(oracle, image)
    rows = []
    for place in places:
        other = image.copy()
        other[place] = (int(image[place]) + int(generator.integers(1, 256))) % 256
        rows.append(encrypt_flat(oracle, other) != base)
    return np.stack(rows)


def dependent_blocks(reaches: NDArray[np.bool_]) -> list[Block]:
    """The blocks of ``reaches``, (plaintext samples, ciphertext samples), which says what changes with what.

    A ciphertext sample belongs to that block among those it depends on which reaches the fewest; it belongs to none if
    there are two such.
    """
    rows, number = np.unique(reaches, axis=0, return_inverse=True)
    number = number.ravel()
    width = rows.sum(axis=1)
    last = np.full(rows.shape[1], -1)
    for output, column in enumerate(rows.T):
        dependent = np.flatnonzero(column)
        if dependent.size:
            narrowest = dependent[width[dependent] == width[dependent].min()]
            last[output] = narrowest[0] if narrowest.size == 1 else -1
    blocks = []
    for block in range(len(rows)):
        outputs = np.flatnonzero(last == block)
        before = np.flatnonzero(rows[:, outputs].any(axis=1)) if outputs.size else np.zeros(0, np.int64)
        blocks.append(Block(np.flatnonzero(number == block), outputs, frozenset(set(before.tolist()) - {block})))
    return blocks


def _read(oracle: Oracle, generator: np.random.Generator) -> tuple[Image | None, str, str]:
    """What is read of the challenge, mid-grey elsewhere, a note, and the queries as a formula."""
    try:
        everything = np.arange(oracle.samples)
        reaches = np.logical_or.reduce([_changed(oracle, everything, generator) for _ in range(_BASES)])
        blocks = dependent_blocks(reaches)
    except BudgetExceeded:
        return None, f"changes of {oracle.samples} samples are more than the budget has", ""
    sizes = sorted({len(block.samples) for block in blocks})
    if sizes[-1] == 1:
        return None, "each sample reaches other ciphertext samples: see adaptive_values and substitution_tables", ""
    if sizes[-1] > oracle.samples // 2:
        return None, "most samples reach the same ciphertext samples", ""
    asked = oracle.queries.total
    reader = _Reader(oracle, blocks, generator)
    try:
        reader.read_in_order()
        reader.read_in_chain()
    except BudgetExceeded:
        pass
    read = int(sum(len(blocks[number].samples) for number in reader.read))
    what = f"blocks of {', '.join(map(str, sizes))} samples" if len(sizes) < 4 else f"{len(blocks)} blocks"
    notes = f"{what}; {len(reader.read)} of {len(blocks)} in the dictionary, {read / oracle.samples:.0%} of the image"
    spent = oracle.queries.total - asked
    chained = any(block.before for block in blocks)  # blocks of all steps are tried together, else step by step
    formula = f"3 * N + 38 + {spent / oracle.samples:.3g} * N" if chained else f"3 * N + {38 + spent}"
    return (reader.image if read else None), notes, formula


class _Reader:
    """Puts the challenge's plaintext together from blocks whose encryption is the challenge's."""

    def __init__(self, oracle: Oracle, blocks: list[Block], generator: np.random.Generator) -> None:
        self._oracle, self._blocks, self._generator = oracle, blocks, generator
        self._wanted = oracle.challenge.image.ravel()
        self._guess = np.full(oracle.samples, 128, np.uint8)
        pictures = [oracle.known_pair()[0].ravel() for _ in range(_KNOWN_PAIRS)]
        self._likely = LikelyBlocks([[picture[block.samples] for picture in pictures] for block in blocks])
        self.read: set[int] = set()

    @property
    def image(self) -> Image:
        return self._guess.reshape(self._oracle.shape)

    def read_in_order(self) -> None:
        """Try likely blocks wherever all that the ciphertext depends on beside is read; others hold the same, so that
        several equal ones after each other are read at once."""
        while ready := [number for number in range(len(self._blocks)) if self._is_ready(number)]:
            chosen = {number: self._likely.next(number) for number in ready}
            given = [block for block in chosen.values() if block is not None]
            if not given:
                return
            image = self._guess.copy()
            for number, block in enumerate(self._blocks):
                if number not in self.read:
                    likely = chosen.get(number)
                    image[block.samples] = np.resize(given[0], len(block.samples)) if likely is None else likely
            self._keep(image, encrypt_flat(self._oracle, image))

    def _is_ready(self, number: int) -> bool:
        block = self._blocks[number]
        told = len(block.outputs) >= min(len(block.samples), _TOLD_BY)
        return told and number not in self.read and block.before <= self.read

    def _keep(self, image: Image, answer: Image) -> None:
        """Blocks of the image whose ciphertext is the challenge's, and which depend on such ones only."""
        equal = answer == self._wanted
        open_ = [number for number in range(len(self._blocks)) if number not in self.read]
        fitting = [number for number in open_ if equal[self._blocks[number].outputs].all()]
        while ready := [number for number in fitting if self._is_ready(number)]:
            for number in ready:
                self._add(number, image[self._blocks[number].samples])

    def _add(self, number: int, found: Image) -> None:
        self._guess[self._blocks[number].samples] = found
        self._likely.was_read(found)
        self.read.add(number)

    def read_in_chain(self) -> None:
        """Blocks behind ones that are not in the dictionary, if ciphertext chaining is found."""
        chain = self._chain()
        if len(self.read) == len(self._blocks) or len(chain) < 3:
            return
        if (function := self._chaining(chain)) is None:
            return
        for place in range(1, len(chain)):
            number = chain[place]
            if number in self.read:
                continue
            before = self._wanted[self._blocks[chain[place - 1]].outputs]
            self._likely.start_again(number)
            while (likely := self._likely.next(number)) is not None:
                if np.array_equal(function(likely, before), self._wanted[self._blocks[number].outputs]):
                    self._add(number, likely)
                    break

    def _chain(self) -> list[int]:
        """The largest blocks, each of which depends on all those before it; none if they are no chain."""
        size = max(len(block.samples) for block in self._blocks)
        whole = [k for k, block in enumerate(self._blocks) if len(block.samples) == len(block.outputs) == size]
        chain = sorted(whole, key=lambda number: len(self._blocks[number].before))
        in_order = all(self._blocks[number].before == frozenset(chain[:place]) for place, number in enumerate(chain))
        return chain if in_order else []

    def _chaining(self, chain: list[int]) -> _Chaining | None:
        """The function that makes a ciphertext block of plaintext block and ciphertext block before, if it is one."""
        first = [self._blocks[number] for number in chain[:3]]
        image = self._generator.integers(0, 256, self._oracle.samples, np.uint8)
        answer = encrypt_flat(self._oracle, image)
        for how in _CHAINS:
            function = _Chaining(self._oracle, image, first[1], answer[first[0].outputs], how)
            moved = image.copy()
            moved[first[2].samples] = _without(
                _combined(image[first[1].samples], answer[first[0].outputs], how), answer[first[1].outputs], how
            )
            if np.array_equal(encrypt_flat(self._oracle, moved)[first[2].outputs], answer[first[1].outputs]):
                return function
        return None


@dataclass(frozen=True, eq=False)
class _Chaining:
    """Evaluates it at one block, whose ciphertext block ``before`` a known beginning of the plaintext gives."""

    oracle: Oracle
    image: Image
    block: Block
    before: Image
    how: str

    def __call__(self, plain: Image, before: Image) -> Image:
        """The ciphertext block of a plaintext block behind another ciphertext block: one query."""
        image = self.image.copy()
        image[self.block.samples] = _without(_combined(plain, before, self.how), self.before, self.how)
        return encrypt_flat(self.oracle, image)[self.block.outputs]


def _combined(one: Image, other: Image, how: str) -> Image:
    return one ^ other if how == "XOR" else one + other


def _without(both: Image, one: Image, how: str) -> Image:
    return both ^ one if how == "XOR" else both - one
