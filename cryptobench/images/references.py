"""From what a user writes (names, set names, folders, files) to single images, and to their pixels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image
from cryptobench.images.builtin import PHOTOGRAPHS, STRESS, builtin_image
from cryptobench.images.errors import ImageError
from cryptobench.images.fetched import fetched_picture, is_fetched, picture_names
from cryptobench.images.files import is_picture, picture_files, read_image
from cryptobench.images.fitting import as_grey
from cryptobench.images.remote import REMOTE_SETS
from cryptobench.images.scale import fit_longer_side, require_size
from cryptobench.terminal import nearest

__all__ = [
    "image_hash", "is_name", "kind", "label", "labels", "load_image", "load_sizes", "pixels", "resolve", "set_names",
]  # fmt: skip


def set_names() -> tuple[str, ...]:
    """The names that stand for several images, fetched or not."""
    parts = [f"{name}-{split}" for name, images in REMOTE_SETS.items() for split in images.splits]
    return ("photographs", "stress", "builtin", "all", *REMOTE_SETS, *parts)


def resolve(references: Sequence[str]) -> list[str]:
    """Single image references for names, set names, folders (sorted) and files, in order and without repeats.

    "photographs", "stress" and "builtin" stand for built-in images, "all" for those and every fetched set. A name of
    ours comes before a file of that name, which "./name" reaches. `ImageError` for what is neither name nor path.
    """
    if isinstance(references, str):
        references = [references]
    return list(dict.fromkeys(single for reference in references for single in _expand(reference)))


def load_image(reference: str, size: int | None = None) -> Image:
    """The image of a single reference: (H, W) or (H, W, 3) uint8, at its native size where ``size`` is None.

    Built-in images get ``size`` pixels a side ("coffee": its shorter side). Files and fetched pictures keep their
    aspect, their longer side at most ``size``; they are never enlarged. `ImageError` if there is no such image.
    """
    require_size(size)
    if _is_builtin(reference):
        return builtin_image(reference, size)
    image = read_image(fetched_picture(reference) if _is_fetchable(reference) else _existing(reference))
    return image if size is None else fit_longer_side(image, size)


def load_sizes(reference: str, sizes: Iterable[int]) -> tuple[dict[int, Image], tuple[int, int]]:
    """What `load_image` gives at each of ``sizes``, from a file that is decoded once; and its height and width."""
    if _is_builtin(reference):
        found = {size: load_image(reference, size) for size in sizes}
        return found, next(iter(found.values())).shape[:2]
    whole = load_image(reference)
    return {size: fit_longer_side(whole, size) for size in sizes}, whole.shape[:2]


def pixels(reference: str, size: int, grey: bool) -> Image:
    """`load_image` at ``size``; where ``grey``, the luminance of a colour image: (H, W) by ITU-R BT.601."""
    image = load_image(reference, size)
    return as_grey(image) if grey else image


def kind(reference: str) -> str:
    """ "stress" for the built-in stress images, "photograph" for everything else."""
    return "stress" if reference in STRESS else "photograph"


def is_name(reference: str) -> bool:
    """Whether a reference is the name of an image or a set, built in or fetched, and no path to a file."""
    return _is_builtin(reference) or reference in set_names() or _is_fetchable(reference)


def label(reference: str) -> str:
    """A short name for tables: the reference itself, or a file's name without its folder and ending.

    It is a folder's name in runs: a file called "...png" keeps its ending.
    """
    if _is_builtin(reference) or _is_fetchable(reference):
        return reference
    path = Path(reference)
    return path.stem if path.stem.strip(".") else path.name


def labels(references: Sequence[str]) -> list[str]:
    """A `label` for each reference, no two alike: files whose short names clash keep their whole path."""
    uses = Counter(label(reference) for reference in dict.fromkeys(references))
    return [label(reference) if uses[label(reference)] == 1 else reference for reference in references]


def image_hash(image: NDArray[np.generic]) -> str:
    """The sha256, in hex, of an array's shape, dtype and pixels."""
    digest = hashlib.sha256(f"{image.shape} {image.dtype.str} ".encode())
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()


def _expand(reference: str) -> list[str]:
    if _is_builtin(reference):
        return [reference]
    builtin_sets = {"photographs": [*PHOTOGRAPHS], "stress": [*STRESS], "builtin": [*PHOTOGRAPHS, *STRESS]}
    if reference in builtin_sets:
        return builtin_sets[reference]
    if reference == "all":
        fetched = [name for name in REMOTE_SETS if is_fetched(name)]
        return builtin_sets["builtin"] + [picture for name in fetched for picture in picture_names(name)]
    for name, images in REMOTE_SETS.items():
        if reference == name:
            return picture_names(name)
        if reference in {f"{name}-{split}" for split in images.splits}:
            return picture_names(name, reference.removeprefix(f"{name}-"))
    if _is_fetchable(reference):
        fetched_picture(reference)
        return [reference]
    path = _existing(reference)
    return [str(file) for file in picture_files(path)] if path.is_dir() else [reference]


def _is_builtin(reference: str) -> bool:
    return reference in PHOTOGRAPHS or reference in STRESS


def _is_fetchable(reference: str) -> bool:
    name, slash, picture = reference.partition("/")
    return name in REMOTE_SETS and bool(slash) and not set(picture) & set("/\\\0") and not Path(reference).exists()


def _existing(reference: str) -> Path:
    path = Path(reference)
    if reference and (path.exists() or path.is_symlink()):
        return path
    if reference in set_names():
        raise ImageError(f"{reference} is a set of images, wanted one image; `cryptobench images list` shows them")
    if "/" in reference or is_picture(path):
        raise ImageError(
            f"{reference} does not exist, wanted a picture file, a folder of them, or the name of an image"
        )
    known = [*PHOTOGRAPHS, *STRESS, *set_names()]
    raise ImageError(f"there is no image or image set {reference!r}{nearest(reference, known)}")
