"""The table that answers first: the judgements of each cipher, and pass or fail in each test."""

from __future__ import annotations

from functools import partial

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.judged import JUDGEMENTS, NOTE, judgement_columns
from cryptobench.report.tabular import head
from cryptobench.results.rounding import p_text
from cryptobench.results.run import NothingToShow, RunData
from cryptobench.results.verdicts import RULE, STATISTICS, titles_in

__all__ = ["TABLES"]

_WORDS = {
    "pass": "pass", "borderline": "borderline", "malleable": "malleable", "fail": "FAIL", "error": "error", "none": "–",
}  # fmt: skip
_LETTERS = {"pass": "p", "borderline": "b", "FAIL": "F", "error": "e"}
_JUDGED = {"rejects": "r", "crashes": "c", "garbles": "g", "malleable": "m", "map recovered": "M"}


def overview(run: RunData) -> Table:
    """The four judgements of each cipher, and pass or fail in each test."""
    pooled, judged = run.pooled, run.judgements
    titles = titles_in(pooled, attacks=False)
    if not titles and judged.empty:
        raise NothingToShow("the run holds no test with a verdict, and no attack")
    values = pd.DataFrame(
        [
            {"cipher": cipher, "family": run.family(cipher), "fidelity": run.fidelity(cipher)}
            | {title: pooled[cipher, title].state if (cipher, title) in pooled else "none" for title in titles}
            for cipher in run.ciphers
        ]
    )
    tests = [Column(title, title, lambda state: _WORDS[state], letters=_LETTERS) for title in titles]
    statistics, others = tests[: STATISTICS in titles], tests[STATISTICS in titles :]
    attacked: tuple[Column, ...] = ()
    if not judged.empty:
        values = values.merge(judged[["cipher", *JUDGEMENTS, "refuted", "weak_keys"]], "left", on="cipher")
        flag = Column("weak keys", "weak_keys", lambda weak: "weak" if weak else "–", letters={"weak": "w"})
        attacked = (*judgement_columns(_JUDGED), *([flag] if judged["weak_keys"].any() else []))
    note = f"Judgements, never one alone, then each test. {RULE}" + (f" {NOTE}" if attacked else "")
    return Table("overview", "Overview", note, values, (*head("family"), *statistics, *attacked, *others))


def verdicts(run: RunData) -> Table:
    """The numbers behind the overview."""
    values, p = run.verdicts(), partial(p_text, digits=3)
    if values.empty:
        raise NothingToShow("the run holds no test with a verdict")
    return Table(
        "verdicts",
        "Verdicts behind the overview",
        "How many tests were pooled, the smallest p-value of them, and the smallest one after Holm's correction. "
        f"{RULE} Attacks enter with the p-values of their statistic and of the recovered image, and by the rule that "
        "none is recovered; CPA, CCA: without and with chosen ciphertexts, where a failure reads malleable.",
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
