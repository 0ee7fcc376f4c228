"""Keystream reuse: does one known pair decrypt the challenge?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.combiners import BYTE_COMBINERS, CHAINS, Chain, Combiner, delayed, neighbour_lags
from cryptobench.attacks.tools.shapes import other_shape
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeystreamReuse"]


@dataclass(frozen=True, eq=False)
class _Way:
    """One way of joining: how many of ``samples`` keystream bytes of two messages agree, ``tries`` such ways."""

    name: str
    hits: int
    samples: int
    tries: int
    open: Callable[[Image], Image]

    @property
    def p_value(self) -> float:
        return binomial_sf(self.hits, self.samples, tries=self.tries)


@dataclass(frozen=True)
class KeystreamReuse(Attack):
    """Takes the keystream from a known pair, tests it on a second one, and decrypts the challenge with it.

    Three ways of joining plaintext and keystream are tried, XOR, addition and subtraction mod 256; and `CHAINS`, in
    which a ciphertext byte also depends on the byte, of ciphertext or plaintext, one sample, pixel or row before or
    after it. An IV that is fresh for each message protects the first bytes only if ciphertext is fed back. The p-value
    is corrected for all of them, half of it for the three.
    """

    name: ClassVar[str] = "keystream_reuse"
    title: ClassVar[str] = "Keystream reuse"
    identifier: ClassVar[str] = "A2"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = [oracle.known_pair(), oracle.known_pair()]
        if unusable := other_shape(oracle.shape, oracle.challenge.image, *(sealed.image for _, sealed in pairs)):
            return unusable
        plains, bodies = [plain.ravel() for plain, _ in pairs], [sealed.image.ravel() for _, sealed in pairs]
        ways = [*_joined(plains, bodies), *_chained(plains, bodies, oracle.shape)]
        best = min(ways, key=lambda way: (way.p_value, -way.hits / way.samples))
        return AttackResult(
            recovered=best.open(oracle.challenge.image.ravel()).reshape(oracle.shape),
            statistic=best.hits / best.samples,
            statistic_name="keystream samples equal in two messages",
            expected=BYTE_CHANCE,
            p_value=best.p_value,
            notes=best.name,
        )


def _joined(plains: list[Image], bodies: list[Image]) -> Iterator[_Way]:
    for form in BYTE_COMBINERS:
        stream, other = (form.mask(body, plain) for body, plain in zip(bodies, plains, strict=True))
        name, hits = form.name.replace("y", "c").replace("x", "p"), int(np.sum(stream == other))
        yield _Way(name, hits, stream.size, 2 * len(BYTE_COMBINERS), partial(_unmasked, form, plains[0], bodies[0]))


def _chained(plains: list[Image], bodies: list[Image], shape: tuple[int, ...]) -> Iterator[_Way]:
    places = [(lag, fed) for lag in neighbour_lags(shape) for fed in ("c", "p")]
    for lag, fed in places:
        earlier = [delayed(image, lag) for image in (bodies if fed == "c" else plains)]
        kept = np.s_[lag:] if lag > 0 else np.s_[:lag]
        opens = _unchained if fed == "c" else _fed_back
        for chain in CHAINS:
            stream, other = (chain.mask(p, c, f)[kept] for p, c, f in zip(plains, bodies, earlier, strict=True))
            yield _Way(
                f"c = {chain.name}, f = the {fed} {abs(lag)} {'before' if lag > 0 else 'after'}",
                int(np.sum(stream == other)), stream.size, 2 * len(CHAINS) * len(places),
                partial(opens, chain, lag, plains[0], bodies[0]),
            )  # fmt: skip


def _unmasked(form: Combiner, plain: Image, sealed: Image, body: Image) -> Image:
    return form.invert(body, form.mask(sealed, plain))


def _unchained(chain: Chain, lag: int, plain: Image, sealed: Image, body: Image) -> Image:
    """The plaintext where f is the ciphertext ``lag`` earlier."""
    return chain.invert(body, delayed(body, lag), chain.mask(plain, sealed, delayed(sealed, lag)))


def _fed_back(chain: Chain, lag: int, plain: Image, sealed: Image, body: Image) -> Image:
    """The plaintext where f is the plaintext ``lag`` earlier, as many samples at a time as are that far apart."""
    if lag < 0:
        return _fed_back(chain, -lag, plain[::-1], sealed[::-1], body[::-1])[::-1]
    stream, opened, earlier = (
        chain.mask(plain, sealed, delayed(plain, lag)),
        np.empty_like(body),
        np.zeros(lag, np.uint8),
    )
    for start in range(0, body.size, lag):
        part = np.s_[start : start + lag]
        earlier = opened[part] = chain.invert(body[part], earlier[: body[part].size], stream[part])
    return opened
