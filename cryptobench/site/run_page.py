"""The page of the run itself: settings, machine, versions, pictures, what did not finish."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptobench.layout.tables import MISSING, Table
from cryptobench.results.run import RunData
from cryptobench.site.cipher_numbers import MEASURED_BY
from cryptobench.site.commands import Commands
from cryptobench.site.markup import Html, element, paragraphs
from cryptobench.site.parts import Cells, command, facts, grid, lines_of, panel, spoken
from cryptobench.terminal import duration

__all__ = ["columns_page", "run_page"]

_SHOWN = frozenset({"verdicts", "judgements", "attack_costs", *MEASURED_BY})
_TAKEN = (
    "settings", "versions", "images", "ciphers", "analyses", "attacks", "failures", "incomplete", "calls", "costs",
)  # fmt: skip


def run_page(run: RunData, commands: Commands, skipped: list[str]) -> Html:
    """The page's content; ``skipped`` says what the run has no data for."""
    about = run.settings
    found = about.get("settings")
    settings: Mapping[str, Any] = found if isinstance(found, dict) else {}
    flat = [(spoken(name), _text(value)) for name, value in about.items() if name not in _TAKEN and _text(value)]
    flat += [*_calls(about.get("calls")), *_costs(about.get("costs"))]
    single = [
        (spoken(name), _text(value) or MISSING)
        for name, value in settings.items()
        if name not in ("analyses", "attacks")
    ]
    return element(
        "section",
        element(
            "div",
            element("div", element("h1", "The run"), element("span", run.name, class_="aside"), class_="head"),
            panel(
                "Again",
                paragraphs("Every number of this site but times, which depend on the machine:"),
                command(commands.everything, "cryptobench site again pages"),
                paragraphs(commands.about_profile()),
            ),
            panel("Circumstances", facts(flat) if flat else paragraphs("The run's folder has no run.json.")),
            panel("Settings", facts(single)) if single else None,
            *(_tasks(title, settings.get(kind)) for title, kind in (("Analyses", "analyses"), ("Attacks", "attacks"))),
            _images(about.get("images")),
            _versions(about.get("versions")),
            _failures(about.get("failures")),
            panel("What this run has no data for", lines_of(skipped)) if skipped else None,
            class_="narrow",
        ),
    )  # fmt: skip


def columns_page(tables: Sequence[Table]) -> Html:
    """What the columns of each table say, once for all pages."""
    shown = [panel(one.title, paragraphs(one.note), place=one.name) for one in tables if one.name in _SHOWN]
    return element(
        "section",
        element(
            "div",
            element("div", element("h1", "What the columns say"), class_="head"),
            paragraphs("The tables on the pages of ciphers, in the order in which they stand there."),
            shown,
            class_="narrow",
        ),
    )


def _text(value: Any) -> str:
    """A setting on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{spoken(str(name))} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def _calls(calls: Any) -> list[tuple[str, str]]:
    """What each call of a run in several has done; the circumstances above are those of the last."""
    if not isinstance(calls, list) or len(calls) < 2:
        return []
    each = [f"{call['started']}: {call['executed']:,} cells in {duration(call['seconds'])}" for call in calls]
    return [("calls", "; ".join(each))]


def _costs(costs: Any) -> list[tuple[str, str]]:
    if not isinstance(costs, Mapping) or not {"cells", "besides", "calibrated", "calibration_seconds"} <= set(costs):
        return []
    told = (
        f"{costs['cells']:,.0f} in cells, {costs['besides']:,.0f} besides; that is {costs['calibrated']:,.0f} times "
        f"the calibration loop, which took {costs['calibration_seconds'] * 1e3:.1f} ms"
    )
    return [("core-seconds", told)]


def _tasks(title: str, tasks: Any) -> Html | None:
    if not isinstance(tasks, Mapping) or not tasks:
        return None
    return panel(title, facts([(name, _text(values) or "as it comes") for name, values in tasks.items()]))


def _images(images: Any) -> Html | None:
    if not isinstance(images, Mapping) or not images:
        return None
    rows = [(str(name), value if isinstance(value, Mapping) else {}) for name, value in images.items()]
    return panel(
        "Pictures",
        grid(
            [Cells("picture", [name for name, _ in rows]),
             Cells("height×width×channels", ["×".join(map(str, value.get("shape", ()))) for _, value in rows]),
             Cells("SHA-256 of its pixels", [element("code", value.get("sha256", "")) for _, value in rows])],
            "pictures of the run", tall=True,
        ),
    )  # fmt: skip


def _versions(versions: Any) -> Html | None:
    if not isinstance(versions, Mapping) or not versions:
        return None
    return panel("Versions", facts([(str(name), str(version)) for name, version in versions.items()]))


def _failures(failures: Any) -> Html | None:
    if not isinstance(failures, list) or not failures:
        return None
    rows = [row for row in failures if isinstance(row, Mapping)]
    names = ("cipher", "image", "analysis", "status", "message")
    cells = [
        Cells(name, [str(row.get(name, "")) for row in rows], kind="words" if name == "message" else "")
        for name in names
    ]
    return panel("What did not finish", grid(cells, "what did not finish"))
