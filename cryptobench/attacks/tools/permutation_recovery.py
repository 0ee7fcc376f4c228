"""Recovering a permutation from images that spell out every sample's index, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.combiners import CHAINS, JOINS, Chain, Join, before, lags
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = [
    "ChainedMap", "MaskedMap", "chained_map", "digit_images", "digits_needed", "distinct_p_value", "gathered",
    "masked_maps", "sources",
]  # fmt: skip

_FEWEST = 64  # inputs and outputs below which there is no p-value
_MANY = 500  # expected inputs named, above which their number is normal enough


def digits_needed(samples: int) -> int:
    """How many base-256 digits an index below ``samples`` has: ceil(log256 samples), at least one."""
    count = 1
    while 256**count < samples:
        count += 1
    return count


def digit_images(shape: tuple[int, ...]) -> list[Image]:
    """Images whose samples are the base-256 digits of their own index, the lowest digit first.

    Indices count from one where that needs no further digit, so that a sample that never changes names none.
    """
    samples = int(np.prod(shape))
    labels = np.arange(samples) + _first(samples)
    return [(labels >> 8 * place & 255).astype(np.uint8).reshape(shape) for place in range(digits_needed(samples))]


def sources(digits: Sequence[Image], samples: int) -> NDArray[np.int64]:
    """The index that each output's digits spell, in raster order; -1 where that is no index."""
    labels = np.zeros(digits[0].size, np.int64)
    for place, digit in enumerate(digits):
        labels |= digit.ravel().astype(np.int64) << 8 * place
    labels -= _first(samples)
    labels[labels >= samples] = -1
    return labels


def distinct_p_value(source: NDArray[np.int64], samples: int, tries: int = 1) -> tuple[float, float, float]:
    """Share of inputs that some output names; its mean and the p-value if the outputs were uniform bytes.

    Cells hit by balls thrown at random: the normal approximation with exact mean and variance where 500 or more are
    expected, else the binomial distribution, which the true one is narrower than; 1 for fewer than 64 inputs or
    outputs. ``tries`` is Bonferroni's factor.
    """
    from scipy.special import ndtr

    labels, outputs = 256.0 ** digits_needed(samples), source.size
    hit = np.zeros(samples + 1, bool)  # the last one by outputs that name none, -1
    hit[source] = True
    named = int(np.count_nonzero(hit[:-1]))
    one, two = (1 - 1 / labels) ** outputs, (1 - 2 / labels) ** outputs
    mean = samples * (1 - one)
    if min(samples, outputs) < _FEWEST:
        p_value = 1.0
    elif mean < _MANY:
        p_value = binomial_sf(named, samples, 1 - one)
    else:
        variance = max(samples * one + samples * (samples - 1.0) * two - (samples * one) ** 2, 1e-9)
        p_value = float(ndtr((mean - named + 0.5) / np.sqrt(variance)))
    return named / samples, mean / samples, min(1.0, tries * p_value)


def gathered(values: Image, source: NDArray[np.int64], shape: tuple[int, ...]) -> Image:
    """The image in which input ``source[j]`` has ``values[j]``; of several with one input the first counts."""
    image = np.zeros(int(np.prod(shape)), np.uint8)
    known = np.flatnonzero(source >= 0)[::-1]
    image[source[known]] = values.ravel()[known]
    return image.reshape(shape)


def _first(samples: int) -> int:
    return int(samples < 256 ** digits_needed(samples))


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


@dataclass(frozen=True, eq=False)
class MaskedMap:
    """A map of an image's samples to others, each moved and masked: output j is input ``source[j]`` joined with a mask.

    ``share`` of the inputs are named by some output, ``expected`` if outputs were uniform bytes, with that p-value.
    """

    join: Join
    source: NDArray[np.int64]
    share: float
    expected: float
    p_value: float


def masked_maps(zero: Image, digits: Sequence[Image], samples: int, tries: int = len(JOINS)) -> list[MaskedMap]:
    """The map under each join, from the answers to zeros and to `digit_images`; the one with most inputs first."""
    found = []
    for join in JOINS:
        source = sources([join.take(digit, zero) for digit in digits], samples)
        found.append(MaskedMap(join, source, *distinct_p_value(source, samples, tries)))
    return sorted(found, key=lambda one: -one.share)
