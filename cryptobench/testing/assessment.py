"""What was measured of one cipher, pooled into tests, and whether it passes them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from cryptobench.attacks.judgements import judge, unmet
from cryptobench.bench.errors import BenchError
from cryptobench.bench.settings import Settings
from cryptobench.claims import Claims, ClaimsError
from cryptobench.former_names import RUNG, without
from cryptobench.measurement import Outcome
from cryptobench.metrics.statistics import holm
from cryptobench.results.attacks import PREFIX, attack_results, is_attack, judged
from cryptobench.results.verdicts import ALPHA_BORDERLINE, ALPHA_FAIL, STATISTICS, TESTS, Pooled, Test, pool_all
from cryptobench.testing.failure_message import failure_message
from cryptobench.testing.scope import require_names

__all__ = ["Assessment", "SecurityFailure", "not_run", "pooled_tests", "read_requirement"]

_COLUMNS = (
    "test", "state", "counted", "numbers", "measured", "expected", "low", "high", "p_value", "p_holm", "p_family",
    "where",
)  # fmt: skip
_UNFINISHED = ("failed", "crashed", "timeout")
_TWO_KEYS = ("keyspace", "key_sensitivity")  # one nonce under two keys is no misuse


class SecurityFailure(AssertionError):
    """A cipher did not pass; the message shows what was measured, what was expected, and which attacks succeeded."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """One cipher as measured with ``settings``.

    ``measurements`` is the measurement table of the run. ``alpha`` is the significance level of the verdict over all
    tests together, ``require`` what `passes` asks of the judgements of attacks, such as
    "confidentiality=5,misuse=4,integrity=rejects"; "" asks nothing.
    """

    cipher: str
    settings: Settings
    measurements: pd.DataFrame
    alpha: float = ALPHA_FAIL
    require: str = ""

    @cached_property
    def result(self) -> pd.DataFrame:
        """One row a test: its state, the measurement that speaks loudest against the cipher, its p-values.

        Columns: test, state (pass, borderline, malleable, fail, error, none), counted (whether `passes` counts it),
        numbers (how many were pooled), measured, expected, low, high, p_value, p_holm (over the test), p_family (over
        all counted tests too) and where.
        """
        return pooled_tests(self.measurements, self.alpha)

    @cached_property
    def attacks(self) -> pd.DataFrame:
        """One row for each attack, size and nonce mode: outcome, queries, recovered share, p, claims and notes."""
        return attack_results(self.measurements)

    @property
    def not_run(self) -> tuple[str, ...]:
        """What could not be measured, and why: one line each."""
        return not_run(self.measurements, self.settings)

    @without(rung=RUNG)
    def passes(
        self,
        except_: Collection[str] = (),
        *,
        misuse: bool = False,
        alpha: float | None = None,
        require: str | None = None,
    ) -> Assessment:
        """Return this assessment if no test fails; raise `SecurityFailure`, which says all that was found, if one does.

        Tests are those of a report's overview, with Holm's correction within each and over all of them: a test fails
        below ``alpha``, by an exact rule (key bits without effect, a lossy round trip, a recovered image), or because a
        measurement did not finish. ``except_`` names tests, analyses or attacks that may fail. What was measured
        with a nonce used twice counts only with ``misuse``. What attacks with chosen ciphertexts find counts only
        through ``require``, which says what the three judgements must reach; see `cryptobench.claims.Claims`.
        BenchError for a name that is none, or a requirement that cannot be read.
        """
        __tracebackhide__ = True
        alpha = self.alpha if alpha is None else alpha
        wanted = read_requirement(self.require if require is None else require)
        analysed = self.measurements["analysis"].str.removeprefix(PREFIX)
        require_names(except_, "except_", {*analysed, *(test.title for test in TESTS)})
        table = self.measurements[~analysed.isin(list(except_))]
        tests = pooled_tests(table, alpha, misuse=misuse)
        tests = tests[tests["counted"] & ~tests["test"].isin(list(except_))]
        judgements = judged(attack_results(table), [*except_]).get(self.cipher) or judge([], [*except_])
        lacking = [*unmet(wanted, judgements)]
        stopped = table["status"].isin(_UNFINISHED).any()
        unanswered = not (tests["state"] != "none").any()
        if stopped or lacking or unanswered or tests["state"].isin(("fail", "error")).any():
            used = self.settings
            run = f"profile {used.name}, {', '.join(used.images)} at {used.size} pixels, seed {used.seed}"
            counted = table if misuse else _without_misuse(table)
            raise SecurityFailure(
                failure_message(self.cipher, run, tests, counted, alpha, unmet=lacking, not_run=self.not_run)
            )
        return self

    def __str__(self) -> str:
        return self.result.to_string(index=False)


def pooled_tests(table: pd.DataFrame, alpha: float, *, misuse: bool = False) -> pd.DataFrame:
    """One row a test of the overview, for a table of one cipher.

    A test is counted if it has an answer without what was measured with the nonce fixed in a cipher that has one, under
    one key, or any answer with ``misuse``.
    """
    every = _answers(table)
    proper = _without_misuse(table)
    counted = every if misuse else _answers(proper)
    corrected = {title: pooled.adjusted for title, pooled in counted.items() if pooled.adjusted is not None}
    family = dict(zip(corrected, holm(corrected.values()), strict=True))
    rows = []
    for test in TESTS:
        if test.title in every:
            pooled = counted.get(test.title, every[test.title])
            number = _clearest(test, table if misuse or test.title not in counted else proper)
            p_family = family.get(test.title)
            rows.append(
                {"test": test.title, "state": _state(test, pooled, p_family, alpha), "counted": test.title in counted}
                | {"numbers": pooled.tests, "p_holm": pooled.adjusted, "p_family": p_family} | number
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def read_requirement(text: str) -> Claims:
    """What a text asks of the judgements; BenchError if it cannot be read."""
    try:
        return Claims.of(text)
    except (ClaimsError, AttributeError) as error:
        what = error if isinstance(error, ClaimsError) else f"{text!r} is no text"
        raise BenchError(f"require: {what}") from None


def not_run(table: pd.DataFrame, wanted: Settings) -> tuple[str, ...]:
    """One line for each analysis, metric or attack that gave no number, with the reason; failures alike share one."""
    lines, unfinished = [], dict[tuple[str, str], list[str]]()
    for row in table[table["status"] != "ok"].to_dict("records"):
        what = f"{_name(row)} {row['metric']}".rstrip()
        if row["status"] == "failed":
            unfinished.setdefault((row["status"], row["message"]), []).append(what)
        else:
            lines.append(f"{what}: {row['status']}: {row['message']}")
    for (status, message), names in reversed(unfinished.items()):
        more = f" and {len(set(names)) - 1} more" if len(set(names)) > 1 else ""
        lines.insert(0, f"{names[0]}{more}: {status}: {message}")
    for row in table[is_attack(table) & (table["outcome"] == Outcome.NOT_APPLICABLE)].to_dict("records"):
        lines.append(f"{_name(row)}: not applicable: {row['message']}")
    lines += [f"{name}: nothing to measure in this cipher on these images" for name in _left_out(table, wanted)]
    return tuple(dict.fromkeys(lines))


def _without_misuse(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["nonce"] != "fixed") | table["analysis"].isin(_TWO_KEYS)]


def _answers(table: pd.DataFrame) -> dict[str, Pooled]:
    return {title: pooled for (_, title), pooled in pool_all(table).items() if title != STATISTICS}


def _state(test: Test, pooled: Pooled, p_family: float | None, alpha: float) -> str:
    p = pooled.adjusted if p_family is None else p_family
    if pooled.exact or pooled.state == "malleable" or (p is not None and p < alpha):
        return "malleable" if test.chosen_ciphertexts else "fail"
    if pooled.state == "error":
        return "error"
    if p is not None and p < ALPHA_BORDERLINE:
        return "borderline"
    return "pass" if pooled.tests else "none"


def _clearest(test: Test, table: pd.DataFrame) -> dict[str, Any]:
    """The violated exact rule, or else the smallest p-value, among the rows of a test."""
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
    number = f"{row['analysis'].removeprefix(PREFIX)} {row['metric']}" if attack else str(row["metric"])
    channels = f"{row['channel']}-{row['other_channel']}" if row["other_channel"] else row["channel"]
    words = [number, row["image"], "" if channels == "all" else channels]
    words += [row[column] for column in ("direction", "part", "condition", "place", "statistic", "parameter", "nonce")]
    return ", ".join(str(word) for word in words if word)


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
