"""A finished run as a report sees it: its measurements, its settings, its cards and its pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cryptobench.results.attacks import attack_results, judgements
from cryptobench.results.folder import ReportError, load_cards, load_settings, load_table, require_whole
from cryptobench.results.names import FIDELITY, OURS, PUBLISHED, display_name, grade_counts, grades_text, marks_legend
from cryptobench.results.pictures import kept_pictures, read_picture
from cryptobench.results.taken_over import TakenOver
from cryptobench.results.verdicts import Pooled, pool_all, verdict_table
from cryptobench.terminal import nearest

__all__ = [
    "OURS", "NothingToShow", "ReportError", "RunData", "display_name", "from_rows", "load_cards", "load_run",
    "load_table", "run_in_memory",
]  # fmt: skip


class NothingToShow(Exception):
    """A run lacks what one table or figure needs; the message says what that is."""


_FIRST, _LAST, _PROPOSED = ("reference",), ("control", "controls"), "proposed"


@dataclass(frozen=True, eq=False)
class RunData:
    """The measurements of a run, its settings and its folder.

    ``wanted_image`` is the one that single-image figures show, ``mine`` the reader's own cipher, which comes first,
    ``rows`` are the ciphers of the comparison table, all of them where it is None, and ``grades`` the fidelities that
    it is limited to (A, B, C), if any. A run that has no folder (`run_in_memory`) carries its cards and pictures
    itself. Of ciphers that are ``taken`` over, another run has measured the rows, and has the pictures.
    """

    folder: Path
    table: pd.DataFrame
    settings: dict[str, Any] = field(default_factory=dict)
    wanted_image: str | None = None
    mine: str = ""
    rows: tuple[str, ...] | None = None
    grades: tuple[str, ...] = ()
    memory: _Memory | None = None
    taken: TakenOver | None = None

    @property
    def name(self) -> str:
        """The name in the run's settings, or its folder's."""
        settings = self.settings.get("settings")
        named = settings.get("name") if isinstance(settings, dict) else ""
        return str(named or ("run" if self.memory else self.folder.resolve().name))

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The rows that are no single trial: summaries, single numbers, and cells that did not finish."""
        return self.table[self.table["trial"].isna()]

    @cached_property
    def ciphers(self) -> list[str]:
        """The reader's own first, then reference ciphers, each further family, controls last; by name in a family."""
        return sorted(self._cards, key=lambda c: (c != self.mine, *_rank(self.family(c)), c.lower()))

    @cached_property
    def images(self) -> list[str]:
        """Image names in the order in which the run used them."""
        return [str(image) for image in self.table["image"].unique() if image]

    @cached_property
    def pooled(self) -> dict[tuple[str, str], Pooled]:
        """The verdicts by cipher and test title."""
        with from_rows(self, "the verdicts"):
            return pool_all(self.table)

    @cached_property
    def attacks(self) -> pd.DataFrame:
        """The results of all attacks; see `attack_results`."""
        with from_rows(self, "the results of attacks"):
            return attack_results(self.numbers)

    @cached_property
    def judgements(self) -> pd.DataFrame:
        """What the attacks on each cipher together mean, and which claims they refute; see `judgements`."""
        return judgements(self.attacks, self.cards)

    @cached_property
    def ours(self) -> frozenset[str]:
        """The ciphers marked as ours: the reader's own if there is one, else the proposed cipher and its variants."""
        return frozenset([self.mine] if self.mine else [c for c in self.ciphers if self.family(c) == _PROPOSED])

    @property
    def ours_meaning(self) -> str:
        """What the mark "(ours)" means in this run."""
        return "the authors' own cipher" if self.mine else "the cipher proposed with this benchmark, and its variants"

    @cached_property
    def taken_over(self) -> frozenset[str]:
        """The ciphers of this run that another one has measured."""
        return frozenset(self.taken.ciphers if self.taken else ()).intersection(self._cards)

    @property
    def taken_meaning(self) -> str:
        """What the mark of ciphers that are taken over means; empty in a run without any."""
        return self.taken.meaning if self.taken else ""

    @cached_property
    def cards(self) -> dict[str, dict[str, Any]]:
        """The cards that the run kept, by cipher; see `load_cards`."""
        own = dict(self.memory.cards) if self.memory else load_cards(self.folder, self.settings)
        return {**(self.taken.cards if self.taken else {}), **own}

    def verdicts(self) -> pd.DataFrame:
        """The verdicts behind the overview, one row a cipher and test; see `verdict_table`."""
        return verdict_table(self.pooled, {cipher: self._cards[cipher] for cipher in self.ciphers})

    def label(self, cipher: str) -> str:
        """The cipher's name, with its fidelity where that is not A, and marked where it is ours or taken over."""
        return display_name(cipher, self.fidelity(cipher), ours=cipher in self.ours, taken=cipher in self.taken_over)

    def legend(self, ciphers: Iterable[str]) -> str:
        """How many of these ciphers are published schemes of each fidelity, and what the marks behind names mean.

        Sentences; empty where no cipher is a published scheme or has a mark.
        """
        shown = list(ciphers)
        ours = self.ours_meaning if self.ours.intersection(shown) else ""
        taken = self.taken_meaning if self.taken_over.intersection(shown) else ""
        marks = marks_legend(map(self.fidelity, shown), ours, taken_meaning=taken)
        return f"{grades_text(self.graded(shown))} {marks}".strip()

    def graded(self, ciphers: Iterable[str]) -> dict[str, int]:
        """How many of the published schemes among these ciphers have fidelity A, B and C.

        A card with authors is that of a published scheme; one without is of a variant made here.
        """
        published = (cipher for cipher in ciphers if self.family(cipher) in PUBLISHED)
        return grade_counts(self.fidelity(c) for c in published if c not in self.cards or self.cards[c].get("authors"))

    def family(self, cipher: str) -> str:
        """The cipher's family, as its card says."""
        return self._cards[cipher][0]

    def fidelity(self, cipher: str) -> str:
        """A, B or C, with + or -, as the cipher's card says."""
        return self._cards[cipher][1]

    def picture(self, cipher: str, image: str, name: str) -> NDArray[np.uint8] | None:
        """A picture that the run kept, (H, W) or (H, W, 3) uint8, or None."""
        if self.memory:
            return self.memory.pictures.get((cipher, image, name))
        return read_picture(self.folder, (cipher, image), name)

    def picture_names(self, cipher: str, image: str) -> list[str]:
        """Names of all pictures that the run kept of a cipher and an image."""
        if self.memory:
            return sorted(name for of, on, name in self.memory.pictures if (of, on) == (cipher, image))
        return kept_pictures(self.folder, (cipher, image))

    def picture_image(self) -> str | None:
        """The image for galleries: the one asked for, else the first colour image that most ciphers have."""
        return self._picture_image

    @cached_property
    def _picture_image(self) -> str | None:
        if self.wanted_image is not None:
            return self.wanted_image
        channels = self.numbers.dropna(subset=["channels"]).drop_duplicates("image").set_index("image")["channels"]
        kept = {image: sum(bool(self.picture_names(cipher, image)) for cipher in self.ciphers) for image in self.images}
        most = max(kept.values(), default=0)
        candidates = [image for image in self.images if kept[image] == most]
        colour = [image for image in candidates if image in channels.index and channels[image] == 3]
        return (colour or candidates)[0] if most else None

    def ordered(self, values: pd.DataFrame) -> pd.DataFrame:
        """Rows by cipher, then by image, in the run's order of both; otherwise as they were."""
        places = {
            column: {name: place for place, name in enumerate(names)}
            for column, names in (("cipher", self.ciphers), ("image", self.images))
        }
        by = [column for column in places if column in values]
        ranks = pd.DataFrame({column: values[column].map(places[column]) for column in by})
        return values.loc[ranks.sort_values(by, kind="stable").index].reset_index(drop=True)

    def only(
        self,
        ciphers: Iterable[str] | None = None,
        image: str | None = None,
        mine: str | None = None,
        rows: Iterable[str] | None = None,
        grades: Iterable[str] = (),
    ) -> RunData:
        """The same run with some of its ciphers, galleries of another image, a cipher that is the reader's own, some
        rows of the comparison table, or those of some fidelities (A, B, C) and the reader's own; ReportError for
        unknown names, and for fidelities that no cipher has.
        """
        table = self.table
        compared = None if rows is None else tuple(rows)
        for names, option in (((mine,) if mine else (), "--mine"), (compared or (), "--rows")):
            _require_near(names, self.ciphers, option, self._place)
        if ciphers is not None:
            chosen = list(dict.fromkeys([*ciphers, *((mine,) if mine else ()), *(compared or ())]))
            _require_known(chosen, self.ciphers, "cipher", self._place)
            table = table[table["cipher"].isin(chosen)]
        if image is not None:
            _require_known([image], self.images, "image", self._place)
        return replace(
            self, table=table, wanted_image=image or self.wanted_image, mine=mine or self.mine,
            rows=self.rows if compared is None else compared, grades=self._known_grades(grades) or self.grades,
        )  # fmt: skip

    def with_rows(self, kept: pd.Series[bool]) -> RunData:
        """The same run, with the same ciphers and images in the same order, of whose rows some are left out."""
        part = replace(self, table=self.table[kept])
        vars(part).update({name: getattr(self, name) for name in ("_cards", "cards", "images", "_picture_image")})
        return part

    def compared(self) -> list[str]:
        """The ciphers of the comparison table."""
        rows = [cipher for cipher in self.ciphers if self.rows is None or cipher in (self.mine, *self.rows)]
        return [c for c in rows if not self.grades or c == self.mine or self.fidelity(c)[:1] in self.grades]

    def _known_grades(self, grades: Iterable[str]) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(grades))
        if wrong := [grade for grade in wanted if grade not in FIDELITY]:
            raise ReportError(f"fidelity {wrong[0]!r}, wanted A, B or C, or several, such as A,B")
        if wanted and not any(self.fidelity(cipher)[:1] in wanted for cipher in self.ciphers):
            raise ReportError(f"{self._place} has no cipher of fidelity {' or '.join(wanted)}")
        return wanted

    @property
    def _place(self) -> str:
        return "this run" if self.memory else str(self.folder)

    @cached_property
    def _cards(self) -> dict[str, tuple[str, str]]:
        first = self.table.drop_duplicates("cipher")
        return {str(row.cipher): (str(row.family), str(row.fidelity)) for row in first.itertuples()}


