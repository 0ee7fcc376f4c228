"""What was measured of pictures alone, in every form: a table, JSON, CSV, Markdown, LaTeX."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.analyses.tools.byte_rows import BYTE_METRICS
from cryptobench.files import write_text
from cryptobench.layout.markdown import as_text, markdown_table
from cryptobench.layout.tables import Table
from cryptobench.measurement import frame
from cryptobench.measuring.compact import by_channel, intervals, is_grey
from cryptobench.measuring.judged import OVERALL, missing, notes, pooled, too_good
from cryptobench.measuring.pictures import PictureSet
from cryptobench.measuring.records import COLUMNS, literature_text, records
from cryptobench.measuring.rows import rows_of
from cryptobench.measuring.tables import critical_values, every_number, over_pictures, tests_table
from cryptobench.results.run import ReportError
from cryptobench.results.verdicts import Pooled
from cryptobench.spreadsheet import csv_text

__all__ = ["FORMS", "PictureReport"]

FORMS = {"markdown": "md", "csv": "csv", "latex": "tex", "json": "json"}


class PictureReport:
    """Every number of some pictures, and what they come to. `cryptobench.measure` makes one."""

    def __init__(self, sets: Sequence[PictureSet], *, name: str, lossless: bool, alpha: float, seed: int) -> None:
        if not 0 < alpha < 1:
            raise ReportError(f"alpha is {alpha:g}, wanted a level above 0 and below 1, such as 0.05")
        self.alpha, self.seed, self.name = alpha, seed, name
        self._sets = tuple(sets)
        by_set = [list(rows_of(s, name=name, lossless=lossless, alpha=alpha, seed=seed)) for s in self._sets]
        self._rows = [row for rows in by_set for row in rows]
        self._records = [record for rows in by_set for record in records(rows)]
        self.notes = notes(self._sets, lossless=lossless) + too_good(self._rows)
        self.missing = missing(self._sets)

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """One row a number, with the columns of docs/measurements.md."""
        return frame(self._rows)

    @property
    def numbers(self) -> pd.DataFrame:
        """One row a number of a cipher image, the plaintext's beside it, with the literature's critical values."""
        rows = [one | {"literature": literature_text(one["literature"])} for one in self._records]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    @cached_property
    def tests(self) -> dict[str, Pooled]:
        """The answer to each test by title, and to all of them together."""
        return pooled(self.measurements)

    @property
    def state(self) -> str:
        """The answer to all tests together: pass, borderline, fail, or none."""
        return self.tests[OVERALL].state

    @property
    def lossy(self) -> list[str]:
        """The cipher images whose files lost something when they were saved."""
        return [picture.label for pictures in self._sets for picture in pictures.cipher_images if picture.lost]

    @property
    def passes(self) -> bool:
        """Whether nothing fails, and the pictures are what the cipher wrote."""
        return self.state in ("pass", "borderline") and not self.lossy

    @property
    def several(self) -> bool:
        """Whether there is more than one plaintext or cipher image."""
        return len(self._sets) > 1

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The summary where there are several pictures, every number, the literature's critical values, the tests."""
        summary = (over_pictures(self._records, self.alpha),) if self.several else ()
        numbers, critical = every_number(self._records, self.alpha), critical_values(self._records)
        return (*summary, numbers, critical, tests_table(self.tests))

    def text(self, form: str) -> str:
        """The report as "markdown", "csv", "latex" or "json"; `ReportError` for any other word."""
        if form not in FORMS:
            raise ReportError(f"unknown form {form!r}, wanted one of {', '.join(FORMS)}")
        return str(getattr(self, f"_{form}")())

    def write(self, folder: str | Path) -> list[Path]:
        """Write measure.md, .csv, .tex and .json into a folder; the files that were written."""
        return [write_text(Path(folder) / f"measure.{ending}", self.text(form)) for form, ending in FORMS.items()]

    def _csv(self) -> str:
        return csv_text(self.numbers)

    def _markdown(self) -> str:
        parts = ["# Measured on pictures alone\n"]
        for table in self.tables:
            parts.append(f"## {as_text(table.title)}\n\n{markdown_table(table)}\n{as_text(table.note)}\n")
        for title, lines in (("Notes", self.notes), ("Not measured", self.missing)):
            if lines:
                parts.append(f"## {title}\n\n" + "".join(f"- {as_text(line)}\n" for line in lines))
        return "\n".join(parts)

    def _latex(self) -> str:
        from cryptobench.report.latex import latex_table

        said = "".join(f"% {line}\n" for line in self.notes)
        return said + "\n".join(latex_table(table) for table in self._printed() if len(table.values))

    def _printed(self) -> tuple[Table, ...]:
        """Tables that fit the page of a paper."""
        _, *others = self.tables
        if self.several:
            kept = [one for one in self._records if one["metric"] not in BYTE_METRICS]
            summary = over_pictures(kept, self.alpha)
            narrow = tuple(column for column in summary.columns if column.title not in ("pictures", "ideal"))
            return (replace(summary, columns=narrow), others[-1])
        apart = () if is_grey(self._records) else (intervals(self._records, self.alpha),)
        return (by_channel(self._records, self.alpha), *apart, *others)

    def _json(self) -> str:
        content = {
            "name": self.name,
            "alpha": self.alpha,
            "seed": self.seed,
            "state": self.state,
            "passes": self.passes,
            "pictures": [_described(pictures) for pictures in self._sets],
            "tests": [
                {"test": title, "state": one.state, "numbers": one.tests, "adjusted_p": one.adjusted}
                for title, one in self.tests.items()
            ],
            "measurements": [{name: _plain(value) for name, value in one.items()} for one in self._records],
            "notes": self.notes,
            "not_measured": self.missing,
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def __repr__(self) -> str:
        count = f"{len(self._sets)} plaintexts" if self.several else self._sets[0].name
        return f"<PictureReport of {count}: {len(self._records)} numbers, {self.state}>"

    def _repr_html_(self) -> str:
        shown = "".join(table.display().to_html(index=False, border=0) for table in self.tables)
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{shown}"


def _described(pictures: PictureSet) -> dict[str, Any]:
    found: dict[str, Any] = {"name": pictures.name, "shape": list(pictures.cipher.image.shape)}
    for role in ("plain", "cipher", "changed", "other_key", "wrong_key", "decrypted", "damaged"):
        one = getattr(pictures, role)
        if one:
            found[role] = [each.label for each in one] if isinstance(one, tuple) else one.label
    if lost := {one.label: one.lost for one in pictures.cipher_images if one.lost}:
        found["lossy"] = lost
    return found


def _plain(value: Any) -> Any:
    """A value that JSON has; infinity as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
