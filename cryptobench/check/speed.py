"""Timing: each run's ratio to AES-256-CTR in the same rounds, since machines differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cryptobench.check.options import Options
from cryptobench.check.result import Finding
from cryptobench.check.rows import Cell, Row

__all__ = ["compare_speed"]

_Quartiles = dict[str, float]


def compare_speed(
    baseline: Iterable[Row], new: Iterable[Row], options: Options, checks: Counter[tuple[str, str]]
) -> Iterator[Finding]:
    """A warning, or with ``options.timing`` a regression, for each cipher slower by more than ``options.slower``.

    The ratio of medians must have grown by that factor, and the middle halves of the times must not overlap.
    """
    latest = _ratios(new)
    for (cell, what), before in _ratios(baseline).items():
        if (after := latest.get((cell, what))) is None:
            continue
        checks[cell.cipher, "timing"] += 1
        if after["median"] > options.slower * before["median"] and after["q25"] > before["q75"]:
            yield Finding(
                "regression" if options.timing else "warning", cell.cipher, "timing",
                f"{what} time over AES-256-CTR's", str(cell), before["median"], after["median"],
                message=f"slower by a factor of {after['median'] / before['median']:.3g}",
            )  # fmt: skip


def _ratios(rows: Iterable[Row]) -> dict[tuple[Cell, str], _Quartiles]:
    """Quartiles of encryption and decryption times in units of AES-256-CTR's median."""
    times: dict[tuple[Cell, str], _Quartiles] = {}
    for row in rows:
        if row.cell.analysis == "timing" and row.value is not None and not row.direction:
            times.setdefault((row.cell, row.metric), {})[row.variant] = row.value
    return {
        (cell, what): {quartile: times[cell, f"{what}_time"][quartile] / reference["median"] for quartile in _NAMES}
        for (cell, metric), reference in times.items()
        if metric == "reference_time" and reference.get("median")
        for what in ("encrypt", "decrypt")
        if set(_NAMES) <= set(times.get((cell, f"{what}_time"), ()))
    }


_NAMES = ("q25", "median", "q75")
