"""Which properties of the plaintext does a cipher's state depend on? Found by changes that keep a property."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import prod

import numpy as np

from cryptobench.attacks.chance import at_least
from cryptobench.attacks.moves import MOVES, Board, Move, disturbed
from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import Image

__all__ = ["Invariants", "find_invariants"]

_LEAK = 1e-6
_ALMOST_ALL = 0.9
_CERTAIN = 2  # repetitions, since a change may leave a state of one byte as it was by chance
_FEWEST_SIDE = 7
_MOST_DRAWS = 64


@dataclass(frozen=True)
class Invariants:
    """Properties that, kept, make encryption simple; the p-value of the clearest; whether nothing need be kept."""

    names: tuple[str, ...]
    share: float
    p_value: float
    stateless: bool = False


def find_invariants(oracle: Oracle, generator: np.random.Generator) -> Invariants:
    """For each of `MOVES`, test E(x) - E(x + d) - E(x + e) + E(x + d + e) = 0, in XOR and mod 256, for two moves d, e.

    That holds wherever the changed samples do not reach or reach linearly: in streams, masked permutations,
    substitutions, chains, as long as the state that they are keyed with stays. If it holds for changes of everything
    that moves keep, too, there is no state. Nothing is found in images of fewer than 7x7 pixels.
    """
    rows, columns = oracle.shape[:2]
    if min(rows, columns) < _FEWEST_SIDE:
        return Invariants((), 0.0, 1.0)
    board = Board((rows, columns, prod(oracle.shape[2:])))
    start = board.start(generator)
    origin = oracle.encrypt(start.reshape(oracle.shape)).image
    tries = 2 * (len(MOVES) + _CERTAIN)

    def simple(pair: list[Image] | None) -> tuple[float, float]:
        if pair is None:
            return 0.0, 1.0
        one, other = pair
        both = one + other - start
        answers = [oracle.encrypt(image.reshape(oracle.shape)).image for image in (one, other, both)]
        if any(answer.shape != origin.shape for answer in answers):
            return 0.0, 1.0
        c, d, e = answers
        hits = max(int(np.sum(origin ^ c ^ d ^ e == 0)), int(np.sum(origin + e == c + d)))
        return hits / origin.size, at_least(hits, origin.size, tries=tries)

    for _ in range(_CERTAIN):
        share, p_value = simple(disturbed(board, start, generator))
        if p_value > _LEAK:
            break
    else:
        return Invariants((), share, p_value, stateless=True)
    found, best = [], (share, p_value)
    for name, move in MOVES.items():
        if board.shape[2] == 1 and "channel" in name:
            continue
        share, p_value = simple(_disjoint(board, start, move, generator))
        best = min(best, (share, p_value), key=lambda one: (one[1], -one[0]))
        repeated = (simple(_disjoint(board, start, move, generator)) for _ in range(_CERTAIN))
        if all(part > _ALMOST_ALL and p < _LEAK for part, p in itertools.chain([(share, p_value)], repeated)):
            found.append(name)
    return Invariants(tuple(found), *best)


def _disjoint(board: Board, start: Image, move: Move, generator: np.random.Generator) -> list[Image] | None:
    """``start`` after a move, and after another of the same kind that changes none of the same samples.

    None if a small image has no room for both.
    """
    for _ in range(_MOST_DRAWS):
        pair = [start.copy(), start.copy()]
        for image in pair:
            move(board, image, generator)
        if not np.any((pair[0] != start) & (pair[1] != start)):
            return pair
    return None
