"""One row a cipher: the numbers that readers look for first, on the run's first image."""

from __future__ import annotations

import pandas as pd

from cryptobench.layout.tables import Column, Digits, Table
from cryptobench.report.judged import JUDGEMENTS, judgement_columns
from cryptobench.report.tabular import KEYS, head, largest, pick, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]


def summary(run: RunData) -> Table:
    """Entropy, correlation, differential, key, robustness and time, a row a cipher."""
    image = run.images[0]
    table = run.numbers[run.numbers["image"] == image]
    whole, least_bit = {"place": "", "condition": ""}, {"place": "", "condition": "lsb"}
    own = ("fixed", "none")
    parts = {
        "entropy": pick(table, "global_entropy", channel="all", part="cipher"),
        "correlation": largest(pick(table, "correlation", part="cipher")),
        "NPCR fresh": pick(table, "npcr_mean", nonce="fresh", **whole),
        "NPCR lsb": pick(table, "npcr_mean", nonce=own, **least_bit),
        "UACI lsb": pick(table, "uaci_mean", nonce=own, **least_bit),
        "NPCR fixed": pick(table, "npcr_mean", nonce=own, **whole),
        "key bits": pick(table, "effective_key_bits", analysis="keyspace", part=""),
        "damaged": pick(table, "damaged_psnr", condition="occlusion", place="corner", parameter="0.25"),
        "time": pick(table, "encrypt_time", parameter="", statistic="median"),
        "ratio": pick(table, "encrypt_ratio"),
    }
    rows = pd.concat(found.assign(title=name) for name, found in parts.items())
    if rows.empty:
        raise NothingToShow("the run holds none of its numbers")
    values = _with_judgements(widen(table[KEYS].drop_duplicates().reset_index(drop=True), rows, "title"), run)
    columns = (
        Column("entropy (bit)", "entropy", "{:.4f}", "entropy verdict"),
        Column("largest abs. correlation", "correlation", "{:.4f}"),
        Column("fresh nonce: NPCR %", "NPCR fresh", "{:.3f}", "NPCR fresh verdict"),
        Column("fixed: NPCR %, LSB", "NPCR lsb", "{:.3f}", "NPCR lsb verdict"),
        Column("fixed: UACI %, LSB", "UACI lsb", "{:.3f}", "UACI lsb verdict"),
        Column("fixed: NPCR %, all changes", "NPCR fixed", "{:.3f}", "NPCR fixed verdict"),
        Column("key bits with an effect", "key bits", "{:.0f}", "key bits verdict", better="larger"),
        Column("PSNR (dB), 1/4 lost", "damaged", "{:.1f}"),
        *judgement_columns(),
        Column("encrypt (ms)", "time", Digits(3, 1e3), better="smaller"),
        Column("time / AES", "ratio", Digits(3), better="smaller"),
    )
    return Table(
        "summary",
        "At a glance",
        f"On {image}. A star marks a value that an ideal cipher gives in less than one case in twenty (key bits: "
        "fewer than nominal). NPCR, UACI: number of pixels change rate and unified average changing intensity, means "
        "over trials; fresh nonce: a new one for each message; fixed: one nonce and per-message secret for both "
        "messages, where a cipher without either stands too. LSB: the least significant bit of one sample flipped, as "
        "in most papers; all changes: also the most significant bit, and plus one. PSNR: peak signal-to-noise ratio "
        "of the decryption after a quarter of the ciphertext is lost. Confidentiality and misuse: security levels from "
        "0 (weakest) to 5 with fresh nonces, and to 4 with one nonce for all messages; integrity: what becomes of "
        "changed ciphertexts; see the table of judgements. Time / AES: as a multiple of that of AES-256-CTR. Good "
        "numbers here are necessary, and prove nothing: add-chain and sum-ctr have them, and are insecure by "
        "construction.",
        values,
        (*head("image"), *(column for column in columns if _first(column) in values)),
    )


def _with_judgements(values: pd.DataFrame, run: RunData) -> pd.DataFrame:
    """The values with what the attacks on each cipher mean, if the run holds attacks."""
    if run.judgements.empty:
        return values
    return values.merge(run.judgements[["cipher", *JUDGEMENTS, "refuted"]], "left", on="cipher")


def _first(column: Column) -> str:
    return column.source if isinstance(column.source, str) else column.source[0]


TABLES = (summary,)
