"""The rows of a set of pictures: what the analyses of a run measure, as far as pictures go."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial
from typing import Any

from cryptobench.analyses.base import planes, unjudged, unsupported
from cryptobench.analyses.contours import Contours
from cryptobench.analyses.correlation import Correlation
from cryptobench.analyses.differential.analysis import compared
from cryptobench.analyses.entropy import Entropy
from cryptobench.analyses.histogram import Histogram
from cryptobench.analyses.key_sensitivity import UNITS, decrypted_wrongly, encrypted_under
from cryptobench.analyses.quality import decrypted_rows
from cryptobench.analyses.robustness.analysis import recovered_rows
from cryptobench.analyses.robustness.traceability import damage_spread
from cryptobench.analyses.texture import Texture
from cryptobench.analyses.tools.byte_rows import byte_rows
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.constant_places import NO_PLACES
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.measuring.pictures import Picture, PictureSet
from cryptobench.metrics import bit_avalanche
from cryptobench.metrics.result import Result

__all__ = ["rows_of"]

_ANALYSES = (Entropy, Histogram, Correlation, Texture, Contours)
_OF_TWO = ("maximum_deviation", "irregular_deviation", "encryption_quality", "contour_correlation")


def rows_of(pictures: PictureSet, *, name: str, lossless: bool, alpha: float, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of the measurement table, without `COLUMNS` that only a run knows, each number once.

    NPCR, UACI, BACI and the avalanche are by channel and over all samples; further pictures of one kind are told apart
    by ``condition``, their file names without ending.
    """
    height, width, *channels = (pictures.plain or pictures.cipher).image.shape
    place = {
        "cipher": name, "family": "", "fidelity": "", "image": pictures.name, "height": height, "width": width,
        "channels": channels[0] if channels else 1, "seconds": None, "seed": seed,
    }  # fmt: skip
    rows = [
        (analysis, row)
        for analysis, measured in (
            *_of_cipher_image(pictures, name, alpha, seed),
            ("differential", _differential(pictures, alpha)),
            ("avalanche", _avalanche(pictures, alpha)),
            ("key_sensitivity", _keys(pictures, lossless, alpha)),
            ("quality", _quality(pictures, lossless)),
            ("robustness", _robustness(pictures)),
        )
        for row in measured
    ]
    grey = {(analysis, row.metric) for analysis, row in rows if row.channel == "grey"}
    for analysis, row in rows:
        if row.channel == "all" and (analysis, row.metric) in grey:
            continue  # the same number as "grey"
        yield place | {"analysis": analysis} | row.row()


class _Recorded(Cipher):
    """A cipher of which one message is known: it encrypts this plaintext to this cipher image, and nothing else."""

    def __init__(self, plain: Image, cipher: Image, name: str) -> None:
        self.card = Card(  # type: ignore[misc]
            name=name, title="pictures alone", family="recorded", fidelity="A", key=(KeyField("key", 8),)
        )
        self._plain, self._cipher = plain, cipher

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if image.shape != self._plain.shape or (image != self._plain).any():
            raise CipherError("of this cipher one picture is known, and no other can be encrypted")
        return Encrypted(self._cipher)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("of this cipher pictures are known alone, and nothing can be decrypted")


def _of_cipher_image(
    pictures: PictureSet, name: str, alpha: float, seed: int
) -> Iterator[tuple[str, Iterator[Measurement]]]:
    """What the analyses measure of one plaintext and its cipher image."""
    cipher = pictures.cipher.image
    plain = pictures.plain.image if pictures.plain else cipher
    experiment = Experiment(_Recorded(plain, cipher, name), plain, seed, pictures.name)
    experiment.constant_places = NO_PLACES  # nobody knows them, and looking for them would keep the pictures in memory
    for analysis in _ANALYSES:
        measured = (row for row in analysis(alpha=alpha).measure(experiment) if isinstance(row, Measurement))
        if pictures.plain is None:
            measured = (row for row in measured if row.part != "plain" and row.metric not in _OF_TWO)
        yield analysis.name, measured
    yield "randomness", byte_rows(cipher.ravel(), alpha)


def _differential(pictures: PictureSet, alpha: float) -> Iterator[Measurement]:
    for other, row in _each(pictures.changed):
        for channel, one, two in _by_channel(pictures.cipher.image, other):
            for metric, result in compared(one, two, alpha).items():
                yield row(metric, result, alpha, channel=channel, unit="%")


def _avalanche(pictures: PictureSet, alpha: float) -> Iterator[Measurement]:
    for other, row in _each(pictures.changed):
        for channel, one, two in _by_channel(pictures.cipher.image, other):
            yield row("plaintext_avalanche", bit_avalanche(one, two, alpha), alpha, channel=channel, unit="%")


def _keys(pictures: PictureSet, lossless: bool, alpha: float) -> Iterator[Measurement]:
    for other, row in _each(pictures.other_key):
        for channel, one, two in _by_channel(pictures.cipher.image, other):
            for metric, result in encrypted_under(one, two, alpha).items():
                yield row(metric, result, alpha, channel=channel, unit=UNITS[metric])
    for other, row in _each(pictures.wrong_key):
        assert pictures.plain is not None
        for metric, result in decrypted_wrongly(pictures.plain.image, other, alpha).items():
            found = row(metric, result, alpha, unit=UNITS[metric])
            if not lossless:
                found = dataclasses.replace(unjudged(found), expected=None, low=None, high=None)
            yield found


def _quality(pictures: PictureSet, lossless: bool) -> Iterator[Measurement]:
    if pictures.plain is not None and pictures.decrypted is not None:
        yield from decrypted_rows(pictures.plain.image, pictures.decrypted.image, lossless)


def _robustness(pictures: PictureSet) -> Iterator[Measurement]:
    for picture in pictures.damaged:
        assert pictures.plain is not None
        row = partial(Measurement, condition=picture.stem if len(pictures.damaged) > 1 else "")
        yield from recovered_rows(pictures.plain.image, picture.image, row)
        if pictures.decrypted is not None:
            yield row("damage_spread", damage_spread(pictures.decrypted.image, picture.image), unit="share")


def _each(several: tuple[Picture, ...]) -> Iterator[tuple[Image, Any]]:
    """Each picture, and what makes its rows."""
    for picture in several:
        yield picture.image, partial(_row, condition=picture.stem if len(several) > 1 else "")


def _row(metric: str, result: Result | str, alpha: float, **columns: Any) -> Measurement:
    """As analyses make it, but infinite values stay: of a wrong key that decrypts to the plaintext, say."""
    if isinstance(result, Result):
        return Measurement.of(metric, result, alpha, **columns)
    return unsupported(metric, result, **columns)


def _by_channel(one: Image, two: Image) -> Iterator[tuple[str, Image, Image]]:
    """Each channel's name and planes, and those of all together."""
    for (channel, first), (_, second) in zip(planes(one), planes(two), strict=True):
        yield channel, first, second
    if one.ndim == 3:
        yield "all", one, two
