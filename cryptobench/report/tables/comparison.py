"""The comparison table of papers: what was claimed beside what was measured, a row a cipher."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cryptobench.layout.tables import Column, Digits, Table
from cryptobench.report.tabular import head, largest, pick, trials_text
from cryptobench.results.claims import cited_of, claim_plausibility, claims_of, named, plain_size
from cryptobench.results.plausibility import TOO_GOOD, half_digit
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["METRICS", "TABLES", "Metric", "first_image", "size_of", "too_far"]

_ALL_CHANGES = {"place": "", "condition": ""}


@dataclass(frozen=True)
class Metric:
    """A column of the comparison: where its number and its interval are measured, and what a claim about it is in.

    ``interval`` names the metrics of the interval's ends, or is empty where the row's own ``low`` and ``high`` say how
    far chance moves one image's value, or None where the number is exact. The table has the measured value times
    ``scale``, and a claim after ``convert``, given its value and unit. ``sized`` values depend on the image's size. Of
    several ``largest`` claims the one that is largest without its sign counts.
    """

    title: str
    claim: str
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    form: str | Digits
    better: str = ""
    interval: tuple[dict[str, str], dict[str, str]] | tuple[()] | None = ()
    convert: Callable[[float, str], float] = lambda value, unit: value
    scale: float = 1.0
    sized: bool = False
    largest: bool = False

    def claims(self, claims: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of some claims that are about this metric."""
        return [claim for claim in claims if named(claim) == self.claim]

    def value(self, claim: dict[str, Any]) -> float:
        """A claimed number in the unit of the column."""
        value = self.convert(float(claim["value"]), str(claim["unit"]))
        return abs(value) if self.largest else value


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


METRICS = (
    Metric(
        "entropy (bit)", "global_entropy", _one("global_entropy", channel="all", part="cipher"), "{:.4f}", sized=True
    ),
    Metric("largest abs. correlation", "correlation", _largest, "{:.4f}", sized=True, largest=True),
    Metric("NPCR %", "npcr_mean", _mean("npcr_mean"), "{:.3f}", interval=_ends("npcr")),
    Metric("UACI %", "uaci_mean", _mean("uaci_mean"), "{:.3f}", interval=_ends("uaci")),
    Metric(
        "key bits", "key_space", _one("effective_key_bits", analysis="keyspace", part=""), "{:.0f}", "larger", None,
        lambda value, unit: math.log2(value) if unit == "keys" else value,
    ),
    Metric("secret bits", "secret_bits", _one("secret_bytes", analysis="quality"), "{:.0f}", "smaller", None, scale=8),
    Metric("PSNR (dB)", "decrypted_psnr", _one("decrypted_psnr"), "{:.2f}", "larger", sized=True),
    Metric("SSIM", "decrypted_ssim", _one("decrypted_ssim"), "{:.4f}", "larger", sized=True),
    Metric(
        "encrypt (ms)", "encrypt_time", _one("encrypt_time", statistic="median", parameter=""), Digits(4), "smaller",
        _quartiles("encrypt_time"), _milliseconds, 1e3, sized=True,
    ),
    Metric(
        "encrypt (MB/s)", "encrypt_throughput", _one("encrypt_throughput"), Digits(4), "larger", (), _megabytes
    ),
)  # fmt: skip
_MARKED = (
    "A claim with a z in brackets is more than 5 standard deviations off what an ideal cipher gives at its size: too "
    "good, or not ideal (docs/claims.md); that is a question, not a verdict."
)


def comparison(run: RunData) -> Table:
    """Claimed beside measured, on the run's first image; claims about other image sizes stand there, but unjudged."""
    ciphers = run.compared()
    numbers = first_image(run)
    found = {metric.title: metric.rows(numbers).to_dict("records") for metric in METRICS}
    measured = {title: {str(row["cipher"]): row for row in rows} for title, rows in found.items() if rows}
    if not measured:
        raise NothingToShow("the run holds none of the numbers that papers compare")
    whole = dict(list(numbers[(numbers["place"] == "") & (numbers["parameter"] == "")].groupby("cipher")))
    rows: list[dict[str, Any]] = []
    for cipher in ciphers:
        row: dict[str, Any] = {"cipher": cipher, "family": run.family(cipher), "fidelity": run.fidelity(cipher)}
        seen, cited = claims_of(cipher), cited_of(cipher)
        for metric in METRICS:
            if metric.title in measured:
                cells = measured[metric.title].get(cipher)
                row |= _cells(metric, cells, metric.claims(seen), whole.get(cipher, numbers.iloc[:0]))
                row |= _claimed(metric, metric.claims(cited), "cited")
        rows.append(row)
    values = pd.DataFrame(rows)
    columns = [c for metric in METRICS if metric.title in measured for c in _columns(metric, values)]
    return Table(
        "comparison",
        "Comparison: claimed and measured",
        f"Measured: on {run.images[0] if run.images else 'the image'}. Claimed: as printed in the paper, only where "
        "that was read. A star marks a measured value from which the claim differs by more than the interval: the 95 % "
        "confidence interval of NPCR and UACI, the quartiles of times, the spread of an ideal cipher for other "
        "statistics, nothing for counts of bits. Claims that depend on the image's size are judged only on images of "
        "that size, those of several pictures as the range that they span. "
        + (f"{_MARKED} " if any(str(column).endswith(" z") for column in values) else "")
        + _reviews(ciphers, values)
        + "Times in papers are from other machines. Key bits are an upper bound. NPCR, UACI: number of pixels "
        "change rate and unified average changing intensity, fresh nonces, one sample changed. PSNR, SSIM: peak "
        "signal-to-noise ratio and structural similarity of the decrypted image."
        + (f" Limited to ciphers of fidelity {' and '.join(run.grades)}." if run.grades else "")
        + trials_text(pick(run.table, "npcr", image=run.images[:1], cipher=ciphers)),
        values,
        (*head(), *columns),
    )


