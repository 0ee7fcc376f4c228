"""`cryptobench validate`: does a cipher keep the interface's promises?"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    CIPHER is a name from `list ciphers`, path/to/file.py:ClassName, or path/to/file.toml for a program. One that is
    not built in is tried first, as `cryptobench run` does it; if it cannot be loaded, ends its process or replaces
    functions of others, no check is made. Exit code 1 if a check fails; one that runs out of time does.
    """
    advice: list[str] = []
    checks = list(_checks(cipher, timeout, advice))
    failed = [check for check in checks if not check.passed]
    if as_json:
        rows = [{"name": check.name, "passed": check.passed, "message": check.message} for check in checks]
        click.echo(json.dumps(rows, indent=2))
    else:
        for names, check in _said_once(checks):
            mark = click.style("ok  ", fg="green") if check.passed else click.style("FAIL", fg="red")
            click.echo(f"{mark}  {names}" + (f": {check.message}" if check.message else ""))
        count = f"{len(checks) - len(failed)} of {len(checks)} checks passed"
        click.echo(f"\n{cipher}: {count}" + ("" if failed else "; now measure it with `cryptobench run`"))
    for line in advice:
        click.echo(f"{cipher}: {line}", err=True)
    ctx.exit(1 if failed else 0)


def _said_once(checks: Sequence[Check]) -> Iterator[tuple[str, Check]]:
    """The checks with their names; those that fail with one message stand together."""
    failed = Counter(check.message for check in checks if not check.passed)
    for check in checks:
        if check.passed:
            yield check.name, check
        elif count := failed.pop(check.message, 0):
            yield check.name + (f" and {count - 1} more" if count > 1 else ""), check


def _checks(cipher: str, timeout: int, advice: list[str]) -> Iterator[Check]:
    """Every check, after a trial of a cipher that is not built in, which answers for the check "contract".

    What else the trial says is added to ``advice``.
    """
    from cryptobench.bench.declared_cost import cost_advice
    from cryptobench.bench.yardstick import loop_seconds
    from cryptobench.conformance import Check
    from cryptobench.preflight import tried
    from cryptobench.registry import RegistryError

    show_progress("loading")
    start = time.perf_counter()
    trial = tried(cipher, timeout)
    seconds = time.perf_counter() - start
    if trial is None:
        yield from _in_worker(cipher, timeout, {})
        return
    if not trial.breaches and trial.card is None:
        show_progress("")
        raise RegistryError(trial.fate)
    more = "; --timeout gives it longer" if f"takes more than {timeout} s" in trial.fate else ""
    lines = [f"{line}{more}" for line in trial.breaches]
    if trial.card is not None and trial.seconds and not lines:
        advice += filter(None, [cost_advice(trial.card, trial.seconds, trial.samples, loop_seconds())])
    if trial.harmful and lines:
        show_progress("")
        name = "loading" if trial.card is None else "contract"
        yield from (Check(name, False, line, seconds) for line in lines)
    else:
        contract = [Check("contract", not lines, line, seconds) for line in lines or [""]]
        yield from _in_worker(cipher, timeout, {"contract": contract})


def _in_worker(cipher: str, timeout: int, known: Mapping[str, Sequence[Check]]) -> Iterator[Check]:
    """Every check, in a worker process with a time limit; what the cipher prints goes to standard error.

    ``known`` are the outcomes of checks that need not be made.
    """
    from cryptobench.bench.worker import Limits, WorkerLost, WorkerProcess
    from cryptobench.conformance import Check, check_named, check_names
    from cryptobench.scratch import ScratchFolder

    def ask(name: str, function: Callable[..., Any], *arguments: Any) -> Any:
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
            names = ask("loading", check_names)
            if isinstance(names, Check):
                yield names
                return
            for name in names:
                yield from known.get(name) or [ask(name, check_named, name, timeout)]
        finally:
            worker.stop()
            show_progress("")
            if log.exists():
                click.echo(log.read_bytes().decode(errors="replace"), err=True, nl=False)
