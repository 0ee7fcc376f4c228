"""Tables of what a small change of the plaintext does: NPCR, UACI, BACI, channel reach, avalanche."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cryptobench.layout.tables import Column, Table, interval_text
from cryptobench.report.tabular import KEYS, head, pick, skeleton, trials_text, widen
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_MODES = (
    "Fresh: a new nonce and a new per-message secret for each message, as papers report it. Fixed: the same nonce and "
    "secret for both messages, which is misuse and measures the cipher itself; a cipher that has neither stands here "
    "too, and its fresh columns are empty (–)."
)
_NAMES = {
    "npcr": ("NPCR", "Number of pixels change rate (NPCR): the share of samples that differ"),
    "uaci": ("UACI", "Unified average changing intensity (UACI): the mean difference of the samples"),
    "baci": (
        "BACI",
        "Block average changing intensity (BACI): the mean variation, within blocks of 2×2 pixels, of the difference",
    ),
}
_PARTS = ("mean", "ci_low", "ci_high", "min", "max", "inside", "distinct")


def _sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Nonce mode "none" measures the cipher itself, as "fixed" does, and stands in the columns of "fixed"."""
    return rows.assign(side=rows["nonce"].replace({"none": "fixed"}))


def _trials(metric: str) -> Callable[[RunData], Table]:
    title, meaning = _NAMES[metric]

    def table(run: RunData) -> Table:
        rows = _sides(pick(run.numbers, *(f"{metric}_{part}" for part in _PARTS), place="", condition=""))
        if rows.empty:
            raise NothingToShow(f"the run holds no {title} measurement")
        part = rows["metric"].str.removeprefix(f"{metric}_")
        values = widen(
            skeleton(run.numbers, "differential"), rows, rows["side"] + " " + part, ["value", "p_value", "verdict"]
        )
        trials = pick(run.table, metric)
        single = trials.drop_duplicates(KEYS)[[*KEYS, "expected", "low", "high"]]
        values = values.merge(single, on=KEYS, how="left")
        wrong = pick(run.numbers, f"{metric}_plain_cipher")
        values = widen(values, wrong, "metric", ["value"])
        columns: list[Column] = [
            Column("critical interval", ("low", "high"), interval_text(".4f"), partial=True, setting=True)
        ]
        for side in ("fresh", "fixed"):
            columns += [
                Column(f"{side}: mean", f"{side} mean", "{:.4f}", f"{side} mean verdict"),
                Column(f"{side}: 95 % CI", (f"{side} ci_low", f"{side} ci_high"), "[{:.4f}, {:.4f}]"),
                Column(f"{side}: min", f"{side} min", "{:.4f}"),
                Column(f"{side}: inside", f"{side} inside", percentage(1), f"{side} inside verdict"),
            ]
        compared = f"{metric}_plain_cipher" in values
        if compared:
            columns.append(Column("plain vs cipher", f"{metric}_plain_cipher", "{:.4f}"))
        return Table(
            metric,
            title,
            f"{meaning} between the ciphertexts of two plaintexts that differ in one sample, in %. Mean over all "
            "trials with its 95 % confidence interval (CI), the smallest trial, and the share of trials inside the "
            "critical interval of a single trial. A star marks a mean or a share that an ideal cipher would hardly "
            f"give.{trials_text(trials)} {_MODES}"
            + (
                " Plain vs cipher: the same between plaintext and ciphertext, as some papers report it; it says "
                "nothing about the cipher."
                if compared
                else ""
            ),
            values,
            (*head("image"), *columns),
        )

    table.__name__ = metric
    return table


def differential_positions(run: RunData) -> Table:
    rows = _sides(pick(run.numbers, "npcr_mean", "uaci_mean"))
    rows = rows[rows["place"] != ""]
    if rows.empty:
        raise NothingToShow("the run holds no NPCR or UACI by place of the change")
    base = rows[[*KEYS, "side"]].drop_duplicates().reset_index(drop=True)
    named = rows["metric"].str.removesuffix("_mean").str.upper() + " " + rows["place"]
    values = widen(base, rows, named, ["value"])
    names = [f"{metric} {place}" for metric in ("NPCR", "UACI") for place in rows["place"].unique()]
    return Table(
        "differential_positions",
        "NPCR and UACI by place of the change",
        "Number of pixels change rate (NPCR) and unified average changing intensity (UACI) between the ciphertexts of "
        "two plaintexts that differ in one sample, in %: mean over the trials in which the changed sample is the "
        f"first, the last, at the corner, in the middle or at random. {_MODES}",
        values,
        (*head("image"), Column("nonce", "side", key=True), *(Column(n, n, "{:.3f}") for n in names if n in values)),
    )


def channel_reach(run: RunData) -> Table:
    rows = _sides(pick(run.numbers, "channel_reach"))
    if rows.empty:
        raise NothingToShow("the run holds no channel reach; it needs a colour image")
    base = rows[[*KEYS, "side"]].drop_duplicates().reset_index(drop=True)
    values = widen(base, rows, rows["channel"] + "→" + rows["other_channel"])
    names = [str(c) for c in values if "→" in str(c) and not str(c).endswith("verdict")]
    return Table(
        "channel_reach",
        "Channel reach",
        "R→G: share in % of the samples in channel G of the ciphertext that change when one sample in channel R of the "
        "plaintext changes, and so on; 0 means that the change never reaches that channel. A star marks a share that "
        f"an ideal cipher would hardly give. {_MODES}",
        values,
        (*head("image"), Column("nonce", "side", key=True), *(Column(n, n, "{:.2f}", f"{n} verdict") for n in names)),
    )


def avalanche(run: RunData) -> Table:
    names = {
        "plaintext_avalanche_mean": ("mean %", "{:.3f}"),
        "plaintext_avalanche_worst": ("worst %", "{:.3f}"),
        "strict_avalanche": ("strict: largest deviation", "{:.3f}"),
    }
    rows = _sides(pick(run.numbers, *names))
    if rows.empty:
        raise NothingToShow("the run holds no avalanche measurement")
    values = widen(skeleton(run.numbers, "avalanche"), rows, rows["side"] + " " + rows["metric"])
    columns = [
        Column(f"{side}: {title}", f"{side} {metric}", form, f"{side} {metric} verdict")
        for side in ("fresh", "fixed")
        for metric, (title, form) in names.items()
    ]
    return Table(
        "avalanche",
        "Plaintext avalanche",
        "Share in % of the ciphertext bits that flip when one plaintext bit flips (ideal: 50), mean and worst trial; "
        "strict: the largest deviation of a ciphertext bit's flip rate from 1/2 (strict avalanche criterion). A star "
        "marks what an ideal cipher would hardly give."
        f"{trials_text(pick(run.table, 'plaintext_avalanche'))} {_MODES}",
        values,
        (*head("image"), *columns),
    )


TABLES = (
    _trials("npcr"),
    _trials("uaci"),
    _trials("baci"),
    differential_positions,
    channel_reach,
    avalanche,
)
