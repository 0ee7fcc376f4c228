"""Recovered images: original, ciphertext and recovered image by attack, and of all ciphers on one page."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cryptobench.layout.style import TWO_COLUMNS, fitted, page
from cryptobench.measurement import Outcome
from cryptobench.report.figures.drawing import Drawing, cipher_label, file_stem
from cryptobench.report.figures.pictures import Page
from cryptobench.results.attacks import MALLEABLE
from cryptobench.results.names import PUBLISHED
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_NAMES = ("original", "cipher", "recovered")
_TITLES = ("original", "ciphertext", "recovered")
_MOST = 3  # in the gallery
# Inches: side of a picture, gap, step from row to row. Of the figures by cipher: attacks on one line, lines on a page.
_SMALL, _GAP, _DOWN, _TOP = 0.75, 0.03, 1.18, 0.22
_SIDE, _STEP, _ACROSS, _LINES = 1.06, 1.25, 2, 6


def draw(run: RunData) -> Iterator[Drawing]:
    """A gallery of three ciphers, each with its cheapest successful attack; then figures for each cipher.

    Attacks with chosen ciphertexts, which show that a cipher is malleable, are in neither; in the second those are that
    recovered a map.
    """
    recovered = _recovered(run)
    if not recovered:
        raise NothingToShow("no attack of this run recovered an image without chosen ciphertexts")
    broken = [[row for row in rows if row.word == Outcome.RECOVERED] for rows in recovered.values()]
    cheapest = [min(rows, key=lambda row: (row.queries, -row.height)) for rows in broken if rows]
    if cheapest:
        shown = _chosen(run, cheapest)
        own = "our own, then " * bool(run.ours & {row.cipher for row in shown})
        rule = (
            f"{own}of each family of published schemes, and then of the others, the cipher that falls to fewest "
            "queries; the figure of queries has all"
        )
        which = f" {len(shown)} of {len(cheapest)}: {rule}." if len(shown) < len(cheapest) else ""
        yield Drawing(
            "recovered",
            "Recovered images",
            "Original, ciphertext, and the image that the cheapest attack on a cipher recovers without the key and "
            "without chosen ciphertexts. "
            "Below: attack, number of queries, share of the samples recovered exactly. Fixed nonce: one nonce and "
            f"per-message secret for all messages, which is misuse.{which}",
            partial(_gallery, run, shown),
            [str(row.cipher) for row in shown],
        )
    for (cipher, nonce), rows in recovered.items():
        mode = ", fixed nonce" if nonce == "fixed" else ""
        attacks = list(dict.fromkeys(row.attack for row in rows))
        largest = [max((row for row in rows if row.attack == attack), key=lambda row: row.height) for attack in attacks]
        pages = [largest[i : i + _ACROSS * _LINES] for i in range(0, len(largest), _ACROSS * _LINES)]
        for number, page_rows in enumerate(pages, 1):
            part = f" ({number} of {len(pages)})" if len(pages) > 1 else ""
            yield Drawing(
                f"recovered_from_{file_stem(cipher)}_{nonce}" + (f"_{number}" if len(pages) > 1 else ""),
                f"Recovered images of {run.label(cipher)}{mode}{part}",
                "Original, ciphertext and recovered image by attack, each at the largest size at which it recovers the "
                f"image{mode}. An attack with chosen ciphertexts is here only where the map that it recovers reads "
                "other ciphertexts too.",
                partial(_by_attack, run, page_rows),
                [cipher],
            )


def _chosen(run: RunData, rows: Sequence[Any]) -> list[Any]:
    """Three at most: our own, the cheapest of each family of published schemes, and then the cheapest of the others."""

    def needed(row: Any) -> float:
        known = row.queries_at_reference == row.queries_at_reference
        return float(row.queries_at_reference if known else row.queries)

    ranked = sorted(rows, key=lambda row: (row.nonce == "fixed", needed(row), row.cipher))
    first = {run.family(row.cipher): row for row in reversed(ranked) if run.family(row.cipher) in PUBLISHED}
    own = [row for row in ranked if row.cipher in run.ours]
    order = [*own[:1], *(row for row in ranked if first.get(run.family(row.cipher)) is row), *ranked]
    chosen = list({id(row): row for row in order}.values())[:_MOST]
    return [row for row in rows if any(row is one for one in chosen)]


def _recovered(run: RunData) -> dict[tuple[str, str], list[Any]]:
    """The successful attacks that the run kept pictures of, by cipher and nonce mode, ciphers in the run's order."""
    if run.attacks.empty:
        return {}
    shown = (run.attacks["outcome"] == Outcome.RECOVERED) & (run.attacks["word"] != MALLEABLE)
    found = run.ordered(run.attacks[shown])
    groups: dict[tuple[str, str], list[Any]] = {}
    kept = functools.cache(run.picture_names)
    for row in found.itertuples():
        if _picture_name(row, "recovered") in kept(str(row.cipher), str(row.image)):
            groups.setdefault((str(row.cipher), str(row.nonce)), []).append(row)
    return groups


