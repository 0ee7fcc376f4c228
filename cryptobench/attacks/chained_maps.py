"""Permutations behind a one-step chain, read through it as through a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.chains import CHAINS, Chain, before, lags
from cryptobench.attacks.index_map import distinct_p_value, gathered, sources
from cryptobench.cipher import Image

__all__ = ["ChainedMap", "chained_map"]

_LOOKED_AT = 4096  # outputs by which the chain is chosen


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


def chained_map(zero: Image, digits: Sequence[Image], shape: tuple[int, ...]) -> ChainedMap:
    """The clearest map from the answers to zeros and to `digit_images`, ciphertexts of ``shape``.

    Zeros have no order, so that they give the mask behind any permutation. The chain is that under which most inputs
    are named by the first few outputs, the p-value that of all outputs.
    """
    samples = prod(shape)
    flats = [image.ravel() for image in (zero, *digits)]

    def inner(chain: Chain, lag: int, part: slice) -> tuple[Image, NDArray[np.int64]]:
        first, *rest = [(flat[part], before(flat, lag)[part]) for flat in flats]
        mask = chain.mask(np.zeros_like(first[0]), *first)
        return mask, sources([chain.take(c, f, mask) for c, f in rest], samples)

    ways = [(chain, lag) for lag in lags(shape) for chain in CHAINS]
    some = slice(0, _LOOKED_AT)
    chain, lag = max(ways, key=lambda way: len(np.unique(inner(way[0], way[1], some)[1])))
    mask, source = inner(chain, lag, slice(None))
    share, _, p_value = distinct_p_value(source, samples, len(ways))
    return ChainedMap(chain, lag, mask, source, share, p_value)
