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
class _Hypothesis:
    """One equation of a ciphertext byte: how many of ``samples`` keystream bytes of two messages agree; its p-value is
    corrected for ``tries`` such equations."""

    name: str
    hits: int
    samples: int
    tries: int
    decrypt: Callable[[Image], Image]

    @property
    def p_value(self) -> float:
        return binomial_sf(self.hits, self.samples, tries=self.tries)


@dataclass(frozen=True)
class KeystreamReuse(Attack):
    """Takes the keystream from a known pair, tests it on a second one, and decrypts the challenge with it.

    Three combiners of plaintext and keystream are tried, XOR, addition and subtraction mod 256; and `CHAINS`, in which
    a ciphertext byte also depends on the byte, of ciphertext or plaintext, one sample, pixel or row before or after it.
    Where ciphertext is fed back, a fresh IV for each message protects no more than the first bytes. The p-value is
    corrected for all of them, the three combiners sharing half of the level.
    """

    name: ClassVar[str] = "keystream_reuse"
    title: ClassVar[str] = "Keystream reuse"
    identifier: ClassVar[str] = "A2"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "2"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = [oracle.known_pair(), oracle.known_pair()]
        images = [oracle.challenge.image, *(ciphertext.image for _, ciphertext in pairs)]
        if unusable := other_shape(oracle.shape, *images):
            return unusable
        plains = [plain.ravel() for plain, _ in pairs]
        cipher_images = [ciphertext.image.ravel() for _, ciphertext in pairs]
        hypotheses = [*_combined(plains, cipher_images), *_chained(plains, cipher_images, oracle.shape)]
        best = min(hypotheses, key=lambda one: (one.p_value, -one.hits / one.samples))
        return AttackResult(
            recovered=best.decrypt(oracle.challenge.image.ravel()).reshape(oracle.shape),
            statistic=best.hits / best.samples,
            statistic_name="keystream samples equal in two messages",
            expected=BYTE_CHANCE,
            p_value=best.p_value,
            notes=best.name,
        )


def _combined(plains: list[Image], cipher_images: list[Image]) -> Iterator[_Hypothesis]:
    for combiner in BYTE_COMBINERS:
        stream, other = (combiner.mask(c, p) for c, p in zip(cipher_images, plains, strict=True))
        hits = int(np.sum(stream == other))
        yield _Hypothesis(
            combiner.equation, hits, stream.size, 2 * len(BYTE_COMBINERS),
            partial(_unmask, combiner, plains[0], cipher_images[0]),
        )  # fmt: skip


def _chained(plains: list[Image], cipher_images: list[Image], shape: tuple[int, ...]) -> Iterator[_Hypothesis]:
    places = [(lag, fed) for lag in neighbour_lags(shape) for fed in ("c", "p")]
    for lag, fed in places:
        earlier = [delayed(image, lag) for image in (cipher_images if fed == "c" else plains)]
        kept = np.s_[lag:] if lag > 0 else np.s_[:lag]
        decrypt = _invert_chain if fed == "c" else _invert_plaintext_chain
        for chain in CHAINS:
            stream, other = (chain.mask(p, c, f)[kept] for p, c, f in zip(plains, cipher_images, earlier, strict=True))
            yield _Hypothesis(
                f"c = {chain.name}, f = the {fed} {abs(lag)} {'before' if lag > 0 else 'after'}",
                int(np.sum(stream == other)), stream.size, 2 * len(CHAINS) * len(places),
                partial(decrypt, chain, lag, plains[0], cipher_images[0]),
            )  # fmt: skip


def _unmask(combiner: Combiner, plain: Image, cipher_image: Image, challenge: Image) -> Image:
    return combiner.invert(challenge, combiner.mask(cipher_image, plain))


def _invert_chain(chain: Chain, lag: int, plain: Image, cipher_image: Image, challenge: Image) -> Image:
    """The plaintext where f is the ciphertext ``lag`` earlier."""
    return chain.invert(challenge, delayed(challenge, lag), chain.mask(plain, cipher_image, delayed(cipher_image, lag)))


def _invert_plaintext_chain(chain: Chain, lag: int, plain: Image, cipher_image: Image, challenge: Image) -> Image:
    """The plaintext where f is the plaintext ``lag`` earlier, ``lag`` samples at a time."""
    if lag < 0:
        return _invert_plaintext_chain(chain, -lag, plain[::-1], cipher_image[::-1], challenge[::-1])[::-1]
    stream = chain.mask(plain, cipher_image, delayed(plain, lag))
    decrypted, earlier = np.empty_like(challenge), np.zeros(lag, np.uint8)
    for start in range(0, challenge.size, lag):
        part = np.s_[start : start + lag]
        earlier = decrypted[part] = chain.invert(challenge[part], earlier[: challenge[part].size], stream[part])
    return decrypted
