"""The comparison table of papers: what was claimed beside what was measured, a row a cipher."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import head, largest, pick, trials_text
from cryptobench.results.claims import claims_of
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_ALL_CHANGES = {"place": "", "condition": ""}


@dataclass(frozen=True)
class _Metric:
    """A column of the comparison: where its number and its interval are measured, and what a claim about it is in.

    ``interval`` names the metrics of the interval's ends, or is empty where the row's own ``low`` and ``high`` say how
    far chance moves one image's value, or None where the number is exact. The table has the measured value times
    ``scale``, and a claim after ``convert``, given its value and unit. ``sized`` values depend on the image's size.
    """

    title: str
    claim: str
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    form: str
    better: str = ""
    interval: tuple[dict[str, str], dict[str, str]] | tuple[()] | None = ()
    convert: Callable[[float, str], float] = lambda value, unit: value
    scale: float = 1.0
    sized: bool = False


def _mean(metric: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The mean under fresh nonces, as papers report it, or of a cipher that has none."""

    def rows(table: pd.DataFrame) -> pd.DataFrame:
        found = pick(table, metric, nonce=("fresh", "none"), **_ALL_CHANGES)
        return found.sort_values("nonce", kind="stable").drop_duplicates("cipher")

    return rows


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    return largest(pick(table, "correlation", part="cipher"))


