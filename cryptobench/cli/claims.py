"""`cryptobench claims`: what papers claim, beside what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.options import complete_cipher
from cryptobench.cli.text import columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["command"]


@click.command(short_help="List what papers claim, and what was measured.")
@click.argument("cipher", required=False, shell_complete=complete_cipher)
@click.option(
    "--run", "folder", type=click.Path(path_type=Path), help="Folder of a finished run; results/reference if not given."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(cipher: str | None, folder: Path | None, as_json: bool) -> None:
    """List what the papers behind the ciphers claim, what a run measured, and whether an ideal cipher gives the claim.

    Of CIPHER (a name from `list ciphers`), or of all. A claim was read in the paper, or is cited: read in a review that
    reports it, which is named, and never compared as the paper's own. Plausible: as `cryptobench plausible` answers for
    NPCR, UACI and entropy; a question to ask, not a verdict. What is measured is of the run's first image.
    """
    from cryptobench.api import list_claims, reference_folder

    if folder is None and reference_folder() is None:
        click.echo("nothing measured is shown: there is no results/reference here; give --run FOLDER", err=True)
    table = list_claims(cipher, folder)
    if as_json:
        click.echo(json.dumps(_objects(table), indent=2))
    elif table.empty:
        click.echo(f"nothing is recorded about {cipher}: there are claims for the papers of published schemes alone")
    else:
        click.echo("\n".join(_lines(table)))


def _objects(table: pd.DataFrame) -> list[dict[str, Any]]:
    from cryptobench.report.html.plain import plain

    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _lines(table: pd.DataFrame) -> list[str]:
    from cryptobench.report.claimed import HEADER, claim_texts
    from cryptobench.results.plausibility import REASONS

    rows = _objects(table)
    claims = [row for row in rows if row["metric"]]
    lines = [columns(HEADER, [claim_texts(row) for row in claims])] if claims else []
    places = dict.fromkeys(row["measured on"] for row in claims if row["measured on"])
    lines += ["", f"Measured on {' and '.join(places)}."] if places else []
    others = [f"{row['cipher']}: {row['status']} ({row['source']})" for row in rows if not row["metric"]]
    lines += ["", "Without numbers, or without further ones:", *(f"  {line}" for line in others)] if others else []
    said = dict.fromkeys(row["plausible"] for row in claims if row["plausible"] in REASONS)
    return [*lines, *([""] if said else []), *(f"{answer}: {REASONS[answer]}" for answer in said)]