def _pictures(run: RunData, row: Any) -> list[NDArray[np.uint8] | None]:
    return [run.picture(row.cipher, row.image, _picture_name(row, name)) for name in _NAMES]


def _picture_name(row: Any, name: str) -> str:
    return f"attack {row.attack} {min(row.height, row.width)} {row.nonce} {name}"


def _gallery(run: RunData, rows: Sequence[Any]) -> Figure:
    width = TWO_COLUMNS / _MOST
    figure = page(TWO_COLUMNS, _TOP + _DOWN)
    sheet = Page(figure)
    left = (width - 3 * _SMALL - 2 * _GAP) / 2 + (_MOST - len(rows)) * width / 2
    for number, row in enumerate(rows):
        x = number * width + left
        for place, title in enumerate(_TITLES):
            sheet.text(x + place * (_SMALL + _GAP) + _SMALL / 2, _TOP - 0.08, title)
        _three(sheet, _pictures(run, row), x, _TOP, _SMALL, _GAP)
        mode = ", fixed nonce" if row.nonce == "fixed" else ""
        for line, text in enumerate((f"{cipher_label(run, row.cipher)}{mode}", *_account(row))):
            y = _TOP + _SMALL + 0.09 + 0.12 * line
            sheet.text(x + 1.5 * _SMALL + _GAP, y, text, fontsize=fitted(text, width, 7.5))
    return figure


def _by_attack(run: RunData, rows: Sequence[Any]) -> Figure:
    lines, width = -(-len(rows) // _ACROSS), TWO_COLUMNS / _ACROSS
    figure = page(TWO_COLUMNS, _TOP + lines * _STEP)
    sheet = Page(figure)
    left = (width - 3 * _SIDE - 2 * _GAP) / 2 + (width / 2 if len(rows) == 1 else 0)
    for column in range(min(_ACROSS, len(rows))):
        for place, title in enumerate(_TITLES):
            x = column * width + left + place * (_SIDE + _GAP) + _SIDE / 2
            sheet.text(x, _TOP - 0.08, title, fontsize=8)
    for number, row in enumerate(rows):
        x, y = number % _ACROSS * width + left, _TOP + number // _ACROSS * _STEP
        _three(sheet, _pictures(run, row), x, y, _SIDE, _GAP)
        account = ": ".join(_account(row))
        sheet.text(x + 1.5 * _SIDE + _GAP, y + _SIDE + 0.09, account, fontsize=fitted(account, width, 7.5))
    return figure


def _three(
    sheet: Page, pictures: Sequence[NDArray[np.uint8] | None], left: float, top: float, side: float, gap: float
) -> None:
    for place, picture in enumerate(pictures):
        x = left + place * (side + gap)
        if picture is None:
            sheet.missing(x, top, side, "no picture")
        else:
            sheet.picture(picture, x, top, side)


def _account(row: Any) -> tuple[str, str]:
    """The attack with the size of the image, and what it cost and gave."""
    queries, share = "query" if row.queries == 1 else "queries", percentage(1)(row.recovered).replace("%", " %")
    chosen = f" ({row.word})" if row.word != Outcome.RECOVERED else ""
    attack = row.attack.replace("_", " ")
    return f"{attack}{chosen}, {row.height}×{row.width}", f"{row.queries:.0f} {queries}, {share}"
