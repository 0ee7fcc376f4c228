"""What the pages of a run show, put together once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptobench.layout.tables import Table
from cryptobench.report.claimed import claimed_and_measured
from cryptobench.report.html.content import table_content
from cryptobench.report.html.plain import plain
from cryptobench.report.judged import Judged, judged_ciphers, weak_keys_text
from cryptobench.results.run import RunData
from cryptobench.site.commands import Commands

__all__ = ["Shown", "ShownTable", "shown", "weak_keys"]


@dataclass(frozen=True, eq=False)
class ShownTable:
    """A table as `cryptobench.report.html.content.table_content` has it, and the places of its rows by cipher."""

    content: Mapping[str, Any]
    places: Mapping[str, list[int]]


@dataclass(frozen=True, eq=False)
class Shown:
    """What pages of ciphers are made of.

    ``contents`` are those of `cryptobench.report.html.content.cipher_content`, ``judged`` the judgements, ``weak`` what
    is known of weak keys and ``claims`` rows of `cryptobench.report.claimed.claimed_and_measured`, all by cipher.
    ``picture`` gives the address of a picture by its number. ``made`` are ciphers whose pictures were made when the
    site was, and ``docs`` is the folder of the documentation as a cipher's page links to it, "" for none.
    """

    run: RunData
    tables: Mapping[str, ShownTable]
    contents: Mapping[str, Mapping[str, Any]]
    judged: Mapping[str, Mapping[str, Judged]]
    weak: Mapping[str, str]
    claims: Mapping[str, list[dict[str, Any]]]
    commands: Commands
    picture: Callable[[int], str]
    made: frozenset[str]
    docs: str


def shown(
    run: RunData, tables: Sequence[Table], contents: Mapping[str, Mapping[str, Any]], commands: Commands,
    picture: Callable[[int], str], made: frozenset[str], docs: str,
) -> Shown:  # fmt: skip
    """What the pages of a run's ciphers are made of; see `Shown`."""
    claims: dict[str, list[dict[str, Any]]] = {}
    for row in claimed_and_measured(run.ciphers, run).to_dict("records"):
        claims.setdefault(row["cipher"], []).append({str(name): plain(value) for name, value in row.items()})
    return Shown(
        run, {table.name: _table(table) for table in tables}, contents, judged_ciphers(run), weak_keys(run), claims,
        commands, picture, made, docs,
    )  # fmt: skip


def weak_keys(run: RunData) -> dict[str, str]:
    """What is known of weak keys, of the ciphers that have some."""
    rows = run.judgements.to_dict("records")
    return {
        str(row["cipher"]): weak_keys_text(True, plain(row["weak_key_share"])) for row in rows if row["weak_keys"]
    }  # fmt: skip


def _table(table: Table) -> ShownTable:
    content = table_content(table)
    places: dict[str, list[int]] = {}
    for place, cipher in enumerate(content["ciphers"]):
        places.setdefault(cipher, []).append(place)
    return ShownTable(content, places)
