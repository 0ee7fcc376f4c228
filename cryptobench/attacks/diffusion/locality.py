"""Locality: how much of the ciphertext does one plaintext sample affect, and where?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.metrics.statistics import CHANGED, spread_p_value

__all__ = ["Locality"]

_BLOCK = 8  # side of the square blocks, in pixels
_REGIONS = ("sample", "block", "row", "column", "channel", "after", "before")


@dataclass(frozen=True)
class Locality(Attack):
    """Changes one sample at the first, the last, the middle and random places, and counts the ciphertext samples that
    change.

    Where the ciphertext has the plaintext's shape, it also reports what share of the changes is at the sample itself,
    in its 8x8 block, row, column or channel, at or after it, at or before it; 1 means nowhere else.
    """

    name: ClassVar[str] = "locality"
    title: ClassVar[str] = "Locality"
    identifier: ClassVar[str] = "A10"
    model: ClassVar[Model] = "CPA"

    trials: int = 32

    def __post_init__(self) -> None:
        if self.trials < 3:
            raise ValueError(f"trials is {self.trials}, wanted at least 3: first, last, middle")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        plain, cipher_image = oracle.probe("a"), oracle.encrypt_probe("a").image
        last = plain.size - 1
        places = [0, last, plain.size // 2, *generator.integers(0, plain.size, self.trials - 3).tolist()]
        counts, within = [], np.zeros(len(_REGIONS))
        for place in places:
            changed = plain.copy()
            changed.flat[place] ^= np.uint8(generator.integers(1, 256))
            other = oracle.encrypt(changed).image
            if unusable := shapes_differ(other, cipher_image):
                return unusable
            hit = np.flatnonzero(other != cipher_image)
            counts.append(hit.size)
            if cipher_image.shape == plain.shape:
                within += _within(hit, place, plain.shape)
        size, total = oracle.varying(cipher_image)[0].size, sum(counts)
        median = float(np.median(counts)) / size
        numbers = {
            "changed_share_min": min(counts) / size,
            "changed_share_median": median,
            "changed_share_max": max(counts) / size,
        }
        note = ""
        if cipher_image.shape == plain.shape and total:
            shares = dict(zip(_REGIONS, (within / total).tolist(), strict=True))
            numbers |= {f"changes_in_{region}": share for region, share in shares.items()}
            narrow = [region for region in _REGIONS if shares[region] == 1]
            if "channel" in narrow and (plain.ndim == 2 or plain.shape[2] == 1):
                narrow.remove("channel")
            narrow = narrow[:1] if "sample" in narrow else narrow
            note = f"changes stay in: {', '.join(narrow)}" if narrow else ""
        return AttackResult(
            statistic=min(counts) / size,
            statistic_name="least share of ciphertext samples that one plaintext sample changes",
            expected=CHANGED,
            p_value=spread_p_value(counts, size),
            notes=note,
            numbers=numbers,
        )


def _within(hit: NDArray[np.intp], place: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """How many of the samples ``hit``, indices in raster order, lie in each region of the sample at ``place``."""
    bands = shape[2] if len(shape) == 3 else 1
    (rows, columns, channels), (row, column, channel) = (
        (index // (bands * shape[1]), index // bands % shape[1], index % bands) for index in (hit, place)
    )
    same_block = (rows // _BLOCK == row // _BLOCK) & (columns // _BLOCK == column // _BLOCK)
    return np.array([
        np.sum(hit == place), np.sum(same_block), np.sum(rows == row), np.sum(columns == column),
        np.sum(channels == channel), np.sum(hit >= place), np.sum(hit <= place),
    ])  # fmt: skip
