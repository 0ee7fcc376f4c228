"""Key sensitivity: what one flipped key bit does to encryption and to decryption.

Values are tested against those of an ideal cipher (`tools.key_nulls`); of a lossy cipher, what a wrong key decrypts to
is tested against a sampled null.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean, stdev
from typing import ClassVar, Literal

import numpy as np

from cryptobench.analyses.base import Analysis, attempt, unsupported
from cryptobench.analyses.tools.crops import central_part
from cryptobench.analyses.tools.key_bits import evenly_spread, flip_bit, key_fields, key_parts
from cryptobench.analyses.tools.key_nulls import NullMean, absolute_correlation, mean_nulls, wrong_key_psnr
from cryptobench.cipher import CipherError, Image, UnsupportedImage
from cryptobench.experiment import CRASHES, DecryptionCrash, Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import (
    bit_avalanche,
    channel_correlation,
    global_entropy,
    npcr,
    peak_signal_noise_ratio,
    structural_similarity,
    uaci,
)
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import extreme_p_value

__all__ = [
    "SLOW_SIDE", "UNITS", "KeySensitivity", "SampledNull", "decrypted_wrongly", "encrypted_under", "lossy_nulls",
    "signed_correlation",
]  # fmt: skip

SLOW_SIDE = 64  # pixels of the part of the image that a slow cipher gets
_SAMPLES = 24
_REJECTED = "rejected"
UNITS = {
    "key_npcr": "%", "key_uaci": "%", "key_avalanche": "%",
    "wrong_key_psnr": "dB", "wrong_key_ssim": "", "wrong_key_correlation": "", "wrong_key_entropy": "bit",
}  # fmt: skip

_Finding = Result | str  # a string says why there is no value


def encrypted_under(one: Image, other: Image, alpha: float) -> dict[str, Result | str]:
    """How two cipher images of one plaintext under two keys differ, in percent, by metric."""
    return {
        "key_npcr": npcr(one, other, alpha),
        "key_uaci": uaci(one, other, alpha),
        "key_avalanche": bit_avalanche(one, other, alpha),
    }


def decrypted_wrongly(image: Image, decrypted: Image, alpha: float) -> dict[str, Result | str]:
    """What a wrong key decrypted to, compared with the plaintext, by metric, against a uniform image."""
    psnr = peak_signal_noise_ratio(image, decrypted).value
    return {
        "wrong_key_psnr": wrong_key_psnr(psnr, image, alpha),
        "wrong_key_ssim": structural_similarity(image, decrypted),
        "wrong_key_correlation": attempt(partial(absolute_correlation, image, decrypted, alpha)),
        "wrong_key_entropy": global_entropy(decrypted, alpha),
    }


@dataclass(frozen=True)
class KeySensitivity(Analysis):
    """Every key bit is flipped once, or ``bits`` of them, evenly spread over the key, where ``bits`` is not 0.

    Encryption: NPCR, UACI and bit avalanche between the ciphertexts under the right and the flipped key, with nonce
    and per-message secret fixed. Decryption under the flipped key: PSNR, SSIM and absolute correlation with the
    plaintext, and entropy of what comes out; a refusal has no value and the message "rejected",
    and where decryption crashes the row has failed, and says so.

    ``_mean`` and ``_worst`` are over the whole key and, where there are several, over each key field. Worst is the
    most dangerous value: the lowest NPCR and entropy, the UACI and avalanche farthest from expected, the highest PSNR,
    SSIM and correlation. Its p-value is that bit's, with Sidak's correction for the number of bits. Where a card says
    that the ciphertext is no image, the three of encryption are unsupported.

    Where a card says ``cost="slow"``, all of this is on the central 64 x 64 pixels, or the nearest sides that the card
    allows, and every row has the ``parameter`` 64. An image that is no larger is taken as it is.

    What a wrong key decrypts to is tested against uniform images; for a cipher whose card says that it loses something,
    against what it decrypts unrelated noise to under a wrong key (`lossy_nulls`).
    """

    name: ClassVar[str] = "key_sensitivity"
    title: ClassVar[str] = "Key sensitivity"
    images: ClassVar[str] = "first"

    bits: int = 0

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        """Rows of each bit, then of the key and its fields."""
        if experiment.cipher.card.cost == "slow" and (smaller := _smaller(experiment)) is not None:
            yield from (replace(row, parameter=str(SLOW_SIDE)) for row in self._measured(smaller))
        else:
            yield from self._measured(experiment)

    def _measured(self, experiment: Experiment) -> Iterator[Measurement]:
        card, nonce = experiment.cipher.card, experiment.nonce_modes[-1]
        fields = key_fields(card)
        tested = evenly_spread(card.key_bits, self.bits)
        sampled = {} if card.lossless else lossy_nulls(experiment)
        findings: dict[int, dict[str, _Finding]] = {}
        for bit in tested:
            findings[bit] = self._flip(experiment, bit, sampled)
            field = next(name for name, span in fields if bit in span)
            for metric, finding in findings[bit].items():
                yield self._row(metric, finding, part=field, trial=bit, unit=UNITS[metric], nonce=nonce)
        nulls: Mapping[str, NullMean | SampledNull] = {
            **mean_nulls(experiment.image, experiment.constant_places.varying(experiment.ciphertext.image)[0]),
            **sampled,
        }
        for part, span in key_parts(card):
            chosen = [bit for bit in tested if bit in span]
            for metric, unit in UNITS.items() if chosen else ():
                row = partial(self._row, part=part, unit=unit, nonce=nonce)
                values: dict[int, Result] = {}
                refusals: list[str] = []
                for bit in chosen:
                    finding = findings[bit][metric]
                    if isinstance(finding, Result):
                        values[bit] = finding
                    else:
                        refusals.append(finding)
                if not values:
                    yield row(f"{metric}_mean", refusals[0])
                    yield row(f"{metric}_worst", refusals[0])
                    continue
                note = f"{len(refusals)} of {len(chosen)} bits: {refusals[0]}" if refusals else ""
                yield row(f"{metric}_mean", _mean(list(values.values()), nulls.get(metric), self.alpha), message=note)
                worst, result = _worst(metric, values)
                yield row(f"{metric}_worst", result, message="; ".join(filter(None, (f"bit {worst}", note))))

    def _flip(self, experiment: Experiment, bit: int, sampled: Mapping[str, SampledNull]) -> dict[str, _Finding]:
        cipher, image, base = experiment.cipher, experiment.image, experiment.ciphertext
        key = flip_bit(experiment.key, bit)
        findings: dict[str, _Finding]
        if what := cipher.card.not_an_image:
            findings = dict.fromkeys(("key_npcr", "key_uaci", "key_avalanche"), f"no cipher image: {what}")
        else:
            other = cipher.encrypt(image, key, experiment.nonce, secret=base.secret or None).image
            one, other = experiment.constant_places.varying(base.image, other)
            findings = encrypted_under(one, other, self.alpha)
        try:
            decrypted = experiment.decrypt_changed(base, key)
        except DecryptionCrash as error:
            return findings | dict.fromkeys((metric for metric in UNITS if metric not in findings), str(error))
        except CipherError:
            return findings | dict.fromkeys((metric for metric in UNITS if metric not in findings), _REJECTED)
        findings |= decrypted_wrongly(image, decrypted, self.alpha)
        for metric, null in sampled.items():
            finding = findings[metric]
            if isinstance(finding, Result):
                signed = signed_correlation(image, decrypted) if null.absolute else finding.value
                findings[metric] = null.one(signed, self.alpha)
        return findings

    def _row(self, metric: str, finding: _Finding, **columns: object) -> Measurement:
        if isinstance(finding, Result):
            return Measurement.of(metric, finding, self.alpha, **columns)
        if finding == _REJECTED:
            return Measurement(metric, None, message=finding, **columns)  # type: ignore[arg-type]
        if finding.startswith(CRASHES):
            return Measurement(metric, None, status="failed", message=finding, **columns)  # type: ignore[arg-type]
        return unsupported(metric, finding, **columns)


def _smaller(experiment: Experiment) -> Experiment | None:
    """The experiment with the central pixels of its image; None if the cipher cannot take fewer than there are."""
    card = experiment.cipher.card
    height, width = card.sides_within(*(min(card.side_from(SLOW_SIDE), side) for side in experiment.image.shape[:2]))
    if min(height, width) < card.min_side or (height, width) == experiment.image.shape[:2]:
        return None
    smaller = experiment.with_image(central_part(experiment.image, height, width))
    try:
        _ = smaller.ciphertext
    except UnsupportedImage:
        return None
    return smaller


def _mean(values: Sequence[Result], null: NullMean | SampledNull | None, alpha: float) -> Result:
    numbers = [result.value for result in values]
    if null is None or any(result.p_value is None for result in values):
        return Result(sum(numbers) / len(numbers), values[0].expected)
    return null.mean(numbers, alpha)


def _worst(metric: str, values: Mapping[int, Result]) -> tuple[int, Result]:
    """The bit with the most dangerous value, and that value."""

    def danger(bit: int) -> float:
        value, expected = values[bit].value, values[bit].expected
        if metric in ("key_npcr", "wrong_key_entropy"):
            return -value
        return abs(value - expected) if metric in ("key_uaci", "key_avalanche") and expected is not None else value

    worst = max(values, key=danger)
    p = values[worst].p_value
    return worst, Result(values[worst].value, p_value=None if p is None else extreme_p_value(p, len(values)))


@dataclass(frozen=True)
class SampledNull:
    """Values of one metric where nothing was recovered, and the side on which a value fails.

    ``absolute`` metrics are reported without their sign; one value is tested with it, as the sign makes it normal.
    """

    values: tuple[float, ...]
    tail: Literal["high", "both"]
    absolute: bool = False

    def one(self, value: float, alpha: float) -> Result:
        """One more value, by Student's t for a further draw; for an absolute metric, ``value`` has its sign."""
        result = _student(self.values, [value], "both" if self.absolute else self.tail, alpha)
        if not self.absolute:
            return result
        high = max(abs(result.low or 0.0), abs(result.high or 0.0))
        return Result(abs(value), fmean(map(abs, self.values)), None, high, result.p_value)

    def mean(self, values: Sequence[float], alpha: float) -> Result:
        """The mean of further values, by Student's t; those of an absolute metric are without their signs."""
        return _student([abs(v) for v in self.values] if self.absolute else self.values, values, self.tail, alpha)


