"""Tables of time and memory."""

from __future__ import annotations

from cryptobench.report.table import KEYS, Column, Table, head, pick, skeleton, widen
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES"]

_TIMES = {"key_setup_time": "key set-up", "encrypt_time": "encrypt", "decrypt_time": "decrypt"}


def timing(run: Run) -> Table:
    clocks = pick(run.numbers, *_TIMES, direction="")
    single = pick(
        run.numbers, "encrypt_throughput", "decrypt_throughput", "encrypt_ratio", "decrypt_ratio", "encrypt_exponent",
        "decrypt_exponent", "peak_memory", direction="",
    )  # fmt: skip
    if clocks.empty and single.empty:
        raise NothingToShow("the run holds no timing")
    values = widen(skeleton(run.numbers, "timing"), clocks, clocks["metric"] + " " + clocks["variant"], ["value"])
    values = widen(values, single, "metric", ["value"])
    columns: list[Column] = []
    for metric, title in _TIMES.items():
        median = f"{metric} median"
        columns.append(Column(f"{title} ms", median, lambda seconds: f"{seconds * 1e3:.4g}", better="smaller"))
        columns.append(Column(f"{title} IQR ms", (f"{metric} q25", f"{metric} q75"), _quartiles))
    columns += [
        Column("encrypt MB/s", "encrypt_throughput", "{:.4g}", better="larger"),
        Column("decrypt MB/s", "decrypt_throughput", "{:.4g}", better="larger"),
        Column("encrypt / AES", "encrypt_ratio", "{:.4g}", better="smaller"),
        Column("decrypt / AES", "decrypt_ratio", "{:.4g}", better="smaller"),
        Column("encrypt exponent", "encrypt_exponent", "{:.2f}"),
        Column("decrypt exponent", "decrypt_exponent", "{:.2f}"),
        Column("peak memory MiB", "peak_memory", lambda count: f"{count / 2**20:.2f}", better="smaller"),
    ]
    known = [c for c in columns if (c.source if isinstance(c.source, str) else c.source[0]) in values]
    return Table(
        "timing",
        "Time and memory",
        "Median and interquartile range on one thread; MB/s in 10⁶ bytes of plaintext a second; the ratio is to "
        "AES-256-CTR measured in the same minutes, in time (2 is twice as slow); the exponent is that of time "
        "against the number of pixels.",
        values,
        (*head("image"), *known),
    )


def timing_scaling(run: Run) -> Table:
    rows = pick(run.numbers, "encrypt_time", "decrypt_time", variant="median")
    rows = rows[rows["direction"] != ""]
    if rows.empty:
        raise NothingToShow("the run holds no timing by image size")
    base = rows[[*KEYS, "metric"]].drop_duplicates().reset_index(drop=True)
    values = widen(base, rows, "direction", ["value"])
    sides = sorted(map(str, rows["direction"].unique()), key=int)
    return Table(
        "timing_scaling",
        "Time by image size",
        "Median milliseconds by side of a square image in pixels.",
        values,
        (
            *head("image"),
            Column("operation", "metric", lambda metric: metric.removesuffix("_time"), key=True),
            *(Column(side, side, lambda seconds: f"{seconds * 1e3:.4g}") for side in sides),
        ),
    )


def stages(run: Run) -> Table:
    rows = pick(run.numbers, "stage_time")
    if rows.empty:
        raise NothingToShow("no cipher of the run marks its stages")
    values = rows[[*KEYS, "variant", "value", "unit"]].reset_index(drop=True)
    values["share"] = values["value"] / values.groupby(KEYS)["value"].transform("sum")
    return Table(
        "stages",
        "Time by stage",
        "Milliseconds that one encryption spends in each stage that the cipher marks, and their share of the marked "
        "time.",
        values.rename(columns={"variant": "stage"}),
        (
            *head("image"),
            Column("stage", "stage", key=True),
            Column("ms", "value", lambda seconds: f"{seconds * 1e3:.4g}"),
            Column("share", "share", "{:.1%}"),
        ),
    )


def _quartiles(low: float, high: float) -> str:
    return f"{low * 1e3:.4g} to {high * 1e3:.4g}"


TABLES = (timing, timing_scaling, stages)
