"""Measurements for a test: through a run folder that keeps finished cells, or in this process."""

from __future__ import annotations

import hashlib
import io
import re
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.bench.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.bench.plan import PlannedImage, PlannedTask
    from cryptobench.cipher import Cipher
    from cryptobench.measurement import Artifact, Measurement

__all__ = ["measure_held", "measure_reference"]

_STAND_IN = "aes-256-ctr"  # plans need a cipher that other processes can load; no number depends on which


def measure_reference(reference: str, wanted: Settings, folder: Path) -> pd.DataFrame:
    """Measure a cipher that workers can load, as `cryptobench run` does; finished cells are kept under ``folder``."""
    from filelock import FileLock

    from cryptobench.bench.progress import Progress
    from cryptobench.bench.run import run
    from cryptobench.measurement import read_measurements

    stem = re.sub(r"[^A-Za-z0-9_.-]", "-", Path(reference.rpartition(":")[2]).name)
    place = folder / f"{stem}-{hashlib.sha256(reference.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):  # pytest-xdist may test one cipher in several processes
        run(replace(wanted, ciphers=(reference,)), place, Progress(io.StringIO(), quiet=True))
        return read_measurements(place / "measurements.csv.gz")


def measure_held(cipher: Cipher, wanted: Settings) -> pd.DataFrame:
    """Measure an instance in this process: the rows that a run of the same settings would have."""
    from cryptobench.bench.cell import decode_rows, encode_rows
    from cryptobench.bench.plan import make_plan
    from cryptobench.measurement import frame

    plan = make_plan(replace(wanted, ciphers=(_STAND_IN,)))
    rows: list[dict[str, Any]] = []
    for image in plan.images:
        arena = _Arena(cipher, image, wanted.seed)
        for task in plan.tasks:
            if image in task.images_for(cipher.card):
                rows += decode_rows(encode_rows(_cell(arena, task)))
    return frame(rows)


class _Arena:
    """A cipher and an image, and what all attacks on them share."""

    def __init__(self, cipher: Cipher, image: PlannedImage, seed: int) -> None:
        from cryptobench.images.references import pixels

        self.cipher, self.image, self.seed = cipher, image, seed
        self.pixels = pixels(image.reference, image.size, image.grey)
        self._attacks: Any = None

    def items(self, task: PlannedTask) -> Iterator[Measurement | Artifact]:
        """What the task measures; CipherError if the cipher cannot encrypt the image."""
        from cryptobench.analyses.base import Subject
        from cryptobench.attacks.runner import Arena, measure_attack

        found: Iterator[Measurement | Artifact]
        if task.kind == "attack":
            if self._attacks is None:
                target = self.pixels.copy()
                target.flags.writeable = False
                self._attacks = Arena(self.cipher, target, self.seed, self.image.name)
            _ = self._attacks.scene("respect")
            found = measure_attack(task.task, self._attacks)  # type: ignore[arg-type]
        else:
            subject = Subject(self.cipher, self.pixels.copy(), self.seed, self.image.name)
            _ = subject.base
            found = task.task.measure(subject)  # type: ignore[union-attr]
        return found


def _cell(arena: _Arena, task: PlannedTask) -> list[dict[str, Any]]:
    """The rows of one task, or one row that says why there are none."""
    from cryptobench.cipher import CipherError
    from cryptobench.measurement import Measurement

    start = time.perf_counter()
    try:
        try:
            items = arena.items(task)
        except CipherError as error:
            found = [_nothing("unsupported", str(error))]
        else:
            found = [item for item in items if isinstance(item, Measurement)]
    except Exception as error:
        traceback.print_exception(error)  # pytest shows it as captured output of the test
        found = [_nothing("failed", f"{type(error).__name__}: {error}")]
    image, card = arena.image, arena.cipher.card
    shared = {
        "cipher": card.name, "family": card.family, "fidelity": card.fidelity, "image": image.name,
        "height": image.height, "width": image.width, "channels": image.channels, "analysis": task.name,
        "seed": arena.seed, "seconds": time.perf_counter() - start,
    }  # fmt: skip
    return [item.row() | shared for item in found]


def _nothing(status: str, message: str) -> Measurement:
    from cryptobench.measurement import Measurement

    return Measurement("", None, channel="", status=status, message=" ".join(message.split()))
