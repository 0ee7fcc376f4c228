"""`cryptobench calibrate`: false alarms of every test on sound ciphers, detections of planted defects."""

from __future__ import annotations

import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cryptobench.cli.options import names
from cryptobench.terminal import Interrupted

if TYPE_CHECKING:
    from cryptobench.calibration.report import CalibrationReport

__all__ = ["command"]


@click.command(short_help="False alarm and detection rates of every test.")
@click.option(
    "--seeds", type=click.IntRange(0), default=1000, show_default=True, help="On each sound cipher, for false alarms."
)
@click.option(
    "--control-seeds", type=click.IntRange(0), default=20, show_default=True, help="On each control, for detections."
)
@click.option(
    "--only", multiple=True, callback=names, help="Names of analyses and attacks, or sp800_22; separated by commas."
)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Stop after so long; no limit if not given.")
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), default=600.0, show_default=True,
    help="The most that one test may take on one sound cipher; on a control a tenth of it.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Worker processes.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("results", "calibration"),
    show_default=True, help="Folder for tables, figures and all finished seeds.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def command(
    ctx: click.Context, seeds: int, control_seeds: int, only: tuple[str, ...], minutes: float | None, seconds: float,
    jobs: int, out: Path, quiet: bool,
) -> None:  # fmt: skip
    """Calibrate the tests: how often each is wrong on sound ciphers, and which planted defects it detects.

    False alarms are counted on AES-256-SIV, AES-256-GCM-SIV, ChaCha20-Poly1305, HCTR2 and an ideal cipher,
    detections on each control.
    Finished seeds are kept: the same command continues, and runs nothing twice. Exit code 1 if a test raises more
    false alarms than it states.
    """
    from cryptobench.calibration.run import CalibrationSettings, calibrate, plan

    settings = CalibrationSettings(
        seeds=seeds, control_seeds=control_seeds, seconds=seconds, minutes=minutes, jobs=jobs, only=only
    )
    try:
        report = calibrate(plan(settings), settings, out, (lambda line: None) if quiet else _say)
    except (Interrupted, KeyboardInterrupt) as error:
        click.echo(f"Stopped. To continue: {shlex.join(['cryptobench', *sys.argv[1:]])}", err=True)
        sys.exit(128 + (error.signal_number if isinstance(error, Interrupted) else signal.SIGINT))
    if not quiet:
        _summarize(report, out)
    ctx.exit(1 if report.too_high else 0)


def _say(line: str) -> None:
    click.echo(line, err=True)


def _summarize(report: CalibrationReport, out: Path) -> None:
    for rate in report.too_high:
        low, high = rate.share.interval()
        click.echo(
            f"too high: {rate.test} on {rate.source}: {rate.share.value:.4f} false alarms ({low:.4f} to {high:.4f}) "
            f"at {rate.level:g}"
        )
    for where, (count, message) in report.failed.items():
        click.echo(f"not finished: {where}: {count} seeds, {message}")
    click.echo(f"calibration: {out / 'calibration.md'}")
