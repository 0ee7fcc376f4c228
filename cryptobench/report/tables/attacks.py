"""Tables of attacks: where each cipher stands, which attack breaks what, and at what cost."""

from __future__ import annotations

import pandas as pd

from cryptobench.attacks.scoring import SECURITY_LEVELS
from cryptobench.report.table import Column, Table, head
from cryptobench.results.attacks import by_mode, played, worst
from cryptobench.results.attacks import ladder as standings
from cryptobench.results.rounding import p_text, percentage
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES"]

_ABOUT = (
    "Broken: more than 90 % of the image's samples recovered. Leak: a p-value below 1e-6. Fresh: a new nonce and "
    "per-message secret for each message; fixed: both held still, misuse; none: the cipher has neither."
)

_LETTERS = {"BROKEN": "B", "leak": "L", "holds": "h", "failed": "e", "n/a": "·"}


def ladder(run: Run) -> Table:
    """Where each cipher stands."""
    values = standings(_found(run))
    if values.empty:
        raise NothingToShow("no attack of this run was finished")
    rungs = "; ".join(f"{rung}: {meaning}" for rung, meaning in enumerate(SECURITY_LEVELS))
    return Table(
        "ladder",
        "Verdict ladder",
        f"The highest rung that the attacks of this run leave a cipher on: {rungs}. CPA: attackers who choose no "
        "ciphertexts; CCA: those who may choose ciphertexts too, so that it is never above CPA. Attacks that find "
        f"nothing prove nothing. {_ABOUT}",
        values,
        (
            *head("nonce"),
            Column("CPA", "cpa", "{:.0f}", better="larger"),
            Column("CCA", "cca", "{:.0f}", better="larger"),
            Column("broken by", "broken"),
            Column("leaks to", "leak"),
        ),
    )


def attacks(run: Run) -> Table:
    """Cipher by attack: the verdict."""
    found = worst(by_mode(_found(run)))
    keys = ["cipher", "family", "fidelity", "nonce"]
    values = found[keys].drop_duplicates().reset_index(drop=True)
    names = list(found["attack"].unique())
    for name in names:
        column = found[found["attack"] == name].set_index(["cipher", "nonce"])["verdict"].rename(name)
        values = values.join(column, on=["cipher", "nonce"])
    return Table(
        "attacks",
        "Attacks",
        "The worst outcome over all sizes played. Failed: some size did not finish, and no other broke or leaked. "
        f"Empty: not played in this nonce mode. {_ABOUT}",
        values,
        (*head("nonce"), *(Column(name.replace("_", " "), name, _word, letters=_LETTERS) for name in names)),
    )


def attack_costs(run: Run) -> Table:
    """Cipher by attack: queries, time, what was recovered."""
    found = worst(_found(run))
    return Table(
        "attack_costs",
        "What attacks cost and recover",
        "For each cipher, attack and nonce mode the size with the worst outcome, the largest of several. Queries are "
        "what the attack needs by itself; time includes the cipher's own. Recovered: samples of the challenge's "
        "plaintext that the guess has right, chance is 0.39 %. p: the smaller of the statistic's and the guess's.",
        found.assign(size=found["height"].astype(str) + "x" + found["width"].astype(str)),
        (
            *head("attack", "model", "nonce", "image", "size"),
            Column("verdict", "verdict"),
            Column("queries", "queries", "{:.0f}"),
            Column("time (ms)", "time", lambda seconds: f"{seconds * 1e3:.3g}"),
            Column("recovered", "recovered", percentage(2)),
            Column("PSNR (dB)", "psnr", "{:.1f}"),
            Column("statistic", "statistic", "{:.4g}"),
            Column("p", "p", p_text),
            Column("notes", "notes"),
        ),
    )


def _found(run: Run) -> pd.DataFrame:
    found = played(run.numbers)
    if found.empty:
        raise NothingToShow("the run holds no attacks")
    return found


def _word(verdict: str) -> str:
    return {"broken": "BROKEN", "none": "n/a"}.get(verdict, verdict)


TABLES = (ladder, attacks, attack_costs)
