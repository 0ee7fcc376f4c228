"""The table that answers first: cipher by metric, pass or fail."""

from __future__ import annotations

from functools import partial

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import head
from cryptobench.results.rounding import p_text
from cryptobench.results.run import NothingToShow, RunData
from cryptobench.results.verdicts import RULE, titles_in

__all__ = ["TABLES"]

_WORDS = {"pass": "pass", "borderline": "borderline", "fail": "FAIL", "error": "error", "none": "–"}
_LETTERS = {"pass": "p", "borderline": "b", "FAIL": "F", "error": "e"}


def overview(run: RunData) -> Table:
    """Pass or fail of each cipher in each test."""
    pooled = run.pooled
    titles = titles_in(pooled)
    if not titles:
        raise NothingToShow("the run holds no test with a verdict")
    values = pd.DataFrame(
        [
            {"cipher": cipher, "family": run.family(cipher), "fidelity": run.fidelity(cipher)}
            | {title: pooled[cipher, title].state if (cipher, title) in pooled else "none" for title in titles}
            for cipher in run.ciphers
        ]
    )
    columns = (Column(title, title, lambda state: _WORDS[state], letters=_LETTERS) for title in titles)
    return Table("overview", "Overview", f"Verdict of each test. {RULE}", values, (*head("family"), *columns))


def verdicts(run: RunData) -> Table:
    """The numbers behind the overview."""
    values, p = run.verdicts(), partial(p_text, digits=3)
    if values.empty:
        raise NothingToShow("the run holds no test with a verdict")
    return Table(
        "verdicts",
        "Verdicts behind the overview",
        "How many tests were pooled, the smallest p-value of them, and the smallest one after Holm's correction. "
        f"{RULE}",
        values,
        (
            *head(),
            Column("test", "test", key=True),
            Column("state", "state", lambda state: _WORDS[state]),
            Column("tests pooled", "tests"),
            Column("smallest p", "smallest p", p),
            Column("adjusted p", "adjusted p", p),
        ),
    )


TABLES = (overview, verdicts)
