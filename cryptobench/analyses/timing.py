"""Timing: seconds, throughput, ratio to AES-256-CTR, growth with image size, peak memory.

`interleave` times calls in rounds, `peak_memory` counts bytes; `Timing` makes rows of both.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis
from cryptobench.cipher import CipherError, Image, record_stages
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement

__all__ = ["Timing", "fitted_exponent", "interleave", "peak_memory", "tiled"]

_SCALED = ("encrypt", "decrypt")

_Timed = tuple[str, Callable[[], object]]  # a name and what is timed under it


@contextmanager
def _others_left_alone() -> Iterator[None]:
    """While the context is open, garbage is sought among the objects that were made in it, and not among all that the
    process holds: that would take longer than most ciphers do. What a caller has frozen stays so."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _collector_off() -> Iterator[None]:
    """Collect garbage, then keep the collector off while the context is open."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def interleave(calls: Sequence[_Timed], runs: int, warmups: int, budget: float) -> dict[str, list[float]]:
    """Seconds of each run, by name: every round makes all calls once, so that a slow moment slows all of them.

    ``warmups`` rounds, at least one, are not counted. Stops early once ``budget`` seconds have passed, but not before
    one round is counted; the number of times says how many there were. A name that comes twice in a round is timed
    twice.
    """
    if runs < 1:
        raise ValueError(f"runs is {runs}, wanted at least 1")
    seconds: dict[str, list[float]] = {name: [] for name, _ in calls}
    end = time.perf_counter() + budget
    with _collector_off():
        for index in range(max(1, warmups)):
            if index and time.perf_counter() > end:
                break
            for _, call in calls:
                call()
        for index in range(runs):
            if index and time.perf_counter() > end:
                break
            for name, call in calls:
                start = time.perf_counter_ns()
                call()
                seconds[name].append((time.perf_counter_ns() - start) / 1e9)
    return seconds


def peak_memory(call: Callable[[], object]) -> tuple[int, str]:
    """The most memory, in bytes, that a call needs at one time beyond what was held before it, and how it was counted.

    On Linux: growth of the resident set to its high-water mark, which counts every allocation that is touched, by
    Python, NumPy, numba or C, in pages of 4096 bytes; free memory is handed back to the system first, so that it is
    not reused unseen. Elsewhere: `tracemalloc`, which sees Python's and NumPy's allocations alone. Call once
    beforehand, so that compilation and first-time caches are not counted.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back; proc(5)
        before = _status_bytes("VmRSS")
    except OSError:
        return _traced_peak(call), "tracemalloc"
    call()
    return max(0, _status_bytes("VmHWM") - before), "resident set"


def _traced_peak(call: Callable[[], object]) -> int:
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call()
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        if not was_tracing:
            tracemalloc.stop()


