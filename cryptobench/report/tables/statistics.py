"""Tables of what one cipher image looks like: entropy, histogram, correlation, texture."""

from __future__ import annotations

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import KEYS, channel_rank, head, pick, skeleton, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_STAR = (
    "A star marks a value outside the interval of an ideal cipher; at the run's significance level alpha a few values "
    "are outside by chance."
)
_CHANNELS = "R, G, B: colour channels; all: all channels together."
_LITERATURE = {"passed": "literature passed", "of": "literature tests"}
_INTERVAL = Column("interval", ("low", "high"), "[{:+.4f}, {:+.4f}]", setting=True)
_DIRECTIONS = ("H", "V", "D", "A")


def entropy_global(run: RunData) -> Table:
    rows = pick(run.numbers, "global_entropy")
    values = _by_channel(run, "entropy", rows[rows["part"] == "cipher"])
    plain = rows[(rows["part"] == "plain") & rows["channel"].isin(("all", "grey"))].sort_values("channel")
    values = widen(values, plain.assign(channel="plain"), "channel", ["value"])
    return Table(
        "entropy_global",
        "Global entropy",
        "Shannon entropy of the pixel values of the cipher image in bits, by channel (8 is the most that is possible), "
        f"with the interval of an ideal cipher for an image of this size; plain: of the plaintext. {_CHANNELS} {_STAR}",
        values,
        (
            *head("image"),
            Column("plain", "plain", "{:.4f}", setting=True),
            *_channel_columns(values, "{:.5f}", "[{:.5f}, {:.5f}]"),
        ),
    )


def entropy_local(run: RunData) -> Table:
    rows = pick(run.numbers, "local_entropy")
    values = _by_channel(run, "entropy", rows[rows["statistic"] == "corrected"])
    literature = rows[rows["statistic"] == "literature"]
    values = _with_bounds(values, literature, KEYS, "literature ").drop(columns="literature expected")
    inside = literature.assign(inside=literature["value"].between(literature["low"], literature["high"]))
    counted = inside.groupby(KEYS)["inside"].agg(passed="sum", of="size").reset_index()
    values = values.merge(counted.rename(columns=_LITERATURE), on=KEYS, how="left")
    return Table(
        "entropy_local",
        "Local entropy",
        "Mean Shannon entropy in bits of random blocks of 1936 pixels of the cipher image, with the interval of an "
        "ideal cipher. The interval in the literature is too narrow by a factor of √30, so that ideal random data "
        "passes it only about one time in four: it stands here for comparison and decides nothing. "
        f"{_CHANNELS} {_STAR}",
        values,
        (
            *head("image"),
            *_channel_columns(values, "{:.5f}", "[{:.5f}, {:.5f}]"),
            Column("literature's interval", ("literature low", "literature high"), "[{:.5f}, {:.5f}]", setting=True),
            Column("inside it", tuple(_LITERATURE.values()), "{:.0f} of {:.0f}"),
        ),
    )


def histogram(run: RunData) -> Table:
    rows = pick(run.numbers, "chi_square")
    values = _by_channel(run, "histogram", rows[rows["part"] == "cipher"])
    plain = rows[(rows["part"] == "plain") & rows["channel"].isin(("all", "grey"))].sort_values("channel")
    values = widen(values, plain.assign(channel="plain"), "channel", ["value"])
    return Table(
        "histogram",
        "Histogram: chi-square",
        "Chi-square statistic of the cipher image's histogram against the uniform histogram, with 255 degrees of "
        "freedom; the interval of an ideal cipher is two-sided, because a histogram that is too even is as suspicious "
        f"as one that is too uneven. Plain: of the plaintext. {_CHANNELS} {_STAR}",
        values,
        (
            *head("image"),
            Column("plain", "plain", "{:.0f}", setting=True),
            *_channel_columns(values, "{:.1f}", "[{:.1f}, {:.1f}]"),
        ),
    )


def histogram_deviation(run: RunData) -> Table:
    names = {
        "histogram_variance": ("variance", "{:.1f}"),
        "deviation_from_uniform": ("deviation from uniform", "{:.4f}"),
        "maximum_deviation": ("maximum deviation", "{:.0f}"),
        "irregular_deviation": ("irregular deviation", "{:.0f}"),
        "encryption_quality": ("encryption quality", "{:.1f}"),
    }
    rows = pick(run.numbers, *names, part=("", "cipher"))
    rows = rows[rows["channel"].isin(("all", "grey"))].sort_values("channel", kind="stable")
    values = _filled(skeleton(run.numbers, "histogram"), rows, rows["metric"], ["value"])
    return Table(
        "histogram_deviation",
        "Histogram: deviations",
        "Five measures of the cipher image's histogram. The variance is the chi-square statistic rescaled. Maximum "
        "deviation, irregular deviation and encryption quality depend on the plaintext and have no interval: compare "
        "them with the reference ciphers on the same image.",
        values,
        (*head("image"), *(Column(t, m, f) for m, (t, f) in names.items() if m in values)),
    )


