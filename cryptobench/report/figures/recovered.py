"""Recovered images: original, ciphertext and recovered image by attack, and of all ciphers on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cryptobench.layout.style import ONE_COLUMN, TWO_COLUMNS, fitted, page
from cryptobench.measurement import Outcome
from cryptobench.report.figures.drawing import Drawing, cipher_label, file_stem
from cryptobench.report.figures.pictures import Page
from cryptobench.results.attacks import MALLEABLE
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_NAMES = ("original", "cipher", "recovered")
_TITLES = ("original", "ciphertext", "recovered")
# Inches. Of the figures by cipher: side of a picture, step from row to row. Of the gallery: side, gap, step, ciphers
# on one line and lines on one page.
_SIDE, _STEP, _TOP = 1.1, 1.2, 0.22
_SMALL, _GAP, _DOWN, _ACROSS, _LINES = 0.72, 0.03, 0.98, 3, 8


def draw(run: RunData) -> Iterator[Drawing]:
    """A gallery with the cheapest successful attack of each cipher and nonce mode; then a figure for each cipher.

    Attacks with chosen ciphertexts, which show that a cipher is malleable, are in neither; in the second those are that
    recovered a map.
    """
    recovered = _recovered(run)
    if not recovered:
        raise NothingToShow("no attack of this run recovered an image without chosen ciphertexts")
    broken = [[row for row in rows if row.word == Outcome.RECOVERED] for rows in recovered.values()]
    cheapest = [min(rows, key=lambda row: (row.queries, -row.height)) for rows in broken if rows]
    pages = [cheapest[i : i + _ACROSS * _LINES] for i in range(0, len(cheapest), _ACROSS * _LINES)]
    for number, shown in enumerate(pages, 1):
        yield Drawing(
            f"recovered_{number}" if len(pages) > 1 else "recovered",
            "Recovered images" + (f" ({number} of {len(pages)})" if len(pages) > 1 else ""),
            "Original, ciphertext, and the image that the cheapest attack on each cipher recovers without the key and "
            "without chosen ciphertexts. "
            "Below: attack, number of queries, share of the samples recovered exactly. Fixed nonce: one nonce and "
            "per-message secret for all messages, which is misuse.",
            partial(_gallery, run, shown),
            [str(row.cipher) for row in shown],
        )
    for (cipher, nonce), rows in recovered.items():
        mode = ", fixed nonce" if nonce == "fixed" else ""
        attacks = list(dict.fromkeys(row.attack for row in rows))
        largest = [max((row for row in rows if row.attack == attack), key=lambda row: row.height) for attack in attacks]
        yield Drawing(
            f"recovered_from_{file_stem(cipher)}_{nonce}",
            f"Recovered images of {run.label(cipher)}{mode}",
            "Original, ciphertext and recovered image by attack, each at the largest size at which it recovers the "
            f"image{mode}. An attack with chosen ciphertexts is here only where the map that it recovers reads other "
            "ciphertexts too.",
            partial(_by_attack, run, largest),
            [cipher],
        )


def _recovered(run: RunData) -> dict[tuple[str, str], list[Any]]:
    """The successful attacks that the run kept pictures of, by cipher and nonce mode, ciphers in the run's order."""
    if run.attacks.empty:
        return {}
    shown = (run.attacks["outcome"] == Outcome.RECOVERED) & (run.attacks["word"] != MALLEABLE)
    found = run.ordered(run.attacks[shown])
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in found.itertuples():
        if _pictures(run, row)[-1] is not None:
            groups.setdefault((str(row.cipher), str(row.nonce)), []).append(row)
    return groups


def _pictures(run: RunData, row: Any) -> list[NDArray[np.uint8] | None]:
    side = min(row.height, row.width)
    return [run.picture(row.cipher, row.image, f"attack {row.attack} {side} {row.nonce} {name}") for name in _NAMES]


def _gallery(run: RunData, rows: Sequence[Any]) -> Figure:
    lines = -(-len(rows) // _ACROSS)
    width = TWO_COLUMNS / _ACROSS
    figure = page(TWO_COLUMNS, _TOP + lines * _DOWN)
    sheet = Page(figure)
    left = (width - 3 * _SMALL - 2 * _GAP) / 2
    for column in range(min(_ACROSS, len(rows))):
        for place, title in enumerate(_TITLES):
            sheet.text(column * width + left + place * (_SMALL + _GAP) + _SMALL / 2, _TOP - 0.08, title)
    for number, row in enumerate(rows):
        x, y = number % _ACROSS * width + left, _TOP + number // _ACROSS * _DOWN
        _three(sheet, _pictures(run, row), x, y, _SMALL, _GAP)
        mode = ", fixed nonce" if row.nonce == "fixed" else ""
        middle = x + 1.5 * _SMALL + _GAP
        label, account = f"{cipher_label(run, row.cipher)}{mode}", _account(row)
        sheet.text(middle, y + _SMALL + 0.07, label, fontsize=fitted(label, width, 7))
        sheet.text(middle, y + _SMALL + 0.17, account, fontsize=fitted(account, width, 6))
    return figure


def _by_attack(run: RunData, rows: Sequence[Any]) -> Figure:
    figure = page(ONE_COLUMN + 0.3, _TOP + len(rows) * (_STEP + 0.12))
    sheet = Page(figure)
    for place, title in enumerate(_TITLES):
        sheet.text(0.1 + place * _STEP + _SIDE / 2, _TOP - 0.08, title, fontsize=8)
    for number, row in enumerate(rows):
        y = _TOP + number * (_STEP + 0.12)
        _three(sheet, _pictures(run, row), 0.1, y, _SIDE, _STEP - _SIDE)
        account, middle = _account(row), 0.1 + 1.5 * _SIDE + (_STEP - _SIDE)
        sheet.text(middle, y + _SIDE + 0.08, account, fontsize=fitted(account, 2 * middle, 7))
    return figure


def _three(
    sheet: Page, pictures: Sequence[NDArray[np.uint8] | None], left: float, top: float, side: float, gap: float
) -> None:
    for place, picture in enumerate(pictures):
        x = left + place * (side + gap)
        if picture is None:
            sheet.missing(x, top, side, "none")
        else:
            sheet.picture(picture, x, top, side)


def _account(row: Any) -> str:
    queries, share = "query" if row.queries == 1 else "queries", percentage(1)(row.recovered)
    chosen = f" ({row.word})" if row.word != Outcome.RECOVERED else ""
    return f"{row.attack.replace('_', ' ')}{chosen}, {row.height}×{row.width}: {row.queries:.0f} {queries}, {share}"
