"""Timing: times of calls, peak memory; complete rows, consistent numbers, nothing cut silently.

No assertion is on an absolute time.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cryptobench.analyses.timing import Timing, fitted_exponent, interleave, peak_memory, tiled
from cryptobench.cipher import Cipher, Encrypted, Image, stage
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.analyses.keyed_toys import Pad, PickyPad, photograph

QUICK = {"runs": 5, "warmups": 1, "sides": (24, 48, 96), "scaling_runs": 3}
Rows = dict[tuple[str, str, str], Measurement]


class Staged(Pad):
    """Marks two stages, one of which sleeps."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("nap"):
            time.sleep(0.002)
        with stage("pad"):
            return super().encrypt(image, key, nonce)


class Hungry(Pad):
    """Needs a megabyte for each of the pad's 48 rows."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        rows = np.ones((image.shape[0], 2**20), np.uint8)
        return super().encrypt(image ^ (rows[0, 0] - 1), key, nonce)


def measure(cipher: Cipher, **parameters: object) -> Rows:
    found = Timing(**(QUICK | parameters)).measure(Experiment(cipher, photograph(), 1))  # type: ignore[arg-type]
    return {(row.metric, row.part or row.statistic, row.parameter): row for row in found}


def value(rows: Rows, metric: str, which: str = "", side: str = "") -> float:
    """The value of a statistic or stage of ``metric``, at a side of the scaling or of the image itself."""
    number = rows[metric, which, side].value
    assert number is not None
    return number


@pytest.fixture(scope="module")
def pad() -> Rows:
    return measure(Pad())


def test_times_come_with_quartiles(pad: Rows) -> None:
    """Each time, whole and by side, has 0 < q25 <= median <= q75, in seconds."""
    whole = [(f"{name}_time", "") for name in ("key_setup", "encrypt", "decrypt", "reference")]
    scaled = [(f"{name}_time", str(side)) for name in ("encrypt", "decrypt") for side in (24, 48, 96)]
    for metric, side in whole + scaled:
        low, middle, high = (value(pad, metric, statistic, side) for statistic in ("q25", "median", "q75"))
        assert 0 < low <= middle <= high
        assert pad[metric, "median", side].unit == "s"
        assert "budget" not in pad[metric, "median", side].message


def test_throughput_and_ratio_follow_from_the_medians(pad: Rows) -> None:
    """MB/s is 9216 plaintext bytes over the median time; the ratio is to AES-256-CTR's median."""
    for name in ("encrypt", "decrypt"):
        median = value(pad, f"{name}_time", "median")
        assert value(pad, f"{name}_throughput") == pytest.approx(9216 / median / 1e6)
        assert value(pad, f"{name}_ratio") == pytest.approx(median / value(pad, "reference_time", "median"))


def test_the_fitted_exponent_is_that_of_the_medians(pad: Rows) -> None:
    """The exponent row agrees with numpy's fit of log time against log samples."""
    sizes = np.array([24, 48, 96]) ** 2 * 3
    times = [value(pad, "encrypt_time", "median", str(side)) for side in (24, 48, 96)]
    slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    assert value(pad, "encrypt_exponent") == pytest.approx(slope)


def test_the_smallest_image_is_named(pad: Rows) -> None:
    """Key set-up is timed on 1x1 pixels, or on the first size that the cipher takes."""
    assert pad["key_setup_time", "median", ""].message == "1x1 pixels"


def test_stages_are_timed_by_name() -> None:
    """A stage that sleeps for 2 ms takes most of the time; a cipher without stages has no such row."""
    rows = measure(Staged())
    assert value(rows, "stage_time", "nap") >= 0.002
    assert value(rows, "stage_time", "nap") > value(rows, "stage_time", "pad")
    assert value(rows, "key_setup_time", "median") >= 0.002


def test_no_stage_no_row(pad: Rows) -> None:
    """A cipher that marks no stage has no stage_time."""
    assert not [key for key in pad if key[0] == "stage_time"]


def test_a_spent_budget_is_said() -> None:
    """Without time, one of five runs is made and larger sides are left out, each with a message."""
    rows = measure(Staged(), budget=0.0)
    assert rows["encrypt_time", "median", ""].message == "1 of 5 runs: time budget of 0 s"
    assert rows["encrypt_ratio", "", ""].message == "1 of 5 runs: time budget of 0 s"
    skipped = rows["encrypt_time", "median", "96"]
    assert (skipped.value, skipped.status, skipped.message) == (None, "ok", "not measured: time budget of 0 s")
    assert rows["encrypt_exponent", "", ""].value is None
    assert rows["stage_time", "nap", ""].message == "1 of 3 runs: time budget of 0 s"


def test_a_size_that_the_cipher_refuses_is_unsupported() -> None:
    """The picky toy refuses a side of 40 and is timed on 24 and 48."""
    found = Timing(**(QUICK | {"sides": (24, 40, 48)})).measure(  # type: ignore[arg-type]
        Experiment(PickyPad(), photograph(48, 72), 1)
    )
    rows = {(row.metric, row.part or row.statistic, row.parameter): row for row in found}
    refused = rows["decrypt_time", "median", "40"]
    assert (refused.value, refused.status) == (None, "unsupported")
    assert "wanted sides divisible by 24" in refused.message
    assert rows["encrypt_exponent", "", ""].message == "2 sizes"
    assert rows["key_setup_time", "median", ""].message == "48x72 pixels"


