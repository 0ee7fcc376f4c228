"""One row a cipher: the numbers that readers look for first, on the run's first image."""

from __future__ import annotations

import pandas as pd

from cryptobench.report.table import KEYS, Column, Table, head, largest, pick, widen
from cryptobench.results.attacks import ladder, played
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES"]


def summary(run: Run) -> Table:
    """Entropy, correlation, differential, key, robustness and time, a row a cipher."""
    image = run.images[0]
    table = run.numbers[run.numbers["image"] == image]
    whole, least_bit = {"direction": "", "variant": ""}, {"direction": "", "variant": "lsb"}
    own = ("fixed", "none")
    parts = {
        "entropy": pick(table, "global_entropy", channel="all", variant="cipher"),
        "correlation": largest(pick(table, "correlation", variant="cipher")),
        "NPCR fresh": pick(table, "npcr_mean", nonce="fresh", **whole),
        "NPCR lsb": pick(table, "npcr_mean", nonce=own, **least_bit),
        "UACI lsb": pick(table, "uaci_mean", nonce=own, **least_bit),
        "NPCR fixed": pick(table, "npcr_mean", nonce=own, **whole),
        "key bits": pick(table, "effective_key_bits", variant=""),
        "damaged": pick(table, "damaged_psnr", variant="occlusion corner", direction="0.25"),
        "time": pick(table, "encrypt_time", direction="", variant="median"),
        "ratio": pick(table, "encrypt_ratio"),
    }
    rows = pd.concat(part.assign(part=name) for name, part in parts.items())
    if rows.empty:
        raise NothingToShow("the run holds none of the numbers that it shows")
    values = _with_rungs(widen(table[KEYS].drop_duplicates().reset_index(drop=True), rows, "part"), run)
    columns = (
        Column("entropy (bit)", "entropy", "{:.4f}", "entropy verdict"),
        Column("largest abs. correlation", "correlation", "{:.4f}"),
        Column("fresh nonce: NPCR %", "NPCR fresh", "{:.3f}", "NPCR fresh verdict"),
        Column("fixed: NPCR %, LSB", "NPCR lsb", "{:.3f}", "NPCR lsb verdict"),
        Column("fixed: UACI %, LSB", "UACI lsb", "{:.3f}", "UACI lsb verdict"),
        Column("fixed: NPCR %, all changes", "NPCR fixed", "{:.3f}", "NPCR fixed verdict"),
        Column("effective key bits", "key bits", "{:.0f}", "key bits verdict", better="larger"),
        Column("PSNR (dB), 1/4 lost", "damaged", "{:.1f}"),
        Column("CPA rung", "cpa", "{:.0f}", better="larger"),
        Column("CCA rung", "cca", "{:.0f}", better="larger"),
        Column("encrypt (ms)", "time", lambda seconds: f"{seconds * 1e3:.3g}", better="smaller"),
        Column("time / AES", "ratio", "{:.3g}", better="smaller"),
    )
    return Table(
        "summary",
        "At a glance",
        f"On {image}. A star marks a value that an ideal cipher gives in less than one case in twenty (for key bits: "
        "fewer than nominal). NPCR and UACI are means over trials; LSB: the least significant bit of one sample "
        "flipped, as most papers do; all changes: also the most significant bit, and plus one. A cipher without nonce "
        "and per-message secret has its value under fixed. PSNR is that of the decryption after a quarter of the "
        "ciphertext is lost. Rungs are those of the verdict ladder, nonces fresh, 0 (worst) to 5. Good numbers here "
        "are necessary, and prove nothing: add-chain and sum-ctr are broken by construction.",
        values,
        (*head("image"), *(column for column in columns if column.source in values)),
    )


def _with_rungs(values: pd.DataFrame, run: Run) -> pd.DataFrame:
    """The values with each cipher's rungs on the ladder, misuse left aside, if the run holds attacks."""
    found = ladder(played(run.numbers))
    if found.empty:
        return values
    return values.merge(found.loc[found["nonce"] != "fixed", ["cipher", "cpa", "cca"]], "left", on="cipher")


TABLES = (summary,)
