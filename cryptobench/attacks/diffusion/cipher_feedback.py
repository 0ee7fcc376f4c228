"""Cipher feedback: is each ciphertext byte a function of its plaintext byte and of one byte before it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.combiners import BYTE_COMBINERS, XOR_AND_ADDITION, Combiner
from cryptobench.attacks.tools.shapes import other_shape
from cryptobench.cipher import Encrypted, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["CipherFeedback", "Feedback", "GeneralForm", "MaskedForm", "count_agreements"]

_ALL_BYTES = np.arange(256, dtype=np.uint8)
_MOST_COMPARED = 1 << 16  # samples to find a form by
_MOSTLY = 0.5  # of samples that follow a form, above which its tables are asked for


@dataclass(frozen=True)
class CipherFeedback(Attack):
    """Looks in known pairs for c[i] = F(p[i], s), s the ciphertext, plaintext or keystream byte one sample, pixel or
    row before (or after): the same F everywhere or in a channel, or a table with a fixed mask, c[i] = T[p[i] + s] XOR
    k[i]. Cipher feedback through S-boxes a byte at a time is of this kind, and output feedback. An IV protects the
    first bytes only.

    It pairs samples whose p[i] and s are equal, and counts those whose c[i] are too: one in 256 under an ideal cipher.
    Where many are, it asks for random images until most entries of the tables are known (``samples`` of F, and
    ``messages`` where a mask has to be learnt at each place), and decrypts the challenge. Where plaintext or keystream
    is fed back, it takes the initial bytes that make neighbouring pixels most similar; a picture and its negative are
    equally smooth.
    """

    name: ClassVar[str] = "cipher_feedback"
    seed_name: ClassVar[str] = "feedback_tables"
    title: ClassVar[str] = "Cipher feedback"
    model: ClassVar[Model] = "CPA"
    formula: ClassVar[str] = "32 + ceil(524288 / N)"

    pairs: int = 32
    samples: int = 1 << 19
    messages: int = 256

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if unusable := other_shape(oracle.shape, oracle.challenge.image):
            return unusable
        known = [oracle.known_pair() for _ in range(max(2, self.pairs))]
        if unusable := other_shape(oracle.shape, *(ciphertext.image for _, ciphertext in known)):
            return unusable
        plains, cipher_images = _distinct(known)
        forms = list(_forms(oracle.shape))
        if not forms:
            return AttackResult.inapplicable("the image has too few samples")
        # Of several forms with p-value zero, the one with the greatest share; of equal shares, the first.
        found = []
        for step, form in forms:
            hits, tried = form.agreements(plains[:, ::step], cipher_images[:, ::step])
            found.append((binomial_sf(hits, tried, tries=len(forms)) if tried else 1.0, -hits / max(1, tried)))
        best = min(range(len(forms)), key=found.__getitem__)
        p_value, share = found[best][0], -found[best][1]
        step, form = forms[best]
        recovered, formula = None, ""
        if p_value < LEAK_LEVEL and share > _MOSTLY:
            wanted, left = self.messages, oracle.remaining
            formula = f"{len(known)} + {wanted}"
            if isinstance(form, GeneralForm):
                wanted = -(-self.samples * form.channels // oracle.samples)
                formula = f"{len(known)} + ceil({self.samples * form.channels} / N)"
            chosen, answers = _random_pairs(oracle, generator, wanted if left is None else min(wanted, left))
            chosen, answers = np.concatenate((plains, chosen)), np.concatenate((cipher_images, answers))
            target = oracle.challenge.image.ravel()[::step]
            recovered = form.decrypt(chosen[:, ::step], answers[:, ::step], target)[::step].reshape(oracle.shape)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="equal ciphertext bytes where plaintext byte and feedback byte are equal",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=("" if share > _MOSTLY else "no form fits; nearest is ")
            + form.name
            + (" from the end" if step < 0 else ""),
            numbers={"forms": float(len(forms))},
            formula=formula,
        )


def _random_pairs(oracle: Oracle, generator: np.random.Generator, wanted: int) -> tuple[Image, Image]:
    """Random images and their cipher images, (wanted, samples)."""
    images = generator.integers(0, 256, (wanted, oracle.samples), np.uint8)
    answers = np.empty_like(images)
    for image, answer in zip(images, answers, strict=True):
        answer[:] = oracle.encrypt(image.reshape(oracle.shape)).image.ravel()
    return images, answers


def _distinct(pairs: list[tuple[Image, Encrypted]]) -> tuple[Image, Image]:
    """Plaintexts and cipher images, (messages, samples), no plaintext twice: equal ones may have equal ciphertexts for
    another reason."""
    once = dict(zip((plain.tobytes() for plain, _ in pairs), range(len(pairs)), strict=True)).values()
    plains = np.stack([pairs[at][0].ravel() for at in once])
    return plains, np.stack([pairs[at][1].image.ravel() for at in once])


def _forms(shape: tuple[int, ...]) -> Iterator[tuple[int, GeneralForm | MaskedForm]]:
    """Direction (1 or -1) and form, simple ones first."""
    channels = int(np.prod(shape[2:]))
    for feedback in _feedbacks(shape):
        for step in (1, -1):
            yield step, GeneralForm(feedback, 1)
            if channels > 1:
                yield step, GeneralForm(feedback, channels)
            if feedback.combiner is None:
                yield from ((step, MaskedForm(feedback, inner)) for inner in BYTE_COMBINERS)


def _feedbacks(shape: tuple[int, ...]) -> Iterator[Feedback]:
    """The candidates in an image of ``shape``: a sample, a pixel or a row before.

    Ciphertext bytes come first, which an attacker has without decrypting. Of plaintext and keystream none is a row
    away: smoothness would then not determine the initial byte of each column.
    """
    row, pixel = int(np.prod(shape[1:])), int(np.prod(shape[2:]))
    lags = [lag for lag in dict.fromkeys((1, pixel, row)) if 2 * lag <= shape[0] * row]
    for lag in lags:
        yield Feedback(lag, "c", pixel=pixel)
    for lag in lags:
        if lag <= pixel:
            yield Feedback(lag, "p", pixel=pixel)
            yield from (Feedback(lag, "k", combiner, pixel) for combiner in BYTE_COMBINERS)


@dataclass(frozen=True, eq=False)
class Feedback:
    """s, the byte that is fed back from ``lag`` samples before: of the ciphertext ("c"), of the plaintext ("p"), or of
    the keystream ("k") by ``combiner``.

    ``pixel`` is the number of samples in a pixel of the image.
    """

    lag: int
    source: str
    combiner: Combiner | None = None
    pixel: int = 1

    @property
    def name(self) -> str:
        stream = "" if self.combiner is None else f" ({self.combiner.equation})"
        return f"{self.source}[i - {self.lag}]{stream}"

    def values(self, plains: Image, cipher_images: Image) -> Image:
        """s at every sample from ``lag`` on, (messages, samples - lag)."""
        return self.after(plains, cipher_images)[:, : -self.lag]

    def after(self, plain: Image, cipher_image: Image) -> Image:
        """s at the samples ``lag`` after those given."""
        if self.source == "c":
            return cipher_image
        return plain if self.combiner is None else self.combiner.mask(cipher_image, plain)


@dataclass(frozen=True, eq=False)
class GeneralForm:
    """c[i] = F(p[i], s), F any map, the same at all samples of a channel, of which there are ``channels``."""

    feedback: Feedback
    channels: int

    @property
    def name(self) -> str:
        return f"c[i] = F(p[i], {self.feedback.name})" + (" in each channel" if self.channels > 1 else "")

    def agreements(self, plains: Image, cipher_images: Image) -> tuple[int, int]:
        """As `count_agreements`, in as many messages as have `_MOST_COMPARED` samples."""
        few = max(1, _MOST_COMPARED // plains.shape[1])
        plains, cipher_images = plains[:few], cipher_images[:few]
        cells = self._cells(plains[:, self.feedback.lag :], self.feedback.values(plains, cipher_images))
        return count_agreements(cells.ravel(), cipher_images[:, self.feedback.lag :].ravel())

    def decrypt(self, plains: Image, cipher_images: Image, target: Image) -> Image:
        """The plaintext of ``target``, (samples,), from the table that the pairs fill."""
        entries, seen = np.zeros(self.channels << 16, np.uint8), np.zeros(self.channels << 16, bool)
        cells = self._cells(cipher_images[:, self.feedback.lag :], self.feedback.values(plains, cipher_images))
        entries[cells], seen[cells] = plains[:, self.feedback.lag :], True
        table = entries.reshape(self.channels, 256, 256)
        # For one s, all p are different: the XOR of 255 that are known is the missing one.
        table = np.where(seen.reshape(table.shape), table, np.bitwise_xor.reduce(table, axis=1, keepdims=True))
        channel = self._channel(len(target))
        return _decrypt_in_sequence(self.feedback, target, lambda at, s: table[channel[at], target[at], s])

    def _cells(self, bytes_: Image, s: Image) -> NDArray[np.integer]:
        cells = bytes_.astype(np.uint16) << np.uint16(8) | s
        if self.channels == 1:
            return cells
        return cells + (self._channel(bytes_.shape[1] + self.feedback.lag)[self.feedback.lag :].astype(np.int32) << 16)

    def _channel(self, samples: int) -> NDArray[np.int64]:
        return np.arange(samples) % self.channels


@dataclass(frozen=True, eq=False)
class MaskedForm:
    """c[i] = T[u] combined with k[i], u = p[i] combined with s; T any table, k a fixed keystream."""

    feedback: Feedback
    inner: Combiner

    @property
    def name(self) -> str:
        u = self.inner.name.removeprefix("y = ").replace("x", "p[i]").replace("k", self.feedback.name)
        return f"c[i] = T[{u}] masked by place"

    def agreements(self, plains: Image, cipher_images: Image) -> tuple[int, int]:
        """As `count_agreements`, of samples at one place of two messages, at the first places with `_MOST_COMPARED`."""
        few = max(self.feedback.lag + 1, _MOST_COMPARED // len(plains))
        plains, cipher_images = plains[:, :few], cipher_images[:, :few]
        u = self._inner(plains, cipher_images)
        places = np.arange(u.shape[1], dtype=np.int32) << 8
        return count_agreements((places | u).ravel(), cipher_images[:, self.feedback.lag :].ravel())

    def decrypt(self, plains: Image, cipher_images: Image, target: Image) -> Image:
        """The plaintext of ``target``, (samples,), from pairs so many that most values of u occur at every place."""
        lag = self.feedback.lag
        u, masked = self._inner(plains, cipher_images), cipher_images[:, lag:]
        outer, table, stream = max(
            ((outer, *_solve(outer, u, masked)) for outer in XOR_AND_ADDITION),
            key=lambda found: float(np.mean(found[0].combine(found[1][u], found[2][None]) == masked)),
        )
        back = np.zeros(256, np.uint8)
        back[table] = _ALL_BYTES
        seen = np.concatenate((np.zeros(lag, np.uint8), back[outer.invert(target[lag:], stream)]))
        return _decrypt_in_sequence(self.feedback, target, lambda at, s: self.inner.invert(seen[at], s))

    def _inner(self, plains: Image, cipher_images: Image) -> Image:
        return self.inner.combine(plains[:, self.feedback.lag :], self.feedback.values(plains, cipher_images))


def _solve(outer: Combiner, u: Image, masked: Image) -> tuple[Image, Image]:
    """T, (256,), and k, (samples,), of c = T[u] combined with k: T as far as the first place determines it, with k[0]
    taken for 0, then k by majority at each place, then T by majority."""
    table, known = np.zeros(256, np.uint8), np.zeros(256, bool)
    table[u[:, 0]], known[u[:, 0]] = masked[:, 0], True
    samples = u.shape[1]
    place = np.broadcast_to(np.arange(samples), u.shape)
    stream = _commonest(place[known[u]], outer.mask(masked, table[u])[known[u]], samples)
    return _commonest(u.ravel(), outer.invert(masked, np.broadcast_to(stream, u.shape)).ravel(), 256), stream


def _commonest(rows: NDArray[np.integer], values: Image, size: int) -> Image:
    """The commonest of ``values`` for each row number below ``size``."""
    counts = np.bincount(rows.astype(np.int64) << 8 | values, minlength=size << 8).reshape(size, 256)
    commonest: Image = counts.argmax(axis=1).astype(np.uint8)
    return commonest


def count_agreements(cells: NDArray[np.integer], values: Image) -> tuple[int, int]:
    """Of pairs of samples in one cell, no sample in two pairs: how many have equal values, and how many there are.

    Both arrays are (samples,). Under an ideal cipher the former is binomial with chance 1/256 for ciphertext bytes.
    """
    if not cells.size:
        return 0, 0
    hits, pairs = _agreements(np.ascontiguousarray(cells, np.int32), values, int(cells.max()) + 1)
    return int(hits), int(pairs)


@njit(cache=True, nogil=True)
def _agreements(cells: NDArray[np.int32], values: Image, count: int) -> tuple[int, int]:
    waiting = np.full(count, -1, np.int16)  # the value of each cell's sample that has no partner yet
    hits = pairs = 0
    for i in range(len(cells)):
        other = waiting[cells[i]]
        if other < 0:
            waiting[cells[i]] = values[i]
        else:
            waiting[cells[i]] = -1
            pairs += 1
            hits += other == values[i]
    return hits, pairs


def _decrypt_in_sequence(feedback: Feedback, target: Image, step: Callable[[NDArray[np.int64], Image], Image]) -> Image:
    """Decrypts ``target`` by ``step``, (places, s) to plaintext, ``lag`` samples at a time.

    The IV decides what s is for the first samples. For each run of samples ``lag`` apart, the one of its 256 values is
    taken that makes neighbouring pixels most similar.
    """
    lag, samples = feedback.lag, len(target)
    starts = np.broadcast_to(_ALL_BYTES[:, None], (256, lag))
    if feedback.source == "c":
        rest = step(np.arange(lag, samples), target[:-lag])
        first = step(np.arange(lag), starts)
        best = _distance(first, np.resize(rest, lag)).argmin(axis=0)
        return np.concatenate((first[best, np.arange(lag)], rest))
    runs = np.empty((256, samples), np.uint8)
    s = starts
    for begin in range(0, samples, lag):
        at = np.arange(begin, min(begin + lag, samples))
        runs[:, at] = step(at, s[:, : len(at)])
        s = feedback.after(runs[:, at], np.broadcast_to(target[at], (256, len(at))))
    roughness = _distance(runs[:, feedback.pixel :], runs[:, : -feedback.pixel])
    of_run = (np.arange(feedback.pixel, samples) % lag == np.arange(lag)[:, None]).astype(np.int64)
    best = np.resize((roughness @ of_run.T).argmin(axis=0), samples)
    return runs[best, np.arange(samples)]


def _distance(one: Image, other: Image) -> NDArray[np.int64]:
    distance: NDArray[np.int64] = np.abs(one.astype(np.int64) - other)
    return distance
