"""`cryptobench validate`: does a cipher keep the interface's promises?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.options import complete_cipher
from cryptobench.cli.text import show_progress

if TYPE_CHECKING:
    from cryptobench.conformance import Check

__all__ = ["command"]


@click.command(short_help="Check that a cipher keeps the interface.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option(
    "--timeout", type=click.IntRange(min=1), default=600, show_default=True, help="Seconds that one check may take."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(ctx: click.Context, cipher: str, timeout: int, as_json: bool) -> None:
    """Check that CIPHER works: round trips on awkward shapes, determinism, decryption in a fresh process,
    wrong keys and damaged ciphertexts. Says nothing about security.

    CIPHER is a name from `list ciphers`, or path/to/file.py:ClassName. Exit code 1 if a check fails; one that runs
    out of time does.
    """
    checks = list(_checks(cipher, timeout))
    failed = [check for check in checks if not check.passed]
    if as_json:
        rows = [{"name": check.name, "passed": check.passed, "message": check.message} for check in checks]
        click.echo(json.dumps(rows, indent=2))
    else:
        for check in checks:
            mark = click.style("ok  ", fg="green") if check.passed else click.style("FAIL", fg="red")
            click.echo(f"{mark}  {check.name}" + (f": {check.message}" if check.message else ""))
        count = f"{len(checks) - len(failed)} of {len(checks)} checks passed"
        click.echo(f"\n{cipher}: {count}" + ("" if failed else "; now measure it with `cryptobench run`"))
    ctx.exit(1 if failed else 0)


def _checks(cipher: str, timeout: int) -> Iterator[Check]:
    """Every check, in a worker process with a time limit; what the cipher prints goes to standard error."""
    from cryptobench.bench.worker import Limits, WorkerLost, WorkerProcess
    from cryptobench.conformance import Check, check_named, check_names
    from cryptobench.scratch import ScratchFolder

    def in_worker(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        show_progress(name)
        start = time.perf_counter()
        try:
            return worker.call(function, cipher, *arguments)
        except WorkerLost as lost:
            more = "; --timeout gives it longer" if lost.status == "timeout" else ""
            return Check(name, False, f"{lost}{more}", time.perf_counter() - start)

    with ScratchFolder() as folder:
        log = Path(folder, "log")
        worker = WorkerProcess(Limits(timeout, log=str(log)))
        try:
            names = in_worker("loading", check_names)
            if isinstance(names, Check):
                yield names
                return
            for name in names:
                yield in_worker(name, check_named, name, timeout)
        finally:
            worker.stop()
            show_progress("")
            if log.exists():
                click.echo(log.read_bytes().decode(errors="replace"), err=True, nl=False)
