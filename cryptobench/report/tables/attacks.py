"""Tables of attacks: the security level of each cipher, which attack succeeds against which cipher, at what cost."""

from __future__ import annotations

import pandas as pd

from cryptobench.attacks.scoring import SECURITY_LEVELS
from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import head
from cryptobench.results.attacks import by_nonce_mode, cipher_levels, worst
from cryptobench.results.rounding import p_text, percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_OUTCOMES = (
    "Recovered: the attack recovers more than 90 % of the image's samples, or the image to the eye. Leak: it "
    "distinguishes the cipher from an ideal one with a p-value below 1e-6."
)
_NONCES = (
    "Nonce fresh: a new nonce and per-message secret for each message; fixed: one nonce and secret for all messages, "
    "which is misuse; none: the cipher has neither."
)
_LETTERS = {"RECOVERED": "R", "leak": "L", "holds": "h", "failed": "e", "n/a": "·"}


def security_levels(run: RunData) -> Table:
    """The security level of each cipher."""
    values = cipher_levels(_results(run))
    if values.empty:
        raise NothingToShow("no attack of this run was finished")
    levels = "; ".join(f"{level}: {meaning}" for level, meaning in enumerate(SECURITY_LEVELS))
    return Table(
        "security_levels",
        "Security levels",
        f"The highest security level that the attacks of this run leave a cipher. {levels}. CPA: security level "
        "without chosen ciphertexts; CCA: security level with chosen ciphertexts, which is never above the first. "
        f"Attacks that find nothing prove nothing. {_OUTCOMES} {_NONCES}",
        values,
        (
            *head("nonce"),
            Column("security level (CPA)", "cpa", "{:.0f}", better="larger"),
            Column("security level (CCA)", "cca", "{:.0f}", better="larger"),
            Column("recovered by", "recovered_by"),
            Column("leak found by", "leak_found_by"),
        ),
    )


def attacks(run: RunData) -> Table:
    """Cipher by attack: the outcome."""
    results = worst(by_nonce_mode(_results(run)))
    keys = ["cipher", "family", "fidelity", "nonce"]
    values = results[keys].drop_duplicates().reset_index(drop=True)
    names = list(results["attack"].unique())
    for name in names:
        column = results[results["attack"] == name].set_index(["cipher", "nonce"])["outcome"].rename(name)
        values = values.join(column, on=["cipher", "nonce"])
    return Table(
        "attacks",
        "Attacks",
        f"The worst outcome of each attack over all image sizes. {_OUTCOMES} Holds: it finds nothing. Failed: at some "
        "size it did not finish, and at no other size it succeeds. N/a: it does not apply to the cipher. –: it was not "
        f"run in this nonce mode. {_NONCES}",
        values,
        (*head("nonce"), *(Column(name.replace("_", " "), name, _word, letters=_LETTERS) for name in names)),
    )


def attack_costs(run: RunData) -> Table:
    """Cipher by attack: queries, time, what was recovered."""
    results = worst(_results(run))
    return Table(
        "attack_costs",
        "Costs and results of attacks",
        "For each cipher, attack and nonce mode the size with the worst outcome, the largest one of several. Model: "
        "the attacker has only ciphertexts (COA), known plaintexts (KPA), chosen plaintexts (CPA) or chosen "
        "ciphertexts (CCA). Queries: what the attack needs by itself. Time: with the cipher's own time. Recovered: "
        "share of the plaintext's samples that the attack has right; chance is 0.39 %. PSNR: peak signal-to-noise "
        "ratio of the recovered image. p: the smaller p-value of the statistic and of the recovered image. "
        f"{_OUTCOMES} {_NONCES}",
        results.assign(size=results["height"].astype(str) + "x" + results["width"].astype(str)),
        (
            *head("attack", "model", "nonce", "image", "size"),
            Column("outcome", "outcome"),
            Column("queries", "queries", "{:.0f}"),
            Column("time (ms)", "time", lambda seconds: f"{seconds * 1e3:.3g}"),
            Column("recovered", "recovered", percentage(2)),
            Column("PSNR (dB)", "psnr", "{:.1f}"),
            Column("statistic", "statistic", "{:.4g}"),
            Column("p", "p", p_text),
            Column("notes", "notes"),
        ),
    )


def _results(run: RunData) -> pd.DataFrame:
    if run.attacks.empty:
        raise NothingToShow("the run holds no attacks")
    return run.attacks


def _word(outcome: str) -> str:
    return "RECOVERED" if outcome == "recovered" else outcome


TABLES = (security_levels, attacks, attack_costs)
