"""What was measured of one cipher, pooled into tests, and whether it passes them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cryptobench.bench.settings import Settings
from cryptobench.report.verdicts import ALPHA_FAIL, TESTS
from cryptobench.testing.scope import require_names

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Assessment", "SecurityFailure"]

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
        from cryptobench.testing.pooled import pooled_tests

        return pooled_tests(self.measurements, self.alpha)

    @cached_property
    def attacks(self) -> pd.DataFrame:
        """One row for each attack, size and nonce mode: verdict, queries, recovered share, p, claims and notes."""
        from cryptobench.report.attacks import played

        return played(self.measurements)

    @property
    def not_run(self) -> tuple[str, ...]:
        """What could not be measured, and why: one line each."""
        from cryptobench.testing.gaps import gaps

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
        from cryptobench.testing.message import failure_message
        from cryptobench.testing.pooled import pooled_tests, rung_of

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
