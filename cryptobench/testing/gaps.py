"""What a test wanted to measure and could not."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from cryptobench.report.attacks import PREFIX, is_attack

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.bench.settings import Settings

__all__ = ["gaps"]


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
