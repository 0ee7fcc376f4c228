"""Attacks: their outcomes, and the security levels that they leave a cipher, compared exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cryptobench.attacks.scoring import SECURITY_LEVELS, Evidence, security_levels
from cryptobench.check.result import Compared, Finding, Level, Options
from cryptobench.check.rows import Row, finished, paired_rows, where
from cryptobench.measurement import Outcome
from cryptobench.results.attacks import PREFIX

__all__ = ["compare_attacks", "levels_of"]

_Levels = dict[tuple[str, str], tuple[int | None, int | None]]
_ASCENDING = (Outcome.NOT_APPLICABLE, Outcome.HOLDS, Outcome.LEAK, Outcome.RECOVERED)


def compare_attacks(
    baseline: Iterable[Row], new: Iterable[Row], options: Options, same_seed: bool
) -> Iterator[Compared]:
    """A regression for each attack that now finds more, and for each security level of a cipher that is now lower.

    An attack that did not apply and now recovers or leaks is a regression too; one that no longer applies is a notice,
    and so is a recovery that now needs far fewer queries. An attack runs under one key, and against a weak cipher it
    may succeed under some keys only: with different seeds the security levels alone decide, and single outcomes are
    notices.
    """
    old, latest = ([row for row in finished(rows) if row.cell.analysis.startswith(PREFIX)] for rows in (baseline, new))
    queries = {_attack(b): (b.value or 0.0, n.value or 0.0) for b, n in paired_rows(_totals(old), _totals(latest))}
    for before, after in paired_rows((row for row in old if row.metric == "outcome"), latest):
        title = "attacks (CCA)" if before.condition == "CCA" else "attacks (CPA)"
        findings = _changed(before, after, title, "regression" if same_seed else "notice")
        if not findings and before.outcome == after.outcome == Outcome.RECOVERED:
            findings = _fewer(after, title, queries.get(_attack(before)), options.fewer_queries)
        yield Compared(before.cipher, title, findings)
    yield from _lower(levels_of(old), levels_of(latest))


def levels_of(rows: Iterable[Row]) -> _Levels:
    """By cipher and nonce mode, the security levels without and with chosen ciphertexts, from all attacks' rows."""
    rows = list(rows)
    queries = {_attack(row): int(row.value or 0) for row in _totals(rows)}
    claims: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        if row.metric == "claim":
            claims.setdefault(_attack(row), []).append(row.part)
    evidence: dict[tuple[str, str], list[Evidence]] = {}
    for row in rows:
        if row.metric == "outcome":
            attack = _attack(row)
            one = Evidence(row.condition, row.outcome, queries.get(attack, 0), tuple(claims.get(attack, ())))
            evidence.setdefault((row.cipher, row.nonce), []).append(one)
    return {key: security_levels(found) for key, found in evidence.items()}


def _changed(before: Row, after: Row, title: str, level: Level) -> tuple[Finding, ...]:
    """An outcome that is now worse for the cipher, at ``level``, or an attack that no longer applies."""
    was, now = Outcome(before.outcome), Outcome(after.outcome)
    if now in (Outcome.RECOVERED, Outcome.LEAK) and _ASCENDING.index(now) > _ASCENDING.index(was):
        found: Level = level
    elif now == Outcome.NOT_APPLICABLE != was:
        found = "notice"
    else:
        return ()
    note = f"{was} -> {now}{f' ({after.message})' if after.message else ''}"
    return (Finding(found, before.cipher, title, _name(before), where(after), message=note),)


def _fewer(after: Row, title: str, queries: tuple[float, float] | None, factor: float) -> tuple[Finding, ...]:
    had, has = queries or (0.0, 0.0)
    if has * factor >= had:
        return ()
    return (Finding("notice", after.cipher, title, f"queries of {_name(after)}", where(after), had, has),)


def _lower(old: _Levels, latest: _Levels) -> Iterator[Compared]:
    for (cipher, nonce), before in old.items():
        place = "" if nonce == "none" else f"{nonce} nonce"
        pairs = zip(before, latest.get((cipher, nonce), (None, None)), strict=True)
        for words, (was, now) in zip(("without", "with"), pairs, strict=True):
            if was is None or now is None:
                continue
            title, what = "security level", f"level {words} chosen ciphertexts"
            message = f"now: {SECURITY_LEVELS[now]}"
            lower = Finding("regression", cipher, title, what, place, was, now, message=message)
            yield Compared(cipher, title, (lower,) if now < was else ())


def _totals(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row.metric == "queries" and not row.part)


def _attack(row: Row) -> tuple[Any, ...]:
    """Which run of which attack a row comes from."""
    return (row.cell, row.condition, row.nonce)


def _name(row: Row) -> str:
    return row.cell.analysis.removeprefix(PREFIX)
