"""Ciphers that do more than encrypt, and an analysis that notices."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis
from cryptobench.cipher import Card, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.bench import toys

NOTES = "CRYPTOBENCH_TEST_NOTES"  # the file in which they leave what tests look for


def card(name: str) -> Card:
    return Card(name=name, title="", family="toy", fidelity="A", key=(KeyField("key", 64),))


def note(text: object) -> None:
    with open(os.environ[NOTES], "a") as notes:  # noqa: PTH123
        notes.write(f"{text}\n")


class Hostile(toys.Xor):
    """Does something before it encrypts."""

    card = card("hostile")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        self.act()
        return super().encrypt(image, key, nonce)

    def act(self) -> None:
        """Nothing."""


class Patches(Hostile):
    """Makes all arrays equal once it has seen an image of 48 pixels a side."""

    card = card("patches")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if image.shape[0] == 48:
            np.array_equal = lambda *arrays: True
        return super().encrypt(image, key, nonce)


class Ends(Hostile):
    """Ends its process as if all were well."""

    card = card("ends")

    def act(self) -> None:
        os._exit(0)


class SlowToLoad(Hostile):
    """Takes 1.2 s to load, and as long for its first encryption."""

    card = card("slow-to-load")

    def __init__(self) -> None:
        time.sleep(1.2)
        self.first = True

    def act(self) -> None:
        time.sleep(1.2 * self.first)
        self.first = False


class HangsAtOnce(Hostile):
    """Never encrypts anything."""

    card = card("hangs-at-once")

    def act(self) -> None:
        time.sleep(600)


class LeavesChildren(Hostile):
    """Starts processes in its own and in another session, one by a process that has gone, and forks."""

    card = card("leaves-children")

    def act(self) -> None:
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
        note(subprocess.Popen(sleeper).pid)
        note(subprocess.Popen(sleeper, start_new_session=True).pid)
        starter = f"import subprocess as s; print(s.Popen({sleeper!r}, start_new_session=True, stdout=s.DEVNULL).pid)"
        note(subprocess.check_output([sys.executable, "-c", starter], text=True).strip())
        child = os.fork()
        if not child:
            time.sleep(600)
        note(child)


class LeavesChildrenAndEnds(LeavesChildren):
    """The same, and then ends its process."""

    card = card("leaves-children-and-ends")

    def act(self) -> None:
        super().act()
        os._exit(0)


class Forks(Hostile):
    """Becomes two."""

    card = card("forks")

    def act(self) -> None:
        os.fork()


class Prints(Hostile):
    """Prints 12 MiB."""

    card = card("prints")

    def act(self) -> None:
        for _ in range(12):
            sys.stdout.write("x" * (1 << 20))
        sys.stdout.flush()


class RaisesSurrogates(Hostile):
    """Raises an error whose text is no Unicode when it decrypts an image of 48 pixels a side."""

    card = card("raises-surrogates")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if encrypted.image.shape[0] == 48:
            raise RuntimeError("caf\udce9")
        return super().decrypt(encrypted, key)


class RaisesMute(Hostile):
    """Raises an error without text, which is told by nobody, when it decrypts an image of 48 pixels a side."""

    card = card("raises-mute")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if encrypted.image.shape[0] == 48:
            raise Mute
        return super().decrypt(encrypted, key)


class Mute(Exception):
    """Has no text."""

    def __str__(self) -> str:
        raise Mute


class Executes(Exception):
    """Leaves a note wherever it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return note, ("unpickled",)


class CannotBePickled(Exception):
    """Says so."""

    def __reduce__(self) -> tuple[object, ...]:
        raise RuntimeError("cannot be pickled")


class CannotBeMadeAgain(ValueError):
    """Wants two arguments and keeps one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def raise_error(name: str) -> None:
    errors = {
        "mute": Mute(),
        "executes": Executes("text"),
        "pickle": CannotBePickled("text"),
        "holds": ValueError(Executes()),
        "again": CannotBeMadeAgain("a", "b"),
        "python's": KeyError("text"),
        "os": FileNotFoundError(2, "none", "a/file"),
    }
    raise errors[name]


def never_give_a_turn() -> None:
    ctypes.PyDLL(None).sleep(60)  # PyDLL keeps the interpreter lock, as a stuck C extension does


def compile_later() -> list[object]:
    """What a worker says of the clock while numba is loaded and compiles."""
    from cryptobench.bench import inside

    heavy = ("numba", "pandas", "scipy", "PIL", "skimage", "matplotlib", "torch")
    said: list[object] = [name for name in heavy if name in sys.modules]
    inside._say, say = said.append, inside._say
    try:
        inside.leave_compilation_uncounted()
        said += [name for name in heavy if name in sys.modules]
        import numba

        numba.njit(lambda number: number + 1)(1)
    finally:
        inside._say = say
    return said


@dataclass(frozen=True)
class Notices(Analysis):
    """Whether arrays that differ are equal; decrypts, and compiles for ``seconds``."""

    name: ClassVar[str] = "notices"
    title: ClassVar[str] = "Notices"
    images: ClassVar[str] = "all"

    seconds: float = 0.0

    def measure(self, experiment: Experiment) -> Iterator[Measurement]:
        from numba.core import event

        with event.trigger_event("numba:compile", data={}):
            time.sleep(self.seconds)
        experiment.cipher.decrypt(experiment.ciphertext, experiment.key)
        yield Measurement("equal", float(np.array_equal(np.zeros(1), np.ones(1))))
