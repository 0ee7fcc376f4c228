"""Damaged ciphertexts beside their decryptions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from matplotlib.figure import Figure

from cryptobench.layout.style import TWO_COLUMNS, chunks, folded, page
from cryptobench.report.figures.drawing import Drawing, cipher_label
from cryptobench.report.figures.pictures import Page
from cryptobench.report.tables.robustness import kind_text, level_order, level_text
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["chosen_damages", "draw", "kept_damages"]

_ROWS = 9
_MOST = 4
# Inches: side of a picture, step to the next, from pair to pair, and margins.
_SIDE, _STEP, _PAIR, _LEFT, _TOP = 0.82, 0.85, 1.74, 0.2, 0.3
_WANTED = (
    "occlusion corner",
    "occlusion centre",
    "salt and pepper",
    "gaussian",
    "jpeg",
    "speckle",
    "lost rows",
    "bit flips",
)


def draw(run: RunData) -> Iterator[Drawing]:
    image = run.picture_image()
    names = {} if image is None else {c: kept_damages(run, c, image) for c in run.ciphers}
    every = {damage for kept in names.values() for damage in kept}
    if image is None or not every:
        raise NothingToShow("the run kept no damaged pictures; they come from the analysis robustness")
    damages = chosen_damages(every)
    pages = chunks([cipher for cipher, kept in names.items() if kept], _ROWS)
    for number, shown in enumerate(pages, 1):
        yield Drawing(
            f"damage_{number}" if len(pages) > 1 else "damage",
            "Damage gallery" + (f" ({number} of {len(pages)})" if len(pages) > 1 else ""),
            f"In pairs: the damaged ciphertext of {image}, and its decryption. "
            "Rejected: the cipher is authenticated and refuses a damaged ciphertext.",
            partial(_figure, run, image, shown, damages),
            shown,
        )


def kept_damages(run: RunData, cipher: str, image: str) -> set[tuple[str, str]]:
    """(kind, level) of every picture of a cipher and an image that is called "damaged <kind> <level>"."""
    names = run.picture_names(cipher, image)
    parts = (name.removeprefix("damaged ").rpartition(" ") for name in names if name.startswith("damaged "))
    return {(kind, level) for kind, _, level in parts}


def chosen_damages(every: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """One level each of the first few kinds: a quarter for occlusion, the middle one otherwise."""
    chosen = []
    for kind in sorted({kind for kind, _ in every}, key=lambda k: (_WANTED.index(k) if k in _WANTED else 99, k)):
        levels = sorted((level for k, level in every if k == kind), key=level_order)
        quarter = [level for level in levels if kind.startswith("occlusion") and level_text(level) == "1/4"]
        chosen.append((kind, (quarter or levels[len(levels) // 2 :])[0]))
    return chosen[:_MOST]


def _figure(run: RunData, image: str, ciphers: list[str], damages: list[tuple[str, str]]) -> Figure:
    figure = page(TWO_COLUMNS, _TOP + len(ciphers) * _STEP)
    sheet = Page(figure)
    for place, (kind, level) in enumerate(damages):
        left = _LEFT + place * _PAIR
        sheet.text(left + _STEP - 0.02, 0.08, f"{kind_text(kind)} {level_text(level)}", fontsize=8)
        sheet.text(left + _SIDE / 2, 0.22, "damaged")
        sheet.text(left + _STEP + _SIDE / 2, 0.22, "decrypted")
    for row, cipher in enumerate(ciphers):
        top = _TOP + row * _STEP
        sheet.text(0.1, top + _SIDE / 2, **folded(cipher_label(run, cipher), _SIDE, 7), rotation=90)
        for place, (kind, level) in enumerate(damages):
            pair = [run.picture(cipher, image, f"{name} {kind} {level}") for name in ("damaged", "recovered")]
            for after, picture in enumerate(pair):
                left = _LEFT + place * _PAIR + after * _STEP
                if picture is None:
                    sheet.missing(left, top, _SIDE, "no picture" if pair[0] is None else "rejected")
                else:
                    sheet.picture(picture, left, top, _SIDE)
    return figure