def correlation(run: RunData) -> Table:
    rows = pick(run.numbers, "correlation", part=("plain", "cipher"))
    base = _with_channels(skeleton(run.numbers, "correlation"), rows)
    values = _filled(base, rows, rows["direction"] + " " + rows["part"])
    columns = [
        Column(name, name, "{:+z.4f}", f"{name} verdict" if part == "cipher" else "")
        for direction in _DIRECTIONS
        for part in ("plain", "cipher")
        if (name := f"{direction} {part}") in values
    ]
    values = _with_bounds(values, rows[rows["part"] == "cipher"], [*KEYS, "channel"])
    return Table(
        "correlation",
        "Correlation of adjacent pixels",
        "Pearson's correlation coefficient of all pairs of adjacent pixels, before (plain) and after encryption "
        "(cipher), by channel and by direction of the neighbour: H horizontal, V vertical, D diagonal, A antidiagonal. "
        f"{_STAR}",
        values,
        (*head("image", "channel"), *columns, _INTERVAL),
    )


def channel_correlation(run: RunData) -> Table:
    rows = pick(run.numbers, "channel_correlation", part=("plain", "cipher"))
    pair = rows["channel"] + "-" + rows["other_channel"]
    colour = rows[KEYS].drop_duplicates()
    values = _filled(colour.reset_index(drop=True), rows, pair + " " + rows["part"])
    values = _with_bounds(values, rows[rows["part"] == "cipher"], KEYS)
    columns = [
        Column(name, name, "{:+z.4f}", f"{name} verdict" if part == "cipher" else "")
        for channels in pair.unique()
        for part in ("plain", "cipher")
        if (name := f"{channels} {part}") in values
    ]
    return Table(
        "channel_correlation",
        "Correlation between channels",
        "Pearson's correlation coefficient of two colour channels at the same pixel, before (plain) and after "
        f"encryption (cipher). {_STAR}",
        values,
        (*head("image"), *columns, _INTERVAL),
    )


def texture(run: RunData) -> Table:
    names = {"glcm_contrast": "contrast", "glcm_energy": "energy", "glcm_homogeneity": "homogeneity"}
    rows = pick(run.numbers, *names)
    base = rows[[*KEYS, "channel", "parameter"]].drop_duplicates().reset_index(drop=True)
    values = _filled(base, rows, rows["metric"].map(names) + " " + rows["part"])
    ideal = rows[rows["part"] == "cipher"]
    values = widen(values, ideal.assign(value=ideal["expected"]), ideal["metric"].map(names) + " ideal", ["value"])
    contours = pick(run.numbers, "contour_correlation")[[*KEYS, "channel", "value", "verdict"]]
    contours = contours.rename(columns={"value": "contours", "verdict": "contours verdict"})
    values = values.merge(contours, on=[*KEYS, "channel"], how="left").fillna({"contours verdict": ""})
    columns = [
        Column(name, name, "{:.5g}", f"{name} verdict" if part == "cipher" else "")
        for title in names.values()
        for part in ("plain", "cipher", "ideal")
        if (name := f"{title} {part}") in values
    ]
    return Table(
        "texture",
        "Texture",
        "Contrast, energy and homogeneity of the grey-level co-occurrence matrix at distance 1, mean of four angles, "
        "before (plain) and after encryption (cipher), beside the expected value of an ideal cipher (ideal), for a "
        "number of grey levels. Contours: correlation of the cipher image's variance in blocks of 5×5 pixels with the "
        "plaintext's mean gradient in the same block, with all grey levels; 0 is ideal. A star marks a value that an "
        "ideal cipher would hardly give.",
        values,
        (
            *head("image", "channel"),
            Column("grey levels", "parameter", key=True),
            *columns,
            *([Column("contours", "contours", "{:+z.4f}", "contours verdict")] if len(contours) else []),
        ),
    )


def _by_channel(run: RunData, analysis: str, rows: pd.DataFrame) -> pd.DataFrame:
    values = _filled(skeleton(run.numbers, analysis), rows, "channel")
    return _with_bounds(
        _with_bounds(values, rows[rows["channel"] != "all"], KEYS), rows[rows["channel"] == "all"], KEYS, "all "
    )


def _filled(
    base: pd.DataFrame,
    rows: pd.DataFrame,
    names: pd.Series | str,
    columns: list[str] | None = None,
) -> pd.DataFrame:
    if rows.empty:
        raise NothingToShow("the run holds no measurement of it")
    return widen(base, rows, names, columns or ["value", "verdict"])


def _with_channels(base: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    found = rows[[*KEYS, "channel"]].drop_duplicates()
    return base.merge(found, on=KEYS, how="left").fillna({"channel": ""})


def _with_bounds(values: pd.DataFrame, rows: pd.DataFrame, by: list[str], prefix: str = "") -> pd.DataFrame:
    bounds = rows.drop_duplicates(by)[[*by, "expected", "low", "high"]]
    return values.merge(bounds.rename(columns={c: prefix + c for c in ("expected", "low", "high")}), on=by, how="left")


def _channel_columns(values: pd.DataFrame, form: str, interval: str) -> list[Column]:
    titles = [c.removesuffix(" verdict") for c in map(str, values) if c.endswith(" verdict") and "literature" not in c]
    single = sorted((t for t in titles if t != "all"), key=channel_rank)
    columns = [Column(title, title, form, f"{title} verdict") for title in single]
    if values["low"].notna().any() and values["high"].notna().any():
        columns.append(Column("interval", ("low", "high"), interval, setting=True))
    if "all" in titles:
        columns.append(Column("all", "all", form, "all verdict"))
        if values["all low"].notna().any() and values["all high"].notna().any():
            columns.append(Column("interval, all", ("all low", "all high"), interval, setting=True))
    return columns


TABLES = (
    entropy_global, entropy_local, histogram, histogram_deviation, correlation, channel_correlation, texture,
)  # fmt: skip
