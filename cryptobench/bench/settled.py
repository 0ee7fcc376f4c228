"""Runs whose caller looks at the numbers at once: no cell is left to a next run because a file came to light late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import RunSummary, run
from cryptobench.bench.seen import known_files
from cryptobench.bench.settings import Settings

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher

__all__ = ["run_until_settled"]

_MOST = 4  # helpers of helpers come to light one after the other


def run_until_settled(wanted: Settings, folder: Path, progress: Progress, here: Sequence[Cipher] = ()) -> RunSummary:
    """`run.run`, and again while ciphers have read files that were not seen before: those count from then on."""
    executed = 0
    for _ in range(_MOST):
        before = known_files(folder)
        summary = run(wanted, folder, progress, here)
        executed += summary.executed
        if known_files(folder) == before:
            break
        progress.say("the files that were not seen before count now; measuring again")
    return replace(summary, executed=executed)
