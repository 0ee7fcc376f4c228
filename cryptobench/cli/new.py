"""`cryptobench new`: a cipher of your own, to start from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from cryptobench.cli.mistake import Mistake

__all__ = ["command"]


@click.command(short_help="Write an example cipher to start from.")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to write the file; the current folder if not given.",
)
def command(name: str, folder: Path) -> None:
    """Write NAME.py: one commented cipher that runs as it is and shows what there is to fill in."""
    from cryptobench.cli.template import class_name, write_template

    try:
        path = write_template(name, folder)
    except ValueError as error:
        raise Mistake(str(error)) from None
    reference = shlex.quote(f"{path}:{class_name(name)}")
    click.echo(f"wrote {path}. Next:")
    click.echo(f"  cryptobench validate {reference}")
    click.echo(f"  cryptobench run --profile quick --ciphers {reference},aes-256-ctr --out results/{path.stem}")
