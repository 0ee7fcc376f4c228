"""Test suites for random numbers that read a pipe: dieharder, and PractRand's RNG_test."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import click

from cryptobench.cli.mistake import Mistake

__all__ = ["SUITES", "SuiteVerdict", "find_suite", "run_suite"]

SUITES = {
    "dieharder": (("dieharder",), "on Debian: apt install dieharder"),
    "RNG_test": (("RNG_test", "practrand-RNG_test"), "build PractRand, https://pracrand.sourceforge.net"),
}
# MiB of input that each of dieharder's tests reads, with its default settings, measured with version 3.31.1 and rounded
# up; tests that it calls suspect itself, and those that read more than a gigabyte, are left out.
_APPETITE = {
    12: 48, 11: 48, 10: 52, 0: 56, 8: 66, 15: 80, 100: 80, 101: 80, 102: 80, 4: 142, 3: 272, 1: 424, 9: 532, 2: 532,
    16: 560, 13: 960,
}  # fmt: skip
_ANOMALY = re.compile(r"\b(unusual|mildly suspicious|suspicious|very suspicious|VERY SUSPICIOUS|FAIL)\b[ !]*$", re.M)


@dataclass(frozen=True)
class SuiteVerdict:
    """What a suite found: whether nothing failed, how many results were called what, and the bytes that it was fed."""

    suite: str
    passed: bool
    counts: dict[str, int]
    fed: int

    def __str__(self) -> str:
        found = ", ".join(f"{count} {assessment}" for assessment, count in self.counts.items())
        return f"{self.suite} {'passes' if self.passed else 'fails'}: {found}; {self.fed} bytes fed"


def find_suite(suite: str) -> str:
    """The suite's program; one line of error if it is not installed."""
    names, how = SUITES[suite]
    for name in names:
        if found := shutil.which(name):
            return found
    raise Mistake(f"{suite} is not installed, or not on the PATH; {how}")


def run_suite(suite: str, chunks: Iterator[bytes], wanted: int) -> SuiteVerdict:
    """Feed the suite with no more than ``wanted`` bytes of ``chunks``."""
    program = find_suite(suite)
    return (_dieharder if suite == "dieharder" else _practrand)(program, chunks, wanted)


def _dieharder(program: str, chunks: Iterator[bytes], wanted: int) -> SuiteVerdict:
    """One test after another, each on new input, as many as the bytes suffice for; dieharder itself would rewind."""
    counts: Counter[str] = Counter()
    fed = 0
    for number, appetite in _APPETITE.items():
        if fed + (appetite << 20) > wanted:
            break
        output, read = _feed([program, "-g", "200", "-d", str(number)], chunks)
        fed += read
        assessments = re.findall(r"\|\s*(PASSED|WEAK|FAILED)\s*$", output, re.M)
        if not assessments:
            raise click.ClickException(f"dieharder -d {number} ended without a result: {_last_line(output)}")
        counts.update(assessments)
    if not counts:
        least = min(_APPETITE.values())
        raise Mistake(f"dieharder reads at least {least} MiB, --bytes is {wanted}; use --bytes {least}M")
    return SuiteVerdict("dieharder", not counts["FAILED"], dict(counts), fed)


def _practrand(program: str, chunks: Iterator[bytes], wanted: int) -> SuiteVerdict:
    """RNG_test reports at every doubling of the length; one failure at any length is a failure."""
    megabytes = wanted >> 20
    if not megabytes:
        raise Mistake(f"RNG_test reads at least 1 MiB, --bytes is {wanted}; use --bytes 1M or more")
    output, fed = _feed([program, "stdin", "-tlmax", f"{megabytes}MB"], chunks)
    clean = len(re.findall(r"no anomalies in \d+ test result", output))
    counts = Counter(_ANOMALY.findall(output))
    if not clean and not counts:
        raise click.ClickException(f"RNG_test ended without a result: {_last_line(output)}")
    found = ({"lengths without anomaly": clean} if clean else {}) | dict(counts)
    return SuiteVerdict("RNG_test", not counts["FAIL"], found, fed)


def _feed(command: list[str], chunks: Iterator[bytes]) -> tuple[str, int]:
    """What the program says, and how many bytes it was fed before it ended or the chunks did."""
    fed = 0
    with tempfile.TemporaryFile() as said:  # not a pipe, which could fill up while nobody reads it
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it has read enough
                for chunk in chunks:
                    process.stdin.write(chunk)
                    fed += len(chunk)
            with suppress(BrokenPipeError):
                process.stdin.close()
        said.seek(0)
        return said.read().decode(errors="replace"), fed


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1].strip() if lines else "it printed nothing"
