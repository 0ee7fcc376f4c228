"""Superposition: is E(a + b) a weighted sum of E(a), E(b) and E(0), bytes taken as real numbers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image

__all__ = ["Superposition", "explained"]

_FEWEST = 16  # samples of a plane: with fewer, four weights leave nothing to test


@dataclass(frozen=True)
class Superposition(Attack):
    """Fits the ciphertext of a sum, without carries, by those of its two terms and of zeros.

    A scheme that is linear in light, as all of optics is until something records an intensity, fits whatever scale
    each recording had: the weights are free. Every plane of the cipher image is fitted by itself and the best one
    counts, since low bytes of a 16-bit recording are noise. ``statistic`` is the share of the plane's variance that the
    fit explains; the p-value is that of the F test. A linear scheme falls to one chosen image a pixel.
    """

    name: ClassVar[str] = "superposition"
    title: ClassVar[str] = "Linear over the reals"
    identifier: ClassVar[str] = "A23"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        a, b = (generator.integers(0, 128, oracle.shape, np.uint8) for _ in range(2))
        answers = [oracle.encrypt_probe("zero").image, *(oracle.encrypt(image).image for image in (a, b, a + b))]
        if unusable := shapes_differ(*answers):
            return unusable
        planes = [_planes(image) for image in oracle.picture(*answers)]
        every = [explained(planes[3][k], [plane[k] for plane in planes[:3]]) for k in range(len(planes[0]))]
        fits = [fit for fit in every if fit is not None]
        if not fits:
            return AttackResult.inapplicable(
                f"planes of the cipher image have {planes[0].shape[1]} samples, wanted {_FEWEST}, not all equal"
            )
        share, expected, p = max(fits)
        return AttackResult(
            statistic=share,
            statistic_name="share of variance that superposition explains",
            expected=expected,
            p_value=min(1.0, p * len(fits)),
            claims=("affine",) if share > ALMOST_ALL else (),
            notes=f"best of {len(fits)} planes" if len(fits) > 1 else "",
        )


def explained(target: NDArray[Any], terms: list[NDArray[Any]]) -> tuple[float, float, float] | None:
    """R^2 of a least-squares fit of ``target`` by ``terms`` and a constant; its mean and p-value if none is related to
    it. None for too few samples or a flat target."""
    from scipy.special import fdtrc

    centred = np.stack([term.astype(np.float64) - term.mean() for term in (*terms, target)], axis=1)
    design, wanted = centred[:, :-1], centred[:, -1]
    total = float(wanted @ wanted)
    if len(wanted) < _FEWEST or total == 0:
        return None
    weights, _, rank, _ = np.linalg.lstsq(design, wanted, rcond=None)
    rank = int(rank)
    if rank == 0:
        return 0.0, 0.0, 1.0
    rest = wanted - design @ weights
    left = min(float(rest @ rest) / total, 1.0)
    freedom = len(wanted) - 1 - rank
    ratio = (1 - left) / rank / max(left / freedom, 1e-300)
    return 1 - left, rank / (len(wanted) - 1), float(fdtrc(rank, freedom, ratio))


def _planes(image: Image) -> NDArray[np.uint8]:
    """(channels, samples)."""
    return image.reshape(1, -1) if image.ndim == 2 else np.moveaxis(image, 2, 0).reshape(image.shape[2], -1)
