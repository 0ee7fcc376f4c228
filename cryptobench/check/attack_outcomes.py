"""Attacks: their outcomes, and the judgements that follow from them, compared exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cryptobench.attacks.judgements import INTEGRITIES, LEVELS, Evidence, Judgements, judge, outcome_word
from cryptobench.check.result import Compared, Finding, Level, Options
from cryptobench.check.rows import Row, finished, paired_rows, where
from cryptobench.measurement import Outcome
from cryptobench.results.attacks import PREFIX

__all__ = ["compare_attacks", "judgements_of"]

_ASCENDING = (Outcome.NOT_APPLICABLE, Outcome.HOLDS, Outcome.LEAK, Outcome.RECOVERED)


def compare_attacks(
    baseline: Iterable[Row], new: Iterable[Row], options: Options, same_seed: bool
) -> Iterator[Compared]:
    """A regression for each attack that now finds more, and for each judgement of a cipher that is now worse: a lower
    level of confidentiality or nonce misuse, or a worse word for integrity.

    An attack that did not apply and now recovers or leaks is a regression too; one that no longer applies is a notice,
    and so is a recovery that now needs far fewer queries. An attack runs under one key, and against a weak cipher it
    may succeed under some keys only: with different seeds the judgements alone decide, and single outcomes are notices.
    """
    old, latest = ([row for row in finished(rows) if row.cell.analysis.startswith(PREFIX)] for rows in (baseline, new))
    queries = {_attack(b): (b.value or 0.0, n.value or 0.0) for b, n in paired_rows(_totals(old), _totals(latest))}
    old_claims, new_claims = _claims(old), _claims(latest)
    for before, after in paired_rows((row for row in old if row.metric == "outcome"), latest):
        title = "attacks (CCA)" if before.condition == "CCA" else "attacks (CPA)"
        claims = [tuple(found.get(_attack(row), ())) for found, row in ((old_claims, before), (new_claims, after))]
        findings = _changed(before, after, title, "regression" if same_seed else "notice", claims)
        if not findings and before.outcome == after.outcome == Outcome.RECOVERED:
            findings = _fewer(after, title, queries.get(_attack(before)), options.fewer_queries)
        yield Compared(before.cipher, title, findings)
    yield from _worse(judgements_of(old), judgements_of(latest))


def judgements_of(rows: Iterable[Row]) -> dict[str, Judgements]:
    """By cipher, what follows from the rows of all attacks."""
    rows = list(rows)
    numbers = {(_attack(row), row.metric): row.value or 0.0 for row in rows if not row.part}
    claims = _claims(rows)
    evidence: dict[str, list[Evidence]] = {}
    for row in rows:
        if row.metric == "outcome":
            attack = _attack(row)
            made = numbers.get((attack, "queries"), 0)
            queries = int(numbers.get((attack, "extrapolated_queries"), made))
            side = min(row.cell.height or 0, row.cell.width or 0)
            found = tuple(claims.get(attack, ()))
            evidence.setdefault(row.cipher, []).append(
                Evidence(_name(row), row.condition, row.nonce, row.outcome, queries, found, side)
            )
    return {cipher: judge(found) for cipher, found in evidence.items()}


def _claims(rows: Iterable[Row]) -> dict[tuple[Any, ...], list[str]]:
    claims: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        if row.metric == "claim":
            claims.setdefault(_attack(row), []).append(row.part)
    return claims


def _changed(
    before: Row, after: Row, title: str, level: Level, claims: Sequence[tuple[str, ...]]
) -> tuple[Finding, ...]:  # fmt: skip
    """An outcome that is now worse for the cipher, at ``level``, or an attack that no longer applies."""
    was, now = Outcome(before.outcome), Outcome(after.outcome)
    if now in (Outcome.RECOVERED, Outcome.LEAK) and _ASCENDING.index(now) > _ASCENDING.index(was):
        found: Level = level
    elif now == Outcome.NOT_APPLICABLE != was:
        found = "notice"
    else:
        return ()
    words = [
        outcome_word(Evidence("", row.condition, row.nonce, row.outcome, claims=own))
        for row, own in zip((before, after), claims, strict=True)
    ]
    note = f"{' -> '.join(words)}{f' ({after.message})' if after.message else ''}"
    return (Finding(found, before.cipher, title, _name(before), where(after), message=note),)


def _fewer(after: Row, title: str, queries: tuple[float, float] | None, factor: float) -> tuple[Finding, ...]:
    had, has = queries or (0.0, 0.0)
    if has * factor >= had:
        return ()
    return (Finding("notice", after.cipher, title, f"queries of {_name(after)}", where(after), had, has),)


def _worse(old: dict[str, Judgements], latest: dict[str, Judgements]) -> Iterator[Compared]:
    title = "judgements of attacks"
    for cipher, before in old.items():
        if (after := latest.get(cipher)) is None:
            continue
        for name, what in (("confidentiality", "confidentiality"), ("misuse", "nonce misuse")):
            was, now = getattr(before, name), getattr(after, name)
            if was.tried and now.tried:
                message = f"now: {LEVELS[now.at_most]}, by {', '.join(now.by)}"
                lower = Finding("regression", cipher, title, what, "", was.at_most, now.at_most, message=message)
                yield Compared(cipher, title, (lower,) if now.at_most < was.at_most else ())
        word, other = before.integrity.at_most, after.integrity.at_most
        if word is not None and other is not None:
            worse = INTEGRITIES.index(other) < INTEGRITIES.index(word)
            finding = Finding("regression", cipher, title, "integrity", message=f"{word} -> {other}")
            yield Compared(cipher, title, (finding,) if worse else ())


def _totals(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row.metric == "queries" and not row.part)


def _attack(row: Row) -> tuple[Any, ...]:
    """Which run of which attack a row comes from."""
    return (row.cell, row.condition, row.nonce)


def _name(row: Row) -> str:
    return row.cell.analysis.removeprefix(PREFIX)
