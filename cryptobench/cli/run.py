"""`cryptobench run`: measure ciphers, then write tables and figures."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.options import names

if TYPE_CHECKING:
    from cryptobench.api import Run
    from cryptobench.bench.cell import Cell
    from cryptobench.bench.run import RunSummary
    from cryptobench.bench.settings import Settings

__all__ = ["command"]

_SHOWN_FAILURES = 20


def _memory(context: click.Context, parameter: click.Parameter, value: str | None) -> int | str | None:
    return int(value) if value is not None and value.isdecimal() else value


@click.command(short_help="Measure and attack ciphers; tables and figures.")
@click.option("--profile", default="standard", show_default=True, help="quick, standard, paper, or a .toml file.")
@click.option("--all", "every_cipher", is_flag=True, help="Every registered cipher.")
@click.option(
    "--ciphers", multiple=True, callback=names, help="Names or path/to/file.py:ClassName, separated by commas."
)
@click.option("--images", multiple=True, callback=names, help="Names, sets, folders or files, separated by commas.")
@click.option("--analyses", multiple=True, callback=names, help="Names, separated by commas; without --attacks, none.")
@click.option("--attacks", multiple=True, callback=names, help="Names or all; without --analyses, attacks only.")
@click.option("--size", type=int, help="Side of the images in pixels.")
@click.option("--seed", type=int, help="Fixes keys, nonces and trials.")
@click.option("--alpha", type=float, help="Significance level of the tests.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run; results/PROFILE if not given.")
@click.option("--jobs", type=int, help="Worker processes; one for each CPU if not given.")
@click.option("--dask", metavar="ADDRESS", help="Run on the Dask cluster at this address, such as tcp://host:8786.")
@click.option("--timeout", type=float, help="Seconds that one cell may take.")
@click.option("--memory", callback=_memory, help="MiB that one worker may use, auto or off. Linux only.")
@click.option("--dry-run", is_flag=True, help="Say how many cells there are and what they cost, and stop.")
@click.option("--strict", is_flag=True, help="Exit with 1 if any cell failed, crashed or timed out.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--no-report", is_flag=True, help="Measure only; `cryptobench report` makes tables and figures later.")
def command(
    profile: str,
    every_cipher: bool,
    out: Path | None,
    dry_run: bool,
    strict: bool,
    quiet: bool,
    no_report: bool,
    **overrides: Any,
) -> None:
    """Measure and attack ciphers on images and write tables and figures.

    Finished cells are kept: the same command continues a run that was stopped, and runs nothing twice.
    """
    from cryptobench.api import evaluate, plan
    from cryptobench.bench.run import Stopped
    from cryptobench.bench.settings import settings

    wanted = settings(profile, every_cipher=every_cipher, **overrides)
    folder = Path("results", wanted.name) if out is None else out
    if dry_run:
        click.echo(plan(profile=wanted, out=folder))
        return
    arguments = (
        sys.argv[2:] if sys.argv[1:2] == ["run"] else [f"--profile={folder / 'settings.toml'}", f"--out={folder}"]
    )
    again = shlex.join(["cryptobench", "run", *arguments])
    try:
        run = evaluate(profile=wanted, out=folder, quiet=quiet)
        summary = run.summary
        assert summary is not None
        if not quiet:
            _summarize(summary)
        if not no_report:
            _report(run, wanted, folder, quiet)
    except Stopped as stopped:
        click.echo(f"Stopped: {stopped}.\nTo continue: {again}", err=True)
        sys.exit(128 + stopped.signal_number)
    except KeyboardInterrupt:
        click.echo(f"Stopped. To continue: {again}", err=True)
        sys.exit(130)
    if not summary.counts.get("ok"):
        why = f": {summary.failures[0][2]}" if summary.failures else ""
        raise click.ClickException(f"no cell gave a measurement{why}; {folder / 'run.json'} says of each why")
    if strict and summary.failures:
        sys.exit(1)


def _summarize(summary: RunSummary) -> None:
    from cryptobench.terminal import duration

    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.counts.items(), key=lambda c: -c[1]))
    click.echo(
        f"{sum(summary.counts.values())} cells ({counts}), {summary.executed} run now, in {duration(summary.seconds)}"
    )
    alike: dict[tuple[str, str, str], list[Cell]] = {}
    for cell, status, message in summary.failures:
        alike.setdefault((cell.cipher_name, status, message), []).append(cell)
    for (_, status, message), cells in list(alike.items())[:_SHOWN_FAILURES]:
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        click.echo(f"  {status}: {cells[0]}{more}: {message}")
    if len(alike) > _SHOWN_FAILURES:
        click.echo(f"  and {len(alike) - _SHOWN_FAILURES} other failures: see {summary.folder / 'run.json'}")
    if summary.incomplete:
        number, first = len(summary.incomplete), ", ".join(summary.incomplete[0].values())
        have = "1 cell has" if number == 1 else f"{number} cells have"
        click.echo(f"  {have} measurements that failed: {first}; the table errors lists them")
    if summary.failures:
        click.echo(f"  what workers printed: {summary.folder / 'workers.log'}")
    click.echo(f"measurements: {summary.folder / 'measurements.csv.gz'}")


def _report(run: Run, wanted: Settings, folder: Path, quiet: bool) -> None:
    if not quiet:
        click.echo("writing tables and figures", err=True)
    try:
        run.report(narrow=wanted.one_column, jobs=wanted.workers)
    except Exception as error:
        raise click.ClickException(
            f"the measurements are complete, but their report failed ({type(error).__name__}: {error}); "
            f"`cryptobench report {folder}` tries again"
        ) from error
    if not quiet:
        click.echo(f"report: {folder / 'report.html'}; tables and figures: {folder / 'report.md'}")
