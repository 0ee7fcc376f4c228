"""Tables of time and memory."""

from __future__ import annotations

from cryptobench.layout.tables import Column, Digits, Table
from cryptobench.report.tabular import KEYS, head, pick, skeleton, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_TIMES = {"key_setup_time": "key set-up", "encrypt_time": "encrypt", "decrypt_time": "decrypt"}

_PROGRAM = "a program: "  # in the messages of `analyses.timing`
_ABOUT_PROGRAMS = (
    " Timed as a program: a call includes the exchange of pictures as files, and the start of a process if each call "
    "has one; key set-up, a call with the smallest image, is about what that costs. Such times do not compare with "
    "others."
)


def timing(run: RunData) -> Table:
    clocks = pick(run.numbers, *_TIMES, parameter="")
    single = pick(
        run.numbers, "encrypt_throughput", "decrypt_throughput", "encrypt_ratio", "decrypt_ratio", "encrypt_exponent",
        "decrypt_exponent", "peak_memory", parameter="",
    )  # fmt: skip
    if clocks.empty and single.empty:
        raise NothingToShow("the run holds no timing")
    values = widen(skeleton(run.numbers, "timing"), clocks, clocks["metric"] + " " + clocks["statistic"], ["value"])
    values = widen(values, single, "metric", ["value"])
    columns: list[Column] = []
    programs = clocks[clocks["message"].str.contains(_PROGRAM, regex=False)]
    if not programs.empty:
        values = values.merge(programs[KEYS].drop_duplicates().assign(timed="program"), how="left", on=KEYS)
        values["timed"] = values["timed"].fillna("code")
        columns.append(Column("timed as", "timed"))
    for metric, title in _TIMES.items():
        median = f"{metric} median"
        columns.append(Column(f"{title} ms", median, Digits(4, 1e3), better="smaller"))
        columns.append(Column(f"{title} IQR ms", (f"{metric} q25", f"{metric} q75"), _quartiles))
    columns += [
        Column("encrypt MB/s", "encrypt_throughput", Digits(4), better="larger"),
        Column("decrypt MB/s", "decrypt_throughput", Digits(4), better="larger"),
        Column("encrypt / AES", "encrypt_ratio", Digits(4), better="smaller"),
        Column("decrypt / AES", "decrypt_ratio", Digits(4), better="smaller"),
        Column("encrypt exponent", "encrypt_exponent", "{:.2f}"),
        Column("decrypt exponent", "decrypt_exponent", "{:.2f}"),
        Column("peak memory MiB", "peak_memory", lambda count: f"{count / 2**20:.2f}", better="smaller"),
    ]
    known = [c for c in columns if (c.source if isinstance(c.source, str) else c.source[0]) in values]
    return Table(
        "timing",
        "Time and memory",
        "Median time in ms and its interquartile range (IQR) on one thread; throughput in MB/s, 10⁶ bytes of plaintext "
        "a second; / AES: time as a multiple of that of AES-256-CTR, measured in the same minutes (2 is twice as "
        "slow); exponent: time grows as that power of the number of pixels (1 is linear)."
        + ("" if programs.empty else _ABOUT_PROGRAMS),
        values,
        (*head("image"), *known),
    )


def timing_scaling(run: RunData) -> Table:
    rows = pick(run.numbers, "encrypt_time", "decrypt_time", statistic="median")
    rows = rows[rows["parameter"] != ""]
    if rows.empty:
        raise NothingToShow("the run holds no timing by image size")
    base = rows[[*KEYS, "metric"]].drop_duplicates().reset_index(drop=True)
    values = widen(base, rows, "parameter", ["value"])
    sides = sorted(map(str, rows["parameter"].unique()), key=int)
    return Table(
        "timing_scaling",
        "Time by image size",
        "Median time in ms to encrypt and decrypt square images; each column is a side length in pixels.",
        values,
        (
            *head("image"),
            Column("operation", "metric", lambda metric: metric.removesuffix("_time"), key=True),
            *(Column(side, side, Digits(4, 1e3)) for side in sides),
        ),
    )


def stages(run: RunData) -> Table:
    rows = pick(run.numbers, "stage_time")
    if rows.empty:
        raise NothingToShow("no cipher of the run marks its stages")
    values = rows[[*KEYS, "part", "value", "unit"]].reset_index(drop=True)
    values["share"] = values["value"] / values.groupby(KEYS)["value"].transform("sum")
    return Table(
        "stages",
        "Time by stage",
        "Time in ms that one encryption spends in each stage of the cipher, and its share of the time of all stages.",
        values.rename(columns={"part": "stage"}),
        (
            *head("image"),
            Column("stage", "stage", key=True),
            Column("ms", "value", Digits(4, 1e3)),
            Column("share", "share", "{:.1%}"),
        ),
    )


def _quartiles(low: float, high: float) -> str:
    milliseconds = Digits(4, 1e3)
    return f"{milliseconds(low)} to {milliseconds(high)}"


TABLES = (timing, timing_scaling, stages)
