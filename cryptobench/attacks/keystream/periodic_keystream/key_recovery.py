"""A natural image behind a keystream of a short period, found by how alike neighbours are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.keystream.periodic_keystream.image_prior import Neighbours
from cryptobench.attacks.tools.combiners import Combiner
from cryptobench.cipher import Image

__all__ = ["unfolded"]

_STARTS = 8  # values of the first keystream byte that are tried
_MOST_USED = 256  # samples of a keystream byte that are looked at while the key grows
_SWEEPS = 12
_TONES_WEIGHT = 0.1  # of the tones, since neighbouring samples are no independent evidence

Floats = NDArray[np.float64]


def unfolded(body: Image, period: int, form: Combiner, plains: Image) -> Image:
    """The likeliest image for a ciphertext (H, W[, C]) whose keystream repeats after ``period`` samples.

    A key of ``period`` bytes grows from a first one: next comes the byte that the samples beside those already open
    determine most clearly. Then each byte is set to what fits best the samples around, until none changes. How
    alike neighbours are, in the dark and in the light, is learnt from the images ``plains``, (K, H, W[, C]). The
    negative of an image is as smooth as the image, so that only its tones decide between them, and may err.
    """
    height, width = body.shape[:2]
    cells = body.reshape(height, width, -1)
    model = Neighbours.of(plains.reshape(len(plains), *cells.shape))
    values = np.arange(256, dtype=np.uint8)
    opened = form.invert(values[:, None], values[None])  # (c, k)
    problem = _Problem(cells, period, opened, model)
    grown = [problem.grown(start) for start in range(0, 256, 256 // _STARTS)]
    key = problem.polished(max(grown, key=problem.likelihood))
    # The same image shifted or negated as a whole: k ^ v if the keystream is XORed, else k + v.
    shifts = [key ^ v if form.name == "y = x XOR k" else key + v for v in values]
    key = problem.polished(max(shifts, key=lambda one: problem.likelihood(one, _TONES_WEIGHT)))
    return problem.open(key).reshape(body.shape)


@dataclass(frozen=True, eq=False)
class _Problem:
    cells: Image  # (H, W, C)
    period: int
    opened: Image  # (c, k) -> p
    model: Neighbours

    def open(self, key: Image) -> Image:
        """The image under a key of ``period`` bytes."""
        image: Image = self.opened[self.cells.ravel(), np.resize(key, self.cells.size)].reshape(self.cells.shape)
        return image

    def likelihood(self, key: Image, tones: float = 0.0) -> float:
        """Of the image under a key: of its neighbours' differences, and ``tones`` times that of its tones."""
        image = self.open(key)
        return self.model.likelihood(image) + (tones * self.model.tone_likelihood(image) if tones else 0.0)

    def grown(self, start: int) -> Image:
        """A key whose first byte is ``start``."""
        _, width, channels = self.cells.shape
        return _grow(
            self.cells.ravel(), width * channels, channels, self.period, start, self.opened, self.model.along,
            _MOST_USED,
        )  # fmt: skip

    def polished(self, key: Image, sweeps: int = _SWEEPS) -> Image:
        """The key with each byte set to what fits the samples around best, in turn, until none changes."""
        image, key = self.open(key).ravel(), key.copy()
        flat = self.cells.ravel()
        for _ in range(sweeps):
            before = key.copy()
            for a in range(min(self.period, flat.size)):
                at = np.arange(a, flat.size, self.period)
                expected = self.model.expected(image, at, self.cells.shape)
                candidates = self.opened[flat[at]]  # (samples, k)
                apart = np.abs(candidates.astype(np.int16) - expected[:, None])
                key[a] = np.argmax(self.model.around[apart].sum(axis=0))
                image[at] = candidates[:, key[a]]
            if np.array_equal(before, key):
                break
        return key


@njit(cache=True, nogil=True)
def _grow(
    flat: Image, row: int, channels: int, period: int, start: int, opened: Image, along: Floats, most: int
) -> Image:  # fmt: skip
    """``along`` is (3, 256): log-likelihoods of differences to the next sample in a row, column, and channel."""
    n, offsets = len(flat), (channels, row, 1)
    score = np.zeros((period, 256))
    key, known = np.zeros(period, np.uint8), np.zeros(period, np.bool_)
    a = 0
    key[0] = start
    for _ in range(period):
        known[a] = True
        step = max(1, n // period // most) * period
        for s in range(a, n, step):
            p = np.int64(opened[flat[s], key[a]])
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
                        score[b, k] += along[kind, abs(p - np.int64(opened[flat[t], k]))]
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