def first_image(run: RunData) -> pd.DataFrame:
    """The numbers that the comparison takes: those of the run's first image."""
    return run.numbers[run.numbers["image"] == run.images[0]] if run.images else run.numbers


def _columns(metric: Metric, values: pd.DataFrame) -> list[Column]:
    """What is measured of a metric, and where any paper or review has a number, what is claimed and what is cited."""
    title = metric.title
    found = [word for word in ("claimed", "cited") if values.get(f"{title} {word}", pd.Series()).notna().any()]
    shown = f"{title}: measured" if found else title
    columns = [Column(shown, title, metric.form, f"{title} verdict", better=metric.better)]
    for word in found:
        sources = (f"{title} {word}", *(f"{title} {word} {part}" for part in ("highest", "bound", "plausible", "z")))
        columns.append(Column(f"{title}: {word}", sources, _claim_text(metric.form), partial=True))
    return columns


def _reviews(ciphers: Sequence[str], values: pd.DataFrame) -> str:
    """What the columns of cited numbers are, and which reviews they are from; empty without any."""
    if not any(str(column).endswith(" cited") for column in values):
        return ""
    found: dict[str, dict[str, None]] = {}
    for cipher in ciphers:
        for claim in cited_of(cipher):
            found.setdefault(claim["by"].partition(";")[0], {})[cipher] = None
    named = "; ".join(f"{review}: {', '.join(cited)}" for review, cited in found.items())
    return f"Cited: read in a review that reports it, and never compared as if it were the paper's own ({named}). "


def _cells(
    metric: Metric, cells: Mapping[Hashable, Any] | None, claims: list[dict[str, Any]], own: pd.DataFrame
) -> dict[str, Any]:
    """What was measured of a metric, in a row of it, and what is claimed; ``own`` are the cipher's other rows."""
    found: dict[str, Any] = {}
    value = None
    if cells is not None:
        value = cells["value"]
        found[metric.title] = value * metric.scale if isinstance(value, int | float) else value
    found |= _claimed(metric, claims, "claimed")
    if cells is not None and isinstance(value, int | float):
        claims = [claim for claim in claims if not metric.sized or plain_size(claim["size"]) == size_of(cells)]
    if cells is None or not isinstance(value, int | float) or not claims:
        return found
    low, high = (end * metric.scale for end in _interval(metric, cells, own))
    return found | {f"{metric.title} verdict": "pass" if _agrees(metric, claims, low, high) else "fail"}


def _claimed(metric: Metric, claims: list[dict[str, Any]], word: str) -> dict[str, Any]:
    """The cells of claims about one metric: from the lowest to the highest, and how far off an ideal cipher's."""
    if not claims:
        return {}
    values = sorted(metric.value(claim) for claim in claims)
    values = values[-1:] if metric.largest else values
    name = f"{metric.title} {word}"
    found = {name: values[0], f"{name} bound": claims[0].get("bound", "") if len(claims) == 1 else ""}
    if values[0] != values[-1]:
        found[f"{name} highest"] = values[-1]
    off = [judged for claim in claims if (judged := claim_plausibility(claim)) is not None and judged.outside]
    if off:
        worst = max(off, key=lambda judged: abs(judged.z))
        found |= {f"{name} plausible": worst.answer, f"{name} z": worst.z}
    return found


def _agrees(metric: Metric, claims: list[dict[str, Any]], low: float, high: float) -> bool:
    """Whether claims agree with a measured value between ``low`` and ``high``: bounds, and the range of the others."""
    printed = []
    for claim in claims:
        value, bound = metric.value(claim), claim.get("bound", "")
        if (bound == "above" and high < value) or (bound == "below" and low > value):
            return False
        if not bound:
            half = 0.0 if metric.interval is None else half_digit(claim.get("printed", claim["value"]))
            printed.append((value, half * metric.convert(1.0, claim["unit"])))
    if metric.largest:
        printed = printed and [max(printed)]
    return not printed or (
        min(value - half for value, half in printed) <= high and low <= max(value + half for value, half in printed)
    )


def _interval(metric: Metric, row: Mapping[Hashable, Any], own: pd.DataFrame) -> tuple[float, float]:
    """What the measured value stands for, in the unit of the measurement."""
    value = float(row["value"])
    if metric.interval is None:
        return value, value
    if not metric.interval:
        spread = (row["high"] - row["low"]) / 2
        return (value, value) if pd.isna(spread) else (value - spread, value + spread)
    ends = []
    for where in metric.interval:
        end = own
        for column, wanted in where.items():
            end = end[end[column] == wanted]
        end = end[end["nonce"] == row["nonce"]]
        ends.append(float(end["value"].iloc[0]) if len(end) else value)
    return min(ends), max(ends)


def size_of(row: Mapping[Hashable, Any]) -> str:
    """The picture's size in a row of measurements, as HxWxC."""
    return f"{row['height']}x{row['width']}x{row['channels']}"


def _claim_text(form: str | Digits) -> Callable[..., str]:
    def text(value: float, highest: float | None, bound: str | None, answer: str | None, z: float | None) -> str:
        shown = {"above": "> ", "below": "< "}.get(str(bound), "") + form.format(value)
        if highest is not None and form.format(highest) != form.format(value):
            shown += f" to {form.format(highest)}"
        return f"{shown} ({too_far(answer, z)})" if answer and z is not None else shown

    return text


def too_far(answer: str, z: float) -> str:
    """What is wrong with a claim, short: "too good, z +11.9"."""
    return f"{'too good' if answer == TOO_GOOD else answer}, z {z:+.1f}"


TABLES = (comparison,)
