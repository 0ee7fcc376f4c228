"""Permutations behind a one-step chain, read through it as through a mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.chains import CHAINS, Chain, before, lags
from cryptobench.attacks.index_map import distinct_p_value, gathered, sources
from cryptobench.cipher import Image

__all__ = ["ChainedMap", "chained_map"]

Spelt = Callable[[list[Image]], NDArray[np.int64]]

_LOOKED_AT = 4096  # outputs by which the chain is chosen
_ZERO = np.zeros(1, np.uint8)


@dataclass(frozen=True, eq=False)
class ChainedMap:
    """Output j is input ``source[j]``, joined with the output ``lag`` earlier and with a mask; ``share`` of the inputs
    are named by some output, with the p-value that has if outputs were uniform bytes, corrected for all chains."""

    chain: Chain
    lag: int
    mask: Image
    source: NDArray[np.int64]
    share: float
    p_value: float

    def open(self, body: Image, shape: tuple[int, ...]) -> Image:
        """The plaintext, of ``shape``, of a ciphertext."""
        flat = body.ravel()
        return gathered(self.chain.take(flat, before(flat, self.lag), self.mask), self.source, shape)


def chained_map(
    flat: Image, digits: Sequence[Image], shape: tuple[int, ...], level: Image = _ZERO, spelt: Spelt | None = None,
    ways: Sequence[tuple[Chain, int]] = (),
) -> ChainedMap:  # fmt: skip
    """The clearest map from the answers to an image of one ``level`` and to `digit_images`, ciphertexts of ``shape``.

    A flat image has no order, so that it gives the mask behind any permutation. The chain is that under which most
    inputs are named by the first few outputs, the p-value that of all outputs. ``spelt`` reads inputs from what outputs
    say of the plaintexts, if those are not `digit_images`; ``ways`` are the only chains to try, with their lags.
    """
    samples = prod(shape)
    levels = np.broadcast_to(level, shape).ravel()
    read = spelt or partial(sources, samples=samples)
    flats = [image.ravel() for image in (flat, *digits)]

    def inner(chain: Chain, lag: int, part: slice) -> tuple[Image, NDArray[np.int64]]:
        first, *rest = [(one[part], before(one, lag)[part]) for one in flats]
        mask = chain.mask(levels[part], *first)
        return mask, read([chain.take(c, f, mask) for c, f in rest])

    ways = ways or [(chain, lag) for lag in lags(shape) for chain in CHAINS]
    some = slice(0, _LOOKED_AT)
    chain, lag = max(ways, key=lambda way: len(np.unique(inner(way[0], way[1], some)[1])))
    mask, source = inner(chain, lag, slice(None))
    share, _, p_value = distinct_p_value(source, samples, len(ways))
    return ChainedMap(chain, lag, mask, source, share, p_value)
