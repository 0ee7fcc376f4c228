"""What papers claim, a row an entry: beside what a run measured, and whether an ideal cipher gives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from cryptobench.layout.tables import MISSING
from cryptobench.report.tables.comparison import METRICS, Metric, first_image, size_of
from cryptobench.report.tabular import largest, pick
from cryptobench.results.claims import all_claims, claim_plausibility, named
from cryptobench.results.run import RunData

__all__ = ["COLUMNS", "HEADER", "claim_texts", "claimed_and_measured"]

COLUMNS = (
    "cipher", "status", "metric", "direction", "claimed", "printed", "bound", "unit", "relative", "image", "size",
    "source", "measured", "measured unit", "measured on", "plausible", "z",
)  # fmt: skip
HEADER = ("cipher", "metric", "about", "claimed", "measured", "plausible", "read in")
"""Titles of what `claim_texts` gives."""
_ENCRYPT_TIME = next(metric for metric in METRICS if metric.claim == "encrypt_time")


def _decrypt_time(table: pd.DataFrame) -> pd.DataFrame:
    return pick(table, "decrypt_time", statistic="median", parameter="").drop_duplicates("cipher")


_LISTED = {
    metric.claim: metric for metric in (*METRICS, replace(_ENCRYPT_TIME, claim="decrypt_time", rows=_decrypt_time))
}
_UNITS = {
    "global_entropy": "bit", "npcr_mean": "%", "uaci_mean": "%", "key_space": "bit", "secret_bits": "bit",
    "decrypted_psnr": "dB", "encrypt_time": "ms", "decrypt_time": "ms", "encrypt_throughput": "MB/s",
}  # fmt: skip


def claimed_and_measured(ciphers: Collection[str] | None, run: RunData | None) -> pd.DataFrame:
    """One row an entry of the claims about some ciphers, or all: what `COLUMNS` name, gaps where there is nothing.

    ``claimed`` is in ``unit``, ``printed`` the same as the source prints it. ``source`` says where it was read; for an
    entry without a number, what was at hand. ``measured`` is what the comparison table of ``run`` takes, in
    ``measured unit``, with the image and its size in ``measured on``; of a correlation the largest in that direction.
    ``plausible`` and ``z`` are those of `cryptobench.results.plausibility`; a gap is what "not judged" has as z.
    """
    claims = [claim for claim in all_claims() if ciphers is None or claim["cipher"] in ciphers]
    rows = []
    numbers = None if run is None else first_image(run)
    if numbers is not None:
        numbers = numbers[numbers["cipher"].isin({claim["cipher"] for claim in claims})]
    for claim in claims:
        judged = claim_plausibility(claim)
        row = {name: claim.get(name, "") for name in COLUMNS}
        row |= {
            "claimed": claim.get("value"),
            "source": claim.get("seen") or claim.get("by") or claim.get("note", ""),
            "measured": None,
            "plausible": judged.answer if judged else "",
            "z": judged.z if judged and judged.answer != "not judged" else None,
        }
        rows.append(row | ({} if numbers is None else _measured(claim, numbers)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(("claimed", "measured", "z"), float))


def _measured(claim: dict[str, Any], numbers: pd.DataFrame) -> dict[str, Any]:
    metric = _LISTED.get(named(claim)) if "metric" in claim and "relative" not in claim else None
    if metric is None:
        return {}
    rows = _rows(metric, numbers[numbers["cipher"] == claim["cipher"]], claim.get("direction"))
    found = [row for row in rows.to_dict("records") if isinstance(row["value"], int | float)]
    if not found:
        return {}
    return {
        "measured": found[0]["value"] * metric.scale,
        "measured unit": _UNITS.get(metric.claim, ""),
        "measured on": f"{found[0]['image']}, {size_of(found[0])}",
    }


def _rows(metric: Metric, numbers: pd.DataFrame, direction: str | None) -> pd.DataFrame:
    if direction is None:
        return metric.rows(numbers)
    return largest(pick(numbers, metric.claim, part="cipher", direction=direction))


def claim_texts(row: Mapping[str, Any]) -> list[str]:
    """A row of `claimed_and_measured` with a metric as texts, one for each title in `HEADER`; None for its gaps."""
    bound = {"above": "> ", "below": "< "}.get(row["bound"], "")
    relative = f"than {row['relative']}" if row["relative"] else ""
    about = ", ".join(text for text in (relative, row["image"], row["size"]) if text and text != "not stated")
    measured = row["measured"]
    shown = f"{float(measured):.6g} {row['measured unit']}".strip() if measured is not None else MISSING
    z = "" if row["z"] is None else f", z {round(row['z'], 1) + 0.0:+.1f}"
    return [
        row["cipher"],
        " ".join(text for text in (row["metric"], row["direction"]) if text),
        about or MISSING,
        f"{bound}{row['printed']} {row['unit']}".strip() + (" (cited)" if row["status"] == "cited" else ""),
        shown,
        f"{row['plausible']}{z}" or MISSING,
        row["source"],
    ]
