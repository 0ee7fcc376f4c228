"""How long `cryptobench --help` and `list` take, beside starting Python."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest


def seconds(*arguments: str) -> float:
    """The shortest of three runs of Python with these arguments."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("arguments", [("--help",), ("list", "ciphers"), ("list", "images")], ids=" ".join)
def test_answers_at_once(benchmark: Any, arguments: tuple[str, ...]) -> None:
    """Recorded as a multiple of what `python -c pass` takes in the same minute."""
    command = ("-m", "cryptobench", *arguments)
    benchmark(lambda: subprocess.run([sys.executable, *command], capture_output=True, check=True))
    benchmark.extra_info["times python -c pass"] = round(seconds(*command) / seconds("-c", "pass"), 1)
