"""The decision: two runs in, one `Comparison` out. No cipher is run here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from cryptobench.check.attacked import compare_attacks
from cryptobench.check.comparable import require_comparable, seeds
from cryptobench.check.errors import CheckError
from cryptobench.check.exact import HASH, compare_exact
from cryptobench.check.gaps import compare_presence
from cryptobench.check.numbers import compare_numbers
from cryptobench.check.options import Options
from cryptobench.check.result import Comparison, Finding
from cryptobench.check.rows import rows_of
from cryptobench.check.speed import compare_speed
from cryptobench.check.trials import compare_trials
from cryptobench.images.suggest import nearest
from cryptobench.report.run import Run
from cryptobench.report.verdicts import holm

__all__ = ["compare"]


def compare(new: Run, baseline: Run, options: Options | None = None, names: tuple[str, str] = ("", "")) -> Comparison:
    """Compare a new run with a baseline, called by ``names``; `CheckError` where they cannot be compared."""
    options = options or Options()
    new, baseline = _restricted(new, baseline, options)
    notes = require_comparable(new, baseline)
    same_seed = seeds(new.table) == seeds(baseline.table)
    if options.golden:
        _require_digests(new.table, baseline.table, same_seed)
    before, after = rows_of(baseline.table), rows_of(new.table)
    checks: Counter[tuple[str, str]] = Counter()
    exact = [
        *compare_presence(before, after, checks),
        *compare_exact(before, after, options, same_seed, checks),
        *compare_attacks(before, after, options, same_seed, checks),
        *compare_speed(before, after, options, checks),
    ]
    tested = [*compare_numbers(before, after, same_seed, checks), *compare_trials(before, after, checks)]
    significant, tests, smallest = _corrected(tested, options.alpha)
    shown = (names[0] or str(new.folder), names[1] or str(baseline.folder))
    return Comparison(*shown, options.alpha, dict(checks), (*exact, *significant), tests, smallest, tuple(notes))


def _corrected(tested: list[Finding], alpha: float) -> tuple[list[Finding], int, float | None]:
    """The findings that Holm's correction leaves, the number of tests, and the smallest adjusted p-value."""
    judged = [finding for finding in tested if finding.p_value is not None]
    adjusted = holm(finding.p_value for finding in judged if finding.p_value is not None)
    kept = [replace(f, adjusted=a) for f, a in zip(judged, adjusted, strict=True) if a < alpha]
    return [*kept, *(f for f in tested if f.p_value is None)], len(judged), min(adjusted, default=None)


def _restricted(new: Run, baseline: Run, options: Options) -> tuple[Run, Run]:
    """Both runs cut down to the ciphers and analyses that are compared; CheckError if that leaves nothing."""
    ciphers = _chosen(options.ciphers, new.ciphers, baseline.ciphers, "cipher")
    analyses = _chosen(
        options.analyses, new.table["analysis"].unique(), baseline.table["analysis"].unique(), "analysis"
    ) if options.analyses else None  # fmt: skip
    runs = []
    for run in (new, baseline):
        table = run.table[run.table["cipher"].isin(ciphers)]
        if analyses is not None:
            table = table[table["analysis"].isin(analyses)]
        runs.append(replace(run, table=table))
    for what, run in zip(("new run", "baseline"), runs, strict=True):
        if run.table.empty:
            raise CheckError(f"the {what} has nothing of what was asked for; see --ciphers and --analyses")
    return runs[0], runs[1]


def _chosen(asked: Iterable[str], new: Iterable[str], baseline: Iterable[str], what: str) -> list[str]:
    has, had = list(map(str, new)), list(map(str, baseline))
    for name in asked:
        for run, names in (("new run", has), ("baseline", had)):
            if name not in names:
                raise CheckError(f"the {run} has no {what} {name}{nearest(name, sorted(names))}")
    shared = [name for name in had if name in has]
    if not shared:
        raise CheckError(
            f"the runs share no {what}: the new run has {', '.join(sorted(has))}, the baseline {', '.join(sorted(had))}"
        )
    return list(asked) or shared


def _require_digests(new: pd.DataFrame, baseline: pd.DataFrame, same_seed: bool) -> None:
    if not same_seed:
        raise CheckError("golden ciphertexts need one seed, and the runs have two; run with the baseline's --seed")
    for what, table in (("new run", new), ("baseline", baseline)):
        if not (table["metric"] == HASH).any():
            raise CheckError(f"the {what} has no {HASH}, which --golden needs; run it again with the analysis quality")
