"""The third table of a paper: what the attacks mean for the cipher, and which of them found something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cryptobench.attacks.judgements import BEST_UNDER_MISUSE, LEVELS
from cryptobench.attacks.query_formula import REFERENCE_SIZE
from cryptobench.layout.tables import MISSING
from cryptobench.measurement import Outcome
from cryptobench.report.judged import judged_ciphers, weak_keys_text
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sheet import GROUP, Sheet
from cryptobench.results.attacks import FAILED, worst
from cryptobench.results.run import NothingToShow

__all__ = ["attacks_sheet", "found_by_attacks"]

_MOST = 14
_NONCES = {"fresh": "fresh", "fixed": "one", "none": MISSING, "": MISSING}
_ORDER = {str(Outcome.RECOVERED): 0, "map recovered": 1, str(Outcome.LEAK): 2, "malleable": 3}
_BEST = {"confidentiality": len(LEVELS) - 1, "misuse": BEST_UNDER_MISUSE}
_SUBJECTS = {"confidentiality": "Confidentiality", "misuse": "Nonce misuse", "integrity": "Integrity"}


def attacks_sheet(of: Subject) -> Sheet:
    """The judgements in words; then a row for each attack and use of nonces that found something, cheapest first."""
    results = of.attacks
    if results.empty:
        raise NothingToShow("the run holds no attacks on the cipher")
    rows: list[tuple[str, ...]] = list(_judgements(of))
    if rows:
        rows.insert(0, (GROUP, "Judgements"))
    found = found_by_attacks(results)
    shown, modes = found[:_MOST], False
    if shown:
        modes = any(one.nonce in ("fresh", "fixed") for one in shown)
        titles = ("model", *(("nonce",) if modes else ()), "outcome", "queries")
        rows.append((GROUP, "Attacks that found something", *titles))
        rows += [_row(one, modes) for one in shown]
    if not rows:
        raise NothingToShow("no attack on the cipher came to an answer")
    hidden = len(found) - len(shown)
    size = {
        f"{int(height)}×{int(width)}×{int(channels)}"
        for height, width, channels in worst(results)[["height", "width", "channels"]].dropna().to_numpy()
    }
    sizes = sorted(size, key=lambda text: int(text.partition("×")[0]))
    legend = of.legend([of.cipher])
    note = (
        f"Attacked at {', '.join(sizes)}. " * bool(sizes)
        + f"{f'{hidden} more found something, at more queries or with less effect. ' if hidden > 0 else ''}"
        + (
            "Model: the attacker has known plaintexts (KPA), chosen plaintexts (CPA), chosen ciphertexts (CCA), or "
            f"ciphertexts alone (COA). {'Nonce: fresh for each message, or one for all (misuse). ' * modes}"
            "Recovered: more than 90 % of the samples, or the image to the eye; leak: p < 1e-6 against an ideal "
            f"cipher. Queries: needed at {REFERENCE_SIZE} by the attack's formula, or (in brackets) at the attacked "
            "size. "
            if shown
            else ""
        )
        + f"{_nothing(results)}Attacks that find nothing prove nothing. {legend}"
    )
    align = "lllr" if shown and modes else "llr"
    return Sheet("attacks", f"Attacks on {of.name}", (), align, rows, " ".join(note.split()))


def found_by_attacks(results: pd.DataFrame) -> list[Any]:
    """The attacks that recovered the image or found a leak, of each use of nonces the worst size; cheapest first."""
    rows = worst(results)
    rows = rows[rows["outcome"].isin((Outcome.RECOVERED, Outcome.LEAK))]
    found = list(rows.itertuples())
    return sorted(found, key=lambda row: (_ORDER.get(row.word, 9), row.nonce == "fixed", _needed(row), row.attack))


def _needed(row: Any) -> float:
    needed = row.queries_at_reference if row.queries_at_reference == row.queries_at_reference else row.queries
    return float(needed) if needed == needed else 0.0


def _row(row: Any, modes: bool) -> tuple[str, ...]:
    known = row.queries_at_reference == row.queries_at_reference
    count = f"{_needed(row):,.0f}" if row.queries == row.queries or known else MISSING
    return (
        row.attack, row.model, *((_NONCES.get(row.nonce, row.nonce),) if modes else ()), str(row.word),
        count if known or count == MISSING else f"({count})",
    )  # fmt: skip


def _judgements(of: Subject) -> Iterator[tuple[str, ...]]:
    judged = judged_ciphers(of.run).get(of.cipher)
    if judged is None:
        return
    for name, subject in _SUBJECTS.items():
        one = judged[name]
        if not one.meaning:
            if one.missing:
                yield (f"{subject}: not judged, since {_some(one.missing)} did not end.",)
            continue
        level = "" if name == "integrity" else "level "
        best = f" of {_BEST[name]}" if name in _BEST else ""
        refuted = "; the card claims more" if one.refuted else ""
        by = f" ({_some(one.by)})" if one.by else ""
        yield (f"{subject}: {level}{one.text}{best}. {one.meaning[0].upper()}{one.meaning[1:]}{by}{refuted}.",)
    row = of.run.judgements.set_index("cipher").loc[of.cipher]
    if row["weak_keys"]:
        share = weak_keys_text(True, None if pd.isna(row["weak_key_share"]) else float(row["weak_key_share"]))
        yield (f"Weak or equivalent keys: {share}.",)


def _some(names: str) -> str:
    """The first three of some names."""
    several = names.split(", ")
    return ", ".join(several[:3]) + (f" and {len(several) - 3} more" if len(several) > 3 else "")


def _nothing(results: pd.DataFrame) -> str:
    """Which attacks found nothing in any use of nonces, how many do not apply, which did not finish."""
    outcomes = results.groupby("attack", sort=False)["outcome"].agg(set)
    held = [str(name) for name, found in outcomes.items()
            if Outcome.HOLDS in found and not found & {Outcome.RECOVERED, Outcome.LEAK}]  # fmt: skip
    broken = [str(name) for name, found in outcomes.items() if found == {FAILED}]
    other = len(outcomes) - len(held) - len(broken)
    other -= sum(bool(found & {Outcome.RECOVERED, Outcome.LEAK}) for found in outcomes)
    parts = [f"Of {len(outcomes)} attacks, {len(held)} found nothing{': ' + ', '.join(held) if held else ''}"]
    parts += [f"{other} do{'es' * (other == 1)} not apply"] if other > 0 else []
    parts += [f"not finished: {', '.join(broken)}"] if broken else []
    return f"{'; '.join(parts)}. "
