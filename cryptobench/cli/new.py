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
    "--language",
    type=click.Choice(("python", "matlab", "c", "cpp")),
    default="python",
    show_default=True,
    help="What it is written in; MATLAB's runs in Octave too.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to write the files; the current folder if not given.",
)
def command(name: str, language: str, folder: Path) -> None:
    """Write NAME.py: one commented cipher that runs as it is and shows what there is to fill in.

    In another language than Python it is a program, and NAME.toml describes it.
    """
    try:
        paths, reference, build = _written(name, language, folder)
    except ValueError as error:
        raise Mistake(str(error)) from None
    click.echo(f"wrote {', '.join(map(str, paths))}. Next:")
    for line in filter(None, (build, f"cryptobench validate {reference}")):
        click.echo(f"  {line}")
    click.echo(f"  cryptobench run --profile quick --ciphers {reference},aes-256-ctr --out results/{paths[0].stem}")


def _written(name: str, language: str, folder: Path) -> tuple[list[Path], str, str]:
    """The files, how the shell names the cipher, and the line that builds it, "" for none."""
    from cryptobench.cli.program_template import build_command, write_program
    from cryptobench.cli.template import class_name, write_template

    if language == "python":
        path = write_template(name, folder)
        return [path], shlex.quote(f"{path}:{class_name(name)}"), ""
    paths = write_program(name, language, folder)
    return paths, shlex.quote(str(paths[0])), build_command(language, paths[0])
