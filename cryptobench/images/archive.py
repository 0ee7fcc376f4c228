"""Take the pictures out of a downloaded file, by name and never by the path that an archive asks for."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from cryptobench.images.errors import ImageError
from cryptobench.images.remote import RemoteSet

__all__ = ["take_pictures"]

_MAX_PICTURE_BYTES = 256 * 2**20
_DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, ValueError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


def take_pictures(source: Path, images: RemoteSet, folder: Path) -> dict[str, dict[str, str]]:
    """Copy the pictures of ``images`` in ``source`` (.zip, .tgz or one picture) into ``folder``; return their index.

    Only regular files whose path matches the set's pattern are taken, each under its last path component.
    `ImageError` if the file is damaged or holds a picture that cannot be read.
    """
    index: dict[str, dict[str, str]] = {}
    try:
        for path, size, stream in _members(source):
            found = images.match(path)
            if found is None:
                continue
            if size > _MAX_PICTURE_BYTES:
                raise ImageError(f"{source.name} holds {path} of {size} bytes, more than a picture should have")
            file = PurePosixPath(path).name
            data = stream.read(_MAX_PICTURE_BYTES)
            (folder / file).write_bytes(data)
            _require_picture(folder / file, source)
            split = found.groupdict().get("split") or ""
            index[found["name"]] = {"file": file, "sha256": hashlib.sha256(data).hexdigest(), "split": split}
    except ImageError:
        raise
    except _DAMAGED as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
        raise ImageError(f"{source.name} is damaged or no archive: {reason}") from None
    return index


def _members(source: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """(path, bytes, stream) of each regular file; a download that is no archive is its own only file."""
    if source.suffix == ".zip":
        with zipfile.ZipFile(source) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    with archive.open(entry) as stream:
                        yield entry.filename, entry.file_size, stream
    elif source.suffix in (".tgz", ".gz", ".tar"):
        with tarfile.open(source) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None:
                    with content:
                        yield member.name, member.size, content
    else:
        with source.open("rb") as content:
            yield source.name, source.stat().st_size, content


def _require_picture(path: Path, source: Path) -> None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.verify()
    except Exception as error:
        raise ImageError(f"{source.name} holds {path.name}, which is no picture: {error}") from None
