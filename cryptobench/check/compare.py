"""The decision: two runs in, one `Comparison` out. No cipher is run here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from cryptobench.check.attack_outcomes import compare_attacks
from cryptobench.check.exact import HASH, compare_exact, compare_speed
from cryptobench.check.missing import compare_presence
from cryptobench.check.result import CheckError, Compared, Comparison, Finding, Options
from cryptobench.check.rows import rows_of
from cryptobench.check.significance import WITH_TRIALS, compare_numbers, compare_trials
from cryptobench.metrics.statistics import holm
from cryptobench.results.run import RunData, from_rows
from cryptobench.terminal import nearest

__all__ = ["compare", "require_comparable", "seeds"]


def compare(
    new: RunData, baseline: RunData, options: Options | None = None, names: tuple[str, str] = ("", "")
) -> Comparison:
    """Compare a new run with a baseline, called by ``names``; `CheckError` where they cannot be compared.

    `ReportError` where one of them holds rows that no run writes.
    """
    with from_rows(new, "the comparison"):
        return _compared(new, baseline, options or Options(), names)


def _compared(new: RunData, baseline: RunData, options: Options, names: tuple[str, str]) -> Comparison:
    absent = [] if options.ciphers else [name for name in baseline.ciphers if name not in new.ciphers]
    new, baseline = _restricted(new, baseline, options)
    notes = require_comparable(new, baseline)
    if absent:
        notes.append(f"the new run lacks {_shortened(absent)}, which the baseline has: not compared")
    same_seed = seeds(new.table) == seeds(baseline.table)
    if options.golden:
        _require_digests(new.table, baseline.table, same_seed)
    before, after = rows_of(baseline.table), rows_of(new.table)
    exact = [
        *compare_presence(before, after),
        *compare_exact(before, after, options, same_seed),
        *compare_attacks(before, after, options, same_seed),
        *compare_speed(before, after, options),
    ]
    tested = [*compare_numbers(before, after, same_seed), *compare_trials(before, after)]
    significant, tests, smallest = _corrected(_findings(tested), options.alpha)
    shown = (names[0] or str(new.folder), names[1] or str(baseline.folder))
    checks = _counts([*exact, *tested])
    findings = (*_findings(exact), *significant)
    return Comparison(*shown, options.alpha, checks, findings, tests, smallest, tuple(notes))


def require_comparable(new: RunData, baseline: RunData) -> list[str]:
    """Notes on what differs without harm; `CheckError` for other levels, parameters, images or sizes.

    Settings are compared where both runs have a `run.json`, what the tables show in any case.
    """
    try:
        notes = _compare_settings(new.settings, baseline.settings, baseline.table["analysis"].unique())
    except (AttributeError, TypeError) as error:
        files = " or ".join(str(run.folder / "run.json") for run in (new, baseline))
        raise CheckError(f"{files} is damaged ({error}); delete it to compare without settings") from error
    _compare_tables(new.table, baseline.table)
    if (old := seeds(baseline.table)) != (latest := seeds(new.table)):
        notes.append(
            f"the seeds differ ({_listed(old)} and {_listed(latest)}), and with them keys and trials: ciphertexts are "
            "not compared, and attacks only by the judgements that follow from them"
        )
    return notes


def seeds(table: pd.DataFrame) -> set[int]:
    """The seeds of a run's cells."""
    return {int(seed) for seed in table["seed"].dropna().unique()}


def _findings(compared: Iterable[Compared]) -> list[Finding]:
    return [finding for one in compared for finding in one.findings]


def _counts(compared: Iterable[Compared]) -> dict[tuple[str, str], int]:
    """How many comparisons were made, by cipher and title of the check."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in compared:
        counts[one.cipher, one.title] += one.count
    return dict(counts)


def _corrected(tested: list[Finding], alpha: float) -> tuple[list[Finding], int, float | None]:
    """The findings that Holm's correction leaves, the number of tests, and the smallest adjusted p-value."""
    judged = [finding for finding in tested if finding.p_value is not None]
    adjusted = holm(finding.p_value for finding in judged if finding.p_value is not None)
    kept = [replace(f, adjusted=a) for f, a in zip(judged, adjusted, strict=True) if a < alpha]
    return [*kept, *(f for f in tested if f.p_value is None)], len(judged), min(adjusted, default=None)


