"""Tables of the key: how many of its bits count, and what one wrong bit does."""

from __future__ import annotations

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import KEYS, head, pick, skeleton, trials_text, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_BITS = {
    "nominal_key_bits": "nominal",
    "effective_key_bits": "effective",
    "dead_key_bits": "dead",
    "weak_key_bits": "weak",
}
_TITLES = {"effective": "bits with an effect"}
_SENSITIVITY = {
    "key_npcr": ("NPCR %", "{:.3f}"),
    "key_uaci": ("UACI %", "{:.3f}"),
    "key_avalanche": ("avalanche %", "{:.3f}"),
    "wrong_key_psnr": ("wrong key: PSNR dB", "{:.2f}"),
    "wrong_key_ssim": ("wrong key: SSIM", "{:.4f}"),
    "wrong_key_correlation": ("wrong key: correlation", "{:+z.4f}"),
    "wrong_key_entropy": ("wrong key: entropy bit", "{:.4f}"),
}
_METRICS = (
    "Between the ciphertexts under both keys: number of pixels change rate (NPCR), unified average changing intensity "
    "(UACI) and share of flipped bits (avalanche). Wrong key: peak signal-to-noise ratio (PSNR), structural similarity "
    "(SSIM) and correlation of the decryption under the wrong key with the plaintext, and its entropy."
)


def key_space(run: RunData) -> Table:
    rows = pick(run.numbers, *_BITS, analysis="keyspace", part="")
    values = _bits(skeleton(run.numbers, "keyspace"), rows)
    return Table(
        "key_space",
        "Key space",
        "Nominal: key bits of the scheme as described. With an effect: bits whose flip changes the ciphertext. Dead: "
        "bits whose flip changes nothing. Weak: bits without effect under some keys. A star marks fewer bits with an "
        "effect than nominal ones. Bits with an effect bound the key space from above alone: where a 32-bit seed is "
        "hashed from a key of 256 bits, all 256 have an effect. Collisions among random keys, which the attack "
        "key_search looks for, give a closer bound; none among 1,024 means more than 2^17 keys (95 % confidence).",
        values,
        (*head("image"), *_bit_columns(better="larger")),
    )


def key_space_fields(run: RunData) -> Table:
    rows = pick(run.numbers, *_BITS, analysis="keyspace")
    rows = rows[rows["part"] != ""]
    base = rows[[*KEYS, "part"]].drop_duplicates().reset_index(drop=True)
    return Table(
        "key_space_fields",
        "Key space by field",
        "For each field of the key: nominal bits, bits whose flip changes the ciphertext (with an effect), bits "
        "whose flip changes nothing (dead), and bits without effect under some keys (weak).",
        _bits(base, rows),
        (*head("image"), Column("key field", "part", key=True), *_bit_columns()),
    )


def key_sensitivity(run: RunData) -> Table:
    rows = _summaries(run)
    rows = rows[rows["part"] == ""]
    return Table(
        "key_sensitivity",
        "Key sensitivity",
        f"One key bit is flipped at a time. {_METRICS} Mean over the key bits, and the worst key bit. A star marks "
        f"what an ideal cipher would hardly give.{_slow_text(rows)}"
        + trials_text(pick(run.table, "key_npcr"), "key bits"),
        _sensitivity(skeleton(run.numbers, "key_sensitivity"), rows),
        (*head("image"), *_sensitivity_columns(rows)),
    )


def key_sensitivity_fields(run: RunData) -> Table:
    rows = _summaries(run)
    rows = rows[rows["part"] != ""]
    base = rows[[*KEYS, "part"]].drop_duplicates().reset_index(drop=True)
    return Table(
        "key_sensitivity_fields",
        "Key sensitivity by field",
        f"One key bit is flipped at a time, by field of the key. {_METRICS} Mean over the bits of the field, and its "
        f"worst bit.{_slow_text(rows)}",
        _sensitivity(base, rows),
        (*head("image"), Column("key field", "part", key=True), *_sensitivity_columns(rows)),
    )


def _slow_text(rows: pd.DataFrame) -> str:
    """What ciphers were measured on a smaller picture, and why; empty if none was."""
    slow = rows[rows["parameter"] != ""]
    if slow.empty:
        return ""
    names, side = ", ".join(sorted(slow["cipher"].unique())), slow["parameter"].iloc[0]
    return f' Of ciphers whose cards say cost="slow" ({names}), keys are flipped on the central {side} x {side} pixels.'


def _bits(base: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        raise NothingToShow("the run holds no such key bits")
    return widen(base, rows, rows["metric"].map(_BITS))


def _bit_columns(better: str = "") -> list[Column]:
    return [
        Column(
            _TITLES.get(title, f"{title} bits"),
            title,
            "{:.0f}",
            f"{title} verdict",
            better=better if title == "effective" else "",
        )
        for title in _BITS.values()
    ]


def _summaries(run: RunData) -> pd.DataFrame:
    return pick(run.numbers, *(f"{metric}_{part}" for metric in _SENSITIVITY for part in ("mean", "worst")))


def _sensitivity(base: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        raise NothingToShow("the run holds no such key sensitivity")
    return widen(base, rows, "metric")


def _sensitivity_columns(rows: pd.DataFrame) -> list[Column]:
    present = set(rows["metric"])
    return [
        Column(f"{title}, {part}", name, form, f"{name} verdict")
        for metric, (title, form) in _SENSITIVITY.items()
        for part in ("mean", "worst")
        if (name := f"{metric}_{part}") in present
    ]


TABLES = (key_space, key_space_fields, key_sensitivity, key_sensitivity_fields)
