"""Double random phase encoding: four chosen ciphertexts give the Fourier mask, by interference with a reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import fft

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.attacks.tools.optical import (
    NotRecorded,
    amplitude_image,
    amplitudes_of,
    phase_only,
    recorded_bits,
    recorded_field,
)
from cryptobench.cipher import Image
from cryptobench.primitives.optics.masks import Field
from cryptobench.primitives.optics.recording import record_field

__all__ = ["DrpeChosenCiphertexts"]

_REFERENCE, _SIGNAL = 0.5, 0.1  # amplitudes in the plaintext's plane: sums of both stay below 1
_STEPS = 4  # of the reference's phase


@dataclass(frozen=True)
class DrpeChosenCiphertexts(Attack):
    """Decrypts a field whose spectrum has random phases, plus a constant of four phases, a quarter turn apart.

    Assumes the scheme F^-1{F{f m1} M2}, recorded as `primitives.optics` records a field. What is decrypted is the
    modulus of the field behind the conjugate mask; differences of the four squared moduli give that field itself, up to
    one phase, and its spectrum divided by the one that was sent is the mask. It decrypts every ciphertext of the key. A
    fifth decryption, of another field, is the test: ``statistic`` is the correlation with what the mask predicts.

    After the attack with chosen ciphertexts of A. Carnicer, M. Montes-Usategui, S. Arcos and I. Juvells (Opt. Lett. 30,
    2005, 1644), who let two points of the spectrum interfere at a time.
    """

    name: ClassVar[str] = "drpe_chosen_ciphertexts"
    title: ClassVar[str] = "Chosen ciphertexts against double random phase encoding"
    identifier: ClassVar[str] = "A23"
    model: ClassVar[Model] = "CCA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "5"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        try:
            challenge = recorded_field(oracle.challenge, oracle.shape)
            bits = recorded_bits(oracle.challenge, oracle.shape)
        except NotRecorded as error:
            return AttackResult.inapplicable(str(error))
        chosen, axes = ChosenCiphertexts(oracle), len(oracle.shape)
        signal, other = (_random_spectrum(challenge.shape, generator) for _ in range(2))

        def intensity(field: Field) -> Image | None:
            return chosen.decrypt(*record_field(field, axes, bits))

        turns = [1j**step for step in range(_STEPS)]
        fields = [fft.ifft2(signal) + _REFERENCE * turn for turn in turns]
        answers = [intensity(field) for field in (*fields, fft.ifft2(other))]
        images = [answer for answer in answers if answer is not None]
        if len(images) < len(answers):
            return chosen.no_result()
        *squares, moduli = (amplitudes_of(image) ** power for image, power in zip(images, (2, 2, 2, 2, 1), strict=True))
        behind = sum(square * turn for square, turn in zip(squares, turns, strict=True)) / (_STEPS * _REFERENCE)
        mask = phase_only(fft.fft2(behind) * signal.conj())  # the conjugate of M2, but for one phase
        mask[:, 0, 0] = 1  # that of the reference
        predicted = np.abs(fft.ifft2(other * mask))
        correlation = float(np.corrcoef(predicted.ravel(), moduli.ravel())[0, 1]) if moduli.std() else 0.0
        return AttackResult(
            recovered=amplitude_image(fft.ifft2(fft.fft2(challenge) * mask), oracle.shape),
            statistic=correlation,
            statistic_name="correlation of another decryption with what the mask predicts",
            expected=0.0,
            claims=("map", "malleable") if correlation > ALMOST_ALL else (),
        )


def _random_spectrum(shape: tuple[int, ...], generator: np.random.Generator) -> Field:
    """(C, H, W), of equal moduli and random phases, and nothing at frequency zero: that is the reference's."""
    spectrum: Field = np.exp(2j * np.pi * generator.random(shape)) * _SIGNAL * np.sqrt(np.prod(shape[1:]))
    spectrum[:, 0, 0] = 0
    return spectrum
