"""The sets that have been fetched: which pictures they hold, and that these are still the pictures fetched."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptobench.images.errors import ImageError
from cryptobench.images.remote import REMOTE_SETS, set_folder
from cryptobench.reading import Source
from cryptobench.shapes import hexadecimal, inner_path, mapping, record, text

__all__ = ["INDEX", "fetched_picture", "is_fetched", "picture_names"]

INDEX = (
    "index.json"  # {picture name: {"file": ..., "sha256": ..., "split": ...}}, written last, inside the set's folder
)

_INDEX = mapping(record({"file": inner_path(), "sha256": hexadecimal(32), "split": text}))


def is_fetched(name: str) -> bool:
    """Whether the set has been fetched whole."""
    return (set_folder(name) / INDEX).is_file()


def picture_names(name: str, split: str = "") -> list[str]:
    """References such as "kodak/kodim01" of a fetched set, sorted; `ImageError` if it has not been fetched."""
    index = _index(name)
    return [f"{name}/{picture}" for picture in sorted(index) if not split or index[picture]["split"] == split]


def fetched_picture(reference: str) -> Path:
    """The file of a picture such as "kodak/kodim01", its sha256 checked; `ImageError` if it is missing or changed."""
    name, _, picture = reference.partition("/")
    entry = _index(name).get(picture)
    if entry is None:
        raise ImageError(f"image set {name} has no picture {picture!r}; `cryptobench images list {name}` lists them")
    path = set_folder(name) / entry["file"]
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ImageError(f"cannot read {path}: {error.strerror}; {_again(name)}") from None
    if found != entry["sha256"]:
        raise ImageError(f"{path} has changed since it was fetched (sha256 {found[:16]}...); {_again(name)}")
    return path


def _index(name: str) -> dict[str, dict[str, str]]:
    path = set_folder(name) / INDEX
    try:
        index: dict[str, dict[str, str]] = Source(path, ImageError, _again(name)).json(_INDEX)
    except FileNotFoundError:
        size = REMOTE_SETS[name].megabytes
        raise ImageError(
            f"image set {name} is not here yet; `cryptobench images fetch {name}` gets it ({size} MB)"
        ) from None
    return index


def _again(name: str) -> str:
    return f"delete {set_folder(name)} and run `cryptobench images fetch {name}` again"
