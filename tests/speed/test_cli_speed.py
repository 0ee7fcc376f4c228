"""How long `cryptobench --help` and `list` take, beside starting Python, and `measure` beside importing libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


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


LIBRARIES = "import numpy, numba, pandas, PIL; from scipy import special"


def processor_seconds(*arguments: str) -> float:
    """The least of three runs of Python with these arguments: processor time, which a busy machine lengthens less."""
    found = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = os.times()
        found.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(found)


def test_measure_costs_little_more_than_its_libraries(benchmark: Any, tmp_path: Path) -> None:
    """A pair of 512x512x3, start of Python included, takes less than twice what importing the libraries takes.

    1.5 to 1.6 times are usual, about a second; of it 0.2 are numba's, for the first compiled function that is loaded.
    """
    if not hasattr(os, "fork"):
        pytest.skip("this system does not count the processor time of children")
    generator = np.random.default_rng(0)
    paths = [tmp_path / name for name in ("plain.png", "cipher.png")]
    for path in paths:
        Image.fromarray(generator.integers(0, 256, (512, 512, 3), dtype=np.uint8)).save(path)
    command = ("-m", "cryptobench", "measure", *map(str, paths))
    benchmark.pedantic(lambda: subprocess.run([sys.executable, *command], capture_output=True, check=True), rounds=2)
    times = processor_seconds(*command) / processor_seconds("-c", LIBRARIES)
    benchmark.extra_info["times its libraries"] = round(times, 2)
    assert times < 2
