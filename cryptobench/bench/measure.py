"""Runs one cell, in whatever process it is called: a pure function of the cell."""

from __future__ import annotations

import io
import json
import re
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench.analyses.base import Subject
from cryptobench.attacks.runner import Arena, measure_attack
from cryptobench.bench.cell import Cell, CellResult, encode_columns, failure, frozen
from cryptobench.bench.plan import load_task
from cryptobench.cipher import Cipher, CipherError, Image
from cryptobench.images.references import pixels
from cryptobench.measurement import Artifact, Measurement

__all__ = ["picture", "run_cell"]

_FIELDS = tuple(Measurement.__dataclass_fields__)
_LONGEST_MESSAGE = 300


class _NotAsPlanned(Exception):
    """The worker cannot load, or has another version of, what the plan names."""


def run_cell(cell: Cell) -> CellResult:
    """Load the cell's cipher, image and analysis or attack, and measure; whatever goes wrong becomes a row saying so.

    A cell's rows are all kept or none: a row "unsupported" when the cipher refuses the image at its
    first encryption, "failed" when anything raises later, "crashed" when memory runs out.
    """
    start = time.perf_counter()
    measurements: list[Measurement] = []
    pictures: list[tuple[str, bytes]] = []

    def failed(status: str, error: BaseException, *, final: bool, named: bool = True) -> CellResult:
        if status != "unsupported":
            traceback.print_exception(error)
        text = f"{type(error).__name__}: {error}" if named else str(error)
        return failure(cell, status, _one_line(text), time.perf_counter() - start, final=final)

    try:
        loaded = _load(cell)
        start = time.perf_counter()
        try:
            items = _items(cell, loaded)
        except CipherError as error:
            return failed("unsupported", error, final=True, named=False)
        for item in items:
            if isinstance(item, Measurement):
                measurements.append(item)
            elif isinstance(item, Artifact):
                pictures.append(picture(item))
            else:
                raise TypeError(f"{cell.kind} {cell.analysis_name} yielded {type(item).__name__}, wanted Measurement")
    except MemoryError as error:
        measurements.clear()
        pictures.clear()
        for cache_of in (_arena, _cipher, _image):
            cache_of.cache_clear()
        return failed("crashed", error, final=False)
    except _NotAsPlanned as error:
        return failed("failed", error, final=False, named=False)
    except BaseException as error:  # a cipher's sys.exit() must not end the worker
        return failed("failed", error, final=True)

    seconds = time.perf_counter() - start
    columns: dict[str, Any] = {name: list(map(attrgetter(name), measurements)) for name in _FIELDS}
    return CellResult(
        address=cell.address, status="ok", final=True, seconds=seconds, pictures=tuple(pictures),
        rows=encode_columns(columns | cell.columns | {"seconds": seconds}, len(measurements)),
    )  # fmt: skip


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


def _items(cell: Cell, loaded: _Loaded) -> Iterator[Measurement | Artifact]:
    """What the cell measures; CipherError if the cipher cannot encrypt its image."""
    if cell.kind == "attack":
        arena = _arena(cell.cipher, cell.image, cell.size, cell.grey, cell.seed, cell.image_name)
        _ = arena.scene("respect")
        return measure_attack(loaded.task, arena)
    subject = Subject(loaded.cipher, loaded.image.copy(), cell.seed, cell.image_name)
    _ = subject.base
    items: Iterator[Measurement | Artifact] = loaded.task.measure(subject)
    return items


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


@lru_cache(maxsize=4)
def _arena(cipher: str, image: str, size: int, grey: bool, seed: int, label: str) -> Arena:
    target = _image(image, size, grey)[0].copy()
    target.flags.writeable = False
    return Arena(_cipher(cipher)[0], target, seed, label, cipher)


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


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 3] + "..."
