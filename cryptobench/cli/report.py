"""`cryptobench report`: tables and figures again from a finished run."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("report", short_help="Write tables and figures of a finished run again.")
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report; the run's own unless given.")
@click.option("--ciphers", help="Only these ciphers, separated by commas.")
@click.option("--image", help="The image that galleries show.")
@click.option("--narrow/--no-narrow", default=True, show_default=True, help="Add one-column twins of the figures.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that draw.")
def command(
    run_folder: Path, out: Path | None, ciphers: str | None, image: str | None, narrow: bool, jobs: int
) -> None:
    """Write tables/, figures/ and report.md of RUN_FOLDER again, from its measurements and pictures alone."""
    from cryptobench.report import ReportError, write_report

    chosen = None if ciphers is None else [name.strip() for name in ciphers.split(",") if name.strip()]
    try:
        paths = write_report(
            run_folder, out=out, ciphers=chosen, image=image, narrow=narrow, jobs=jobs,
            tell=lambda line: click.echo(f"skipped {line}", err=True),
        )  # fmt: skip
    except ReportError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(paths)} files written; start with {paths[-1]}")
