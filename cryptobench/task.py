"""Runs one analysis or one attack on one cipher, image and seed: the one way in which anything is measured."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cryptobench.analyses.base import Analysis
from cryptobench.attacks.base import Attack
from cryptobench.attacks.experiment import AttackExperiment, Mode
from cryptobench.attacks.runner import AttackRun, experiment_on, modes_of, rows_of_run, run_attack
from cryptobench.blame import described, said_by, users_line
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, CipherUnavailable, Image, UnsupportedImage
from cryptobench.contract import is_built_in
from cryptobench.experiment import Experiment, KeptCiphertexts
from cryptobench.images import image_hash
from cryptobench.measurement import Artifact, Measurement

__all__ = ["SharedExperiments", "TaskResult", "run_task"]

_LONGEST_MESSAGE = 600
_OTHER_KEYS = 16


@dataclass(frozen=True, eq=False)
class TaskResult:
    """What a task gave: its measurements, and for an attack its runs, one for each nonce mode.

    ``status`` is ok; unsupported, where the cipher refused the image, or the key that was drawn, at its first
    encryption; failed, where its weights are missing, anything else was raised or a ciphertext is none; crashed,
    where memory ran out. Unless it is ok, ``measurements`` is one row without a value that says why, ``message`` the
    same in one line, and ``error`` what was raised. ``seconds`` is wall time.
    """

    measurements: tuple[Measurement, ...]
    runs: tuple[AttackRun, ...] = ()
    status: Literal["ok", "unsupported", "failed", "crashed"] = "ok"
    message: str = ""
    seconds: float = 0.0
    error: BaseException | None = None


class SharedExperiments:
    """The experiments that attacks on one cipher and image share, the four used last; and ciphertexts of one image.

    Those are what analyses of one cipher and image share. No result depends on what is shared.

    A cipher is known by its object: share them only while no cipher changes under the same object.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[Cipher, AttackExperiment]] = OrderedDict()
        self._ciphertexts: tuple[tuple[object, ...], Cipher, KeptCiphertexts] | None = None

    def get(self, cipher: Cipher, image: Image, seed: int, label: str, reference: str) -> AttackExperiment:
        """The experiment for these; CipherError if the cipher cannot encrypt the image."""
        key = (id(cipher), image_hash(image), seed, label, reference)
        if key not in self._kept:
            target = image.copy()
            target.flags.writeable = False
            self._kept[key] = cipher, experiment_on(cipher, target, seed, label, reference=reference)
            while len(self._kept) > 4:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key][1]

    def ciphertexts(self, cipher: Cipher, image: Image, seed: int, label: str) -> KeptCiphertexts:
        """Those of the image that was analysed last, if it is this one; else new ones, none yet."""
        key = (id(cipher), image_hash(image), seed, label)
        if self._ciphertexts is None or self._ciphertexts[0] != key:
            self._ciphertexts = key, cipher, KeptCiphertexts()
        return self._ciphertexts[2]

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()
        self._ciphertexts = None


def run_task(
    task: Analysis | Attack,
    cipher: Cipher,
    image: Image,
    seed: int,
    *,
    label: str = "",
    reference: str = "",
    modes: Sequence[Mode] | None = None,
    shared: SharedExperiments | None = None,
    picture: Callable[[Artifact], None] | None = None,
) -> TaskResult:
    """Run an analysis or an attack on ``image``, (H, W) or (H, W, C) uint8.

    ``label`` names the picture that the image was made from: keys and trials follow from it, the cipher's name and the
    seed. ``reference`` is how another process can load the cipher. An attack is run in those of its nonce modes that
    ``modes`` names, None for all of them. ``picture`` is called with each picture that figures need, as it comes.

    Whatever the cipher raises becomes a status; KeyboardInterrupt goes through.
    """
    start = time.perf_counter()
    measurements: list[Measurement] = []
    runs: list[AttackRun] = []

    def ended(status: Literal["unsupported", "failed", "crashed"], error: BaseException, text: str) -> TaskResult:
        message = _one_line(text)
        row = Measurement("", None, channel="", status=status, message=message)
        return TaskResult((row,), (), status, message, time.perf_counter() - start, error)

    try:
        try:
            items = _items(task, cipher, image, seed, label, reference, modes, shared or SharedExperiments())
        except CipherUnavailable as error:
            return ended("failed", error, str(error))
        except CipherError as error:
            if isinstance(error, UnsupportedImage) or is_built_in(cipher) or _takes_other_keys(cipher, image, seed):
                return ended("unsupported", error, str(error))
            hint = "raise UnsupportedImage, or declare the limit in the card"
            place = users_line(error, cipher)
            return ended(
                "failed", error, f"{cipher.card.name}: encrypt refuses an ordinary image: {error}; {hint}{place}"
            )
        for item in items:
            if isinstance(item, Measurement):
                measurements.append(item)
            elif isinstance(item, AttackRun):
                runs.append(item)
            elif isinstance(item, Artifact):
                if picture is not None:
                    picture(item)
            else:
                kind = "attack" if isinstance(task, Attack) else "analysis"
                raise TypeError(f"{kind} {task.name} yielded {type(item).__name__}, wanted Measurement or Artifact")
    except KeyboardInterrupt:
        raise
    except MemoryError as error:
        return ended("crashed", error, f"{type(error).__name__}: {said_by(error)}")
    except BaseException as error:  # a cipher's sys.exit() must not end the process that measures it
        return ended("failed", error, described(error, cipher))
    return TaskResult(tuple(measurements), tuple(runs), seconds=time.perf_counter() - start)


def _items(
    task: Analysis | Attack,
    cipher: Cipher,
    image: Image,
    seed: int,
    label: str,
    reference: str,
    modes: Sequence[Mode] | None,
    shared: SharedExperiments,
) -> Iterator[Measurement | Artifact | AttackRun]:
    """What the task measures; CipherError if the cipher cannot encrypt the image."""
    if isinstance(task, Attack):
        experiment = shared.get(cipher, image, seed, label, reference)
        every = modes_of(task, cipher.card)
        wanted = [mode for mode in every if modes is None or mode in modes or len(experiment.nonce_modes) == 1]
        return _attacked(task, experiment, wanted)
    kept = None if task.alone else shared.ciphertexts(cipher, image, seed, label)  # alone: it measures time
    analysed = Experiment(cipher, np.array(image, order="C"), seed, label, reference=reference, kept=kept)
    _ = analysed.ciphertext
    return task.measure(analysed)


def _takes_other_keys(cipher: Cipher, image: Image, seed: int) -> bool:
    """Whether the scheme refused a key, and not the image: one of a few other keys is taken."""
    generator = np.random.default_rng(seed)
    for _ in range(_OTHER_KEYS):
        try:
            cipher.encrypt(image.copy(), generator.bytes(cipher.card.key_bytes), bytes(NONCE_BYTES))
        except CipherError:
            continue
        except Exception:
            return False
        return True
    return False


def _attacked(
    attack: Attack, experiment: AttackExperiment, modes: Sequence[Mode]
) -> Iterator[Measurement | Artifact | AttackRun]:
    for mode in modes:
        run = run_attack(attack, experiment, mode)
        yield run
        yield from rows_of_run(run, experiment)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 3] + "..."
