"""`cryptobench check`: fail when a cipher is worse than in a baseline."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.options import names
from cryptobench.terminal import one_line

if TYPE_CHECKING:
    from cryptobench.check.result import Comparison, Options

__all__ = ["command"]


@click.command(short_help="Compare with a baseline; exit code 1 if a cipher is worse.")
@click.argument("new")
@click.option("--against", "baseline", required=True, type=click.Path(path_type=Path), help="Run folder or table.")
@click.option("--alpha", type=float, default=0.01, show_default=True, help="Probability of any false alarm.")
@click.option("--ciphers", multiple=True, callback=names, help="Only these; both runs must have them.")
@click.option("--analyses", multiple=True, callback=names, help="Only these, such as differential or attack:codebook.")
@click.option("--timing", is_flag=True, help="A slower cipher is a regression, not a warning.")
@click.option("--slower", type=float, default=1.5, show_default=True, help="Factor that counts as slower.")
@click.option("--golden", is_flag=True, help="A changed ciphertext is a regression, not a notice.")
@click.option("--psnr-drop", type=float, default=0.5, show_default=True, help="Decibels that PSNR may decrease.")
@click.option("--profile", help="For a cipher: run this profile instead of the baseline's own settings.")
@click.option("--seed", type=int, help="For a cipher: another seed than the baseline's.")
@click.option("--jobs", type=int, help="For a cipher: worker processes; one for each CPU if not given.")
@click.option("--out", type=click.Path(path_type=Path), help="For a cipher: keep the run in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML to this file.")
@click.option(
    "--summary", type=click.Path(path_type=Path), help="Add Markdown to this file; $GITHUB_STEP_SUMMARY if not given."
)
@click.option("--github/--no-github", default=None, help="Print annotations; by default where GITHUB_ACTIONS is set.")
@click.option("--quiet", is_flag=True, help="No progress of the run that a cipher needs.")
def command(
    new: str, baseline: Path, as_json: bool, junit: Path | None, summary: Path | None, github: bool | None, **rest: Any
) -> None:
    """Compare NEW with a baseline and exit with 0 (no regression), 1 (regression) or 2 (cannot compare).

    NEW is a run's folder, its measurements.csv.gz, or a cipher (a name, path/to/file.py:ClassName or
    path/to/file.toml), which is run first with the baseline's own settings.
    """
    from cryptobench.check.result import refused

    try:
        result = _compared(new, baseline, **rest)
    except (ValueError, OSError) as error:
        if os.environ.get("CRYPTOBENCH_DEBUG"):
            raise
        result = refused(new, str(baseline), rest["alpha"], _reason(error))
    try:
        _write(result, junit, summary)
        _print(result, as_json, github)
    except OSError as error:  # exit code 1 would say that something got worse
        if error.errno == errno.EPIPE:
            raise
        click.echo(f"Error: {_reason(error)}", err=True)
        sys.exit(2)
    sys.exit(result.exit_code)


def _compared(
    new: str, baseline: Path, *, profile: str | None, seed: int | None, jobs: int | None, out: Path | None, quiet: bool,
    **options: Any,
) -> Comparison:  # fmt: skip
    from cryptobench.check.baseline_run import is_cipher, load
    from cryptobench.check.compare import compare
    from cryptobench.check.result import Options

    chosen = Options(**options)
    old = load(baseline)
    with ExitStack() as stack:
        folder = Path(new)
        if is_cipher(new):
            folder = _run(new, old, chosen, profile, seed, jobs, out, quiet, stack)
        elif given := [f"--{name}" for name, value in _only_for_ciphers(profile, seed, jobs, out) if value is not None]:
            raise ValueError(f"{', '.join(given)} is for a cipher that is run first, and {new} is a finished run")
        return compare(load(folder), old, chosen, (new, str(baseline)))


def _run(
    new: str, old: Any, options: Options, profile: str | None, seed: int | None, jobs: int | None, out: Path | None,
    quiet: bool, stack: ExitStack,
) -> Path:  # fmt: skip
    from cryptobench.bench.run import Stopped
    from cryptobench.check.baseline_run import run_cipher, wanted_settings
    from cryptobench.scratch import ScratchFolder

    folder = out or Path(stack.enter_context(ScratchFolder()))
    try:
        return run_cipher(new, folder, wanted_settings(old, options, profile, seed, jobs), old, quiet=quiet)
    except Stopped as stopped:
        raise ValueError(f"the run of {new} was stopped: {stopped}") from None


def _only_for_ciphers(*values: Any) -> list[tuple[str, Any]]:
    return list(zip(("profile", "seed", "jobs", "out"), values, strict=True))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return one_line(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
    return one_line(str(error))


def _write(result: Comparison, junit: Path | None, summary: Path | None) -> None:
    from cryptobench.check import formats

    if junit is not None:
        junit.write_text(formats.junit(result), "utf-8")
    page = summary or (Path(os.environ["GITHUB_STEP_SUMMARY"]) if os.environ.get("GITHUB_STEP_SUMMARY") else None)
    if page is not None:
        with page.open("a", encoding="utf-8") as file:
            file.write(formats.markdown(result))


def _print(result: Comparison, as_json: bool, github: bool | None) -> None:
    from cryptobench.check import formats

    if as_json:
        click.echo(formats.as_json(result))
    elif result.reason:
        click.echo(f"Error: {formats.headline(result)}", err=True)
    else:
        click.echo(formats.text(result))
    if github or (github is None and os.environ.get("GITHUB_ACTIONS")):
        for line in formats.commands(result):
            click.echo(line, err=as_json)
