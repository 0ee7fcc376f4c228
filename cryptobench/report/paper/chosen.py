"""What a paper of four pages has room for: which images, and which other ciphers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from cryptobench.results.attacks import attack_results, is_attack
from cryptobench.results.names import OURS, PUBLISHED, marks_legend
from cryptobench.results.run import ReportError, RunData
from cryptobench.terminal import nearest

__all__ = ["MOST_IMAGES", "MOST_OTHERS", "Subject", "subject"]

MOST_OTHERS, MOST_IMAGES = 10, 2
_STANDARDS = ("aes-256-ctr", "aes-256-siv")
_FOLDER = re.compile(r"the run in .*? \((?=profile )")  # a path of the machine, which no reader has


@dataclass(frozen=True, eq=False)
class Subject:
    """The cipher that a paper is about, in a run where it comes first, and the ``others`` that stand beside it.

    ``others_in_run`` counts all other ciphers, ``named`` says whether the reader chose them.
    """

    run: RunData
    cipher: str
    others: tuple[str, ...]
    others_in_run: int
    named: bool = False

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Of the cipher, without single trials."""
        return self.run.numbers[self.run.numbers["cipher"] == self.cipher]

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Of the cipher, the single trials."""
        table = self.run.table
        return table[(table["cipher"] == self.cipher) & table["trial"].notna()]

    @cached_property
    def attacks(self) -> pd.DataFrame:
        """The results of all attacks on the cipher; see `attack_results`."""
        return attack_results(self.numbers)

    @cached_property
    def images(self) -> list[str]:
        """All on which the cipher was measured, those that figures can show first."""
        rows = self.numbers[~is_attack(self.numbers) & (self.numbers["status"] == "ok")]
        found = [str(image) for image in rows["image"].unique() if image]
        wanted = self.run.wanted_image
        return [wanted, *(one for one in found if one != wanted)] if wanted in found else found

    @cached_property
    def shown_images(self) -> list[str]:
        """The first, and the first of another number of channels, or else the second."""
        first, *more = self.images or [""]
        other = [image for image in more if self.channels(image) != self.channels(first)]
        return [image for image in (first, *(other or more)[: MOST_IMAGES - 1]) if image]

    def channels(self, image: str) -> int:
        """How many the cipher's image has."""
        return int(self._shape(image)[2])

    def size(self, image: str) -> str:
        """Height, width and channels."""
        return "×".join(map(str, self._shape(image)))

    def titled(self, image: str) -> str:
        """The image with its size."""
        return f"{image}, {self.size(image)}"

    @property
    def name(self) -> str:
        """The cipher with its fidelity, where that is not A."""
        return self.label(self.cipher)

    @property
    def no_picture(self) -> str:
        """What the ciphertext is where its card says that it is no picture; else empty."""
        return " ".join(str(self.run.cards.get(self.cipher, {}).get("not_an_image") or "").split())

    @property
    def rest_of_images(self) -> str:
        """Where the numbers of other images are; empty where all are shown."""
        hidden = len(self.images) - len(self.shown_images)
        return f"{len(self.shown_images)} of {len(self.images)} images; the others are in the report." if hidden else ""

    def label(self, cipher: str) -> str:
        """The name with its marks."""
        return self.run.label(cipher).replace(OURS, "")

    def legend(self, ciphers: Sequence[str]) -> str:
        """What the marks behind some names mean; empty where there are none."""
        taken = self.run.taken_meaning if self.run.taken_over.intersection(ciphers) else ""
        taken = _FOLDER.sub("another run (", taken)
        return marks_legend(map(self.run.fidelity, ciphers), taken_meaning=taken)

    def _shape(self, image: str) -> tuple[int, int, int]:
        rows = self.numbers[(self.numbers["image"] == image) & ~is_attack(self.numbers)]
        sizes = rows[["height", "width", "channels"]].dropna()
        height, width, channels = sizes.iloc[0] if len(sizes) else (0, 0, 0)
        return int(height), int(width), int(channels)


def subject(run: RunData, cipher: str, rows: Sequence[str] | None = None) -> Subject:
    """The subject of a paper about one cipher of a run; ``rows`` are the others that the reader chose.

    ReportError for a cipher that the run does not have, has not measured itself, or has no finished measurement of.
    """
    place = "this run" if run.memory else str(run.folder)
    if cipher not in run.ciphers:
        raise ReportError(f"--paper: {place} has no cipher {cipher}{nearest(cipher, run.ciphers)}")
    if cipher in run.taken_over:
        raise ReportError(f"--paper: {cipher} was not measured in {place}; its rows are taken over from another run")
    own = run.only(mine=cipher, rows=rows)
    finished = own.numbers[(own.numbers["cipher"] == cipher) & (own.numbers["status"] == "ok")]
    if finished.empty:
        raise ReportError(f"--paper: {place} has no finished measurement of {cipher}; run the benchmark on it")
    others = [one for one in own.ciphers if one != cipher]
    if own.grades:
        others = [one for one in others if own.fidelity(one)[:1] in own.grades]
    named = own.rows is not None
    ranked = (
        [one for one in own.rows or () if one in others] if named else sorted(others, key=lambda one: _rank(own, one))
    )
    chosen = [one for one in others if one in ranked[:MOST_OTHERS]]
    shown = replace(own, table=own.table[own.table["cipher"].isin([cipher, *chosen])], rows=tuple(chosen))
    return Subject(shown, cipher, tuple(chosen), len(others), named)


def _rank(run: RunData, cipher: str) -> tuple[int, int, str]:
    """Two standard ciphers, published schemes by fidelity, further standards, and then what is left."""
    family = run.family(cipher)
    published = family in PUBLISHED and (cipher not in run.cards or bool(run.cards[cipher].get("authors")))
    if cipher in _STANDARDS:
        return 0, 0, cipher
    if published:
        return 1, "ABC".find(run.fidelity(cipher)[:1]), cipher
    return (2 if family == "reference" else 3), 0, cipher
