"""`cryptobench list`: what there is to run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from cryptobench.cli.text import columns

if TYPE_CHECKING:
    from cryptobench.catalogue import Kind

__all__ = ["command"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def command() -> None:
    """List ciphers, images, analyses, attacks or profiles."""


def _print(rows: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        header = list(rows[0])
        click.echo(columns(header, [[str(row[name]) for name in header] for row in rows]))


def _rows(kind: Kind, names: Sequence[str], row: Callable[[str], dict[str, object]]) -> list[dict[str, object]]:
    """A row for each name; a plug-in that cannot be read costs only its own row, and gets a line on standard error."""
    from cryptobench.catalogue import unreadable
    from cryptobench.registry import RegistryError

    rows, problems = [], [*unreadable(kind)]
    for name in names:
        try:
            rows.append(row(name))
        except RegistryError as error:
            problems.append(str(error))
    for problem in problems:
        click.echo(f"left out: {problem}", err=True)
    return rows


def _summaries(kind: Kind, column: str) -> list[dict[str, object]]:
    from cryptobench.registry import analysis_names, attack_names, summary

    names = analysis_names() if kind == "analysis" else attack_names()
    return _rows(kind, names, lambda name: {"name": name, column: summary(kind, name)})


@command.command(short_help="Every cipher.")
@_JSON
def ciphers(as_json: bool) -> None:
    """Every cipher, built in or of an installed package, with its family, fidelity and key size.

    Fidelity: A, the full algorithm from a source; B, its main steps, with some constants chosen; C, a
    reconstruction from title or abstract. Weights: the preset and score of a learned cipher's trained networks.
    """
    from cryptobench.registry import cipher_names, read_card
    from cryptobench.training.shipped import brief

    def row(name: str) -> dict[str, object]:
        card = read_card(name)
        return {
            "name": name,
            "family": card.family,
            "fidelity": card.fidelity,
            "key bits": card.key_bits,
            "year": card.year or "",
            "weights": brief(name),
            "title": card.title,
        }

    rows = _rows("cipher", cipher_names(), row)
    order = {"reference": 0, "control": 9}
    rows.sort(key=lambda row: (order.get(str(row["family"]), 5), str(row["family"])))
    _print(rows, as_json)


@command.command(short_help="Every analysis.")
@_JSON
def analyses(as_json: bool) -> None:
    """Every analysis, built in or of an installed package."""
    _print(_summaries("analysis", "what it measures"), as_json)


@command.command(short_help="Every attack.")
@_JSON
def attacks(as_json: bool) -> None:
    """Every attack, built in or of an installed package."""
    _print(_summaries("attack", "what it tries"), as_json)


@command.command(short_help="The built-in images.")
@_JSON
def images(as_json: bool) -> None:
    """The built-in images; `cryptobench images list` also shows the sets that can be fetched."""
    from cryptobench.images import image_names

    _print(
        [{"name": name, "kind": kind, "description": description} for name, kind, description in image_names()], as_json
    )


@command.command()
@_JSON
def profiles(as_json: bool) -> None:
    """The profiles for `cryptobench run --profile`."""
    from cryptobench.bench.settings import profile_summaries

    _print([{"name": name, "what it is": summary} for name, summary in profile_summaries()], as_json)
