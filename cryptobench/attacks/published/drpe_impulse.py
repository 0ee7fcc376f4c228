"""Double random phase encoding: one chosen impulse gives the Fourier mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import fft

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.optical import NotRecorded, amplitude_image, phase_only, recorded_field

__all__ = ["DrpeImpulse"]


@dataclass(frozen=True)
class DrpeImpulse(Attack):
    """A bright pixel at (0, 0) has a flat spectrum: its ciphertext has the Fourier mask as spectrum, up to one phase.

    Assumes the scheme F^-1{F{f m1} M2}, recorded as `primitives.optics` records a field. The conjugate of the mask
    decrypts every ciphertext, since an intensity does not depend on the mask in the input plane.
    """

    name: ClassVar[str] = "drpe_impulse"
    title: ClassVar[str] = "Impulse against double random phase encoding"
    identifier: ClassVar[str] = "A23"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "1"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        impulse = np.zeros(oracle.shape, np.uint8)
        impulse[0, 0] = 255
        try:
            answer = recorded_field(oracle.encrypt(impulse), oracle.shape)
            challenge = recorded_field(oracle.challenge, oracle.shape)
        except NotRecorded as error:
            return AttackResult.inapplicable(str(error))
        mask = phase_only(fft.fft2(answer))
        return AttackResult(recovered=amplitude_image(fft.ifft2(fft.fft2(challenge) * mask.conj()), oracle.shape))
