"""Feedback tables: is each ciphertext byte a function of its plaintext byte and of one byte beside it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.feedback import General, Masked, neighbours
from cryptobench.attacks.joins import JOINS
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import Image

__all__ = ["FeedbackTables"]

_LEAK = 1e-6
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
            found.append((at_least(hits, tried, tries=len(forms)) if tried else 1.0, -hits / max(1, tried)))
        best = min(range(len(forms)), key=found.__getitem__)
        p_value, share = found[best][0], -found[best][1]
        step, form = forms[best]
        recovered = None
        if p_value < _LEAK and share > _MOSTLY:
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
