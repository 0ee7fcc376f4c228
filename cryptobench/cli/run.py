"""`cryptobench run`: measure ciphers, then write tables and figures."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from click.core import ParameterSource

from cryptobench.cli.judged import require_option
from cryptobench.cli.mistake import Mistake
from cryptobench.cli.options import names

if TYPE_CHECKING:
    from cryptobench.api import Run
    from cryptobench.bench.cell import Cell
    from cryptobench.bench.run import RunSummary
    from cryptobench.bench.settings import Settings
    from cryptobench.claims import Claims

__all__ = ["command"]

_SHOWN_FAILURES = 20


def _memory(context: click.Context, parameter: click.Parameter, value: str | None) -> int | str | None:
    return int(value) if value is not None and value.isdecimal() else value


@click.command(short_help="Measure and attack ciphers; tables and figures.")
@click.option(
    "--profile", default="standard", show_default=True, help="quick, beside, standard, paper, or a .toml file."
)
@click.option("--all", "every_cipher", is_flag=True, help="Every registered cipher.")
@click.option(
    "--ciphers",
    multiple=True,
    callback=names,
    help="Names, path/to/file.py:ClassName or path/to/file.toml (a program), separated by commas.",
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
@click.option(
    "--beside", multiple=True, callback=names, metavar="RUN",
    help="Rows beside those measured: reference, names of its ciphers, or the folder of a run.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say how many cells there are and what they cost, and stop.")
@require_option
@click.option("--strict", is_flag=True, help="Exit with 1 if any cell failed, crashed or timed out.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary for programs; all else goes to standard error.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Add all lines to FILE.")
@click.option("--quiet", is_flag=True, help="Print errors only, and the summary of --json.")
@click.option("--no-report", is_flag=True, help="Measure only; `cryptobench report` makes tables and figures later.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    profile: str,
    every_cipher: bool,
    out: Path | None,
    beside: tuple[str, ...],
    dry_run: bool,
    require: Claims | None,
    strict: bool,
    as_json: bool,
    log: Path | None,
    quiet: bool,
    no_report: bool,
    **overrides: Any,
) -> None:
    """Measure and attack ciphers on images and write tables and figures.

    First it says what it is about to do, and how long that takes. Finished cells are kept: the same command continues a
    run that was stopped, and runs nothing twice. Exit code 1 if a cipher does not reach what --require asks for.

    With --beside reference only your own ciphers are measured, and the rows of all others are those of the reference
    run that comes with cryptobench, marked as taken over: --ciphers mine.py:Mine --beside chen2004,aes-256-siv.

    Lists are separated by commas. A comma or space within the path of a file that exists belongs to the path, as in
    --ciphers "my dir/a,b.py:C",aes-256-ctr; a name with a comma in it takes double quotes of its own.
    """
    from cryptobench.api import plan
    from cryptobench.bench.settings import settings
    from cryptobench.beside import comparable

    wanted = settings(profile, every_cipher=every_cipher, **overrides)
    if require is not None and not wanted.attacks:
        raise Mistake("--require asks for judgements of attacks, and this run has no attacks; add --attacks all")
    folder = Path("results", wanted.name) if out is None else out
    if dry_run:
        if beside:
            comparable(beside, wanted, wanted.ciphers, lambda line: click.echo(line, err=True))
        cost = plan(profile=wanted, out=folder)
        click.echo(json.dumps(asdict(cost), indent=2) if as_json else cost)
        return
    with ExitStack() as stack:
        file = None if log is None else stack.enter_context(log.open("a", encoding="utf-8"))
        said = _Said(as_json, quiet, file)
        _run(
            wanted,
            folder,
            said,
            report=not no_report,
            strict=strict,
            bare=_is_bare(ctx),
            require=require,
            beside=beside,
        )


def _is_bare(ctx: click.Context) -> bool:
    """Whether nothing says what is to be measured."""
    chosen = ("profile", "every_cipher", "ciphers", "images", "analyses", "attacks")
    return all(ctx.get_parameter_source(name) is ParameterSource.DEFAULT for name in chosen)


class _Said:
    """Where what the command says goes: with --json all but the summary to standard error."""

    def __init__(self, as_json: bool, quiet: bool, log: TextIO | None) -> None:
        from cryptobench.bench.progress import Progress

        self.as_json, self.quiet = as_json, quiet
        self.progress = Progress(quiet=quiet, log=log)

    def __call__(self, line: str) -> None:
        """A line of the result."""
        self.progress.note(line)
        if not self.quiet:
            click.echo(line, err=self.as_json)


def _run(
    wanted: Settings, folder: Path, said: _Said, *, report: bool, strict: bool, bare: bool, require: Claims | None,
    beside: tuple[str, ...],
) -> None:  # fmt: skip
    from cryptobench.api import evaluate
    from cryptobench.bench.run import Stopped

    arguments = (
        sys.argv[2:] if sys.argv[1:2] == ["run"] else [f"--profile={folder / 'settings.toml'}", f"--out={folder}"]
    )
    again = shlex.join(["cryptobench", "run", *arguments])
    about = _about(wanted, folder)
    if bare:  # nothing can be misspelt
        said.progress.say(f"{about}; for a look at one cipher: cryptobench run --profile quick --ciphers NAME")
    else:
        said.progress.about = about
    try:
        run = evaluate(profile=wanted, out=folder, progress=said.progress, beside=beside or None)
        summary = run.summary
        assert summary is not None
        _summarize(summary, said)
        if report:
            _report(run, wanted, folder, said)
        unmet = _unmet(run, require)
    except Stopped as stopped:
        said.progress.note(f"Stopped: {stopped}.")
        if said.as_json:
            stored = {"stopped": True, "folder": str(folder), "cells": stopped.total, "done": stopped.done}
            click.echo(json.dumps(stored, indent=2))
        click.echo(f"Stopped: {stopped}.\nTo continue: {again}", err=True)
        sys.exit(128 + stopped.signal_number)
    except KeyboardInterrupt:
        click.echo(f"Stopped. To continue: {again}", err=True)
        sys.exit(130)
    if said.as_json:
        click.echo(json.dumps(_as_json(summary, report, unmet), indent=2))
    if not summary.counts.get("ok"):
        why = f": {summary.failures[0][2]}" if summary.failures else ""
        raise click.ClickException(f"no cell gave a measurement{why}; {folder / 'run.json'} says of each why")
    for line in unmet:
        said(f"required: {line}")
    if unmet or (strict and summary.failures):
        sys.exit(1)


def _unmet(run: Run, wanted: Claims | None) -> list[str]:
    """A line for each judgement of a cipher measured here that does not reach what is wanted."""
    if wanted is None:
        return []
    from cryptobench.attacks.judgements import judge, unmet
    from cryptobench.results.attacks import judged

    found = judged(run.attacks())
    measured = [cipher for cipher in run.ciphers if cipher not in run.taken_over]
    return [f"{cipher}: {line}" for cipher in measured for line in unmet(wanted, found.get(cipher) or judge([]))]


def _about(wanted: Settings, folder: Path) -> str:
    """What the run is about to do, in a line."""
    from cryptobench.registry import cipher_names

    ciphers = "all" if "all" in wanted.ciphers else ""
    count = len({*wanted.ciphers, *(cipher_names() if ciphers else ())} - {"all"})
    named = f"{ciphers} {count} ciphers".strip() if ciphers or count > 3 else ", ".join(wanted.ciphers)
    work = [_many(wanted.analyses, "analysis", "analyses"), _many(wanted.attacks, "attack", "attacks")]
    images = ", ".join(wanted.images)
    return (
        f"{wanted.name}: {named} on {images} at {wanted.size} pixels, {' and '.join(filter(None, work))}, into {folder}"
    )


def _many(things: Collection[str], one: str, several: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else several}" if things else ""


def _as_json(summary: RunSummary, report: bool, unmet: list[str]) -> dict[str, Any]:
    folder = summary.folder
    return {
        "stopped": False,
        "folder": str(folder),
        "cells": sum(summary.counts.values()),
        "counts": summary.counts,
        "executed": summary.executed,
        "seconds": round(summary.seconds, 3),
        "failures": [
            {
                "cipher": cell.cipher_name, "image": cell.image_name, "analysis": cell.analysis_name, "status": status,
                "message": message,
            }
            for cell, status, message in summary.failures
        ],
        "incomplete": [*summary.incomplete],
        "unmet": unmet,
        "measurements": str(folder / "measurements.csv.gz"),
        "report": str(folder / "report.html") if report else None,
    }  # fmt: skip


def _summarize(summary: RunSummary, say: Callable[[str], object] = click.echo) -> None:
    from cryptobench.terminal import duration

    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.counts.items(), key=lambda c: -c[1]))
    say(f"{sum(summary.counts.values())} cells ({counts}), {summary.executed} run now, in {duration(summary.seconds)}")
    if (costs := summary.costs) and costs["calibrated"]:
        say(
            f"  {costs['cells']:,.0f} core-seconds, and {costs['besides']:,.0f} for planning, starting and loading: "
            f"{costs['calibrated']:,.0f} times the calibration loop, {costs['calibration_seconds'] * 1e3:.3g} ms here"
        )
    alike: dict[tuple[str, str, str], list[Cell]] = {}
    for cell, status, message in summary.failures:
        alike.setdefault((cell.cipher_name, status, message), []).append(cell)
    for (_, status, message), cells in list(alike.items())[:_SHOWN_FAILURES]:
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        say(f"  {status}: {cells[0]}{more}: {message}")
    if len(alike) > _SHOWN_FAILURES:
        say(f"  and {len(alike) - _SHOWN_FAILURES} other failures: see {summary.folder / 'run.json'}")
    if summary.incomplete:
        number, first = len(summary.incomplete), ", ".join(summary.incomplete[0].values())
        have = "1 cell has" if number == 1 else f"{number} cells have"
        say(f"  {have} measurements that failed: {first}; the table errors lists them")
    if summary.failures:
        say(f"  what workers printed: {summary.folder / 'workers.log'}")
    say(f"measurements: {summary.folder / 'measurements.csv.gz'}")


def _report(run: Run, wanted: Settings, folder: Path, said: _Said) -> None:
    said.progress.say("writing tables and figures")
    try:
        run.report(narrow=wanted.one_column, jobs=wanted.workers)
    except Exception as error:
        again = shlex.join(["cryptobench", "report", str(folder)])
        raise click.ClickException(
            f"the measurements are complete, but their report failed ({type(error).__name__}: {error}); `{again}` "
            "tries again"
        ) from error
    said(f"report: {folder / 'report.html'}; tables and figures: {folder / 'report.md'}")
