"""Shannon entropy, of whole images and of small blocks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from cryptobench.analyses.base import Analysis, attempt, cipher_planes_and_all, planes_and_all, result_row, unjudged
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import global_entropy, local_entropy, local_entropy_literature_interval

__all__ = ["Entropy"]


@dataclass(frozen=True)
class Entropy(Analysis):
    """Global entropy of plain and cipher image; local entropy of the cipher image against two intervals.

    Local entropy is the mean over ``blocks`` random blocks of ``block_size`` samples, or over as many as fit.
    The "corrected" row is tested with the exact moments of that mean. The "literature" row shows the interval
    of Wu et al. 2013, which is too narrow by sqrt(30), and gets no verdict.
    """

    name: ClassVar[str] = "entropy"
    title: ClassVar[str] = "Shannon entropy"
    images: ClassVar[str] = "all"
    reads_pixels: ClassVar[bool] = True

    blocks: int = 30
    block_size: int = 1936

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        for part, image in (("plain", experiment.image), ("cipher", experiment.ciphertext.image)):
            shown = cipher_planes_and_all(experiment) if part == "cipher" else planes_and_all(image)
            for channel, samples in shown:
                result = attempt(partial(global_entropy, samples, self.alpha))
                row = result_row("global_entropy", result, self.alpha, channel=channel, part=part, unit="bit")
                yield row if part == "cipher" else unjudged(row)
        for channel, samples in cipher_planes_and_all(experiment):
            yield from self._local(experiment, channel, samples)

    def _local(self, experiment: Experiment, channel: str, samples: Image) -> Iterator[Measurement]:
        blocks = min(self.blocks, samples.size // self.block_size)
        seed = int(experiment.generator(f"local entropy {channel}").integers(2**63))
        result = attempt(partial(local_entropy, samples, seed, self.blocks, self.block_size, self.alpha))
        corrected = result_row("local_entropy", result, self.alpha, channel=channel, statistic="corrected", unit="bit")
        count = "" if blocks == self.blocks else f"{blocks} blocks fit instead of {self.blocks}"
        if corrected.value is None:
            yield corrected
            yield dataclasses.replace(corrected, statistic="literature")
            return
        yield dataclasses.replace(corrected, message=count)
        low, high = local_entropy_literature_interval(self.alpha)
        side = "inside" if low <= corrected.value <= high else "outside"
        message = f"{side} the literature's interval for 30 blocks of 1936" + (f"; {count}" if count else "")
        yield dataclasses.replace(unjudged(corrected), statistic="literature", low=low, high=high, message=message)
