"""Runs cells, in whatever process it is called: a cell's rows are a pure function of the cell."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench.bench.cell import Cell, CellResult, encode_columns, failure, plain_columns, with_tuples
from cryptobench.bench.plan import Plan
from cryptobench.bench.seen import code_here, late, load_watched, unseen, watch_calls_of
from cryptobench.bench.tasks import load_task
from cryptobench.blame import said_by
from cryptobench.cipher import NONCE_BYTES, Cipher, Image
from cryptobench.contract import ProcessState, examine_replacements, process_breaches, process_state
from cryptobench.core_time import core_seconds, core_seconds_elsewhere
from cryptobench.images.fitting import centre
from cryptobench.images.references import pixels
from cryptobench.libraries import functions_at_first
from cryptobench.measurement import Artifact, Measurement, require_columns
from cryptobench.task import SharedExperiments, TaskResult, run_task

__all__ = ["is_warm", "measure_here", "picture", "run_cell", "warm_up"]

_FIELDS = tuple(Measurement.__dataclass_fields__)
_FINAL = ("ok", "unsupported", "failed")
_CORNER = 32
_shared = SharedExperiments()
_warm: set[tuple[str, tuple[int, ...]]] = set()
_ready: set[tuple[object, ...]] = set()  # ciphers, images, analyses and attacks that `warm_up` has been called for


class _NotAsPlanned(Exception):
    """The worker cannot load, or has another version of, what the plan names."""


def run_cell(cell: Cell) -> CellResult:
    """Load the cell's cipher, image and analysis or attack, and measure; whatever goes wrong becomes a row saying so.

    A cell's rows are all kept or none: a row "unsupported" when the cipher refuses the image at its
    first encryption, "failed" when anything raises later, "crashed" when memory runs out.
    """
    before, elsewhere = core_seconds(), core_seconds_elsewhere()
    result = _run(cell)
    return replace(result, core_seconds=core_seconds() - before, elsewhere=core_seconds_elsewhere() - elsewhere)


def _run(cell: Cell) -> CellResult:
    start = time.perf_counter()
    pictures: list[tuple[str, bytes]] = []
    state = process_state() if cell.isolated else None
    loaded: _Loaded | None = None
    try:
        loaded = _load(cell)
        result = run_task(
            loaded.task, loaded.cipher, loaded.image, cell.seed, label=cell.image_name, reference=cell.cipher,
            shared=_shared, picture=lambda artifact: pictures.append(picture(artifact)),
        )  # fmt: skip
    except _NotAsPlanned as error:
        _print(error)
        return failure(cell, "failed", str(error), time.perf_counter() - start, final=False)
    except BaseException as error:  # while loading, or an interrupt that the cipher raised itself
        if loaded is not None and state is not None and (harm := _harm(loaded.cipher, state)):
            return failure(cell, "failed", harm[0], time.perf_counter() - start, final=False)
        _print(error)
        text = f"{type(error).__name__}: {said_by(error)}"
        status, final = ("crashed", False) if isinstance(error, MemoryError) else ("failed", True)
        return failure(cell, status, text, time.perf_counter() - start, final=final)
    if state is not None and (harm := _harm(loaded.cipher, state)):
        return failure(cell, "failed", harm[0], time.perf_counter() - start, final=False)
    if reason := late(cell):
        seconds = time.perf_counter() - start
        return replace(failure(cell, "failed", reason, seconds, final=False), unseen=unseen(cell))
    if result.status == "crashed":
        _shared.clear()
        for cache_of in (_cipher, _image):
            cache_of.cache_clear()
    return _finished(cell, result, pictures)


def _harm(cipher: Cipher, state: ProcessState) -> list[str]:
    """What measuring the cipher has changed in this process; it is put back."""
    return examine_replacements(cipher, functions_at_first()) + process_breaches(cipher, state)


def _print(error: BaseException) -> None:
    """Print a traceback, if the cipher has left anything to print to."""
    with suppress(Exception):
        traceback.print_exception(error)


def is_warm(cell: Cell) -> bool:
    """Whether `warm_up` has nothing to do: all that the cell needs has been loaded for others."""
    return _needs(cell) <= _ready


def _needs(cell: Cell) -> set[tuple[object, ...]]:
    return {
        ("cipher", cell.cipher, cell.isolated, cell.channels), (cell.kind, cell.analysis, cell.parameters),
        ("image", cell.image, cell.size, cell.grey),
    }  # fmt: skip


def warm_up(cell: Cell) -> None:
    """Load what the cell needs; for each cipher and number of channels encrypt and decrypt a corner of the image first.

    Whatever goes wrong here goes wrong again where the cell is measured.
    """
    with suppress(BaseException):
        loaded = _load(cell)
        corner = np.array(loaded.image[:_CORNER, :_CORNER], order="C")
        kind = cell.cipher, corner.shape[2:]
        if kind not in _warm:
            _warm.add(kind)
            key = hashlib.shake_256(b"warm up").digest(loaded.cipher.card.key_bytes)
            loaded.cipher.decrypt(loaded.cipher.encrypt(corner, key, bytes(NONCE_BYTES)), key)
    _ready.update(_needs(cell))


def measure_here(plan: Plan, started: Callable[[Cell], None] = lambda cell: None) -> Iterator[tuple[Cell, CellResult]]:
    """Run the cells of the plan's instances in this process, in the plan's order; what workers would give of them.

    ``started`` is called before each.
    """
    tasks = {(task.kind, task.name): task.task for task in plan.tasks}
    instances = {
        cipher.card.name: cipher.instance
        for cipher in plan.ciphers
        if cipher.instance is not None and not cipher.breaches
    }
    shared = SharedExperiments()
    for cell in plan.cells:
        if cell.cipher_name in instances:
            started(cell)
            artifacts: list[Artifact] = []
            before = core_seconds()
            result = run_task(
                tasks[cell.kind, cell.analysis_name], instances[cell.cipher_name],
                _image_of(cell)[0], cell.seed, label=cell.image_name, shared=shared,
                picture=artifacts.append,
            )  # fmt: skip
            yield cell, replace(_finished(cell, result, map(picture, artifacts)), core_seconds=core_seconds() - before)


def _finished(cell: Cell, result: TaskResult, pictures: Iterable[tuple[str, bytes]]) -> CellResult:
    if result.status in ("failed", "crashed") and result.error is not None:
        _print(result.error)
    columns: dict[str, Any] = {name: list(map(attrgetter(name), result.measurements)) for name in _FIELDS}
    columns = plain_columns(columns | cell.columns | {"seconds": result.seconds})
    try:
        require_columns(columns)
    except ValueError as error:
        message = f"{cell.analysis_name} gave a row that the table does not take: {error}"
        return failure(cell, "failed", message, result.seconds, final=True)
    return CellResult(
        address=cell.address, status=result.status, final=result.status in _FINAL, seconds=result.seconds,
        message=result.message, pictures=tuple(pictures) if result.status == "ok" else (),
        rows=encode_columns(columns, len(result.measurements)),
    )  # fmt: skip


def picture(artifact: Artifact) -> tuple[str, bytes]:
    """A file name and its content: PNG for grey and colour, .npy for any other number of channels."""
    pixels = artifact.image[..., 0] if artifact.image.ndim == 3 and artifact.image.shape[2] == 1 else artifact.image
    stem = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "-", artifact.name)
    content = io.BytesIO()
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        from PIL import Image as pillow

        # Runs alone are sought for: as small as with all that zlib looks for, in four fifths of the time.
        pillow.fromarray(np.ascontiguousarray(pixels)).save(content, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
        return f"{stem}.png", content.getvalue()
    np.save(content, pixels, allow_pickle=False)
    return f"{stem}.npy", content.getvalue()


@dataclass(frozen=True)
class _Loaded:
    cipher: Cipher
    image: Image
    task: Any


def _load(cell: Cell) -> _Loaded:
    from cryptobench.images import ImageError
    from cryptobench.registry import RegistryError

    try:
        cipher, cipher_code = _cipher(cell.cipher, cell.isolated)
        if cell.isolated:
            cipher_code = code_here(cell, cipher_code)
        watch_calls_of(cell)
        image, image_hash = _image_of(cell)
        parameters = {name: with_tuples(value) for name, value in json.loads(cell.parameters).items()}
        task = load_task(cell.kind, cell.analysis, **parameters)
        task_code = _code_version(cell.kind, cell.analysis)
    except (RegistryError, ImageError) as error:
        raise _NotAsPlanned(_without_folders(str(error), cell)) from error
    planned = (cell.cipher_code, cell.image_hash, cell.analysis_code)
    for what, here, wanted in zip(
        ("cipher", "image", cell.kind), (cipher_code, image_hash, task_code), planned, strict=True
    ):
        if here != wanted:
            raise _NotAsPlanned(f"the {what} has changed since the run was planned; run again")
    return _Loaded(cipher, image, task)


@cache
def _cipher(reference: str, isolated: bool) -> tuple[Cipher, str]:
    """The cipher and the digest of its code; of one that is isolated, of what its source text says."""
    from cryptobench.registry import load_cipher

    if isolated:
        return load_watched(reference)
    return load_cipher(reference), _code_version("cipher", reference)


@cache
def _code_version(kind: Any, reference: str) -> str:
    from cryptobench.registry import code_version

    return code_version(kind, reference)


def _image_of(cell: Cell) -> tuple[Image, str]:
    if cell.pixels is not None:
        return cell.pixels, cell.image_hash
    return _image(cell.image, cell.size, cell.grey, cell.height, cell.width)


@lru_cache(maxsize=16)
def _image(reference: str, size: int, grey: bool, height: int, width: int) -> tuple[Image, str]:
    """The image, or its central part where the cell wants less of it."""
    from cryptobench.images import image_hash

    image = centre(pixels(reference, size, grey), height, width)
    return image, image_hash(image)


def _without_folders(message: str, cell: Cell) -> str:
    for reference in (cell.cipher, cell.analysis, cell.image):
        folder = str(Path(reference).parent)
        if len(folder) > 1:
            message = message.replace(f"{folder}/", "")
    return message