def test_peak_memory_sees_a_hungry_cipher(pad: Rows) -> None:
    """48 MB held during encryption are counted, and a plain pad needs far less."""
    assert value(measure(Hungry()), "peak_memory") == pytest.approx(48 * 2**20, rel=0.1)
    assert value(pad, "peak_memory") < 2**20


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.3])
def test_the_exponent_of_a_power_law_is_found(exponent: float) -> None:
    """Times 3e-9 N^k give k; one size gives nothing."""
    sizes = [100, 1000, 5000]
    assert fitted_exponent(sizes, [3e-9 * n**exponent for n in sizes]) == pytest.approx(exponent)
    assert fitted_exponent([100], [1.0]) is None


@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 9), (300, 20, 1)])
@pytest.mark.parametrize("side", [5, 64])
def test_tiling_repeats_and_cuts(shape: tuple[int, ...], side: int) -> None:
    """Pixel (r, c) of the tiled image is pixel (r mod H, c mod W), with the same channels."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    rows, columns = np.mgrid[:side, :side]
    assert np.array_equal(tiled(image, side), image[rows % shape[0], columns % shape[1]])


def test_every_round_runs_all_tasks_in_order() -> None:
    """Two warm-up rounds are run and not counted, three are counted; a name given twice is timed twice."""
    calls: list[str] = []
    tasks = (("a", lambda: calls.append("a")), ("b", lambda: calls.append("b")), ("a", lambda: calls.append("A")))
    seconds = interleave(tasks, runs=3, warmups=2, budget=60)
    assert calls == ["a", "b", "A"] * 5
    assert {name: len(times) for name, times in seconds.items()} == {"a": 6, "b": 3}
    assert min(seconds["a"] + seconds["b"]) > 0


def test_longer_work_takes_longer() -> None:
    """A task that sleeps for 5 ms is timed above one that does nothing, and at 5 ms or more."""
    seconds = interleave((("nap", lambda: time.sleep(0.005)), ("nothing", lambda: None)), 3, 1, 60)
    assert min(seconds["nap"]) >= 0.005
    assert min(seconds["nap"]) > min(seconds["nothing"])  # the machine may interrupt any one run


def test_a_spent_budget_leaves_one_round() -> None:
    """With no time at all, one warm-up and one counted round are run."""
    calls: list[int] = []
    seconds = interleave((("a", lambda: calls.append(1)),), runs=20, warmups=3, budget=-1)
    assert (len(seconds["a"]), len(calls)) == (1, 2)


def test_no_runs_are_refused() -> None:
    """A number of runs below 1 is an error that says so."""
    with pytest.raises(ValueError, match="runs is 0, wanted at least 1"):
        interleave((), 0, 1, 1)


def test_the_garbage_collector_is_off_only_while_timing() -> None:
    """Garbage collection is disabled inside and restored, also when a task fails."""
    states: list[bool] = []

    def fail() -> None:
        states.append(gc.isenabled())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interleave((("fail", fail),), 1, 1, 1)
    assert states == [False]
    assert gc.isenabled()


@pytest.mark.parametrize("frozen", [False, True], ids=["as a rule", "frozen by the caller"])
def test_older_objects_are_not_searched_for_garbage(frozen: bool) -> None:
    """While times are taken, what the process held before is frozen, hence costs nothing; afterwards it is as it was,
    even after an error."""
    held: list[int] = []

    class Watched(Pad):
        def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
            held.append(gc.get_freeze_count())
            if len(held) > 5:
                raise ZeroDivisionError
            return super().encrypt(image, key, nonce)

    experiment = Experiment(Watched(), photograph(), 1)
    if frozen:
        gc.freeze()
    try:
        with pytest.raises(ZeroDivisionError):
            list(Timing(**QUICK).measure(experiment))  # type: ignore[arg-type]
        assert (gc.get_freeze_count() > 1000) == frozen
        assert min(held) > 1000
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("megabytes", [4, 64])
def test_peak_memory_counts_what_is_held_at_once(megabytes: int) -> None:
    """Two arrays held together count twice, two held after one another once; within a tenth and two megabytes."""
    size = megabytes * 2**20

    def together() -> None:
        first = np.ones(size, np.uint8)
        _ = np.ones(size, np.uint8), first

    def after_one_another() -> None:
        for _ in range(2):
            np.ones(size, np.uint8)

    def least(function: Callable[[], None]) -> int:  # other threads of the process may use memory meanwhile
        return min(peak_memory(function)[0] for _ in range(5))

    together()
    assert least(together) == pytest.approx(2 * size, rel=0.1, abs=2**21)
    assert least(after_one_another) == pytest.approx(size, rel=0.1, abs=2**21)


def test_freed_memory_is_counted_when_used_again() -> None:
    """16 MB that the process freed, but that a later block keeps it from giving back, do not hide a call's 16 MB."""

    def blocks() -> list[bytes]:
        return [bytes(4096) for _ in range(4000)]

    held = blocks()
    later = bytes(4096)
    held.clear()
    assert peak_memory(blocks)[0] > 12e6
    assert len(later) == 4096


def test_without_proc_the_allocations_are_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the high-water mark cannot be set back, tracemalloc counts the same arrays."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    size, method = peak_memory(lambda: np.ones(3 * 2**20, np.uint8))
    assert method == "tracemalloc"
    assert size == pytest.approx(3 * 2**20, rel=0.01)


def test_times_of_programs_are_marked() -> None:
    """Every time but the reference's says that it is a program's; memory of another process is not measured."""
    cipher = Staged()
    cipher.timing_note = "a program: with the time of its start"  # type: ignore[attr-defined]
    rows = measure(cipher, budget=0.0)
    for (metric, *_), row in rows.items():
        assert ("a program: with the time of its start" in row.message) == (
            metric not in ("reference_time", "peak_memory")
        )
    assert rows["key_setup_time", "median", ""].message.startswith("1x1 pixels; 1 of 5 runs")
    assert (rows["peak_memory", "", ""].value, rows["peak_memory", "", ""].status) == (None, "ok")
