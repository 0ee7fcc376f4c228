"""Feedback tables: is each ciphertext byte a function of its plaintext byte and of one byte beside it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.combiners import JOINS, Join
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["FeedbackTables", "General", "Masked", "Neighbour", "agreements", "neighbours"]

_STARTS = np.arange(256, dtype=np.uint8)
_JOINS = JOINS[:3]
_MASKS = JOINS[:2]
_ENOUGH = 1 << 16  # samples to find a form by


@dataclass(frozen=True, eq=False)
class Neighbour:
    """The byte ``lag`` samples before: of the ciphertext, of the plaintext, or of the keystream by ``join``.

    ``pixel`` is the number of samples in a pixel of the image.
    """

    lag: int
    what: str
    join: Join | None = None
    pixel: int = 1

    @property
    def name(self) -> str:
        stream = "" if self.join is None else f" ({self.join.name.replace('y', 'c').replace('x', 'p')})"
        return f"{self.what}[i - {self.lag}]{stream}"

    def of(self, plains: Image, bodies: Image) -> Image:
        """s at every sample from ``lag`` on, (messages, samples - lag)."""
        values = bodies if self.what == "c" else plains if self.join is None else self.join.mask(bodies, plains)
        return values[:, : -self.lag]

    def follow(self, plain: Image, body: Image) -> Image:
        """s at the samples ``lag`` after those given."""
        return body if self.what == "c" else plain if self.join is None else self.join.mask(body, plain)


def neighbours(shape: tuple[int, ...]) -> Iterator[Neighbour]:
    """The candidates in an image of ``shape``: a sample, a pixel or a row before.

    Those come first that an attacker has without decrypting. Of plaintext and keystream none is a row away: how each
    column began can then not be told by its smoothness.
    """
    row, pixel = int(np.prod(shape[1:])), int(np.prod(shape[2:]))
    lags = [lag for lag in dict.fromkeys((1, pixel, row)) if 2 * lag <= shape[0] * row]
    for lag in lags:
        yield Neighbour(lag, "c", pixel=pixel)
    for lag in lags:
        if lag <= pixel:
            yield Neighbour(lag, "p", pixel=pixel)
            yield from (Neighbour(lag, "k", join, pixel) for join in _JOINS)


def agreements(cells: NDArray[np.integer], values: Image) -> tuple[int, int]:
    """Of pairs of samples in one cell, no sample in two pairs: how many have equal values, and how many there are.

    Both arrays are (samples,). Under an ideal cipher the former is binomial with chance 1/256 for ciphertext bytes.
    """
    order = np.argsort(cells, kind="stable")
    ranked, values = cells[order], values[order]
    fresh = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    rank = np.arange(len(ranked)) - np.repeat(fresh, np.diff(np.append(fresh, len(ranked))))
    first = np.flatnonzero((rank[:-1] % 2 == 0) & (ranked[1:] == ranked[:-1]))
    return int(np.sum(values[first] == values[first + 1])), len(first)


@dataclass(frozen=True, eq=False)
class General:
    """c[i] = F(p[i], s), F any map, the same at all samples of a channel, of which there are ``channels``."""

    near: Neighbour
    channels: int

    @property
    def name(self) -> str:
        return f"c[i] = F(p[i], {self.near.name})" + (" in each channel" if self.channels > 1 else "")

    def agreeing(self, plains: Image, bodies: Image) -> tuple[int, int]:
        """As `agreements`, in as many messages as have `_ENOUGH` samples."""
        few = max(1, _ENOUGH // plains.shape[1])
        plains, bodies = plains[:few], bodies[:few]
        cells = self._cells(plains[:, self.near.lag :], self.near.of(plains, bodies))
        return agreements(cells.ravel(), bodies[:, self.near.lag :].ravel())

    def open(self, plains: Image, bodies: Image, target: Image) -> Image:
        """The plaintext of ``target``, (samples,), from a book of pairs."""
        book, seen = np.zeros(self.channels << 16, np.uint8), np.zeros(self.channels << 16, bool)
        cells = self._cells(bodies[:, self.near.lag :], self.near.of(plains, bodies))
        book[cells], seen[cells] = plains[:, self.near.lag :], True
        table = book.reshape(self.channels, 256, 256)
        # For one s, all p are different: of 255 that were seen the XOR is the one that was not.
        table = np.where(seen.reshape(table.shape), table, np.bitwise_xor.reduce(table, axis=1, keepdims=True))
        channel = self._channel(len(target))
        return _along(self.near, target, lambda at, s: table[channel[at], target[at], s])

    def _cells(self, bytes_: Image, s: Image) -> NDArray[np.integer]:
        cells = bytes_.astype(np.uint16) << np.uint16(8) | s
        if self.channels == 1:
            return cells
        return cells + (self._channel(bytes_.shape[1] + self.near.lag)[self.near.lag :].astype(np.int32) << 16)

    def _channel(self, samples: int) -> NDArray[np.int64]:
        return np.arange(samples) % self.channels


@dataclass(frozen=True, eq=False)
class Masked:
    """c[i] = T[u] joined with k[i], u = p[i] joined with s; T any table, k a fixed keystream."""

    near: Neighbour
    inner: Join

    @property
    def name(self) -> str:
        u = self.inner.name.removeprefix("y = ").replace("x", "p[i]").replace("k", self.near.name)
        return f"c[i] = T[{u}] masked by place"

    def agreeing(self, plains: Image, bodies: Image) -> tuple[int, int]:
        """As `agreements`, of samples at the same place of two messages, at the first places that have `_ENOUGH`."""
        few = max(self.near.lag + 1, _ENOUGH // len(plains))
        plains, bodies = plains[:, :few], bodies[:, :few]
        u = self._inner(plains, bodies)
        places = np.arange(u.shape[1], dtype=np.int32) << 8
        return agreements((places | u).ravel(), bodies[:, self.near.lag :].ravel())

    def open(self, plains: Image, bodies: Image, target: Image) -> Image:
        """The plaintext of ``target``, (samples,), from pairs enough for every place to see most values of u."""
        lag = self.near.lag
        u, behind = self._inner(plains, bodies), bodies[:, lag:]
        outer, table, stream = max(
            ((mask, *_solve(mask, u, behind)) for mask in _MASKS),
            key=lambda found: float(np.mean(found[0].put(found[1][u], found[2][None]) == behind)),
        )
        back = np.zeros(256, np.uint8)
        back[table] = _STARTS
        seen = np.concatenate((np.zeros(lag, np.uint8), back[outer.take(target[lag:], stream)]))
        return _along(self.near, target, lambda at, s: self.inner.take(seen[at], s))

    def _inner(self, plains: Image, bodies: Image) -> Image:
        return self.inner.put(plains[:, self.near.lag :], self.near.of(plains, bodies))


def _solve(mask: Join, u: Image, bodies: Image) -> tuple[Image, Image]:
    """T, (256,), and k, (samples,), of c = T[u] joined with k: T with what the first place shows of it, k[0] taken for
    0, then k by majority at each place, then T by majority."""
    table, known = np.zeros(256, np.uint8), np.zeros(256, bool)
    table[u[:, 0]], known[u[:, 0]] = bodies[:, 0], True
    samples = u.shape[1]
    place = np.broadcast_to(np.arange(samples), u.shape)
    stream = _commonest(place[known[u]], mask.mask(bodies, table[u])[known[u]], samples)
    return _commonest(u.ravel(), mask.take(bodies, np.broadcast_to(stream, u.shape)).ravel(), 256), stream


def _commonest(rows: NDArray[np.integer], values: Image, size: int) -> Image:
    """The commonest of ``values`` for each row number below ``size``."""
    counts = np.bincount(rows.astype(np.int64) << 8 | values, minlength=size << 8).reshape(size, 256)
    commonest: Image = counts.argmax(axis=1).astype(np.uint8)
    return commonest


def _along(near: Neighbour, target: Image, step: Callable[[NDArray[np.int64], Image], Image]) -> Image:
    """Decrypts ``target`` by ``step``, (places, s) to plaintext, ``lag`` samples at a time.

    What s is for the first samples the IV decides. Of the 256 values that one is taken, for each run of samples
    ``lag`` apart, that makes neighbouring pixels most alike.
    """
    lag, samples = near.lag, len(target)
    starts = np.broadcast_to(_STARTS[:, None], (256, lag))
    if near.what == "c":
        rest = step(np.arange(lag, samples), target[:-lag])
        first = step(np.arange(lag), starts)
        best = _distance(first, np.resize(rest, lag)).argmin(axis=0)
        return np.concatenate((first[best, np.arange(lag)], rest))
    runs = np.empty((256, samples), np.uint8)
    s = starts
    for begin in range(0, samples, lag):
        at = np.arange(begin, min(begin + lag, samples))
        runs[:, at] = step(at, s[:, : len(at)])
        s = near.follow(runs[:, at], np.broadcast_to(target[at], (256, len(at))))
    rough = _distance(runs[:, near.pixel :], runs[:, : -near.pixel])
    of_run = (np.arange(near.pixel, samples) % lag == np.arange(lag)[:, None]).astype(np.int64)
    best = np.resize((rough @ of_run.T).argmin(axis=0), samples)
    return runs[best, np.arange(samples)]


def _distance(one: Image, other: Image) -> NDArray[np.int64]:
    distance: NDArray[np.int64] = np.abs(one.astype(np.int64) - other)
    return distance


_MOSTLY = 0.5  # of samples that follow a form, above which tables are worth asking for


@dataclass(frozen=True)
class FeedbackTables(Attack):
    """Looks in known pairs for c[i] = F(p[i], s), s the ciphertext, plaintext or keystream byte one sample, pixel or
    row before (or after): the same F everywhere or in a channel, or a table with a fixed mask, c[i] = T[p[i] + s] XOR
    k[i]. Cipher feedback through S-boxes a byte at a time is of this kind, and output feedback. An IV protects the
    first bytes only.

    It pairs samples whose p[i] and s are equal, and counts those whose c[i] are too: one in 256 under an ideal cipher.
    Where many are, it asks for random images until most of the tables have been seen (``samples`` of F, and
    ``messages`` where a mask has to be learnt at each place), and opens the challenge. Where plaintext or keystream is
    fed back it takes the beginning that makes neighbouring pixels most alike; a picture and its negative are.
    """

    name: ClassVar[str] = "feedback_tables"
    title: ClassVar[str] = "Feedback tables"
    model: ClassVar[Model] = "CPA"

    pairs: int = 32
    samples: int = 1 << 19
    messages: int = 256

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.challenge.image.shape != oracle.shape:
            return AttackResult.inapplicable("cipher images are not of the plaintext's shape")
        known = [oracle.known_pair() for _ in range(max(2, self.pairs))]
        if any(sealed.image.shape != oracle.shape for _, sealed in known):
            return AttackResult.inapplicable("cipher images are not of the plaintext's shape")
        plains, bodies = _distinct([plain.ravel() for plain, _ in known], [sealed.image.ravel() for _, sealed in known])
        forms = list(_forms(oracle.shape))
        if not forms:
            return AttackResult.inapplicable("the image has too few samples")
        # Of several ways with p-value zero, the one with the greatest share; of equal shares, the first.
        found = []
        for step, form in forms:
            hits, tried = form.agreeing(plains[:, ::step], bodies[:, ::step])
            found.append((binomial_sf(hits, tried, tries=len(forms)) if tried else 1.0, -hits / max(1, tried)))
        best = min(range(len(forms)), key=found.__getitem__)
        p_value, share = found[best][0], -found[best][1]
        step, form = forms[best]
        recovered = None
        if p_value < LEAK_LEVEL and share > _MOSTLY:
            wanted = self.messages if isinstance(form, Masked) else -(-self.samples * form.channels // oracle.samples)
            left = oracle.remaining
            chosen, answers = _ask(oracle, generator, wanted if left is None else min(wanted, left))
            chosen, answers = np.concatenate((plains, chosen)), np.concatenate((bodies, answers))
            target = oracle.challenge.image.ravel()[::step]
            recovered = form.open(chosen[:, ::step], answers[:, ::step], target)[::step].reshape(oracle.shape)
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="equal ciphertext bytes where plaintext byte and neighbour are equal",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=("" if share > _MOSTLY else "no form fits; nearest is ")
            + form.name
            + (" from the end" if step < 0 else ""),
            numbers={"forms": float(len(forms))},
        )


def _ask(oracle: Oracle, generator: np.random.Generator, wanted: int) -> tuple[Image, Image]:
    """Random images and their cipher images, (wanted, samples)."""
    images = generator.integers(0, 256, (wanted, oracle.samples), np.uint8)
    answers = np.empty_like(images)
    for image, answer in zip(images, answers, strict=True):
        answer[:] = oracle.encrypt(image.reshape(oracle.shape)).image.ravel()
    return images, answers


def _distinct(plains: list[Image], bodies: list[Image]) -> tuple[Image, Image]:
    """No plaintext twice: the ciphertexts of equal ones may be equal for another reason."""
    once = {plain.tobytes(): at for at, plain in enumerate(plains)}.values()
    return np.stack([plains[at] for at in once]), np.stack([bodies[at] for at in once])


def _forms(shape: tuple[int, ...]) -> Iterator[tuple[int, General | Masked]]:
    """Direction (1 or -1) and form, simple ones first."""
    channels = int(np.prod(shape[2:]))
    for near in neighbours(shape):
        for step in (1, -1):
            yield step, General(near, 1)
            if channels > 1:
                yield step, General(near, channels)
            if near.join is None:
                yield from ((step, Masked(near, inner)) for inner in JOINS[:3])
