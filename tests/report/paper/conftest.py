"""A made-up run in which everything of a paper is there, with names that LaTeX does not take as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from cryptobench.measurement import frame
from cryptobench.report.paper.chosen import Subject, subject
from cryptobench.results.run import RunData
from tests.results.doubles import attack_rows, minimum_rows

HOSTILE = {"caesar": r"[C_ae$ar](x) #1 & 50% {é} \x ~^ 中", "zhang2015": "W" * 64, "aes-256-siv": "*=1+1|`<b>"}
_ATTACKS = (
    ("permutation", "recovered", "none", "CPA", 3), ("keystream_reuse", "leak", "none", "KPA", 2),
    ("locality", "holds", "none", "CPA", 33), ("hua2021_cca", "recovered", "none", "CCA", 70),
)  # fmt: skip


@pytest.fixture(scope="session")
def rich(full: RunData) -> RunData:
    """The run of eight ciphers, attacks on hua2021 and chen2004 added, three ciphers under hostile names."""
    rows = [*minimum_rows("hua2021", "none"), *minimum_rows("chen2004", "none")]
    for attack, outcome, nonce, model, queries in _ATTACKS:
        claims = ("malleable",) if model == "CCA" else ()
        rows += attack_rows("hua2021", attack, outcome, nonce, model, queries=queries, claims=claims, formula="N + 21")
    table = pd.concat([full.table, frame(rows)], ignore_index=True)
    cards = {
        "hua2021": {"authors": "Z. Hua, Z. Zhu and others", "title": "2D-LTMM & 50 % of {it}", "year": 2021,
                    "doi": "10.1016/j.ins.2020.09.032", "fidelity": "B"},
        "chen2004": {"authors": "G. Chen, Y. Mao, C. K. Chui", "title": "3D cat maps", "year": 2004,
                     "doi": "10.1016/j.chaos.2003.12.022"},
        HOSTILE["caesar"]: {"authors": "Müller, J., O'Neill, A. et al.", "title": "Ä_ü \\ {x", "year": None,
                            "doi": "a}b\\"},
    }  # fmt: skip
    run = replace(full, table=table.assign(cipher=table["cipher"].replace(HOSTILE)))
    run.__dict__["cards"] = cards
    return run


@pytest.fixture
def about(rich: RunData) -> Callable[..., Subject]:
    """The subject of a paper about one cipher of that run."""

    def of(cipher: str = "hua2021", rows: list[str] | None = None) -> Subject:
        found = subject(rich, cipher, rows)
        found.run.__dict__["cards"] = rich.cards
        return found

    return of
