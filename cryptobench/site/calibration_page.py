"""The page of a calibration: how often each test is wrong on sound ciphers, and which planted defects it detects."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.calibration.error_rates import POOLED
from cryptobench.calibration.tables import rate_text
from cryptobench.calibration.tests import CalibratedTest, is_attack
from cryptobench.layout.tables import MISSING
from cryptobench.reading import LARGE, Source
from cryptobench.results.folder import ReportError
from cryptobench.site.addresses import cipher_address
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import Cells, badge, command, framed, grid, spoken

__all__ = ["Calibration", "calibration_page", "read_calibration"]

_COLUMNS = {
    "false_alarms.csv": (
        "task", "metric", "source", "level", "seeds", "verdicts", "rate", "low", "high", "verdict", "note",
    ),
    "detections.csv": ("task", "test", "source", "sound", "defect", "seeds", "detections", "rate"),
}  # fmt: skip
_STATES = {"ok": "pass", "conservative": "holds", "too high": "fail", "known wrong": "borderline"}


@dataclass(frozen=True, eq=False)
class Calibration:
    """The tables of a calibration: rates of false alarms, and of detections."""

    false_alarms: pd.DataFrame
    detections: pd.DataFrame


def read_calibration(folder: Path) -> Calibration:
    """What `cryptobench calibrate` wrote into a folder; ReportError where that is not there or damaged."""
    return Calibration(_read(folder, "false_alarms.csv"), _read(folder, "detections.csv"))


def calibration_page(found: Calibration, ciphers: frozenset[str], docs: str) -> Html:
    """The page's content.

    Controls among ``ciphers`` link to their pages; ``docs`` is the folder of the documentation, if any.
    """
    more = link(f"{docs}calibration.html", "How it is measured") if docs else None
    return element(
        "section",
        element("div", element("h1", "Calibration"), class_="head"),
        paragraphs(
            "A test is right if it raises no more false alarms than it states, and of use if it detects a defect. "
            "False alarms are counted on sound ciphers and on an ideal one, detections on controls, ciphers with one "
            "planted defect each.",
            more,
        ),
        element("h2", "False alarms"), *_false_alarms(found.false_alarms),
        element("h2", "Detections"), *_detections(found.detections, ciphers),
        element("h2", "Again"),
        command("cryptobench calibrate", "cryptobench calibrate --only entropy,correlation   # some tests, by name"),
    )  # fmt: skip


def _false_alarms(table: pd.DataFrame) -> list[Html]:
    stated = _stated(table)
    judged = table[table["verdict"] != "known wrong"]["verdict"].value_counts()
    counts = ", ".join(f"{judged.get(word, 0)} {word}" for word in ("ok", "conservative", "too high"))
    names = [f"{_test(row)}{' †' if row['verdict'] == 'known wrong' else ''}" for row in stated]
    columns = [
        Cells("test", names),
        Cells("seeds", [row["seeds"] for row in stated], [row["seeds"] for row in stated], "number"),
        Cells("verdicts", [row["verdicts"] for row in stated], [row["verdicts"] for row in stated], "number"),
        Cells("level", [f"{row['level']:g}" for row in stated], [row["level"] for row in stated], "number"),
        Cells("rate", [_share(row["rate"]) for row in stated], [row["rate"] for row in stated], "number"),
        Cells("95 % interval", [f"{_share(row['low'])} to {_share(row['high'])}" for row in stated]),
        Cells("verdict", [badge(_STATES.get(row["verdict"], "none"), row["verdict"]) for row in stated], filtered=True),
        Cells("note", [row["note"] or MISSING for row in stated], kind="words"),
    ]
    return [
        paragraphs(
            f"{judged.sum()} rates by test, level and source: {counts}. Below is each test at "
            "its stated level, over all sources. Conservative: fewer alarms than stated, for the reason in the note, "
            "which is not wrong. †: a test of the literature that is known to be wrong, beside its corrected form."
        ),
        grid(columns, "false alarm rates", searched=True, tall=True),
    ]


def _stated(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row of each test: at its stated level, the first of its levels, over all sources if there are several."""
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    pooled = {_test(row) for row in rows if row["source"] == POOLED}
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = _test(row)
        if (row["source"] == POOLED or name not in pooled) and row["level"] >= found.get(name, row)["level"]:
            found[name] = row
    return list(found.values())


