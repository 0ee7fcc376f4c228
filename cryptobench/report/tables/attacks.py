"""Tables of attacks: what they mean for each cipher, which attack succeeds against which cipher, at what cost."""

from __future__ import annotations

import pandas as pd

from cryptobench.attacks.query_formula import REFERENCE_SIZE
from cryptobench.layout.tables import Column, Digits, Table
from cryptobench.report.judged import NOTE, judgement_columns, weak_keys_text
from cryptobench.report.tabular import head
from cryptobench.results.attacks import by_nonce_mode, worst
from cryptobench.results.rounding import p_text, percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

_OUTCOMES = (
    "Recovered: the attack recovers more than 90 % of the image's samples, or the image to the eye. Leak: it "
    "distinguishes the cipher from an ideal one with a p-value below 1e-6. Of an attack with chosen ciphertexts both "
    "read malleable: it changes a plaintext, or reads one ciphertext by way of others; or map recovered, where "
    "it finds a map that reads other ciphertexts."
)
_NONCES = (
    "Nonce fresh: a new nonce and per-message secret for each message; fixed: one nonce and secret for all messages, "
    "which is misuse; none: the cipher has neither."
)
_LETTERS = {
    "RECOVERED": "R", "MAP RECOVERED": "M", "malleable": "m", "leak": "L", "holds": "h", "failed": "e", "n/a": "·",
}  # fmt: skip


def judgements(run: RunData) -> Table:
    """The three judgements of each cipher, and which attacks set them."""
    _results(run)
    confidentiality, misuse, integrity = judgement_columns()
    incomplete = (run.judgements["defects"] != "").any()
    defects = "Not functional by: attacks which found that the ciphertext does not decrypt from key, header and body. "
    return Table(
        "judgements",
        "Judgements of attacks",
        f"What the attacks of this run leave a cipher, and which of them set it. {NOTE} Could not run: attacks that do "
        "not apply to the cipher or did not finish, of those tried. "
        f"{defects if incomplete else ''}Attacks that find nothing prove nothing.",
        run.judgements,
        (
            *head(),
            confidentiality,
            Column("confidentiality set by", "confidentiality_by"),
            misuse,
            Column("misuse set by", "misuse_by"),
            integrity,
            Column("integrity set by", "integrity_by"),
            Column("could not run", ("not_run", "tried"), "{} of {}"),
            Column("weak keys", ("weak_keys", "weak_key_share"), weak_keys_text, partial=True),
            *([Column("not functional by", "defects")] if incomplete else []),
        ),
    )


def attacks(run: RunData) -> Table:
    """Cipher by attack: the outcome."""
    results = worst(by_nonce_mode(_results(run)))
    keys = ["cipher", "family", "fidelity", "nonce"]
    values = results[keys].drop_duplicates().reset_index(drop=True)
    names = list(results["attack"].unique())
    for name in names:
        column = results[results["attack"] == name].set_index(["cipher", "nonce"])["word"].rename(name)
        values = values.join(column, on=["cipher", "nonce"])
    return Table(
        "attacks",
        "Attacks",
        f"The worst outcome of each attack over all image sizes. {_OUTCOMES} Holds: it finds nothing. Failed: at some "
        "size it did not finish, and at no other size it succeeds. N/a: it does not apply to the cipher. –: it was not "
        f"run in this nonce mode. {_NONCES}",
        values,
        (*head("nonce"), *(Column(name.replace("_", " "), name, _loud, letters=_LETTERS) for name in names)),
    )


def attack_costs(run: RunData) -> Table:
    """Cipher by attack: queries, time, what was recovered, and what that takes at the reference size."""
    results = worst(_results(run))
    return Table(
        "attack_costs",
        "Costs and results of attacks",
        "For each cipher, attack and nonce mode the size with the worst outcome, the largest one of several. Model: "
        "the attacker has only ciphertexts (COA), known plaintexts (KPA), chosen plaintexts (CPA) or chosen "
        "ciphertexts (CCA). Queries: what the attack needs by itself. Time: with the cipher's own time. Recovered: "
        "share of the plaintext's samples that the attack has right; chance is 0.39 %. PSNR: peak signal-to-noise "
        "ratio of the recovered image. p: the smaller p-value of the statistic and of the recovered image. "
        f"At {REFERENCE_SIZE}: the queries that the attack needs there by its formula, in which N is the number of "
        "samples of the image (pixels times channels), and the cipher's own time for them, taken as linear in the "
        f"samples; an attack without a formula needs as many as at its own size. {_OUTCOMES} {_NONCES}",
        results.assign(
            outcome=results["word"], size=results["height"].astype(str) + "x" + results["width"].astype(str)
        ).drop(columns="word"),
        (
            *head("attack", "model", "nonce", "image", "size"),
            Column("outcome", "outcome"),
            Column("queries", "queries", "{:.0f}"),
            Column("time (ms)", "time", Digits(3, 1e3)),
            Column("recovered", "recovered", percentage(2)),
            Column("PSNR (dB)", "psnr", "{:.1f}"),
            Column("statistic", "statistic", Digits(4)),
            Column("p", "p", p_text),
            Column(f"queries at {REFERENCE_SIZE}", "queries_at_reference", "{:.0f}"),
            Column("formula", "formula"),
            Column(f"time (s) at {REFERENCE_SIZE}", "time_at_reference", Digits(3)),
            Column("notes", "notes"),
        ),
    )


def _results(run: RunData) -> pd.DataFrame:
    if run.attacks.empty:
        raise NothingToShow("the run holds no attacks")
    return run.attacks


def _loud(word: str) -> str:
    return word.upper() if word.endswith("recovered") else word


TABLES = (judgements, attacks, attack_costs)
