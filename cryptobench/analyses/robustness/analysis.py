"""Robustness: what decryption returns from a damaged ciphertext, and whether the damage can be located on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from cryptobench.analyses.base import Analysis, Artifact
from cryptobench.analyses.robustness.damage import PLACED, CannotDamage, Damaged, damage
from cryptobench.analyses.robustness.traceability import TRACES, Tracer, damage_spread
from cryptobench.analyses.tools.key_nulls import random_psnr
from cryptobench.analyses.tools.views import viewable
from cryptobench.cipher import CipherError, Encrypted, Image
from cryptobench.experiment import DecryptionCrash, Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import peak_signal_noise_ratio, structural_similarity

__all__ = ["PICTURES", "Robustness", "recovered_rows"]

PICTURES = (
    ("occlusion corner", 0.25), ("occlusion corner", 0.5), ("occlusion centre", 0.0625), ("lost rows", 0.03125),
    ("salt and pepper", 0.05), ("gaussian", 5.0), ("jpeg", 95.0),
)  # fmt: skip
_UNITS = {"damaged_psnr": "dB", "damaged_ssim": "", "damage_spread": "share"} | dict.fromkeys(TRACES, "share")


@dataclass(frozen=True)
class Robustness(Analysis):
    """PSNR and SSIM of the decryption of damaged cipher images; header and secret arrive intact.

    Robustness is a property, not a virtue: it is the absence of diffusion in decryption. ``expected`` is therefore
    the PSNR against a random image, which an ideal cipher returns. What the levels mean is said in
    `cryptobench.analyses.robustness.damage.damage`. A refused ciphertext has no value and the message "rejected";
    where decryption crashes the row has failed, and says so.

    Where the damage has a place, it is looked for on the decrypted image, pixel by pixel, in two ways: by the absolute
    error against the plaintext, and blindly, by the noise of the decrypted image alone. ``trace_auc`` is the area
    under the ROC curve against the true mask, ``trace_energy`` the share of the squared score inside the mask. Both are
    ``expected`` for a random image, on which damage cannot be located: near 0.5 and the mask's share of the area, but
    bright and dark pixels have larger errors than grey ones. A blind AUC below 0.5 says that the damage is smoother
    than the picture. ``damage_spread`` is the share of pixels that change at all.
    """

    name: ClassVar[str] = "robustness"
    title: ClassVar[str] = "Robustness and traceability of damage"

    occlusion: tuple[float, ...] = (0.015625, 0.0625, 0.25, 0.5)
    lost_rows: tuple[float, ...] = (0.00390625, 0.03125, 0.125)
    bit_flips: tuple[int, ...] = (1, 10, 100)
    salt_and_pepper: tuple[float, ...] = (0.001, 0.01, 0.05, 0.1, 0.25)
    gaussian: tuple[float, ...] = (1.0, 5.0, 10.0, 20.0)
    speckle: tuple[float, ...] = (0.01, 0.05, 0.1)
    jpeg: tuple[int, ...] = (100, 95, 75)

    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        undamaged = experiment.cipher.decrypt(experiment.ciphertext, experiment.key)
        tracing: tuple[Image, Tracer] | None
        tracing = undamaged, Tracer(experiment.image, experiment.generator("random decryptions"))
        del undamaged
        for kind, level in self._damages():  # those that have a place come first
            tracing = tracing if kind in PLACED else None
            yield from self._measure_one(experiment, tracing, kind, float(level))

    def _damages(self) -> Iterator[tuple[str, float]]:
        for kind, levels in (
            ("occlusion corner", self.occlusion), ("occlusion centre", self.occlusion), ("lost rows", self.lost_rows),
            ("bit flips", self.bit_flips), ("salt and pepper", self.salt_and_pepper), ("gaussian", self.gaussian),
            ("speckle", self.speckle), ("jpeg", self.jpeg),
        ):  # fmt: skip
            for level in levels:
                yield kind, level

    def _measure_one(
        self, experiment: Experiment, tracing: tuple[Image, Tracer] | None, kind: str, level: float
    ) -> Iterator[Measurement | Artifact]:
        base, parameter = experiment.ciphertext, f"{level:g}"
        condition, place = _condition_and_place(kind)
        row = partial(Measurement, condition=condition, place=place, parameter=parameter)
        units = _UNITS if tracing else {metric: _UNITS[metric] for metric in ("damaged_psnr", "damaged_ssim")}
        try:
            damaged = damage(kind, level, base.image, experiment.generator(f"damage {kind} {parameter}"))
        except CannotDamage as error:
            for metric, unit in units.items():
                yield row(metric, None, unit=unit, status="unsupported", message=str(error))
            return
        keep = (kind, level) in PICTURES
        if keep:
            yield Artifact(f"damaged {kind} {parameter}", viewable(damaged.image, experiment.image))
        try:
            recovered = experiment.decrypt_changed(Encrypted(damaged.image, base.header, base.secret))
        except DecryptionCrash as error:
            for metric, unit in units.items():
                yield row(metric, None, unit=unit, status="failed", message=str(error))
            return
        except CipherError:
            for metric, unit in units.items():
                yield row(metric, None, unit=unit, message="rejected")
            return
        if keep:
            yield Artifact(f"recovered {kind} {parameter}", recovered)
        yield from recovered_rows(experiment.image, recovered, row)
        if tracing:
            undamaged, tracer = tracing
            yield row("damage_spread", damage_spread(undamaged, recovered), unit="share")
            yield from _trace(tracer, recovered, damaged, row)


def recovered_rows(plain: Image, recovered: Image, row: Callable[..., Measurement]) -> Iterator[Measurement]:
    """PSNR, beside that of a random image, and SSIM of what a damaged ciphertext was decrypted to."""
    psnr, ssim = (metric(plain, recovered) for metric in (peak_signal_noise_ratio, structural_similarity))
    yield row("damaged_psnr", psnr.value, unit="dB", expected=random_psnr(plain))
    yield row("damaged_ssim", ssim.value)


def _condition_and_place(kind: str) -> tuple[str, str]:
    """A kind of damage in two columns: "occlusion corner" is an occlusion at the corner; no other kind has a place."""
    condition, _, place = kind.partition(" ") if kind.startswith("occlusion ") else (kind, "", "")
    return condition, place


def _trace(tracer: Tracer, recovered: Image, damaged: Damaged, row: partial[Measurement]) -> Iterator[Measurement]:
    mask = damaged.mask
    if mask is None or mask.shape != recovered.shape[:2]:
        reason = f"the cipher image has shape {damaged.image.shape}, so its pixels are not those of {recovered.shape}"
        for metric in TRACES:
            yield row(metric, None, unit="share", status="unsupported", message=reason)
        return
    for metric, trace in tracer.traces(recovered, mask).items():
        yield row(metric, trace.value, unit="share", expected=trace.expected, message=trace.reason)