@dataclass(frozen=True)
class _Memory:
    """What a run without a folder carries: cards by cipher, pictures by cipher, image and name."""

    cards: Mapping[str, dict[str, Any]]
    pictures: Mapping[tuple[str, str, str], NDArray[np.uint8]]


def run_in_memory(
    table: pd.DataFrame,
    settings: Mapping[str, Any] | None = None,
    cards: Mapping[str, dict[str, Any]] | None = None,
    pictures: Mapping[tuple[str, str, str], NDArray[np.uint8]] | None = None,
) -> RunData:
    """A run without a folder from a measurement table (`cryptobench.measurement.frame`).

    ``settings`` are what its `run.json` would hold; ``pictures``, (H, W) or (H, W, 3) uint8, are named by cipher,
    image and name. `ReportError` if the table holds no measurements.
    """
    if table.empty:
        raise ReportError("the table holds no measurements; wanted at least one row")
    return RunData(Path(), table, dict(settings or {}), memory=_Memory(cards or {}, pictures or {}))


def load_run(folder: Path) -> RunData:
    """Read a run's measurements and settings; ReportError if the folder holds no finished run of this schema."""
    path = folder / "measurements.csv.gz"
    if not folder.is_dir():
        raise ReportError(f"{folder} is no folder; wanted the folder of a finished run")
    if not path.is_file():
        raise ReportError(f"{folder} holds no measurements.csv.gz; wanted the folder of a finished run")
    settings = load_settings(folder / "run.json")
    table = load_table(path)
    require_whole(path, table, settings)
    return RunData(folder, table, settings)


@contextmanager
def from_rows(run: RunData, what: str) -> Iterator[None]:
    """`ReportError` in place of what is raised in this block where a run's rows are none that a run writes.

    Each value of a table is checked when it is read; what they mean together (a median without its quartiles, a side in
    pixels that is a word) is known only to whoever makes ``what`` of them. With CRYPTOBENCH_DEBUG nothing is replaced.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if os.environ.get("CRYPTOBENCH_DEBUG") or type(error).__module__.startswith("cryptobench."):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise ReportError(
            f"{what} cannot be made of the rows of {run._place} ({reason}): no run writes such rows; run the benchmark "
            "again, or, if nobody has changed them, report what CRYPTOBENCH_DEBUG=1 shows"
        ) from error


def _rank(family: str) -> tuple[int, str]:
    return (0 if family in _FIRST else 2 if family in _LAST else 1), family


def _require_known(names: list[str], known: list[str], what: str, place: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ReportError(f"{place} has no {what} {', '.join(unknown)}; it has {', '.join(known)}")


def _require_near(names: Iterable[str], known: list[str], option: str, place: str) -> None:
    for name in names:
        if name not in known:
            raise ReportError(f"{option}: {place} has no cipher {name}{nearest(name, known)}")
