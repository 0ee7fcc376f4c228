"""A measurement table of one cipher as tests: each with its loudest number, corrected within and over the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cryptobench.report.attacks import PREFIX, ladder, played
from cryptobench.report.verdicts import ALPHA_BORDERLINE, OVERALL, TESTS, Pooled, holm, pool_all

if TYPE_CHECKING:
    from cryptobench.report.verdicts import Test

__all__ = ["pooled_tests", "rung_of"]

_COLUMNS = (
    "test", "state", "counted", "numbers", "measured", "expected", "low", "high", "p_value", "p_holm", "p_family",
    "where",
)  # fmt: skip


def pooled_tests(table: pd.DataFrame, alpha: float, *, misuse: bool = False) -> pd.DataFrame:
    """One row a test of the overview, for a table of one cipher.

    A test is counted if it has an answer without what was measured with the nonce fixed in a cipher that has one, or
    any answer with ``misuse``.
    """
    every = _answers(table)
    counted = every if misuse else _answers(table[table["nonce"] != "fixed"])
    corrected = {title: pooled.adjusted for title, pooled in counted.items() if pooled.adjusted is not None}
    family = dict(zip(corrected, holm(corrected.values()), strict=True))
    rows = []
    for test in TESTS:
        if test.title in every:
            pooled = counted.get(test.title, every[test.title])
            number = _loudest(test, table if misuse or test.title not in counted else table[table["nonce"] != "fixed"])
            p_family = family.get(test.title)
            rows.append(
                {"test": test.title, "state": _state(pooled, p_family, alpha), "counted": test.title in counted}
                | {"numbers": pooled.tests, "p_holm": pooled.adjusted, "p_family": p_family} | number
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def rung_of(table: pd.DataFrame, *, misuse: bool = False) -> int | None:
    """The rung that the attacks without chosen ciphertexts leave the cipher on; None if none was applicable."""
    rungs = ladder(played(table))
    if rungs.empty:
        return None
    rungs = rungs if misuse else rungs[rungs["nonce"] != "fixed"]
    return min((int(rung) for rung in rungs["cpa"].dropna()), default=None)


def _answers(table: pd.DataFrame) -> dict[str, Pooled]:
    return {title: pooled for (_, title), pooled in pool_all(table).items() if title != OVERALL}


def _state(pooled: Pooled, p_family: float | None, alpha: float) -> str:
    p = pooled.adjusted if p_family is None else p_family
    if pooled.exact or (p is not None and p < alpha):
        return "fail"
    if pooled.state == "error":
        return "error"
    if p is not None and p < ALPHA_BORDERLINE:
        return "borderline"
    return "pass" if pooled.tests else "none"


def _loudest(test: Test, table: pd.DataFrame) -> dict[str, Any]:
    """The broken exact rule, or else the smallest p-value, among the rows of a test."""
    rows = test.rows(table)
    exact = rows[rows["p_value"].isna() & (rows["verdict"] == "fail")]
    judged = exact if len(exact) else rows[rows["p_value"].notna()]
    judged = judged if len(judged) else rows[rows["verdict"] != "none"]
    if judged.empty:
        return {"where": ""}
    row = judged.sort_values("p_value", kind="stable").iloc[0]
    numbers = {column: row[column] for column in ("expected", "low", "high", "p_value")}
    return {"measured": row["value"], **numbers, "where": _where(row)}


def _where(row: pd.Series[Any]) -> str:
    attack = str(row["analysis"]).startswith(PREFIX)
    first = f"{row['analysis'].removeprefix(PREFIX)} {row['metric']}" if attack else str(row["metric"])
    place = [row["channel"] if row["channel"] != "all" else "", row["direction"], row["variant"], row["nonce"]]
    return ", ".join(str(part) for part in (first, row["image"], *place) if part)
