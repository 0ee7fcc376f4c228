"""A finished run as a report sees it: its measurements, its settings and its pictures."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cryptobench.measurement import read_measurements
from cryptobench.results.verdicts import Pooled, pool_all
from cryptobench.terminal import nearest

__all__ = ["OURS", "NothingToShow", "ReportError", "Run", "display_name", "load_cards", "load_run", "load_table"]


class ReportError(ValueError):
    """A run folder cannot be reported on; the message names what was given and what is wanted."""


class NothingToShow(Exception):
    """A run lacks what one table or figure needs; the message says what that is."""


OURS = " (ours)"

_FIRST, _LAST = ("reference",), ("control", "controls")


@dataclass(frozen=True, eq=False)
class Run:
    """The measurements of a run, its settings and its folder.

    ``wanted_image`` is the one that single-image figures show, ``mine`` the reader's own cipher, which comes first,
    and ``rows`` are the ciphers of the comparison table, all of them where it is None.
    """

    folder: Path
    table: pd.DataFrame
    settings: dict[str, Any] = field(default_factory=dict)
    wanted_image: str | None = None
    mine: str = ""
    rows: tuple[str, ...] | None = None

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
        return pool_all(self.table)

    def label(self, cipher: str) -> str:
        """The cipher's name, with its fidelity where that is not A, and marked where it is the reader's own."""
        return display_name(cipher, self.fidelity(cipher)) + (OURS if cipher == self.mine else "")

    def family(self, cipher: str) -> str:
        """The cipher's family, as its card says."""
        return self._cards[cipher][0]

    def fidelity(self, cipher: str) -> str:
        """A, B or C, with + or -, as the cipher's card says."""
        return self._cards[cipher][1]

    def picture(self, cipher: str, image: str, name: str) -> NDArray[np.uint8] | None:
        """A picture that the run kept, (H, W) or (H, W, 3) uint8, or None."""
        from PIL import Image, UnidentifiedImageError

        path = self.folder / "pictures" / cipher / image / f"{name}.png"
        if not path.is_file():
            return None
        try:
            with Image.open(path) as opened:
                grey = opened.mode in ("1", "L", "I", "I;16", "F")
                return np.asarray(opened.convert("L" if grey else "RGB"))
        except (UnidentifiedImageError, OSError) as error:
            raise ReportError(f"{path} cannot be read as a picture ({error}); run the benchmark again") from error

    def picture_names(self, cipher: str, image: str) -> list[str]:
        """Names of all pictures that the run kept of a cipher and an image."""
        folder = self.folder / "pictures" / cipher / image
        return sorted(path.stem for path in folder.glob("*.png")) if folder.is_dir() else []

    def picture_image(self) -> str | None:
        """The image for galleries: the one asked for, else the first colour image that most ciphers have."""
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
        places = {"cipher": self.ciphers, "image": self.images}
        by = [column for column in places if column in values]
        ranks = pd.DataFrame({column: values[column].map(places[column].index) for column in by})
        return values.loc[ranks.sort_values(by, kind="stable").index].reset_index(drop=True)

    def only(
        self,
        ciphers: Iterable[str] | None = None,
        image: str | None = None,
        mine: str | None = None,
        rows: Iterable[str] | None = None,
    ) -> Run:
        """The same run with some of its ciphers, galleries of another image, a cipher that is the reader's own, and
        some rows of the comparison table; ReportError for unknown names.
        """
        table = self.table
        compared = None if rows is None else tuple(rows)
        for names, option in (((mine,) if mine else (), "--mine"), (compared or (), "--rows")):
            _require_near(names, self.ciphers, option, self.folder)
        if ciphers is not None:
            chosen = list(dict.fromkeys([*ciphers, *((mine,) if mine else ()), *(compared or ())]))
            _require_known(chosen, self.ciphers, "cipher", self.folder)
            table = table[table["cipher"].isin(chosen)]
        if image is not None:
            _require_known([image], self.images, "image", self.folder)
        return replace(
            self, table=table, wanted_image=image or self.wanted_image, mine=mine or self.mine,
            rows=self.rows if compared is None else compared,
        )  # fmt: skip

    @cached_property
    def _cards(self) -> dict[str, tuple[str, str]]:
        first = self.table.drop_duplicates("cipher")
        return {str(row.cipher): (str(row.family), str(row.fidelity)) for row in first.itertuples()}


