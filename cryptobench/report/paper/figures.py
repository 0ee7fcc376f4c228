"""The four figures of a paper, no type in them below 7.5 pt: pictures, correlation, damage, and attacks or time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cryptobench.layout.style import CHANNEL_COLOURS, page
from cryptobench.report.figures.correlation import DIRECTIONS, density
from cryptobench.report.figures.damage import chosen_damages, kept_damages
from cryptobench.report.figures.pictures import Page, planes
from cryptobench.report.paper.attack_or_time import attack_or_time
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.figure import NARROW, TYPE, PaperFigure
from cryptobench.report.tables.robustness import kind_text, level_text
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow

__all__ = ["paper_figures"]

_TIMES, _PAIRS = 4, 3000


def paper_figures(of: Subject, tell: Callable[[str], None]) -> Iterator[PaperFigure]:
    """The figures that the run has what they need for; ``tell`` is told of each that it has not."""
    for make in (_pictures, _correlation, _damage, attack_or_time):
        try:
            yield make(of)
        except NothingToShow as reason:
            tell(f"figure {make.__name__.strip('_').replace('_', ' ')}: {reason}")


def _with_pictures(of: Subject) -> list[str]:
    images = [image for image in of.shown_images if of.run.picture(of.cipher, image, "cipher") is not None]
    if not images:
        raise NothingToShow("the run kept no pictures of the cipher")
    return images


def _pictures(of: Subject) -> PaperFigure:
    images = _with_pictures(of)
    colour = any(of.channels(image) == 3 for image in images)
    caption = (
        f"Plaintext, ciphertext and decryption by {of.name}, with histograms"
        f"{' of the channels R, G and B' * colour}: {' and '.join(of.titled(image) for image in images)}. A band is "
        f"{_TIMES} times as high as the mean count, which an ideal cipher gives at every value but for chance. "
        f"{f'No picture, but drawn as one: {of.no_picture}. ' if of.no_picture else ''}"
        f"{of.legend([of.cipher])}"
    )
    return PaperFigure("pictures", caption.strip(), partial(_draw_pictures, of, images))


def _draw_pictures(of: Subject, images: list[str]) -> Figure:
    side, step, top, tall = 1.02, 1.13, 0.18, 0.52
    down = side + tall + 0.16
    figure = page(NARROW, top + len(images) * down + 0.12)
    sheet = Page(figure)
    left = NARROW - 3 * step + 0.09
    titles = (("plain", "plaintext"), ("cipher", "ciphertext"), ("decrypted", "decrypted"))
    for column, (name, title) in enumerate(titles):
        x = left + column * step
        sheet.text(x + side / 2, top - 0.09, title, fontsize=8)
        for row, image in enumerate(images):
            y = top + row * down
            picture = of.run.picture(of.cipher, image, name)
            if picture is None:
                sheet.missing(x, y, side, "no picture")
            else:
                sheet.picture(picture, x, y, side)
                last = row == len(images) - 1
                _histogram(sheet, picture, (x, y + side + 0.05), (side, tall), letters=column == 0, labels=last)
    return figure


def _histogram(
    sheet: Page, image: NDArray[np.uint8], corner: tuple[float, float], size: tuple[float, float], letters: bool,
    labels: bool,
) -> None:  # fmt: skip
    """A band for each channel from the upper left corner on; inches."""
    (left, top), (wide, tall) = corner, size
    bands = planes(image)
    full = tall / len(bands)
    for place, (name, plane) in enumerate(bands, 1):
        heights = np.minimum(np.bincount(plane.ravel(), minlength=256) / (plane.size / 256) / _TIMES, 1)
        sheet.bars(heights, left, top + place * full, wide, full * 0.92, CHANNEL_COLOURS[name])
        if len(bands) > 1 and letters:
            sheet.text(left - 0.07, top + (place - 0.5) * full, name, fontsize=TYPE)
    places = [left + (value + 0.5) / 256 * wide for value in (0, 128, 255)]
    sheet.ticks_below(places, top + tall, None)
    for x, value, where in zip(places, ("0", "128", "255"), ("left", "center", "right"), strict=True):
        if labels:
            sheet.text(x, top + tall + 0.1, value, fontsize=TYPE, ha=where)


def _correlation(of: Subject) -> PaperFigure:
    image = _with_pictures(of)[0]
    if of.no_picture:
        raise NothingToShow(of.no_picture)
    pair = [of.run.picture(of.cipher, image, name) for name in ("plain", "cipher")]
    kept = [
        (name, picture) for name, picture in zip(("plaintext", "ciphertext"), pair, strict=True) if picture is not None
    ]
    channel = planes(kept[0][1])[len(planes(kept[0][1])) // 2][0]
    of_channel = "" if channel == "grey" else f", channel {channel}"
    caption = (
        f"Value of a pixel (across) and of its neighbour (upwards) before and after encryption by {of.name}: "
        f"{of.titled(image)}{of_channel}, {_PAIRS} pairs drawn at random with a fixed seed. An ideal cipher fills the "
        f"square evenly. {of.legend([of.cipher])}"
    )
    return PaperFigure("correlation", caption.strip(), partial(_draw_correlation, kept))


def _draw_correlation(kept: list[tuple[str, NDArray[np.uint8]]]) -> Figure:
    side, step, down, left, top = 0.96, 1.04, 1.04, 0.34, 0.16
    figure = page(NARROW, top + len(kept) * down + 0.18)
    sheet = Page(figure)
    for row, (label, picture) in enumerate(kept):
        y = top + row * down
        plane = planes(picture)[len(planes(picture)) // 2][1]
        sheet.text(0.07, y + side / 2, label, rotation=90, fontsize=8)
        for column, direction in enumerate(DIRECTIONS):
            x = left + column * step
            sheet.picture(density(plane, direction), x, y, side)
            if row == 0:
                sheet.text(x + side / 2, top - 0.08, direction, fontsize=8)
            marks = [value / 256 * side for value in (0, 100, 200)]
            last = row == len(kept) - 1
            sheet.ticks_below([x + mark for mark in marks], y + side, None)
            sheet.ticks_left([y + side - mark for mark in marks], x, None)
            for mark, value in zip(marks, ("0", "100", "200"), strict=True):
                if last:
                    sheet.text(x + mark, y + side + 0.1, value, fontsize=TYPE)
                if column == 0:
                    sheet.text(x - 0.045, y + side - mark, value, fontsize=TYPE, ha="right")
    return figure


def _damage(of: Subject) -> PaperFigure:
    images = [image for image in of.shown_images if kept_damages(of.run, of.cipher, image)]
    if not images:
        raise NothingToShow("the run kept no damaged pictures of the cipher")
    image = images[0]
    damages = chosen_damages(kept_damages(of.run, of.cipher, image))
    psnr = pick(of.numbers, "damaged_psnr", image=image)
    place = (psnr["condition"] + " " + psnr["place"]).str.strip()
    values = [psnr.loc[(place == kind) & (psnr["parameter"] == level), "value"] for kind, level in damages]
    shown = [value.iloc[0] if len(value) else None for value in values]
    noise = psnr["expected"].dropna()
    refused = any(of.run.picture(of.cipher, image, f"recovered {kind} {level}") is None for kind, level in damages)
    caption = (
        f"Damaged ciphertexts of {of.titled(image)} (above) and their decryption by {of.name} (below), with its PSNR. "
        + ("Rejected: an authenticated cipher refuses damage, as it should. " if refused else "")
        + (f"Noise that has nothing to do with the plaintext would have {noise.iloc[0]:.1f} dB. " if len(noise) else "")
        + of.legend([of.cipher])
    )
    return PaperFigure("damage", caption.strip(), partial(_draw_damage, of, image, damages, shown))


def _draw_damage(of: Subject, image: str, damages: list[tuple[str, str]], values: list[Any]) -> Figure:
    count = len(damages)
    step = min(NARROW / count, 1.2)
    side, top = step - 0.04, 0.3
    figure = page(NARROW, top + 2 * step + 0.16)
    sheet = Page(figure)
    left = (NARROW - count * step) / 2 + 0.02
    for place, ((kind, level), value) in enumerate(zip(damages, values, strict=True)):
        x = left + place * step
        first, second = _two_lines(kind, level)
        sheet.text(x + side / 2, 0.08, first, fontsize=TYPE)
        sheet.text(x + side / 2, 0.21, second, fontsize=TYPE)
        pair = [of.run.picture(of.cipher, image, f"{name} {kind} {level}") for name in ("damaged", "recovered")]
        for row, picture in enumerate(pair):
            if picture is None:
                sheet.missing(x, top + row * step, side, "no picture" if row == 0 else "rejected")
            else:
                sheet.picture(picture, x, top + row * step, side)
        if isinstance(value, int | float) and pair[1] is not None:
            text = "exact" if value == float("inf") else f"{value:.1f} dB"
            sheet.text(x + side / 2, top + 2 * step + 0.05, text, fontsize=TYPE)
    return figure


def _two_lines(kind: str, level: str) -> tuple[str, str]:
    words = {"occlusion corner": "corner lost", "occlusion centre": "centre lost", "salt and pepper": "salt, pepper"}
    return words.get(kind, kind_text(kind)), level_text(level)