def _restricted(new: RunData, baseline: RunData, options: Options) -> tuple[RunData, RunData]:
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


def _compare_settings(new: dict[str, Any], old: dict[str, Any], analyses: Iterable[str]) -> list[str]:
    if not new or not old:
        which = " and ".join(name for name, run in (("new run", new), ("baseline", old)) if not run)
        return [f"the {which} came without run.json: settings are not compared"]
    alpha, level = (run.get("settings", {}).get("alpha") for run in (new, old))
    if alpha != level:
        raise CheckError(f"alpha is {alpha} in the new run and {level} in the baseline; run again with --alpha {level}")
    ran, had = (run.get("analyses", {}) for run in (new, old))
    notes = []
    for name in analyses:
        if name not in ran or name not in had:
            continue
        if (parameters := ran[name].get("parameters")) != (wanted := had[name].get("parameters")):
            raise CheckError(
                f"{name} ran with {_differing(parameters, wanted)} in the new run and "
                f"{_differing(wanted, parameters)} in the baseline; run again with the baseline's settings"
            )
        if ran[name].get("code") != had[name].get("code"):
            notes.append(name)
    _compare_images(new.get("images", {}), old.get("images", {}))
    return [f"the code of {_listed(notes)} differs, and numbers may for that reason"] if notes else []


def _compare_images(new: dict[str, Any], old: dict[str, Any]) -> None:
    for name, image in old.items():
        if name in new and new[name].get("sha256") != image.get("sha256"):
            shapes = ["x".join(map(str, one.get("shape", []))) for one in (new[name], image)]
            sizes = f"is {shapes[0]} in the new run and {shapes[1]} in"
            what = sizes if shapes[0] != shapes[1] else "has other pixels than in"
            raise CheckError(f"the image {name} {what} the baseline; run again with the baseline's images and size")


def _compare_tables(new: pd.DataFrame, old: pd.DataFrame) -> None:
    """Every analysis of the baseline was run, on one common image and size at least, with as many trials."""
    places, ran = _places(old), _places(new)
    for analysis, had in places.items():
        if (has := ran.get(analysis)) is None:
            raise CheckError(
                f"the new run has no {analysis}, which the baseline has; run it too, or choose others with --analyses"
            )
        if not had & has:
            raise CheckError(
                f"{analysis} was run on {_images(has)} in the new run and on {_images(had)} in the baseline; "
                "run again with the baseline's images and size"
            )
    trials, wanted = _trials(new), _trials(old)
    for key in wanted.keys() & trials.keys():
        if trials[key] != wanted[key]:
            raise CheckError(
                f"{key[1]} has {trials[key]} trials in the new run and {wanted[key]} in the baseline; "
                "run again with the baseline's settings"
            )


def _places(table: pd.DataFrame) -> dict[str, set[tuple[Any, ...]]]:
    """The images and sizes that each analysis was run on."""
    places: dict[str, set[tuple[Any, ...]]] = {}
    columns = ["analysis", "image", "height", "width", "channels"]
    for analysis, *place in zip(*(table[column].tolist() for column in columns), strict=True):
        places.setdefault(analysis, set()).add(tuple(place))
    return places


def _trials(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    """The most trials of any metric, by cipher and analysis."""
    rows = table[table["analysis"].isin(WITH_TRIALS) & table["trial"].notna()]
    counts: dict[tuple[str, str], int] = {}
    for cipher, analysis, trial in zip(*(rows[c].tolist() for c in ("cipher", "analysis", "trial")), strict=True):
        counts[cipher, analysis] = max(counts.get((cipher, analysis), 0), int(trial) + 1)
    return counts


def _differing(parameters: dict[str, Any], other: dict[str, Any]) -> str:
    ours = {name: value for name, value in parameters.items() if other.get(name, ...) != value}
    return ", ".join(f"{name} = {value}" for name, value in ours.items()) or "defaults"


def _images(found: set[tuple[Any, ...]]) -> str:
    return _listed(f"{image} {height}x{width}" for image, height, width, _ in sorted(found, key=str))


def _shortened(names: list[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{_listed(names[:most])}{more}"


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))
