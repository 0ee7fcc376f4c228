"""The randomness battery on a megabit against the plain implementation, as ratios within one run.

Run with --benchmark-only to see times. A megabit takes 7 ms of one core of a Xeon of 2023, warm, where NIST's reference
C code takes about 1.5 s; the plain tests take 0.6 s, and a single transform in double precision, which is all that the
spectral test needs of a library, 12 ms.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy import fft

from cryptobench.metrics import randomness

PLAIN = Path(__file__).parents[1] / "metrics" / "randomness" / "plain.py"


def seconds(call: Callable[..., Any], argument: Any, rounds: int) -> float:
    """The median time of a warm call."""
    call(argument)
    times = []
    for _ in range(rounds):
        start = perf_counter()
        call(argument)
        times.append(perf_counter() - start)
    return median(times)


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_randomness", PLAIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def megabit() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, 125_000, dtype=np.uint8)


@pytest.fixture(scope="module")
def times(plain: ModuleType, megabit: np.ndarray) -> dict[str, tuple[float, float]]:
    """Seconds of every test alone: plain, and ours."""
    bits = np.unpackbits(megabit)
    return {
        test: (seconds(plain.TESTS[test], bits, 1), seconds(ours, megabit, 7))
        for test, ours in randomness.TESTS.items()
    }


@pytest.mark.parametrize("test", randomness.TESTS)
def test_single_test_speed(
    benchmark: Any, megabit: np.ndarray, times: dict[str, tuple[float, float]], test: str
) -> None:
    """Every test alone is faster than the plain one."""
    benchmark(randomness.TESTS[test], megabit)
    slow, fast = times[test]
    benchmark.extra_info["times faster than plain"] = slow / fast
    benchmark.extra_info["share of the tests alone"] = fast / sum(ours for _, ours in times.values())
    assert fast < slow


def test_battery_speed(benchmark: Any, megabit: np.ndarray, times: dict[str, tuple[float, float]]) -> None:
    """The battery is at least 40 times faster than the plain tests, and faster than one transform in double precision.

    It is no slower than its own tests alone.
    """
    found = benchmark(randomness.battery, megabit)
    assert len(found.p_values()) == 188
    together = seconds(randomness.battery, megabit, 7)
    faster = sum(slow for slow, _ in times.values()) / together
    benchmark.extra_info["times faster than plain"] = faster
    benchmark.extra_info["of the tests alone"] = together / sum(fast for _, fast in times.values())
    signs = 2.0 * np.unpackbits(megabit) - 1
    transforms = together / seconds(fft.rfft, signs, 7)
    benchmark.extra_info["in transforms of scipy.fft.rfft"] = transforms
    assert faster >= 40
    assert transforms < 1
    assert together < 1.5 * sum(fast for _, fast in times.values())


def test_battery_memory() -> None:
    """Ten megabits take at most ten bytes a bit at the peak: the spectrum's eight, in place, and little else."""
    script = (
        "import resource, numpy as np\n"
        "from cryptobench.metrics.randomness import battery\n"
        "packed = np.random.default_rng(0).integers(0, 256, 1_250_000, dtype=np.uint8)\n"
        "battery(packed[:125_000])\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "battery(packed)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 10 * 10_000_000