def display_name(cipher: str, fidelity: str) -> str:
    """The name for tables and figures: other fidelity than A is marked, since that is not the paper's own cipher."""
    return cipher if fidelity.startswith("A") or not fidelity else f"{cipher} [{fidelity}]"


def load_run(folder: Path) -> Run:
    """Read a run's measurements and settings; ReportError if the folder holds no finished run."""
    path = folder / "measurements.csv.gz"
    if not folder.is_dir():
        raise ReportError(f"{folder} is no folder; wanted the folder of a finished run")
    if not path.is_file():
        raise ReportError(f"{folder} holds no measurements.csv.gz; wanted the folder of a finished run")
    table, settings = load_table(path), _settings(folder / "run.json")
    _require_whole(path, table, settings)
    return Run(folder, table, settings)


def load_table(path: Path) -> pd.DataFrame:
    """Read a measurement table; ReportError if the file is damaged, is none, or holds no measurements."""
    try:
        table = read_measurements(path)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ReportError(f"{path} is damaged ({error}); run the benchmark again") from error
    except ValueError as error:
        reason = str(error)
        raise ReportError(reason if str(path) in reason else f"{path} cannot be read: {reason}") from error
    if table.empty:
        raise ReportError(f"{path} holds no measurements; run the benchmark again")
    return table


def _settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReportError(f"{path} is damaged ({error}); delete it, or run the benchmark again") from error
    if not isinstance(settings, dict):
        raise ReportError(f"{path} holds no settings of a run; delete it, or run the benchmark again")
    return settings


def _require_whole(path: Path, table: pd.DataFrame, settings: dict[str, Any]) -> None:
    """`ReportError` if the table is not the one that the run wrote; runs of earlier releases do not say which it is."""
    written = settings.get("measurements")
    if written is None:
        return
    if not isinstance(written, dict) or not {"rows", "sha256"} <= written.keys():
        raise ReportError(f"{path.with_name('run.json')} is damaged (measurements is {written!r}); run again")
    if len(table) != written["rows"]:
        raise ReportError(
            f"{path} has {len(table)} rows and run.json says {written['rows']}: it was cut off or changed; "
            "run the benchmark again"
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != written["sha256"]:
        raise ReportError(f"{path} is not the table that run.json was written with; run the benchmark again")


def _rank(family: str) -> tuple[int, str]:
    return (0 if family in _FIRST else 2 if family in _LAST else 1), family


def _require_known(names: list[str], known: list[str], what: str, folder: Path) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ReportError(f"{folder} has no {what} {', '.join(unknown)}; it has {', '.join(known)}")


def _require_near(names: Iterable[str], known: list[str], option: str, folder: Path) -> None:
    for name in names:
        if name not in known:
            raise ReportError(f"{option}: {folder} has no cipher {name}{nearest(name, known)}")


def load_cards(folder: Path) -> dict[str, dict[str, Any]]:
    """The cards in a run's cards.json by cipher; none of a run that kept none. ReportError if the file is damaged."""
    path = folder / "cards.json"
    if not path.is_file():
        return {}
    try:
        cards = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReportError(f"{path} is damaged ({error}); delete it, or run the benchmark again") from error
    if not isinstance(cards, dict) or not all(isinstance(card, dict) for card in cards.values()):
        raise ReportError(f"{path} holds no cards by cipher; delete it, or run the benchmark again")
    return cards
