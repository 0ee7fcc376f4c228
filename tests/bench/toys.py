"""Toy ciphers, analyses and attacks that succeed, fail, crash, hang or eat memory on purpose."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Artifact
from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, UnsupportedImage
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement


class Xor(Cipher):
    """Adds a keystream by exclusive or."""

    card = Card(name="toy-xor", title="", family="toy", fidelity="A", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image ^ _stream(key + nonce, image), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image ^ _stream(key + encrypted.header, encrypted.image)


class Shift(Cipher):
    """Adds a keystream modulo 256."""

    card = Card(name="toy-shift", title="", family="toy", fidelity="B", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image + _stream(key + nonce, image), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image - _stream(key + encrypted.header, encrypted.image)


class SquareOnly(Shift):
    """Takes square images only, which its card does not say."""

    card = Card(name="toy-square", title="", family="toy", fidelity="C", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if image.shape[0] != image.shape[1]:
            given = "x".join(map(str, image.shape))
            raise UnsupportedImage(f"toy-square: image is {given}, wanted a square image")
        return super().encrypt(image, key, nonce, secret=secret)


class Impostor(Xor):
    """Has the name of another cipher."""


@dataclass(frozen=True)
class Mean(Analysis):
    """The mean of the cipher image over random pixels, with a picture; leaves a mark in ``marks`` at each run."""

    name: ClassVar[str] = "mean"
    title: ClassVar[str] = "Mean"
    images: ClassVar[str] = "all"

    trials: int = 3
    seconds: float = 0.0
    marks: str = ""

    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        if self.marks:
            with Path(self.marks).open("a") as marks:
                marks.write(f"{experiment.cipher.card.name} {hash_of(experiment.image)}\n")
        time.sleep(self.seconds)
        generator = experiment.generator("mean")
        for trial in range(self.trials):
            chosen = generator.choice(experiment.ciphertext.image.ravel(), 100)
            yield Measurement("mean", chosen.mean(), trial=trial, unit="grey level", expected=127.5)
        yield Artifact("cipher", experiment.ciphertext.image)


@dataclass(frozen=True)
class Work(Analysis):
    """Keeps one CPU busy for a fixed amount of work."""

    name: ClassVar[str] = "work"
    title: ClassVar[str] = "Work"
    images: ClassVar[str] = "all"

    rounds: int = 200

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        state = np.arange(20_000, dtype=np.uint64) + np.uint64(experiment.seed)
        for _ in range(self.rounds):
            state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        yield Measurement("work", float(state[-1] >> np.uint64(40)))


@dataclass(frozen=True)
class Misbehave(Analysis):
    """Measures something, and then misbehaves if the cipher is toy-shift."""

    name: ClassVar[str] = "misbehave"
    title: ClassVar[str] = "Misbehave"
    images: ClassVar[str] = "first"

    how: str = "raise"

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        yield Measurement("before", 1.0)
        if experiment.cipher.card.name == "toy-shift":
            _MISDEEDS[self.how]()
        yield Measurement("after", 2.0)


@dataclass(frozen=True)
class Raises(Misbehave):
    """Raises an error."""

    name: ClassVar[str] = "raises"


@dataclass(frozen=True)
class Exits(Misbehave):
    """Asks Python to exit."""

    name: ClassVar[str] = "exits"
    how: str = "exit"


@dataclass(frozen=True)
class Crashes(Misbehave):
    """Reads memory that it may not read."""

    name: ClassVar[str] = "crashes"
    how: str = "crash"


@dataclass(frozen=True)
class Leaves(Misbehave):
    """Ends its process."""

    name: ClassVar[str] = "leaves"
    how: str = "leave"


@dataclass(frozen=True)
class Hangs(Misbehave):
    """Sleeps without end."""

    name: ClassVar[str] = "hangs"
    how: str = "hang"


@dataclass(frozen=True)
class Spins(Misbehave):
    """Sits in C code without end, with the interpreter locked."""

    name: ClassVar[str] = "spins"
    how: str = "spin"


@dataclass(frozen=True)
class Clock(Analysis):
    """Records when it ran, to show that it had the machine to itself, and the threads it may use."""

    name: ClassVar[str] = "timing"
    title: ClassVar[str] = "Clock"
    images: ClassVar[str] = "first"
    alone: ClassVar[bool] = True

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        start = time.time()
        time.sleep(0.05)
        yield Measurement("start", start)
        yield Measurement("end", time.time())
        yield Measurement("process", os.getpid())
        yield Measurement("threads", int(os.environ["NUMBA_NUM_THREADS"]))


@dataclass(frozen=True)
class Peek(Attack):
    """Recovers what a stream cipher under a fixed nonce gives away; fails on purpose if ``fail`` says so."""

    name: ClassVar[str] = "peek"
    title: ClassVar[str] = "Peek"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    fail: bool = False

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        stream = oracle.encrypt_probe("zero").image
        if self.fail:
            _raise()
        return AttackResult(
            recovered=oracle.challenge.image ^ stream, statistic=1.0, p_value=0.5, claims=("malleable",),
            numbers={"peeks": 1.0}, notes="looked",
        )  # fmt: skip


@dataclass(frozen=True)
class SmallGreyPeek(Peek):
    """Wants small grey images, and one of the toys only."""

    name: ClassVar[str] = "small_grey_peek"
    largest_side: ClassVar[int | None] = 16
    grey: ClassVar[bool] = True
    against: ClassVar[tuple[str, ...]] = ("toy-xor",)


def hash_of(image: Image) -> int:
    return int(image.astype(np.int64).sum())


def _stream(seed: bytes, image: Image) -> Image:
    return np.random.default_rng(int.from_bytes(seed, "big")).integers(0, 256, image.shape, np.uint8)


def _raise() -> None:
    raise RuntimeError("this toy\nbreaks")


def _hang() -> None:
    time.sleep(600)


def _spin() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    ctypes.PyDLL(None).sleep(600)  # PyDLL keeps the interpreter lock, as a stuck C extension does


def _eat() -> None:
    _ = [np.ones(1 << 24) for _ in range(10_000)]


_MISDEEDS = {
    "raise": _raise,
    "exit": lambda: exit(3),
    "crash": lambda: ctypes.string_at(0),
    "leave": lambda: os._exit(7),
    "hang": _hang,
    "spin": _spin,
    "eat": _eat,
}
