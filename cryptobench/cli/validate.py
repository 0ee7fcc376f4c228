"""`cryptobench validate`: does a cipher keep the interface's promises?"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout

import click

from cryptobench.cli.options import complete_cipher
from cryptobench.cli.text import show_progress

__all__ = ["command"]


@click.command(short_help="Check that a cipher keeps the interface.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(ctx: click.Context, cipher: str, as_json: bool) -> None:
    """Check that CIPHER works: round trips on awkward shapes, determinism, decryption in a fresh process,
    wrong keys and damaged ciphertexts. Says nothing about security.

    CIPHER is a name from `list ciphers`, or path/to/file.py:ClassName. Exit code 1 if a check fails.
    """
    from cryptobench.conformance import validate

    with redirect_stdout(sys.stderr):  # standard output is the answer's alone, whatever the cipher prints
        checks = validate(cipher, show_progress)
    show_progress("")
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