def _status_bytes(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status has no field {field}")
    return int(found[1]) * 1024


@dataclass(frozen=True)
class Timing(Analysis):
    """Wall-clock times of one process, in rounds that interleave the cipher with AES-256-CTR.

    A round encrypts and decrypts the image, encrypts the same bytes with AES-256-CTR before each of the two, and
    encrypts the smallest image that the card admits, with the same channels: ``key_setup_time``, the fixed cost of a
    message (key schedule, burn-in of a map, overhead of the call). ``encrypt_ratio`` is the median time over that of
    AES (2 = twice as slow), throughput is plaintext bytes / median time / 10^6. Scaling tiles or crops the image to
    square ``sides`` and fits time ~ N^k, N being the number of samples, by least squares on logarithms:
    ``encrypt_exponent`` is k, 1 is linear. For memory see `peak_memory`.
    ``stage_time`` is for the stages that the cipher marks, in one encryption of the image. Times of a program (a cipher
    with a ``timing_note``) include what a call costs besides, which ``key_setup_time`` shows: they are marked by that
    note, and the memory of another process is not measured.

    ``budget`` limits the seconds spent on the rounds, and again on the scaling and on the stages; what is cut short
    or left out says so in its message.
    """

    name: ClassVar[str] = "timing"
    title: ClassVar[str] = "Timing and memory"
    images: ClassVar[str] = "first"
    alone: ClassVar[bool] = True

    runs: int = 20
    warmups: int = 3
    sides: tuple[int, ...] = (128, 256, 512, 1024)
    scaling_runs: int = 5
    budget: float = 20.0

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        note = getattr(experiment.bare_cipher, "timing_note", "")
        with _others_left_alone():
            for row in self._rows(experiment):
                if note and row.metric == "peak_memory":
                    yield replace(row, value=None, message="not measured: a program's memory is its own")
                elif note and row.metric != "reference_time":
                    yield replace(row, message="; ".join(filter(None, (row.message, note))))
                else:
                    yield row

    def _rows(self, experiment: Experiment) -> Iterator[Measurement]:
        yield from self._times(experiment)
        yield from self._scaling(experiment)
        size, method = peak_memory(
            partial(experiment.bare_cipher.encrypt, experiment.image, experiment.key, experiment.nonce)
        )
        yield Measurement("peak_memory", size, unit="byte", message=method)
        yield from self._stages(experiment)

    def _times(self, experiment: Experiment) -> Iterator[Measurement]:
        smallest = _smallest_image(experiment)
        encrypt = partial(experiment.bare_cipher.encrypt, key=experiment.key, nonce=experiment.nonce)
        reference = _reference(experiment)
        times = interleave(
            (
                ("key_setup", partial(encrypt, smallest)),
                ("reference", reference), ("encrypt", partial(encrypt, experiment.image)),
                ("reference", reference),
                ("decrypt", partial(experiment.bare_cipher.decrypt, experiment.ciphertext, experiment.key)),
            ),
            self.runs, self.warmups, self.budget,
        )  # fmt: skip
        cut = self._cut(len(times["encrypt"]), self.runs)
        for name, message in (
            ("key_setup", f"{smallest.shape[0]}x{smallest.shape[1]} pixels"),
            ("encrypt", ""), ("decrypt", ""), ("reference", "AES-256-CTR"),
        ):  # fmt: skip
            yield from _quartiles(f"{name}_time", times[name], message="; ".join(filter(None, (message, cut))))
        for name in ("encrypt", "decrypt"):
            median = float(np.median(times[name]))
            yield Measurement(f"{name}_throughput", experiment.image.nbytes / median / 1e6, unit="MB/s", message=cut)
            yield Measurement(f"{name}_ratio", median / float(np.median(times["reference"])), message=cut)

    def _scaling(self, experiment: Experiment) -> Iterator[Measurement]:
        cipher, end = experiment.bare_cipher, time.perf_counter() + self.budget
        samples: list[int] = []
        medians: dict[str, list[float]] = {name: [] for name in _SCALED}
        for side in sorted(self.sides):
            image = tiled(experiment.image, side)
            left = end - time.perf_counter()
            # A warm-up and one run, if the time grows in proportion to the samples.
            needed = 2 * sum(medians[name][-1] for name in _SCALED) * image.size / samples[-1] if samples else 0.0
            if left <= needed:
                yield from _missing(side, "ok", f"not measured: time budget of {self.budget:g} s")
                continue
            try:
                encrypted = cipher.encrypt(image, experiment.key, experiment.nonce)
            except CipherError as error:
                yield from _missing(side, "unsupported", str(error))
                continue
            times = interleave(
                (
                    ("encrypt", partial(cipher.encrypt, image, experiment.key, experiment.nonce)),
                    ("decrypt", partial(cipher.decrypt, encrypted, experiment.key)),
                ),
                self.scaling_runs, 1, end - time.perf_counter(),
            )  # fmt: skip
            samples.append(image.size)
            for name in _SCALED:
                cut = self._cut(len(times[name]), self.scaling_runs)
                yield from _quartiles(f"{name}_time", times[name], parameter=str(side), message=cut)
                medians[name].append(float(np.median(times[name])))
        for name in _SCALED:
            exponent = fitted_exponent(samples, medians[name])
            reason = "" if exponent is not None else "the fit needs two sizes"
            yield Measurement(f"{name}_exponent", exponent, message=reason or f"{len(samples)} sizes")

    def _stages(self, experiment: Experiment) -> Iterator[Measurement]:
        recorded: dict[str, list[float]] = {}
        end, done = time.perf_counter() + self.budget, 0
        with _collector_off():
            while done < self.scaling_runs and (done == 0 or time.perf_counter() < end):
                with record_stages() as stages:
                    experiment.bare_cipher.encrypt(experiment.image, experiment.key, experiment.nonce)
                for name, seconds in stages.items():
                    recorded.setdefault(name, []).append(seconds)
                done += 1
                if not stages:
                    return
        for name, times in recorded.items():
            message = self._cut(done, self.scaling_runs)
            yield Measurement("stage_time", float(np.median(times)), part=name, unit="s", message=message)

    def _cut(self, done: int, wanted: int) -> str:
        return "" if done == wanted else f"{done} of {wanted} runs: time budget of {self.budget:g} s"


def tiled(image: Image, side: int) -> Image:
    """The image repeated and cut to ``side`` x ``side`` pixels, with the same channels."""
    repeats = (math.ceil(side / image.shape[0]), math.ceil(side / image.shape[1]), *(1,) * (image.ndim - 2))
    return np.ascontiguousarray(np.tile(image, repeats)[:side, :side])


def fitted_exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float | None:
    """k of seconds ~ sizes^k, by least squares on logarithms; None for fewer than two different sizes."""
    if len(set(sizes)) < 2:
        return None
    x, y = np.log(np.asarray(sizes, float)), np.log(np.asarray(seconds, float))
    x -= x.mean()
    return float(x @ y / (x @ x))


def _smallest_image(experiment: Experiment) -> Image:
    """The first square corner of the image that the cipher takes, from the card's smallest side on, doubling."""
    side = experiment.cipher.card.side_from(1)
    while side < min(experiment.image.shape[:2]):
        image = np.ascontiguousarray(experiment.image[:side, :side])
        try:
            experiment.bare_cipher.encrypt(image, experiment.key, experiment.nonce)
        except CipherError:
            side *= 2
        else:
            return image
    return experiment.image


def _reference(experiment: Experiment) -> Callable[[], object]:
    """One message of AES-256-CTR on the image's bytes: key schedule and encryption."""
    from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    generator = experiment.generator("reference cipher")
    data, key, counter = experiment.image.tobytes(), generator.bytes(32), generator.bytes(16)
    return lambda: BlockCipher(algorithms.AES256(key), modes.CTR(counter)).encryptor().update(data)


def _quartiles(metric: str, times: Sequence[float], parameter: str = "", message: str = "") -> Iterator[Measurement]:
    for statistic, share in (("median", 0.5), ("q25", 0.25), ("q75", 0.75)):
        seconds = float(np.quantile(times, share))
        yield Measurement(metric, seconds, statistic=statistic, parameter=parameter, unit="s", message=message)


def _missing(side: int, status: str, message: str) -> Iterator[Measurement]:
    for name in _SCALED:
        yield Measurement(
            f"{name}_time", None, statistic="median", parameter=str(side), unit="s", status=status, message=message
        )
