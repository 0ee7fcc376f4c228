"""Tables of what a small change of the plaintext does: NPCR, UACI, BACI, channel reach, avalanche."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cryptobench.report.table import KEYS, Column, Table, head, interval_text, pick, skeleton, trials_text, widen
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES"]

_MODES = (
    "Fresh: a new nonce and per-message secret for each message, as papers report it. Fixed: both held still, which "
    "shows what the cipher itself does; a cipher that has neither stands here too, and its fresh columns read –."
)
_PARTS = ("mean", "ci_low", "ci_high", "min", "max", "inside", "distinct")


def _sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Nonce mode "none" is what the cipher itself does: it is shown under "fixed"."""
    return rows.assign(side=rows["nonce"].replace({"none": "fixed"}))


def _trials(metric: str, title: str, misuse: bool) -> Callable[[Run], Table]:
    def table(run: Run) -> Table:
        rows = _sides(pick(run.numbers, *(f"{metric}_{part}" for part in _PARTS), direction="", variant=""))
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
        if misuse and f"{metric}_plain_cipher" in values:
            columns.append(Column("misuse: plain vs cipher", f"{metric}_plain_cipher", "{:.4f}"))
        return Table(
            metric,
            title,
            f"{title} in % between two ciphertexts of plaintexts that differ in one sample. Mean over all trials "
            "with its 95 % confidence interval, the smallest trial, and the share of trials inside the critical "
            f"interval of one trial; a star marks a mean or a share that an ideal cipher would not give."
            f"{trials_text(trials)} {_MODES}"
            + (" The last column compares plaintext with ciphertext, a wrong usage seen in papers." if misuse else ""),
            values,
            (*head("image"), *columns),
        )

    table.__name__ = metric
    return table


def positions(run: Run) -> Table:
    rows = _sides(pick(run.numbers, "npcr_mean", "uaci_mean"))
    rows = rows[rows["direction"] != ""]
    if rows.empty:
        raise NothingToShow("the run holds no NPCR or UACI by position")
    base = rows[[*KEYS, "side"]].drop_duplicates().reset_index(drop=True)
    named = rows["metric"].str.removesuffix("_mean").str.upper() + " " + rows["direction"]
    values = widen(base, rows, named, ["value"])
    names = [f"{metric} {place}" for metric in ("NPCR", "UACI") for place in rows["direction"].unique()]
    return Table(
        "differential_positions",
        "NPCR and UACI by position of the change",
        f"Mean in % over the trials at one position. {_MODES}",
        values,
        (*head("image"), Column("nonce", "side", key=True), *(Column(n, n, "{:.3f}") for n in names if n in values)),
    )


def channel_reach(run: Run) -> Table:
    rows = _sides(pick(run.numbers, "channel_reach"))
    if rows.empty:
        raise NothingToShow("the run holds no channel reach; it needs a colour image")
    base = rows[[*KEYS, "side"]].drop_duplicates().reset_index(drop=True)
    values = widen(base, rows, rows["direction"].str.replace("->", "→", regex=False))
    names = [str(c) for c in values if "→" in str(c) and not str(c).endswith("verdict")]
    return Table(
        "channel_reach",
        "Channel reach",
        "A→B: share in % of samples of channel B that change when one sample of channel A does; 0 says that the "
        f"channel is never reached. {_MODES}",
        values,
        (*head("image"), Column("nonce", "side", key=True), *(Column(n, n, "{:.2f}", f"{n} verdict") for n in names)),
    )


def avalanche(run: Run) -> Table:
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
        "Share in % of ciphertext bits that flip when one plaintext bit does (ideal: 50), mean and worst trial; and "
        f"the largest deviation from 1/2 of any output bit's flip rate (strict avalanche criterion)."
        f"{trials_text(pick(run.table, 'plaintext_avalanche'))} {_MODES}",
        values,
        (*head("image"), *columns),
    )


TABLES = (
    _trials("npcr", "NPCR", misuse=True),
    _trials("uaci", "UACI", misuse=True),
    _trials("baci", "BACI", misuse=False),
    positions,
    channel_reach,
    avalanche,
)  # fmt: skip
