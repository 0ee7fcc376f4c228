"""Recovery of a periodic keystream from ciphertext alone: the decrypted image must look like a natural one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.keystream.periodic_keystream.image_prior import ImagePrior
from cryptobench.attacks.tools.combiners import XOR, Combiner
from cryptobench.cipher import Image

__all__ = ["recover_image"]

_STARTS = 8  # values of the first keystream byte that are tried
_MOST_USED = 256  # samples of a keystream byte that are evaluated while the key grows
_SWEEPS = 12
_TONES_WEIGHT = 0.1  # of the tones, since neighbouring samples are no independent evidence

Floats = NDArray[np.float64]


def recover_image(cipher_image: Image, period: int, combiner: Combiner, plains: Image) -> Image:
    """The likeliest plaintext of a cipher image (H, W[, C]) whose keystream repeats after ``period`` samples.

    A key of ``period`` bytes grows from a first one: next comes the byte that the neighbours of the samples already
    decrypted determine most clearly. Then each byte is set to the value that fits its neighbours best, until none
    changes. How similar neighbours are, in dark and in bright areas, is learnt from the images ``plains``,
    (K, H, W[, C]). The negative of an image is as smooth as the image, so that only its tones decide between them, and
    may err.
    """
    height, width = cipher_image.shape[:2]
    cells = cipher_image.reshape(height, width, -1)
    prior = ImagePrior.of(plains.reshape(len(plains), *cells.shape))
    values = np.arange(256, dtype=np.uint8)
    table = combiner.invert(values[:, None], values[None])  # (c, k) -> p
    problem = _Problem(cells, period, table, prior)
    grown = [problem.grow(start) for start in range(0, 256, 256 // _STARTS)]
    key = problem.refine(max(grown, key=problem.likelihood))
    # The same image shifted or negated as a whole: k ^ v if the keystream is XORed, else k + v.
    shifts = [key ^ v if combiner is XOR else key + v for v in values]
    key = problem.refine(max(shifts, key=lambda one: problem.likelihood(one, _TONES_WEIGHT)))
    return problem.decrypt(key).reshape(cipher_image.shape)


@dataclass(frozen=True, eq=False)
class _Problem:
    cells: Image  # (H, W, C)
    period: int
    table: Image  # (c, k) -> p
    prior: ImagePrior

    def decrypt(self, key: Image) -> Image:
        """The image under a key of ``period`` bytes."""
        image: Image = self.table[self.cells.ravel(), np.resize(key, self.cells.size)].reshape(self.cells.shape)
        return image

    def likelihood(self, key: Image, tones: float = 0.0) -> float:
        """Log-likelihood of the image under a key: of its differences, and ``tones`` times that of its tones."""
        image = self.decrypt(key)
        return self.prior.likelihood(image) + (tones * self.prior.tone_likelihood(image) if tones else 0.0)

    def grow(self, start: int) -> Image:
        """A key whose first byte is ``start``."""
        _, width, channels = self.cells.shape
        return _grow(
            self.cells.ravel(), width * channels, channels, self.period, start, self.table, self.prior.differences,
            _MOST_USED,
        )  # fmt: skip

    def refine(self, key: Image, sweeps: int = _SWEEPS) -> Image:
        """The key with each byte set to the value that fits its neighbours best, in turn, until none changes."""
        image, key = self.decrypt(key).ravel(), key.copy()
        flat = self.cells.ravel()
        for _ in range(sweeps):
            before = key.copy()
            for a in range(min(self.period, flat.size)):
                at = np.arange(a, flat.size, self.period)
                predicted = self.prior.predicted(image, at, self.cells.shape)
                candidates = self.table[flat[at]]  # (samples, k)
                residuals = np.abs(candidates.astype(np.int16) - predicted[:, None])
                key[a] = np.argmax(self.prior.residuals[residuals].sum(axis=0))
                image[at] = candidates[:, key[a]]
            if np.array_equal(before, key):
                break
        return key


@njit(cache=True, nogil=True)
def _grow(
    flat: Image, row: int, channels: int, period: int, start: int, table: Image, differences: Floats, most: int
) -> Image:  # fmt: skip
    """``differences`` is (3, 256): log-likelihoods of differences to the next sample in a row, column, and channel."""
    n, offsets = len(flat), (channels, row, 1)
    score = np.zeros((period, 256))
    key, known = np.zeros(period, np.uint8), np.zeros(period, np.bool_)
    a = 0
    key[0] = start
    for _ in range(period):
        known[a] = True
        step = max(1, n // period // most) * period
        for s in range(a, n, step):
            p = np.int64(table[flat[s], key[a]])
            for kind in range(3):
                for sign in (-1, 1):
                    t = s + sign * offsets[kind]
                    if t < 0 or t >= n or (kind == 0 and s // row != t // row):
                        continue
                    if kind == 2 and s // channels != t // channels:
                        continue
                    b = t % period
                    if known[b]:
                        continue
                    for k in range(256):
                        score[b, k] += differences[kind, abs(p - np.int64(table[flat[t], k]))]
        a, clearest = -1, -1.0
        for b in range(period):
            if known[b]:
                continue
            best, second = -np.inf, -np.inf
            for k in range(256):
                if score[b, k] > best:
                    best, second = score[b, k], best
                    key[b] = k
                elif score[b, k] > second:
                    second = score[b, k]
            if best - second > clearest:
                a, clearest = b, best - second
        if a < 0:
            break
    return key
