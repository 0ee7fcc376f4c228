"""Recovering a permutation of samples, behind a mask or a one-step chain, from images that encode every index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.combiners import CHAINS, COMBINERS, Chain, Combiner, delayed, neighbour_lags
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = [
    "ChainedPermutation", "MaskedPermutation", "chained_permutation", "index_digits", "index_images",
    "masked_permutations", "source_coverage", "source_indices", "unpermuted",
]  # fmt: skip

Indices = NDArray[np.int64]
IndexReader = Callable[[list[Image]], Indices]

_FEWEST = 64  # inputs and outputs below which there is no p-value
_MANY = 500  # expected inputs named, above which their number is normal enough
_FOR_CHOICE = 4096  # outputs by which the chain is chosen
_ZERO = np.zeros(1, np.uint8)


def index_digits(samples: int) -> int:
    """How many base-256 digits an index below ``samples`` has: ceil(log256 samples), at least one."""
    count = 1
    while 256**count < samples:
        count += 1
    return count


def index_images(shape: tuple[int, ...]) -> list[Image]:
    """Images whose samples are the base-256 digits of their own index, the lowest digit first.

    Indices count from one where that needs no further digit, so that a sample that never changes names none.
    """
    samples = int(np.prod(shape))
    labels = np.arange(samples) + _first_label(samples)
    return [(labels >> 8 * place & 255).astype(np.uint8).reshape(shape) for place in range(index_digits(samples))]


def source_indices(digits: Sequence[Image], samples: int) -> Indices:
    """The index that each output's digits encode, in raster order; -1 where that is no index."""
    labels = np.zeros(digits[0].size, np.int64)
    for place, digit in enumerate(digits):
        labels |= digit.ravel().astype(np.int64) << 8 * place
    labels -= _first_label(samples)
    labels[labels >= samples] = -1
    return labels


def source_coverage(source: Indices, samples: int, tries: int = 1) -> tuple[float, float, float]:
    """Share of inputs that are the source of some output; its mean and the p-value if outputs were uniform bytes.

    An occupancy problem, balls thrown at random into cells: the normal approximation with exact mean and variance where
    500 or more are expected, else the binomial distribution, which is wider than the true one; 1 for fewer than 64
    inputs or outputs. ``tries`` is Bonferroni's factor.
    """
    from scipy.special import ndtr

    labels, outputs = 256.0 ** index_digits(samples), source.size
    hit = np.zeros(samples + 1, bool)  # the last one by outputs without a source, -1
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


def unpermuted(values: Image, source: Indices, shape: tuple[int, ...]) -> Image:
    """The image in which input ``source[j]`` has ``values[j]``; of several outputs of one input the first counts."""
    image = np.zeros(int(np.prod(shape)), np.uint8)
    known = np.flatnonzero(source >= 0)[::-1]
    image[source[known]] = values.ravel()[known]
    return image.reshape(shape)


@dataclass(frozen=True, eq=False)
class MaskedPermutation:
    """Output j is input ``source[j]`` combined with a mask.

    ``share`` of the inputs are the source of some output, ``expected`` if outputs were uniform bytes, with the p-value
    of that.
    """

    combiner: Combiner
    source: Indices
    share: float
    expected: float
    p_value: float


def masked_permutations(
    zero: Image, digits: Sequence[Image], samples: int, tries: int = len(COMBINERS)
) -> list[MaskedPermutation]:
    """The permutation under each combiner, from the ciphertexts of zeros and of `index_images`; best share first."""
    found = []
    for combiner in COMBINERS:
        source = source_indices([combiner.invert(digit, zero) for digit in digits], samples)
        found.append(MaskedPermutation(combiner, source, *source_coverage(source, samples, tries)))
    return sorted(found, key=lambda one: -one.share)


@dataclass(frozen=True, eq=False)
class ChainedPermutation:
    """Output j is input ``source[j]`` in a `Chain` with the output ``lag`` earlier and with a mask.

    ``share`` of the inputs are the source of some output, with its p-value if outputs were uniform bytes, corrected
    for all chains that were tried.
    """

    chain: Chain
    lag: int
    mask: Image
    source: Indices
    share: float
    p_value: float

    def decrypt(self, cipher_image: Image, shape: tuple[int, ...]) -> Image:
        """The plaintext, of ``shape``."""
        flat = cipher_image.ravel()
        return unpermuted(self.chain.invert(flat, delayed(flat, self.lag), self.mask), self.source, shape)


def chained_permutation(
    flat: Image, digits: Sequence[Image], shape: tuple[int, ...], level: Image = _ZERO,
    read_indices: IndexReader | None = None, candidates: Sequence[tuple[Chain, int]] = (),
) -> ChainedPermutation:  # fmt: skip
    """The permutation behind the best chain, from the ciphertexts, of ``shape``, of an image of one ``level`` and of
    `index_images`.

    A permutation does not change a flat image, so that its ciphertext gives the mask. The chain is that under which the
    first outputs have most different sources; the p-value is that of all outputs. ``read_indices`` decodes images other
    than `index_images`; ``candidates`` are the only chains to try, with their lags.
    """
    samples = prod(shape)
    levels = np.broadcast_to(level, shape).ravel()
    read = read_indices or partial(source_indices, samples=samples)
    flats = [image.ravel() for image in (flat, *digits)]

    def behind(chain: Chain, lag: int, part: slice) -> tuple[Image, Indices]:
        first, *rest = [(one[part], delayed(one, lag)[part]) for one in flats]
        mask = chain.mask(levels[part], *first)
        return mask, read([chain.invert(c, f, mask) for c, f in rest])

    candidates = candidates or [(chain, lag) for lag in neighbour_lags(shape) for chain in CHAINS]
    some = slice(0, _FOR_CHOICE)
    chain, lag = max(candidates, key=lambda one: len(np.unique(behind(one[0], one[1], some)[1])))
    mask, source = behind(chain, lag, slice(None))
    share, _, p_value = source_coverage(source, samples, len(candidates))
    return ChainedPermutation(chain, lag, mask, source, share, p_value)


def _first_label(samples: int) -> int:
    return int(samples < 256 ** index_digits(samples))