def lossy_nulls(experiment: Experiment) -> Mapping[str, SampledNull]:
    """Wrong-key PSNR, correlation and entropy of a lossy cipher, by metric; none if it refuses to decrypt.

    What comes out has passed through the decoder, so it is smooth and its histogram uneven even if the key hides
    everything. So noise is encrypted under one random key and decrypted under another, and what comes out is compared
    with the plaintext, to which it has no relation.
    """
    cipher, image = experiment.cipher, experiment.image
    generator = experiment.generator("unrelated images")
    psnr, correlation, entropy = [], [], []
    for index in range(_SAMPLES):
        noise = generator.integers(0, 256, image.shape, dtype=np.uint8)
        key, nonce = experiment.random_key(f"of noise {index}"), experiment.random_nonce(f"noise {index}")
        encrypted = cipher.encrypt(noise, key, nonce)
        try:
            decrypted = experiment.decrypt_changed(encrypted, experiment.random_key(f"wrong for noise {index}"))
        except CipherError:
            return {}
        psnr.append(peak_signal_noise_ratio(image, decrypted).value)
        if _varies(image) and _varies(decrypted):
            correlation.append(signed_correlation(image, decrypted))
        entropy.append(global_entropy(decrypted).value)
    nulls = {
        "wrong_key_psnr": SampledNull(tuple(psnr), "high"),
        "wrong_key_correlation": SampledNull(tuple(correlation), "high", absolute=True),
        "wrong_key_entropy": SampledNull(tuple(entropy), "both"),
    }
    return {metric: null for metric, null in nulls.items() if len(set(null.values)) > 1}


def signed_correlation(plain: Image, other: Image) -> float:
    """The correlation of all samples of two images of one shape, neither of them flat."""
    rows = (plain.shape[0], -1)
    return channel_correlation(plain.reshape(rows), other.reshape(rows)).value


def _varies(image: Image) -> bool:
    return bool(image.min() != image.max())


def _student(known: Sequence[float], values: Sequence[float], tail: Literal["high", "both"], alpha: float) -> Result:
    """The mean of T new values against n known ones: t with n - 1 degrees, variance s^2 (1 / T + 1 / n)."""
    from scipy.special import stdtr, stdtrit

    degrees, expected = len(known) - 1, fmean(known)
    spread = stdev(known) * math.sqrt(1 / len(values) + 1 / len(known))
    value = sum(values) / len(values)
    t = (value - expected) / spread
    p = float(stdtr(degrees, -t)) if tail == "high" else 2 * float(stdtr(degrees, -abs(t)))
    half = -float(stdtrit(degrees, alpha if tail == "high" else alpha / 2)) * spread
    return Result(value, expected, None if tail == "high" else expected - half, expected + half, p)
