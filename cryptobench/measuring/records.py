"""The numbers of pictures as records: plain and cipher image side by side, with the literature's critical values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scipy import special

from cryptobench.metrics import local_entropy_literature_interval, npcr_critical_value, uaci_interval

__all__ = [
    "COLUMNS", "IDENTITY", "LEVELS", "bounds_text", "channel_text", "literature_text", "metric_title", "records",
    "shown", "titled",
]  # fmt: skip

IDENTITY = (
    "analysis", "metric", "channel", "other_channel", "direction", "parameter", "part", "condition",
)  # fmt: skip
COLUMNS = (
    "image", *IDENTITY, "unit", "plain", "value", "expected", "low", "high", "p_value", "verdict", "literature",
    "message",
)  # fmt: skip
LEVELS = (0.05, 0.01, 0.001)
"""Those for which papers print critical values."""

_DIRECTIONS = {"H": "horizontal", "V": "vertical", "D": "diagonal", "A": "antidiagonal"}
_SHOWN = {
    "global_entropy": ("entropy", ".5f"), "local_entropy": ("local entropy", ".5f"),
    "chi_square": ("chi-square", ".1f"), "histogram_variance": ("histogram variance", ".1f"),
    "deviation_from_uniform": ("deviation from uniform", ".5f"), "maximum_deviation": ("maximum deviation", ".0f"),
    "irregular_deviation": ("irregular deviation", ".0f"), "encryption_quality": ("encryption quality", ".1f"),
    "correlation": ("correlation", "+z.5f"), "channel_correlation": ("channel correlation", "+z.5f"),
    "glcm_contrast": ("contrast", ".6g"), "glcm_energy": ("energy", ".6g"), "glcm_homogeneity": ("homogeneity", ".4f"),
    "contour_correlation": ("contours", "+z.4f"),
    "npcr": ("NPCR", ".4f"), "uaci": ("UACI", ".4f"), "baci": ("BACI", ".4f"),
    "plaintext_avalanche": ("avalanche", ".4f"),
    "key_npcr": ("NPCR, other key", ".4f"), "key_uaci": ("UACI, other key", ".4f"),
    "key_avalanche": ("avalanche, other key", ".4f"),
    "wrong_key_psnr": ("PSNR, wrong key", ".3f"), "wrong_key_ssim": ("SSIM, wrong key", ".4f"),
    "wrong_key_correlation": ("correlation, wrong key", ".5f"), "wrong_key_entropy": ("entropy, wrong key", ".5f"),
    "exact": ("decrypted exactly", ".0f"), "decrypted_psnr": ("PSNR, decrypted", ".2f"),
    "decrypted_ssim": ("SSIM, decrypted", ".4f"),
    "damaged_psnr": ("PSNR, damaged", ".2f"), "damaged_ssim": ("SSIM, damaged", ".4f"),
    "damage_spread": ("spread of damage", ".4f"),
    "ent_entropy": ("ENT entropy", ".5f"), "ent_chi_square": ("ENT chi-square", ".1f"),
    "ent_mean": ("ENT mean", ".3f"), "ent_monte_carlo_pi": ("ENT Monte Carlo pi", ".5f"),
    "ent_serial_correlation": ("ENT serial correlation", "+z.5f"), "byte_pairs": ("byte pairs", ".0f"),
    "bit_plane": ("ones in bit plane", ".5f"),
}  # fmt: skip
_LARGE = 1e5  # from which on no decimals are shown
_UNITS = {"share": "", "count": ""}


def records(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A record with `COLUMNS` for each number of a cipher image, from rows of the measurement table of pictures."""
    rows = list(rows)
    plain = {_key(row): row["value"] for row in rows if row["part"] == "plain"}
    literature = {_key(row) for row in rows if row["statistic"] == "literature" and row["low"] is not None}
    found = []
    for row in rows:
        if row["part"] == "plain" or row["statistic"] == "literature":
            continue
        record = {column: row.get(column) for column in COLUMNS} | {"plain": plain.get(_key(row))}
        record["part"] = "" if row["part"] == "cipher" else row["part"]
        record["literature"] = _literature(row, _key(row) in literature)
        if row["status"] != "ok":
            record["message"] = row["message"] or row["status"]
        found.append(record)
    return sorted(found, key=_order)


def metric_title(record: Mapping[str, Any]) -> str:
    """What a record is of, in words: "correlation, horizontal", "contrast, 8 levels"."""
    title = _SHOWN.get(record["metric"], (record["metric"], ""))[0]
    if record["part"]:
        title += f" {record['part']}"
    parts = [title, _DIRECTIONS.get(record["direction"], "")]
    parts += [f"{record['parameter']} levels" if record["parameter"] else "", record["condition"]]
    return ", ".join(filter(None, parts))


def titled(record: Mapping[str, Any]) -> str:
    """The same with the unit, as tables show it."""
    unit = _UNITS.get(record["unit"], record["unit"])
    return metric_title(record) + (f" ({unit})" if unit else "")


def channel_text(record: Mapping[str, Any]) -> str:
    """A channel, or two of them."""
    other = record["other_channel"]
    return f"{record['channel']}-{other}" if other else str(record["channel"])


def shown(metric: str) -> Callable[[float | None], str]:
    """Writes values of a metric for tables; "" for none."""
    form = _SHOWN.get(metric, ("", ".5g"))[1]

    def text(value: float | None) -> str:
        if value is None or value != value:
            return ""
        return format(value, ".0f" if form.endswith(".1f") and value >= _LARGE else form)

    return text


def literature_text(literature: Mapping[str, tuple[float | None, float | None]]) -> str:
    """The literature's intervals on one line: "0.05: >= 99.5893; 0.01: >= 99.5810"."""
    return "; ".join(f"{level}: {bounds_text(*ends)}" for level, ends in literature.items())


def bounds_text(low: float | None, high: float | None) -> str:
    """An interval of the literature, open at an end that is None."""
    if low is None or high is None:
        return f"≤ {high:.2f}" if low is None else f"≥ {low:.4f}"
    return f"[{low:.4f}, {high:.4f}]"


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column] for column in ("image", *IDENTITY) if column != "part")


def _order(record: Mapping[str, Any]) -> tuple[int, int, str, int]:
    """Metrics in the order of tables, channels beside one another within each."""
    places = list(_SHOWN)
    metric = places.index(record["metric"]) if record["metric"] in places else len(places)
    direction = "HVDA".find(record["direction"]) if record["direction"] else 0
    return metric, int(record["parameter"] or 0), record["condition"], direction


def _literature(row: Mapping[str, Any], of_blocks: bool) -> dict[str, tuple[float | None, float | None]]:
    """The interval, by level, that papers print for this metric and this number of samples; None is an open end."""
    samples = row["height"] * row["width"] * (row["channels"] if row["channel"] == "all" else 1)
    if row["metric"] in ("npcr", "key_npcr"):
        return {f"{level:g}": (npcr_critical_value(samples, level), None) for level in LEVELS}
    if row["metric"] in ("uaci", "key_uaci"):
        return {f"{level:g}": uaci_interval(samples, level) for level in LEVELS}
    if row["metric"] == "chi_square":
        return {f"{level:g}": (None, float(special.chdtri(255, level))) for level in LEVELS}
    if of_blocks:
        return {f"{level:g}": local_entropy_literature_interval(level) for level in LEVELS}
    return {}