def _test(row: dict[str, Any]) -> str:
    return str(CalibratedTest(**{one.name: str(row.get(one.name, "")) for one in fields(CalibratedTest)}))


def _detections(table: pd.DataFrame, ciphers: frozenset[str]) -> list[Html]:
    sources = table.drop_duplicates("source").sort_values(["sound", "source"])
    controls, sound = (list(sources[sources["sound"] == flag]["source"]) for flag in (False, True))
    defects = dict(zip(sources["source"], sources["defect"], strict=True))
    parts = [
        paragraphs(
            "The share of seeds under which a test raised an alarm. 1.00: under every seed; –: it was not run or does "
            f"not apply. The last {len(sound)} columns are sound ciphers, where every alarm is a false one."
        )
    ]
    for title, chosen in (("Attacks", True), ("Analyses", False)):
        rows = table[[is_attack(task) == chosen for task in table["task"]]]
        if len(rows):
            matrix = _matrix(rows, [*controls, *sound], defects, ciphers, title)
            parts += [element("h3", title, class_="sub"), matrix]
    return parts


def _matrix(
    rows: pd.DataFrame, sources: list[str], defects: dict[str, str], ciphers: frozenset[str], title: str
) -> Html:
    values = {(row["test"], row["source"]): row for row in rows.to_dict("records")}
    shown = [source for source in sources if any(name == source for _, name in values)]
    heads = [element("th", "test", scope="col", class_="corner")]
    for source in shown:
        name: Any = link(cipher_address(source), source) if source in ciphers else source
        heads.append(
            element(
                "th", element("span", name), scope="col", class_="turned wide", title=defects.get(source) or "sound"
            )
        )
    lines = []
    for test in dict.fromkeys(rows["test"]):
        cells = []
        for source in shown:
            row = values.get((test, source))
            if row is None:
                cells.append(element("td", element("span", MISSING, class_="cell rate none")))
                continue
            about = f"{test} on {source}: {row['detections']} of {row['seeds']} seeds"
            rate = float(row["rate"])
            classes = "cell rate high" if rate > 0.6 else "cell rate"
            cells.append(
                element("td", element("span", rate_text(rate), class_=classes, style=f"--rate:{rate:.2f}", title=about))
            )
        lines.append(element("tr", element("th", element("span", spoken(test)), scope="row"), cells))
    table = element("table", element("thead", element("tr", heads)), element("tbody", lines), class_="matrix rates")
    return framed(joined(table), f"detection rates, {title.lower()}", tall=True)


def _read(folder: Path, name: str) -> pd.DataFrame:
    """A table of a calibration; ReportError if it is not there, or is none."""
    import io

    source = Source(
        folder / name, ReportError, "wanted the folder of a calibration, as `cryptobench calibrate` writes it"
    )
    try:
        texts = dict.fromkeys((*(one.name for one in fields(CalibratedTest)), "note", "defect"), str)
        table = pd.read_csv(io.StringIO(source.text(LARGE)), keep_default_na=False, dtype=texts)
        lacking = [column for column in _COLUMNS[name] if column not in table]
        if not lacking:
            return table
    except FileNotFoundError:
        raise ReportError(
            f"{folder} holds no {name}; wanted the folder of a calibration, as `cryptobench calibrate` writes it"
        ) from None
    except ValueError as error:
        raise ReportError(f"{folder / name} is no table of a calibration: {' '.join(str(error).split())}") from error
    raise ReportError(f"{folder / name} lacks the column {lacking[0]}; run `cryptobench calibrate` again")


def _share(value: float) -> str:
    return f"{value:.4f}" if value >= 1e-4 or value == 0 else f"{value:.1e}"
