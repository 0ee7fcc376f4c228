"""`cryptobench calibrate`: false alarms of every test on ideal sources, detections on planted defects."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cryptobench.cli.options import names

if TYPE_CHECKING:
    from cryptobench.calibration.report import Found

__all__ = ["command"]


@click.command(short_help="False alarms and detections of every test.")
@click.option(
    "--seeds", type=click.IntRange(0), default=1000, show_default=True, help="On each ideal source, for size."
)
@click.option(
    "--power-seeds", type=click.IntRange(0), default=20, show_default=True, help="On each control, for power."
)
@click.option(
    "--only", multiple=True, callback=names, help="Names of analyses and attacks, or sp800_22; separated by commas."
)
@click.option(
    "--minutes", type=click.FloatRange(0, min_open=True), help="Stop playing after so long; no limit if not given."
)
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), default=600.0, show_default=True,
    help="The most that one test may take on one ideal source; on a control a tenth of it.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("results", "calibration"),
    show_default=True, help="Folder for tables, figures and all that has been played.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def command(
    ctx: click.Context, seeds: int, power_seeds: int, only: tuple[str, ...], minutes: float | None, seconds: float,
    jobs: int, out: Path, quiet: bool,
) -> None:  # fmt: skip
    """Calibrate the tests: how often they are wrong on ideal ciphers, and which planted defects they catch.

    Size is the share of false alarms on AES-256-SIV, ChaCha20-Poly1305 and an ideal cipher, power the share of
    detections on each control. Finished seeds are kept: the same command continues, and runs nothing twice. Exit
    code 1 if a test raises more false alarms than it says.
    """
    from cryptobench.calibration.run import Settings, calibrate, plan

    settings = Settings(seeds=seeds, power_seeds=power_seeds, seconds=seconds, minutes=minutes, jobs=jobs, only=only)
    try:
        found = calibrate(plan(settings), settings, out, (lambda line: None) if quiet else _say)
    except KeyboardInterrupt:
        click.echo(f"Stopped. To continue: {shlex.join(['cryptobench', *sys.argv[1:]])}", err=True)
        sys.exit(130)
    if not quiet:
        _summarize(found, out)
    ctx.exit(1 if found.wrong else 0)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _summarize(found: Found, out: Path) -> None:
    for size in found.wrong:
        low, high = size.share.interval()
        click.echo(
            f"too high: {size.test} on {size.source}: {size.share.value:.4f} false alarms ({low:.4f} to {high:.4f}) "
            f"at {size.level:g}"
        )
    for where, (count, message) in found.failed.items():
        click.echo(f"not finished: {where}: {count} seeds, {message}")
    click.echo(f"calibration: {out / 'calibration.md'}")
