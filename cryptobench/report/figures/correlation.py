"""Adjacent pixels against one another, before and after encryption."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cryptobench.layout.style import TWO_COLUMNS, page
from cryptobench.report.figures.drawing import Drawing, cipher_label
from cryptobench.report.figures.pictures import Page, planes
from cryptobench.report.tabular import largest, pick
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["DIRECTIONS", "density", "draw"]

_PAIRS = 3000
_MOST = 3
_YARDSTICK = "aes-256-ctr"
_BINS, _BLACK = 128, 4
_TICKS = (0, 100, 200)
# Inches: side of a plot, step to the next, from row to row, from block to block, and margins.
_SIDE, _STEP, _DOWN, _BLOCK, _LEFT, _TOP = 1.04, 1.11, 1.29, 3.42, 0.32, 0.2
DIRECTIONS = ("horizontal", "vertical", "diagonal")


def draw(run: RunData) -> Iterator[Drawing]:
    image = run.picture_image()
    ciphers = [c for c in run.ciphers if image is not None and run.picture(c, image, "cipher") is not None]
    if image is None or not ciphers:
        raise NothingToShow("the run kept no pictures; they come from the analysis quality")
    shown = _chosen(run, ciphers)
    blocks: list[tuple[str, NDArray[np.uint8]]] = []
    plain = run.picture(shown[0], image, "plain")
    if plain is not None:
        blocks.append(("plaintext", plain))
    for cipher in shown:
        picture = run.picture(cipher, image, "cipher")
        if picture is not None:
            blocks.append((cipher_label(run, cipher), picture))
    channel = planes(blocks[0][1])[len(planes(blocks[0][1])) // 2][0]
    own = "our own, " * bool(run.ours.intersection(shown))
    rule = f"{own}AES-256-CTR, and those whose ciphertexts have the largest correlation of neighbours"
    which = f" {len(shown)} of {len(ciphers)} ciphers: {rule}." if len(shown) < len(ciphers) else ""
    yield Drawing(
        "correlation",
        "Correlation of adjacent pixels",
        f"Value of a pixel (horizontal axis) and of its neighbour (vertical axis) in {image}, channel {channel}, "
        f"at most {_PAIRS} pairs, drawn at random with a fixed seed, in the plaintext and in each ciphertext.{which}",
        partial(_figure, blocks),
        shown,
    )


def _chosen(run: RunData, ciphers: list[str]) -> list[str]:
    """Three at most: our own, the yardstick, and the worst."""
    sizes = largest(pick(run.numbers, "correlation", part="cipher", cipher=ciphers))["cipher"]
    own = [cipher for cipher in ciphers if cipher in run.ours][:1]
    standard = [cipher for cipher in ciphers if cipher == _YARDSTICK]
    ranked = dict.fromkeys([*own, *standard, *map(str, sizes), *ciphers])
    chosen = list(ranked)[:_MOST]
    return [cipher for cipher in ciphers if cipher in chosen]


def _figure(blocks: list[tuple[str, NDArray[np.uint8]]]) -> Figure:
    rows = -(-len(blocks) // 2)
    figure = page(TWO_COLUMNS, _TOP + rows * _DOWN + 0.2)
    sheet = Page(figure)
    for place, (label, picture) in enumerate(blocks):
        left = _LEFT + place % 2 * _BLOCK
        top = _TOP + place // 2 * _DOWN
        bottom = place + 2 >= len(blocks)
        sheet.text(left, top - 0.08, label, ha="left", fontsize=8)
        plane = planes(picture)[len(planes(picture)) // 2][1]
        for column, direction in enumerate(DIRECTIONS):
            x = left + column * _STEP
            sheet.picture(density(plane, direction), x, top, _SIDE)
            marks = [value / 256 * _SIDE for value in _TICKS]
            sheet.ticks_below([x + mark for mark in marks], top + _SIDE, list(map(str, _TICKS)) if bottom else None)
            outer = column == 0 and place % 2 == 0
            sheet.ticks_left([top + _SIDE - mark for mark in marks], x, list(map(str, _TICKS)) if outer else None)
            if bottom:
                sheet.text(x + _SIDE / 2, top + _SIDE + 0.21, direction, fontsize=8)
    return figure


def density(plane: NDArray[np.uint8], direction: str) -> NDArray[np.uint8]:
    """A scatter plot of the neighbours in a plane, (H, W), as a picture, (128, 128).

    The more pairs fall on a point, the darker it is; the origin is at the lower left.
    """
    first, second = {
        "horizontal": (plane[:, :-1], plane[:, 1:]),
        "vertical": (plane[:-1], plane[1:]),
        "diagonal": (plane[:-1, :-1], plane[1:, 1:]),
    }[direction]
    one, two = first.ravel(), second.ravel()
    if one.size > _PAIRS:
        chosen = np.random.default_rng(0).choice(one.size, _PAIRS, replace=False)
        one, two = one[chosen], two[chosen]
    counts = np.histogram2d(255 - two.astype(int), one, bins=_BINS, range=[(0, 256), (0, 256)])[0]
    shades: NDArray[np.uint8] = (255 - 255 * np.minimum(1, counts / _BLACK) ** 0.5).astype(np.uint8)
    return shades
