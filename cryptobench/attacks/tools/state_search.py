"""Candidate keystreams from chosen plaintexts, one a state, and what they make of the challenge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import log

import numpy as np

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.combiners import JOINS, Join
from cryptobench.attacks.tools.smoothness import Choice, Smoothest
from cryptobench.cipher import Encrypted, Image

__all__ = ["StateSearch"]

_WINDOW, _WINDOWS = 12, 16  # bytes of a window; windows of a ciphertext
_MOST_CHANGED = 64  # samples that are not zero in plaintexts whose windows are compared
_MOST_SAMPLES = 1 << 14  # of an image on which smoothness is measured; larger ones are thinned to some of their rows
_MOST_RANDOM = 1 << 10  # plaintexts drawn until one has the challenge's header
_MOST_BYTES = 1 << 29  # of plaintexts and ciphertexts kept
_MOST_FITTED = 4
_SURE = -14.0  # natural logarithm of the p-value of each part at which the search is over


class StateSearch:
    """Walks through chosen plaintexts; see `PlaintextState`. Ciphertexts must have the plaintext's shape."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._step = -(-oracle.samples // _MOST_SAMPLES)
        self._thin = oracle.challenge.image[:: self._step]
        self._smoothest = {join: Smoothest(self._thin.shape) for join in JOINS}
        self._asked: list[tuple[Image, Image]] = []
        self._windows: list[Counter[bytes]] = [Counter() for _ in range(_WINDOWS)]
        self._headers: set[bytes] = set()
        self._same_header: list[tuple[Image, Image]] = []
        self.collisions = 0

    @property
    def asked(self) -> int:
        return len(self._asked)

    def walk(self, images: Iterable[Image]) -> bool:
        """Ask for these, until one has the challenge's header; False if a ciphertext has not the plaintext's shape."""
        for image in images:
            if self.header_found or 2 * image.size * self.asked > _MOST_BYTES:
                break
            sealed = self._oracle.encrypt(image)
            if sealed.image.shape != self._oracle.shape or self._oracle.challenge.image.shape != self._oracle.shape:
                return False
            body, plain = sealed.image[:: self._step], image[:: self._step]
            for join, smoothest in self._smoothest.items():
                smoothest.offer(join.take(self._thin, join.mask(body, plain)))
            self._asked.append((image, sealed.image))
            self._remember(image, sealed)
        return True

    @property
    def p_collisions(self) -> float:
        """Equal windows in any two ciphertexts at all, by the expected number of them."""
        if not self.collisions:
            return 1.0
        return min(1.0, self.asked**2 / 2 * _WINDOWS / 256.0 ** min(_WINDOW, self._oracle.samples))

    @property
    def header_found(self) -> bool:
        """Whether a chosen plaintext got the challenge's header, and headers tell plaintexts apart."""
        return bool(self._same_header) and len(self._headers) > 1

    @property
    def one_stream(self) -> bool:
        """Whether two plaintexts or more are known to have the challenge's header, and share a mask."""
        masks = min(len(self._same_header), _MOST_FITTED) - 1
        return masks > 0 and max(map(self._fit, JOINS))[0] > ALMOST_ALL * masks * self._oracle.samples

    @property
    def over(self) -> bool:
        """Whether every part of the challenge has been opened."""
        return self.header_found or (self.asked > 0 and self._best()[1].worst_log_p < _SURE)

    @property
    def log_p(self) -> float:
        """The natural logarithm of the p-value of the smoothest candidate, corrected for all ways of joining."""
        return min(0.0, log(len(JOINS)) + self._best()[1].log_p) if self.asked else 0.0

    @property
    def joint(self) -> float:
        """The logarithms of the p-values of all parts of the best candidate, added up."""
        return self._best()[1].joint if self.asked else 0.0

    def answer(self) -> tuple[Image | None, str]:
        """The challenge opened, and how; None without candidates."""
        if not self.asked:
            return None, "ciphertexts have not the plaintext's shape"
        if self.header_found:
            join = max(JOINS, key=self._fit)
            return self._opened(join, *self._same_header[0]), f"state from the header, {join.name}"
        join, choice = self._best()
        if self._step > 1 and choice.chosen.shape[0] > 1:
            full = Smoothest(self._oracle.shape)
            for image, body in self._asked:
                full.offer(self._opened(join, image, body))
            choice = full.best()
        return self._assembled(join, choice), f"the smoothest {choice.parts} of all states, {join.name}"

    def settle_join(self, generator: np.random.Generator) -> None:
        """Where smoothness does not tell how the keystream is joined, ask for another image with the same header."""
        join = max(JOINS, key=self._fit)
        for _ in range(_MOST_RANDOM):
            if len(self._same_header) > 1 or self._fit(join)[1] > -_SURE or self._oracle.remaining == 0:
                return
            image = generator.integers(0, 256, self._oracle.shape, np.uint8)
            sealed = self._oracle.encrypt(image)
            if sealed.header == self._oracle.challenge.header and sealed.image.shape == image.shape:
                self._same_header.append((image, sealed.image))

    def _best(self) -> tuple[Join, Choice]:
        choices = {join: smoothest.best() for join, smoothest in self._smoothest.items()}
        join = min(choices, key=lambda one: choices[one].joint)
        return join, choices[join]

    def _assembled(self, join: Join, choice: Choice) -> Image:
        rows, columns = self._oracle.shape[:2]
        image = np.empty((rows, columns, self._oracle.samples // (rows * columns)), np.uint8)
        chosen = np.broadcast_to(choice.chosen, (rows, image.shape[2]))[:, None, :]
        for index in np.unique(choice.chosen):
            opened = self._opened(join, *self._asked[index]).reshape(image.shape)
            np.copyto(image, opened, where=chosen == index)
        return image.reshape(self._oracle.shape)

    def _opened(self, join: Join, image: Image, body: Image) -> Image:
        return join.take(self._oracle.challenge.image, join.mask(body, image))

    def _fit(self, join: Join) -> tuple[int, float]:
        """Equal mask samples among plaintexts with the challenge's header; then how smooth the challenge gets."""
        masks = [join.mask(body, image) for image, body in self._same_header[:_MOST_FITTED]]
        smoothest = Smoothest(self._oracle.shape)
        smoothest.offer(self._opened(join, *self._same_header[0]))
        return sum(int(np.sum(mask == masks[0])) for mask in masks[1:]), -smoothest.best().log_p

    def _remember(self, image: Image, sealed: Encrypted) -> None:
        self._headers.add(sealed.header)
        if sealed.header and sealed.header == self._oracle.challenge.header:
            self._same_header.append((image, sealed.image))
        if np.count_nonzero(image) > _MOST_CHANGED:
            return
        body = sealed.image.ravel()
        met = False
        for number, seen in enumerate(self._windows):
            start = number * max(body.size - _WINDOW, 0) // (_WINDOWS - 1)
            window = body[start : start + _WINDOW].tobytes()
            met = met or seen[window] > 0
            seen[window] += 1
        self.collisions += met
