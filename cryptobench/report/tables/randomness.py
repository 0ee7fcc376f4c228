"""Tables of the ciphertexts' randomness: SP 800-22, ENT's statistics, byte pairs, bit planes."""

from __future__ import annotations

from functools import partial

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import KEYS, head, pick, widen
from cryptobench.results.rounding import p_text
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_AES = "AES-256-CTR"
_CONSTANTS = {"corrected": "sp800_22_corrected", "standard": "sp800_22"}
_BYTES = {
    "ent_entropy": ("entropy bit", "{:.6f}"),
    "ent_chi_square": ("chi-square", "{:.1f}"),
    "ent_mean": ("mean", "{:.3f}"),
    "ent_monte_carlo_pi": ("Monte-Carlo pi", "{:.5f}"),
    "ent_serial_correlation": ("serial correlation", "{:+z.6f}"),
    "byte_pairs": ("byte pairs", "{:.0f}"),
}
_STAR = (
    "A star marks what an ideal cipher would hardly give; at the run's significance level alpha a few values have one "
    "by chance."
)
_SOURCE = "Source: which ciphertexts the sequences are made of."


def randomness(run: RunData) -> Table:
    rows = _rows(run, *(f"{name}_{part}" for name in _CONSTANTS.values() for part in ("rejected", "adjusted")))
    values = widen(_base(rows), rows, "metric", ["value", "verdict", "expected"])
    values = _beside_aes(values, [f"{name}_rejected" for name in _CONSTANTS.values()])
    columns = [
        column
        for constants, name in _CONSTANTS.items()
        for column in (
            Column(f"rejected, {constants}", f"{name}_rejected", "{:.0f}"),
            Column(f"ideal, {constants}", f"{name}_rejected expected", "{:.1f}", setting=True),
            Column(f"{_AES}, {constants}", f"{_AES} {name}_rejected", "{:.0f}", setting=True),
            Column(
                f"adjusted p, {constants}", f"{name}_adjusted", partial(p_text, digits=4), f"{name}_adjusted verdict"
            ),
        )
    ]
    return Table(
        "randomness",
        "Randomness: SP 800-22",
        "Rejected: how many statistics of the NIST SP 800-22 test suite are rejected one by one, over many sequences; "
        f"ideal: how many are of an ideal source on average; {_AES}: how many are of that cipher's output of the same "
        "size. Adjusted p: the smallest p-value after Holm's correction over all statistics, which is the one to judge "
        "by. Corrected: with corrected constants where those of the standard are known to be wrong; standard: with the "
        f"standard's. {_SOURCE} A pass says nothing about security: ciphers without any security pass. {_STAR}",
        values,
        (*head("image"), Column("source", "condition", key=True), *columns),
    )


def randomness_tests(run: RunData) -> Table:
    rows = _rows(run, "sp800_22_proportion")
    test = (rows["part"] + " " + rows["statistic"]).str.strip()
    names = [str(name) for name in test.unique()]
    return Table(
        "randomness_tests",
        "Randomness: SP 800-22 by test",
        "The lowest share of sequences that pass, over the statistics of each test of NIST SP 800-22 (ideal: 0.99). A "
        "star: the test's smallest p-value after Holm's correction over its statistics is below the run's significance "
        f"level alpha. Corrected: with corrected constants where those of the standard are wrong. {_SOURCE}",
        widen(_base(rows), rows, test),
        (
            *head("image"),
            Column("source", "condition", key=True),
            *(Column(name.replace("_", " "), name, "{:.4f}", f"{name} verdict") for name in names),
        ),
    )


def randomness_bytes(run: RunData) -> Table:
    rows = _rows(run, *_BYTES)
    return Table(
        "randomness_bytes",
        "Randomness: byte statistics",
        "The five statistics of the program ENT and Good's chi-square of overlapping byte pairs (65280 degrees of "
        f"freedom), over the bytes of all sequences in a row. {_SOURCE} {_STAR}",
        widen(_base(rows), rows, "metric"),
        (
            *head("image"),
            Column("source", "condition", key=True),
            *(Column(title, metric, form, f"{metric} verdict") for metric, (title, form) in _BYTES.items()),
        ),
    )


def randomness_bit_planes(run: RunData) -> Table:
    rows = _rows(run, "bit_plane")
    return Table(
        "randomness_bit_planes",
        "Randomness: bit planes",
        "The share of ones in each bit plane of all sequences in a row (ideal: 0.5); bit 0 is the least significant. "
        f"{_SOURCE} {_STAR}",
        widen(_base(rows), rows, "part"),
        (
            *head("image"),
            Column("source", "condition", key=True),
            *(Column(f"bit {bit}", str(bit), "{:.6f}", f"{bit} verdict") for bit in range(8)),
        ),
    )


def _rows(run: RunData, *metrics: str) -> pd.DataFrame:
    """Rows of the analysis, each source named with its nonce mode."""
    rows = pick(run.numbers[run.numbers["analysis"] == "randomness"], *metrics)
    if rows.empty:
        raise NothingToShow("the run holds no randomness analysis")
    return rows.assign(condition=rows["condition"] + rows["nonce"].map({"fixed": ", fixed nonce"}).fillna(""))


def _base(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[*KEYS, "condition"]].drop_duplicates().reset_index(drop=True)


def _beside_aes(values: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """AES's rows as columns beside those of each cipher."""
    aes = values["condition"] == _AES
    beside = values.loc[aes, [*KEYS, *columns]].rename(columns={column: f"{_AES} {column}" for column in columns})
    return values[~aes].merge(beside, on=KEYS, how="left")


TABLES = (randomness, randomness_tests, randomness_bytes, randomness_bit_planes)
