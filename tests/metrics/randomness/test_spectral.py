"""Low peaks are the same in parts, in a few bytes a bit, and in single precision as in double."""

import tracemalloc
from importlib import import_module

import numpy as np
import pytest

from cryptobench.metrics.randomness import spectral

module = import_module("cryptobench.metrics.randomness.spectral")
peaks = import_module("cryptobench.metrics.randomness._peaks")


def sequence(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, count, dtype=np.uint8)


@pytest.mark.parametrize("n", [1000, 1008, 4098, 4100, 4104, 65536, 80_002])
def test_parts_agree_with_the_whole(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """Whether 16, 8, 4 or only 2 divides n, and also for a sequence with a strong period."""
    for data in (sequence(n // 8 + 1), np.tile(sequence(9, 1), n // 72 + 1)):
        whole = spectral(data, n)
        with monkeypatch.context() as patched:
            patched.setattr(module, "LONGEST", 1000)
            assert spectral(data, n).statistics.tolist() == whole.statistics.tolist()


def test_memory_is_about_a_byte_a_bit() -> None:
    """At 2^23 bits the peak is below 2.5 bytes a bit, where the whole spectrum takes 8."""
    data = sequence(module.LONGEST // 8)
    spectral(data[:2000])
    tracemalloc.start()
    spectral(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * module.LONGEST


def structured(kind: str, n: int) -> np.ndarray:
    """Packed bits: random, with a bias, a spectral line or a period, or none of it random."""
    generator = np.random.default_rng(n)
    chance = {"biased": 0.52, "line": 0.5 + 0.03 * np.cos(0.37 * np.arange(n))}.get(kind, 0.5)
    bits = generator.random(n) < chance
    if kind == "period":
        bits = np.resize(bits[:625], n)
    elif kind == "constant":
        bits[:] = True
    return np.packbits(bits)


@pytest.mark.parametrize(("n", "rows"), [(65_536, 64), (70_000, 125), (80_002, 181), (67_712, 184), (65_600, 160)])
@pytest.mark.parametrize("kind", ["random", "biased", "line", "period", "constant"])
def test_single_precision_counts_as_double_does(kind: str, n: int, rows: int) -> None:
    """Odd and even numbers of rows and columns; what single precision cannot decide is taken in double."""
    bits, squared = module.as_bits(structured(kind, n), n), n * np.log(20)
    values = np.abs(np.fft.rfft(2.0 * np.unpackbits(structured(kind, n))[:n] - 1)[: n // 2]) ** 2
    assert module._count_low_peaks(bits) == (values < squared).sum()
    assert peaks.count_low_peaks(bits, rows, squared) == (values < squared).sum()
    edges = np.array([squared * (1 - peaks.NEAR), squared * (1 + peaks.NEAR), n * peaks.LOUD], np.float32)
    assert (peaks._count_by(bits, rows, edges)[1] is None) == (kind in ("period", "constant"))


def test_peaks_near_the_threshold_are_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a threshold between two peaks that single precision takes for one, the count is still exact."""
    n = 65_536
    bits = module.as_bits(sequence(n // 8), n)
    values = np.sort(np.abs(np.fft.rfft(2.0 * np.unpackbits(sequence(n // 8)) - 1)[: n // 2]) ** 2)
    closest = 1 + int(np.argmin(np.diff(values[1:-1]) / values[1:-2]))
    for place in (closest, closest + 1):
        threshold = (values[place] + values[place + 1]) / 2
        assert peaks.count_low_peaks(bits, 128, threshold) == place + 1
    monkeypatch.setattr(peaks, "NEAR", 0.5)  # more than are computed one by one
    assert peaks.count_low_peaks(bits, 128, (values[1000] + values[1001]) / 2) == 1001


def test_single_peak_is_that_of_the_transform() -> None:
    """Of any frequency, where the length is no multiple of 32 bits too."""
    for n in (1000, 4102):
        data = sequence(n // 8 + 1)
        spectrum = np.fft.rfft(2.0 * np.unpackbits(data)[:n] - 1)
        for frequency in (0, 1, n // 4, n // 2 - 1):
            found = peaks.squared_peak(module.as_bits(data, n).words, n, frequency)
            assert found == pytest.approx(abs(spectrum[frequency]) ** 2, rel=1e-10, abs=1e-6)
