"""Candidate keystreams from chosen plaintexts, one for each state, and the challenge decrypted with the best one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log

import numpy as np

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.combiners import COMBINERS, Combiner
from cryptobench.attacks.tools.shapes import OTHER_SHAPE
from cryptobench.attacks.tools.smoothness import Smoothest, SmoothestParts
from cryptobench.cipher import Encrypted, Image

__all__ = ["StateSearch"]

_WINDOW, _WINDOWS = 12, 16  # bytes of a window; windows of a ciphertext
_MOST_CHANGED = 64  # samples that are not zero in plaintexts whose windows are compared
_MOST_SAMPLES = 1 << 14  # of an image on which smoothness is measured; larger ones are thinned to some of their rows
_MOST_RANDOM = 1 << 10  # plaintexts drawn until one has the challenge's header
_MOST_BYTES = 1 << 29  # of plaintexts and ciphertexts kept
_MOST_FITTED = 4
_SURE = -14.0  # natural logarithm of the p-value of each part at which the search is complete


class StateSearch:
    """Encrypts chosen plaintexts, takes each ciphertext for that of one state, and keeps the states that make the
    challenge smoothest.

    Ciphertexts must have the plaintext's shape.
    """

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._step = -(-oracle.samples // _MOST_SAMPLES)
        self._thin = oracle.challenge.image[:: self._step]
        self._smoothest = {combiner: Smoothest(self._thin.shape) for combiner in COMBINERS}
        self._pairs: list[tuple[Image, Image]] = []
        self._windows: list[Counter[bytes]] = [Counter() for _ in range(_WINDOWS)]
        self._headers: set[bytes] = set()
        self._same_header: list[tuple[Image, Image]] = []
        self.collisions = 0

    @property
    def queries(self) -> int:
        """How many chosen plaintexts were encrypted."""
        return len(self._pairs)

    def query(self, images: Iterable[Image]) -> bool:
        """Encrypt these, until one has the challenge's header; False if a ciphertext is of another shape."""
        for image in images:
            if self.header_found or 2 * image.size * self.queries > _MOST_BYTES:
                break
            ciphertext = self._oracle.encrypt(image)
            if {ciphertext.image.shape, self._oracle.challenge.image.shape} != {self._oracle.shape}:
                return False
            cipher_image, plain = ciphertext.image[:: self._step], image[:: self._step]
            for combiner, smoothest in self._smoothest.items():
                smoothest.add(combiner.invert(self._thin, combiner.mask(cipher_image, plain)))
            self._pairs.append((image, ciphertext.image))
            self._remember(image, ciphertext)
        return True

    @property
    def p_collisions(self) -> float:
        """The p-value of equal windows in any two ciphertexts, by the expected number of them."""
        if not self.collisions:
            return 1.0
        return min(1.0, self.queries**2 / 2 * _WINDOWS / 256.0 ** min(_WINDOW, self._oracle.samples))

    @property
    def header_found(self) -> bool:
        """Whether a chosen plaintext got the challenge's header, and headers depend on the plaintext."""
        return bool(self._same_header) and len(self._headers) > 1

    @property
    def same_keystream(self) -> bool:
        """Whether two plaintexts or more are known to have the challenge's header, and share a mask."""
        masks = min(len(self._same_header), _MOST_FITTED) - 1
        return masks > 0 and max(map(self._fit, COMBINERS))[0] > ALMOST_ALL * masks * self._oracle.samples

    @property
    def complete(self) -> bool:
        """Whether every part of the challenge has been decrypted."""
        return self.header_found or (self.queries > 0 and self._best()[1].worst_log_p < _SURE)

    @property
    def log_p(self) -> float:
        """The natural logarithm of the p-value of the smoothest candidate, corrected for all combiners."""
        return min(0.0, log(len(COMBINERS)) + self._best()[1].log_p) if self.queries else 0.0

    @property
    def total_log_p(self) -> float:
        """The sum of the logarithms of the p-values of all parts of the best candidate."""
        return self._best()[1].total_log_p if self.queries else 0.0

    def result(self) -> tuple[Image | None, str]:
        """The challenge decrypted, and how; None without candidates."""
        if not self.queries:
            return None, OTHER_SHAPE
        if self.header_found:
            combiner = max(COMBINERS, key=self._fit)
            return self._decrypted(combiner, *self._same_header[0]), f"state from the header, {combiner.name}"
        combiner, best = self._best()
        if self._step > 1 and best.chosen.shape[0] > 1:
            full = Smoothest(self._oracle.shape)
            for image, cipher_image in self._pairs:
                full.add(self._decrypted(combiner, image, cipher_image))
            best = full.best()
        return self._assembled(combiner, best), f"the smoothest {best.parts} of all states, {combiner.name}"

    def determine_combiner(self, generator: np.random.Generator) -> None:
        """Where smoothness does not determine the combiner, ask for another image with the same header."""
        combiner = max(COMBINERS, key=self._fit)
        for _ in range(_MOST_RANDOM):
            if len(self._same_header) > 1 or self._fit(combiner)[1] > -_SURE or self._oracle.remaining == 0:
                return
            image = generator.integers(0, 256, self._oracle.shape, np.uint8)
            ciphertext = self._oracle.encrypt(image)
            if ciphertext.header == self._oracle.challenge.header and ciphertext.image.shape == image.shape:
                self._same_header.append((image, ciphertext.image))

    def _best(self) -> tuple[Combiner, SmoothestParts]:
        candidates = {combiner: smoothest.best() for combiner, smoothest in self._smoothest.items()}
        combiner = min(candidates, key=lambda one: candidates[one].total_log_p)
        return combiner, candidates[combiner]

    def _assembled(self, combiner: Combiner, best: SmoothestParts) -> Image:
        rows, columns = self._oracle.shape[:2]
        image = np.empty((rows, columns, self._oracle.samples // (rows * columns)), np.uint8)
        chosen = np.broadcast_to(best.chosen, (rows, image.shape[2]))[:, None, :]
        for index in np.unique(best.chosen):
            decrypted = self._decrypted(combiner, *self._pairs[index]).reshape(image.shape)
            np.copyto(image, decrypted, where=chosen == index)
        return image.reshape(self._oracle.shape)

    def _decrypted(self, combiner: Combiner, image: Image, cipher_image: Image) -> Image:
        """The challenge under the mask of a pair."""
        return combiner.invert(self._oracle.challenge.image, combiner.mask(cipher_image, image))

    def _fit(self, combiner: Combiner) -> tuple[int, float]:
        """Equal mask samples among plaintexts with the challenge's header; then how smooth the challenge gets."""
        masks = [combiner.mask(cipher_image, image) for image, cipher_image in self._same_header[:_MOST_FITTED]]
        smoothest = Smoothest(self._oracle.shape)
        smoothest.add(self._decrypted(combiner, *self._same_header[0]))
        return sum(int(np.sum(mask == masks[0])) for mask in masks[1:]), -smoothest.best().log_p

    def _remember(self, image: Image, ciphertext: Encrypted) -> None:
        self._headers.add(ciphertext.header)
        if ciphertext.header and ciphertext.header == self._oracle.challenge.header:
            self._same_header.append((image, ciphertext.image))
        if np.count_nonzero(image) > _MOST_CHANGED:
            return
        flat = ciphertext.image.ravel()
        met = False
        for number, seen in enumerate(self._windows):
            start = number * max(flat.size - _WINDOW, 0) // (_WINDOWS - 1)
            window = flat[start : start + _WINDOW].tobytes()
            met = met or seen[window] > 0
            seen[window] += 1
        self.collisions += met
