"""What was measured of one cipher, pooled into tests, and whether it passes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cryptobench.metrics.statistics import holm
from cryptobench.results.attacks import PREFIX, attack_results, cipher_levels
from cryptobench.results.verdicts import ALPHA_BORDERLINE, OVERALL, TESTS, Pooled, pool_all

if TYPE_CHECKING:
    from cryptobench.results.verdicts import Test
if TYPE_CHECKING:
    pass
from collections.abc import Hashable, Mapping

from cryptobench.results.attacks import is_attack

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.bench.settings import Settings
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cryptobench.bench.settings import Settings
from cryptobench.results.verdicts import ALPHA_FAIL
from cryptobench.testing.scope import require_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Assessment", "SecurityFailure", "failure_message", "gaps", "pooled_tests", "rung_of"]

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
    rungs = cipher_levels(attack_results(table))
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


_SHOWN_GAPS = 12


def failure_message(
    assessment: Assessment,
    table: pd.DataFrame,
    tests: pd.DataFrame,
    alpha: float,
    rungs: tuple[int | None, int | None] | None,
) -> str:
    """All that speaks against a cipher: failed tests and attacks with their numbers, what did not run."""
    failed = tests[tests["state"].isin(("fail", "error"))]
    wanted = assessment.settings
    head = f"{assessment.cipher} does not pass"
    run = f"profile {wanted.name}, {', '.join(wanted.images)} at {wanted.size} pixels, seed {wanted.seed}"
    lines = [f"{head}: {len(failed)} of {len(tests)} tests fail at level {alpha:g} ({run})"]
    if not (tests["state"] != "none").any():
        lines = [f"{head}: no test has an answer ({run})"]
    if len(failed):
        lines += ["", *_columns(failed)]
    lines += _attacks(assessment, table)
    if rungs is not None:
        reached = "none was reached" if rungs[0] is None else f"the cipher is on rung {rungs[0]}"
        lines += ["", f"ladder: rung {rungs[1]} is wanted, {reached}"]
    if gaps := assessment.not_run:
        lines += ["", "not run:", *(f"  {line}" for line in gaps[:_SHOWN_GAPS])]
        lines += [f"  and {len(gaps) - _SHOWN_GAPS} more: see .not_run"] if len(gaps) > _SHOWN_GAPS else []
    return "\n".join(lines)


def _columns(failed: pd.DataFrame) -> list[str]:
    shown = [["test", "measured", "expected", "interval", "p", "Holm p", "where"]]
    for row in failed.to_dict("records"):
        p_holm = row["p_family"] if pd.notna(row["p_family"]) else row["p_holm"]
        where = row["where"] if row["state"] == "fail" else "did not finish; " + row["where"]
        cells = [_number(row["measured"]), _number(row["expected"]), _interval(row["low"], row["high"])]
        shown.append([row["test"], *cells, _number(row["p_value"], 2), _number(p_holm, 2), where])
    widths = [max(len(line[column]) for line in shown) for column in range(len(shown[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in shown]


def _attacks(assessment: Assessment, table: pd.DataFrame) -> list[str]:
    from cryptobench.results.attacks import attack_results, worst

    found = worst(attack_results(table))
    found = found[found["outcome"].isin(("recovered", "leak", "failed"))]
    lines = []
    for row in found.to_dict("records"):
        nonce = f", {row['nonce']} nonce" if row["nonce"] in ("fresh", "fixed") else ""
        queries = f" with {row['queries']:.0f} queries" if pd.notna(row["queries"]) else ""
        got = f", {100 * row['recovered']:.1f} % of the image" if pd.notna(row["recovered"]) else ""
        notes = f": {row['notes']}" if row["notes"] else ""
        outcome = "leaks" if row["outcome"] == "leak" else row["outcome"]
        lines.append(f"  {row['attack']} ({row['model']}{nonce}): {outcome}{queries}{got}{notes}")
    return ["", "attacks:", *lines] if lines else []


def _number(value: Any, digits: int = 6) -> str:
    return "-" if value is None or pd.isna(value) else f"{value:.{digits}g}"


def _interval(low: Any, high: Any) -> str:
    if pd.isna(low) and pd.isna(high):
        return "-"
    if pd.isna(high):
        return f"from {_number(low)}"
    return f"to {_number(high)}" if pd.isna(low) else f"[{_number(low)}, {_number(high)}]"


def gaps(table: pd.DataFrame, wanted: Settings) -> tuple[str, ...]:
    """One line for each analysis, metric or attack that gave no number, with the reason."""
    lines = []
    for row in table[table["status"] != "ok"].to_dict("records"):
        what = f"{_name(row)} {row['metric']}".rstrip()
        lines.append(f"{what}: {row['status']}: {row['message']}")
    outcomes = table[is_attack(table) & (table["metric"] == "outcome") & (table["status"] == "ok")]
    for row in outcomes[outcomes["value"].isna()].to_dict("records"):
        lines.append(f"{_name(row)}: not applicable: {row['message']}")
    lines += [f"{name}: nothing to measure in this cipher on these images" for name in _left_out(table, wanted)]
    return tuple(dict.fromkeys(lines))


def _name(row: Mapping[Hashable, Any]) -> str:
    return str(row["analysis"]).removeprefix(PREFIX)


def _left_out(table: pd.DataFrame, wanted: Settings) -> list[str]:
    from cryptobench.registry import load_analysis, load_attack

    there = set(table["analysis"])
    ciphers = set(table["cipher"])
    missing = [name for name in wanted.analyses if load_analysis(name).name not in there]
    for name in wanted.attacks:
        attack = load_attack(name)
        for_others = attack.against and not ciphers & set(attack.against)
        if f"{PREFIX}{attack.name}" not in there and not for_others:
            missing.append(name)
    return missing


_BROKEN = ("failed", "crashed", "timeout")


class SecurityFailure(AssertionError):
    """A cipher did not pass; the message shows what was measured, what was expected, and which attacks succeeded."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """One cipher as measured with ``settings``.

    ``measurements`` is the measurement table of the run. ``alpha`` is the level of the verdict over all tests together,
    ``rung`` the lowest rung of the verdict ladder that `passes` accepts; None asks for none.
    """

    cipher: str
    settings: Settings
    measurements: pd.DataFrame
    alpha: float = ALPHA_FAIL
    rung: int | None = None

    @cached_property
    def result(self) -> pd.DataFrame:
        """One row a test: its state, the measurement that speaks loudest against the cipher, its p-values.

        Columns: test, state (pass, borderline, fail, error, none), counted (whether `passes` counts it), numbers (how
        many were pooled), measured, expected, low, high, p_value, p_holm (over the test), p_family (over all counted
        tests too) and where.
        """
        pass

        return pooled_tests(self.measurements, self.alpha)

    @cached_property
    def attacks(self) -> pd.DataFrame:
        """One row for each attack, size and nonce mode: verdict, queries, recovered share, p, claims and notes."""
        from cryptobench.results.attacks import attack_results

        return attack_results(self.measurements)

    @property
    def not_run(self) -> tuple[str, ...]:
        """What could not be measured, and why: one line each."""
        pass

        return gaps(self.measurements, self.settings)

    def passes(
        self,
        except_: Collection[str] = (),
        *,
        misuse: bool = False,
        alpha: float | None = None,
        rung: int | None = None,
    ) -> Assessment:
        """Return this assessment if no test fails; raise `SecurityFailure`, which says all that was found, if one does.

        Tests are those of a report's overview, with Holm's correction within each and over all of them: a test fails
        below ``alpha``, by an exact rule (key bits without effect, a lossy round trip, a recovered image), or because a
        measurement did not finish. ``except_`` names tests, analyses or attacks that may fail. What was measured
        with a nonce used twice counts only with ``misuse``. BenchError for a name that is none.
        """
        __tracebackhide__ = True
        pass
        pass

        names = {name.removeprefix("attack:") for name in self.measurements["analysis"]}
        require_names(except_, "except_", {*names, *(test.title for test in TESTS)})
        level = self.alpha if alpha is None else alpha
        least = self.rung if rung is None else rung
        analysed = self.measurements["analysis"].str.removeprefix("attack:")
        table = self.measurements[~analysed.isin(list(except_))]
        tests = pooled_tests(table, level, misuse=misuse)
        tests = tests[tests["counted"] & ~tests["test"].isin(list(except_))]
        reached = None if least is None else rung_of(table, misuse=misuse)
        fallen = least is not None and (reached is None or reached < least)
        stopped = table["status"].isin(_BROKEN).any()
        if stopped or fallen or tests["state"].isin(("fail", "error")).any() or not (tests["state"] != "none").any():
            shown = table if misuse else table[table["nonce"] != "fixed"]
            raise SecurityFailure(failure_message(self, shown, tests, level, (reached, least) if fallen else None))
        return self

    def __str__(self) -> str:
        return self.result.to_string(index=False)