def _one(metric: str, **where: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: pick(table, metric, **where).drop_duplicates("cipher")


def _ends(metric: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"metric": f"{metric}_ci_low"}, {"metric": f"{metric}_ci_high"}


def _quartiles(metric: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"metric": metric, "statistic": "q25"}, {"metric": metric, "statistic": "q75"}


def _milliseconds(value: float, unit: str) -> float:
    return value * {"ms": 1.0, "µs": 1e-3}.get(unit, 1e3)


def _megabytes(value: float, unit: str) -> float:
    return value * {"Mbit/s": 0.125}.get(unit, 1.0)


_METRICS = (
    _Metric(
        "entropy (bit)", "global_entropy", _one("global_entropy", channel="all", part="cipher"), "{:.4f}", sized=True
    ),
    _Metric("largest abs. correlation", "correlation", _largest, "{:.4f}", sized=True),
    _Metric("NPCR %", "npcr_mean", _mean("npcr_mean"), "{:.3f}", interval=_ends("npcr")),
    _Metric("UACI %", "uaci_mean", _mean("uaci_mean"), "{:.3f}", interval=_ends("uaci")),
    _Metric(
        "key bits", "key_space", _one("effective_key_bits", analysis="keyspace", part=""), "{:.0f}", "larger", None,
        lambda value, unit: math.log2(value) if unit == "keys" else value,
    ),
    _Metric("secret bits", "secret_bits", _one("secret_bytes", analysis="quality"), "{:.0f}", "smaller", None, scale=8),
    _Metric("PSNR (dB)", "decrypted_psnr", _one("decrypted_psnr"), "{:.2f}", "larger", sized=True),
    _Metric("SSIM", "decrypted_ssim", _one("decrypted_ssim"), "{:.4f}", "larger", sized=True),
    _Metric(
        "encrypt (ms)", "encrypt_time", _one("encrypt_time", statistic="median", parameter=""), "{:.4g}", "smaller",
        _quartiles("encrypt_time"), _milliseconds, 1e3, sized=True,
    ),
    _Metric(
        "encrypt (MB/s)", "encrypt_throughput", _one("encrypt_throughput"), "{:.4g}", "larger", (), _megabytes
    ),
)  # fmt: skip
_ALIASES = {"npcr": "npcr_mean", "uaci": "uaci_mean", "effective_key_bits": "key_space"}


def comparison(run: RunData) -> Table:
    """Claimed beside measured, on the run's first image; claims about other image sizes stand there, but unjudged."""
    ciphers = run.compared()
    numbers = run.numbers[run.numbers["image"] == run.images[0]] if run.images else run.numbers
    measured = {metric.title: metric.rows(numbers).set_index("cipher") for metric in _METRICS}
    measured = {title: rows for title, rows in measured.items() if not rows.empty}
    if not measured:
        raise NothingToShow("the run holds none of the numbers that papers compare")
    rows: list[dict[str, Any]] = []
    for cipher in ciphers:
        row: dict[str, Any] = {"cipher": cipher, "family": run.family(cipher), "fidelity": run.fidelity(cipher)}
        claims = {_ALIASES.get(claim["metric"], claim["metric"]): claim for claim in claims_of(cipher)}
        for metric in _METRICS:
            if metric.title in measured:
                row |= _cells(metric, measured[metric.title], cipher, claims.get(metric.claim), numbers)
        rows.append(row)
    values = pd.DataFrame(rows)
    columns: list[Column] = []
    for metric in _METRICS:
        if metric.title not in measured:
            continue
        claimed = f"{metric.title} claimed"
        named = claimed in values and values[claimed].notna().any()
        title = f"{metric.title}: measured" if named else metric.title
        columns.append(Column(title, metric.title, metric.form, f"{metric.title} verdict", better=metric.better))
        if named:
            sources = (claimed, f"{metric.title} bound")
            columns.append(Column(f"{metric.title}: claimed", sources, _claim_text(metric.form), partial=True))
    return Table(
        "comparison",
        "Comparison: claimed and measured",
        f"Measured: on {run.images[0] if run.images else 'the image'}. Claimed: as printed in the paper, only where "
        "that was read. A star marks a measured value from which the claim differs by more than the interval: the 95 % "
        "confidence interval of NPCR and UACI, the quartiles of times, the spread of an ideal cipher for other "
        "statistics, nothing for counts of bits. Claims that depend on the image's size are judged only on images of "
        "that size. Times in papers are from other machines. Key bits are an upper bound. NPCR, UACI: number of pixels "
        "change rate and unified average changing intensity, fresh nonces, one sample changed. PSNR, SSIM: peak "
        "signal-to-noise ratio and structural similarity of the decrypted image."
        + (f" Limited to ciphers of fidelity {' and '.join(run.grades)}." if run.grades else "")
        + trials_text(pick(run.table, "npcr", image=run.images[:1], cipher=ciphers)),
        values,
        (*head(), *columns),
    )


def _cells(
    metric: _Metric, rows: pd.DataFrame, cipher: str, claim: dict[str, Any] | None, numbers: pd.DataFrame
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    value = None
    if cipher in rows.index:
        cells = rows.loc[[cipher]].iloc[0]
        value = cells["value"]
        found[metric.title] = value * metric.scale if isinstance(value, int | float) else value
    if claim is None:
        return found
    claimed, bound = metric.convert(float(claim["value"]), str(claim["unit"])), claim.get("bound", "")
    found |= {f"{metric.title} claimed": claimed, f"{metric.title} bound": bound}
    if not isinstance(value, int | float) or (metric.sized and claim["size"] != _size(cells)):
        return found
    low, high = (end * metric.scale for end in _interval(metric, cells, numbers))
    rounding = 0.0 if metric.interval is None or bound else _half_digit(claim["value"]) * claimed / claim["value"]
    agrees = {"above": high >= claimed, "below": low <= claimed}
    judged = agrees.get(str(bound), low - rounding <= claimed <= high + rounding)
    return found | {f"{metric.title} verdict": "pass" if judged else "fail"}


def _half_digit(printed: float) -> float:
    """Half a unit of the last digit of a printed number."""
    return 0.5 * 10.0 ** -len(f"{printed!r}".partition(".")[2])


def _interval(metric: _Metric, row: pd.Series[Any], numbers: pd.DataFrame) -> tuple[float, float]:
    """What the measured value stands for, in the unit of the measurement."""
    value = float(row["value"])
    if metric.interval is None:
        return value, value
    if not metric.interval:
        spread = (row["high"] - row["low"]) / 2
        return (value, value) if pd.isna(spread) else (value - spread, value + spread)
    ends = []
    for where in metric.interval:
        end = numbers[(numbers["cipher"] == row.name) & (numbers["place"] == "") & (numbers["parameter"] == "")]
        for column, wanted in where.items():
            end = end[end[column] == wanted]
        end = end[end["nonce"] == row["nonce"]]
        ends.append(float(end["value"].iloc[0]) if len(end) else value)
    return min(ends), max(ends)


def _size(row: pd.Series[Any]) -> str:
    return f"{row['height']}x{row['width']}x{row['channels']}"


def _claim_text(form: str) -> Callable[[float | None, str | None], str]:
    def text(value: float | None, bound: str | None) -> str:
        signs = {"above": "> ", "below": "< "}
        return signs.get(str(bound), "") + form.format(value)

    return text


TABLES = (comparison,)
