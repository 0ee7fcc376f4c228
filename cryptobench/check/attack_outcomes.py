"""Attacks: outcomes and rungs of the ladder, compared exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cryptobench.attacks import scoring
from cryptobench.check.result import Finding, Options
from cryptobench.check.rows import Row, beside, finished, where
from cryptobench.results.attacks import PREFIX

__all__ = ["compare_attacks", "rungs"]

_WORDS = {2.0: "broken", 1.0: "leak", 0.0: "holds"}
_NOT = "not applicable"


def compare_attacks(
    baseline: Iterable[Row], new: Iterable[Row], options: Options, same_seed: bool, checks: Counter[tuple[str, str]]
) -> Iterator[Finding]:
    """A regression for each attack that now finds more, and for each ladder that a cipher now stands lower on.

    An attack that did not apply and now breaks or leaks is a regression too; one that no longer applies is a notice,
    and so is a break that now needs far fewer queries. An attack is played under one key, and against a weak cipher it
    may succeed under some keys only: with different seeds the ladder alone decides, and single outcomes are notices.
    """
    old, latest = ([row for row in finished(rows) if row.cell.analysis.startswith(PREFIX)] for rows in (baseline, new))
    queries = {_game(b): (b.value or 0.0, n.value or 0.0) for b, n in beside(_totals(old), _totals(latest))}
    for before, after in beside((row for row in old if row.metric == "outcome"), latest):
        cipher, name = before.cipher, before.cell.analysis.removeprefix(PREFIX)
        title = "attacks (CCA)" if before.variant == "CCA" else "attacks (CPA)"
        checks[cipher, title] += 1
        was, now = (_WORDS.get(row.value, _NOT) if row.value is not None else _NOT for row in (before, after))
        note = f"{was} -> {now}{f' ({after.message})' if after.message else ''}"
        if now in ("broken", "leak") and (before.value is None or (after.value or 0.0) > before.value):
            level = "regression" if same_seed else "notice"
            yield Finding(level, cipher, title, name, where(after), message=note)  # type: ignore[arg-type]
        elif now == _NOT != was:
            yield Finding("notice", cipher, title, name, where(after), message=note)
        elif now == was == "broken" and _game(before) in queries:
            had, has = queries[_game(before)]
            if has * options.fewer_queries < had:
                yield Finding("notice", cipher, title, f"queries of {name}", where(after), had, has)
    yield from _fallen(rungs(old), rungs(latest), checks)


def rungs(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """By cipher and nonce mode the rungs without and with chosen ciphertexts, from the rows of all attacks."""
    rows = list(rows)
    queries = {_game(row): int(row.value or 0) for row in _totals(rows)}
    claims: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        if row.metric == "claim":
            claims.setdefault(_game(row), []).append(row.direction)
    findings: dict[tuple[str, str], list[scoring.Evidence]] = {}
    for row in rows:
        if row.metric == "outcome" and row.value is not None:
            game = _game(row)
            found = scoring.Evidence(row.variant, _WORDS[row.value], queries.get(game, 0), tuple(claims.get(game, ())))
            findings.setdefault((row.cipher, row.nonce), []).append(found)
    return {key: scoring.security_levels(found) for key, found in findings.items()}


def _fallen(
    old: Mapping[tuple[str, str], tuple[int | None, int | None]],
    latest: Mapping[tuple[str, str], tuple[int | None, int | None]],
    checks: Counter[tuple[str, str]],
) -> Iterator[Finding]:
    for (cipher, nonce), before in old.items():
        place = "" if nonce == "none" else f"{nonce} nonce"
        pairs = zip(before, latest.get((cipher, nonce), (None, None)), strict=True)
        for words, (was, now) in zip(("without", "with"), pairs, strict=True):
            if was is None or now is None:
                continue
            checks[cipher, "ladder"] += 1
            if now < was:
                what = f"rung {words} chosen ciphertexts"
                yield Finding(
                    "regression",
                    cipher,
                    "ladder",
                    what,
                    place,
                    was,
                    now,
                    message=f"now: {scoring.SECURITY_LEVELS[now]}",
                )


def _totals(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row.metric == "queries" and not row.direction)


def _game(row: Row) -> tuple[Any, ...]:
    return (row.cell, row.variant, row.nonce)
