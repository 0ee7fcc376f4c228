"""Runs cells, in whatever process it is called: a cell's rows are a pure function of the cell."""

from __future__ import annotations

import io
import json
import re
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench.bench.cell import Cell, CellResult, encode_columns, failure, frozen
from cryptobench.bench.plan import Plan, load_task
from cryptobench.cipher import Cipher, Image
from cryptobench.images.references import pixels
from cryptobench.measurement import Artifact, Measurement
from cryptobench.task import SharedExperiments, TaskResult, run_task

__all__ = ["measure_here", "picture", "run_cell"]

_FIELDS = tuple(Measurement.__dataclass_fields__)
_FINAL = ("ok", "unsupported", "failed")
_shared = SharedExperiments()


class _NotAsPlanned(Exception):
    """The worker cannot load, or has another version of, what the plan names."""


def run_cell(cell: Cell) -> CellResult:
    """Load the cell's cipher, image and analysis or attack, and measure; whatever goes wrong becomes a row saying so.

    A cell's rows are all kept or none: a row "unsupported" when the cipher refuses the image at its
    first encryption, "failed" when anything raises later, "crashed" when memory runs out.
    """
    start = time.perf_counter()
    pictures: list[tuple[str, bytes]] = []
    try:
        loaded = _load(cell)
        result = run_task(
            loaded.task, loaded.cipher, loaded.image, cell.seed, label=cell.image_name, reference=cell.cipher,
            shared=_shared, picture=lambda artifact: pictures.append(picture(artifact)),
        )  # fmt: skip
    except _NotAsPlanned as error:
        traceback.print_exception(error)
        return failure(cell, "failed", str(error), time.perf_counter() - start, final=False)
    except BaseException as error:  # while loading, or an interrupt that the cipher raised itself
        traceback.print_exception(error)
        text = " ".join(f"{type(error).__name__}: {error}".split())
        status, final = ("crashed", False) if isinstance(error, MemoryError) else ("failed", True)
        return failure(cell, status, text, time.perf_counter() - start, final=final)
    if result.status in ("failed", "crashed") and result.error is not None:
        traceback.print_exception(result.error)
    if result.status == "crashed":
        _shared.clear()
        for cache_of in (_cipher, _image):
            cache_of.cache_clear()
    return CellResult(
        address=cell.address, status=result.status, final=result.status in _FINAL, seconds=result.seconds,
        message=result.message, rows=_encoded(cell, result),
        pictures=tuple(pictures) if result.status == "ok" else (),
    )  # fmt: skip


def measure_here(
    plan: Plan,
    cipher: Cipher,
    *,
    keep: Callable[[Cell, str, bytes], None] | None = None,
    done: Callable[[Cell, TaskResult], None] | None = None,
) -> Iterator[bytes]:
    """Run the cells of a plan for one cipher in this process; the encoded rows of each, in the plan's order.

    They are the rows that workers would give. ``keep`` is called with each picture's file name and content, ``done``
    after each cell.
    """
    tasks = {(task.kind, task.name): task.task for task in plan.tasks}
    shared = SharedExperiments()
    for cell in plan.cells:
        artifacts: list[Artifact] = []
        result = run_task(
            tasks[cell.kind, cell.analysis_name], cipher, pixels(cell.image, cell.size, cell.grey), cell.seed,
            label=cell.image_name, shared=shared, picture=artifacts.append if keep is not None else None,
        )  # fmt: skip
        if result.error is not None and result.status != "unsupported":
            traceback.print_exception(result.error)
        if keep is not None and result.status == "ok":
            for artifact in artifacts:
                keep(cell, *picture(artifact))
        if done is not None:
            done(cell, result)
        yield _encoded(cell, result)


def _encoded(cell: Cell, result: TaskResult) -> bytes:
    columns: dict[str, Any] = {name: list(map(attrgetter(name), result.measurements)) for name in _FIELDS}
    return encode_columns(columns | cell.columns | {"seconds": result.seconds}, len(result.measurements))


def picture(artifact: Artifact) -> tuple[str, bytes]:
    """A file name and its content: PNG for grey and colour, .npy for any other number of channels."""
    pixels = artifact.image[..., 0] if artifact.image.ndim == 3 and artifact.image.shape[2] == 1 else artifact.image
    stem = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "-", artifact.name)
    content = io.BytesIO()
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        from PIL import Image as pillow

        pillow.fromarray(np.ascontiguousarray(pixels)).save(content, "PNG", compress_level=1)
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
        cipher, cipher_code = _cipher(cell.cipher)
        image, image_hash = _image(cell.image, cell.size, cell.grey)
        parameters = {name: frozen(value) for name, value in json.loads(cell.parameters).items()}
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
def _cipher(reference: str) -> tuple[Cipher, str]:
    from cryptobench.registry import load_cipher

    return load_cipher(reference), _code_version("cipher", reference)


@cache
def _code_version(kind: Any, reference: str) -> str:
    from cryptobench.registry import code_version

    return code_version(kind, reference)


@lru_cache(maxsize=16)
def _image(reference: str, size: int, grey: bool) -> tuple[Image, str]:
    from cryptobench.images import image_hash

    image = pixels(reference, size, grey)
    return image, image_hash(image)


def _without_folders(message: str, cell: Cell) -> str:
    for reference in (cell.cipher, cell.analysis, cell.image):
        folder = str(Path(reference).parent)
        if len(folder) > 1:
            message = message.replace(f"{folder}/", "")
    return message
