"""Double random phase encoding: a few known pairs give both masks, by alternating projections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.optical import NotRecorded, amplitude_image, amplitudes_of, phase_only, recorded_field
from cryptobench.primitives.optics.masks import Field

__all__ = ["DrpeKnownPairs", "fit_masks"]

_EXPLAINED = 0.95
Reals = NDArray[Any]


@dataclass(frozen=True)
class DrpeKnownPairs(Attack):
    """Fits two phase masks to ``pairs`` known pairs and decrypts the challenge with the second.

    Assumes the scheme F^-1{F{f m1} M2}, recorded as `primitives.optics` records a field. Frauel et al. 2007 (Opt.
    Express 15:10253) solve for the masks from two pairs; alternating projections need a few more pairs and little
    memory. They may stagnate: there are up to ``starts`` random starts, until the last known pair, which is not used in
    the fit, is explained. ``statistic`` is the correlation with it.
    """

    name: ClassVar[str] = "drpe_known_pairs"
    title: ClassVar[str] = "Known pairs against double random phase encoding"
    identifier: ClassVar[str] = "A23"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 64
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "9"

    pairs: int = 8
    rounds: int = 2000
    starts: int = 3

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        plains, fields = [], []
        try:
            challenge = recorded_field(oracle.challenge, oracle.shape)
            for _ in range(self.pairs + 1):
                plain, encrypted = oracle.known_pair()
                plains.append(amplitudes_of(plain))
                fields.append(recorded_field(encrypted, oracle.shape))
        except NotRecorded as error:
            return AttackResult.inapplicable(str(error))
        f, spectra = np.stack(plains), fft.fft2(np.stack(fields))
        fits = [self._channel(f[:, c], spectra[:, c], generator) for c in range(len(challenge))]
        second = np.stack([mask for _, mask in fits])
        return AttackResult(
            recovered=amplitude_image(fft.ifft2(fft.fft2(challenge) * second.conj()), oracle.shape),
            statistic=min(correlation for correlation, _ in fits),
            statistic_name="correlation with a known image that was not fitted",
            expected=0.0,
            formula=f"{self.pairs + 1}",
        )

    def _channel(self, f: Reals, spectra: Field, generator: np.random.Generator) -> tuple[float, Field]:
        """Correlation on the last pair, and M2, of the best start, for images and ciphertext spectra (K, H, W)."""
        best: tuple[float, Field] = (-1.0, np.ones(f.shape[1:], np.complex128))
        for _ in range(self.starts):
            start = np.exp(2j * np.pi * generator.random(f.shape[1:]))
            _, second = fit_masks(f[:-1], spectra[:-1], start, self.rounds)
            control = np.abs(fft.ifft2(spectra[-1] * second.conj()))
            correlation = float(np.corrcoef(control.ravel(), f[-1].ravel())[0, 1]) if f[-1].std() else 0.0
            best = max(best, (correlation, second), key=lambda fit: fit[0])
            if correlation > _EXPLAINED:
                break
        return best


def fit_masks(f: Reals, spectra: Field, start: Field, rounds: int, tolerance: float = 1e-4) -> tuple[Field, Field]:
    """m1 and M2, (H, W), with F{f_k m1} M2 near ``spectra``_k for K images (K, H, W), from a first guess of M2.

    Each round takes the best m1 for M2 and the best M2 for m1: phases of sums over the pairs. It stops when pixels of
    M2 move by less than ``tolerance`` on average.
    """
    first, second = np.ones_like(start), start
    for _ in range(rounds):
        first = phase_only((f * fft.ifft2(spectra * second.conj())).sum(axis=0))
        better = phase_only((spectra * fft.fft2(f * first).conj()).sum(axis=0))
        moved = float(np.abs(better - second).mean())
        second = better
        if moved < tolerance:
            break
    return first, second
