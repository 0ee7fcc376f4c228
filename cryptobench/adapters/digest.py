"""A digest of a program's files, and of the code of ours that runs it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptobench.code_digest import code_digest, module_file

__all__ = ["program_digest"]


def program_digest(file: Path, names: Iterable[str]) -> str:
    """A sha256 over a ``.toml``, the files and folders beside it of these names, and the code of ours that runs it.

    Only names and contents count, so that moving the folder changes nothing.
    """
    ours = module_file("cryptobench.adapters.program")
    assert ours is not None
    parts = [hashlib.sha256(file.read_bytes()).hexdigest(), code_digest(ours, "cryptobench.adapters")]
    for name in sorted(names):
        parts += [f"{name} {hashlib.sha256(one.read_bytes()).hexdigest()}" for one in _files(file.parent / name)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _files(place: Path) -> Iterator[Path]:
    yield from (one for one in (sorted(place.rglob("*")) if place.is_dir() else [place]) if one.is_file())
