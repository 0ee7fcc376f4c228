"""Fetch an image set whole, or leave everything as it was."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.files import write_text
from cryptobench.images.archive import take_pictures
from cryptobench.images.errors import ImageError
from cryptobench.images.fetched import INDEX, is_fetched
from cryptobench.images.remote import REMOTE_SETS, Download, RemoteSet, data_folder, set_folder
from cryptobench.reading import Source
from cryptobench.shapes import hexadecimal, mapping
from cryptobench.terminal import nearest, printable

if TYPE_CHECKING:
    import requests

__all__ = ["fetch", "recorded_hashes"]

_TIMEOUT = 30  # seconds without an answer
_LARGE = 20_000_000  # bytes from which on progress is reported


def fetch(name: str, say: Callable[[str], None] = lambda line: None) -> Path:
    """Download the set ``name`` unless it is here, check it, and return its folder.

    A file whose sha256 is not in the registry has it recorded at its first download, in ``sha256.json`` beside the
    sets, and is held to it afterwards. `ImageError` if the set is unknown, a download fails or is damaged, or a hash
    differs; then nothing has changed. ``say`` gets what is being done, line by line.
    """
    if name not in REMOTE_SETS:
        raise ImageError(f"no image set {name!r} can be fetched{nearest(name, REMOTE_SETS)}")
    if is_fetched(name):
        return set_folder(name)
    folder = set_folder(name).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch_alone(name, folder, say)
    except OSError as error:
        where = error.filename or folder
        raise ImageError(f"cannot store image set {name}: {where}: {error.strerror or error}") from None
    return set_folder(name)


def recorded_hashes() -> dict[str, str]:
    """The sha256 of every file, by URL, that was fetched without a known one; `ImageError` if the record is damaged."""
    path = data_folder() / "images" / "sha256.json"
    try:
        hashes: dict[str, str] = Source(path, ImageError, "repair or delete it").json(mapping(hexadecimal(32)))
    except FileNotFoundError:
        return {}
    return hashes


def _fetch_alone(name: str, folder: Path, say: Callable[[str], None]) -> None:
    from filelock import FileLock

    with FileLock(folder / ".lock"):
        if is_fetched(name):
            return
        for left in folder.glob(".fetch-*"):  # of a fetch that was killed; nobody else holds the lock
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as scratch:
            pictures, hashes = _download_all(name, REMOTE_SETS[name], Path(scratch), say)
            write_text(folder / "sha256.json", json.dumps(recorded_hashes() | hashes, indent=1, sort_keys=True))
            shutil.rmtree(set_folder(name), ignore_errors=True)
            pictures.replace(set_folder(name))


def _download_all(
    name: str, images: RemoteSet, scratch: Path, say: Callable[[str], None]
) -> tuple[Path, dict[str, str]]:
    """The finished folder of pictures, inside ``scratch``, and by URL each sha256 that the registry lacks."""
    pictures = scratch / "pictures"
    pictures.mkdir()
    known = recorded_hashes()
    index: dict[str, dict[str, str]] = {}
    hashes: dict[str, str] = {}
    for download in images.downloads:
        say(f"fetching {download.url}")
        file, sha256 = _download(download, known.get(download.url, ""), scratch, say)
        if not download.sha256:
            hashes[download.url] = sha256
        index |= take_pictures(file, images, pictures)
        if not download.sha256 and download.url not in known:
            say(f"note: {download.url} has no published sha256, so nothing could be checked at this first download;")
            say(f"  {sha256} is recorded, and later downloads must have it")
        file.unlink()
    if not index:
        raise ImageError(f"image set {name}: no picture was found in {images.downloads[0].url}; it may have moved")
    pictures.joinpath(INDEX).write_text(json.dumps(index, indent=1, sort_keys=True), encoding="utf-8")
    return pictures, hashes


class _Progress:
    """Reports how far a large download is, in tenths; it has what pooch asks of a progress bar."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.total = 0
        self._say = say
        self._done = 0
        self._told = 0

    def update(self, size: int) -> None:
        self._done += size
        if self.total > _LARGE and (tenths := 10 * self._done // self.total) > self._told:
            self._told = tenths
            self._say(f"  {10 * min(tenths, 10)} % of {self.total / 1e6:.0f} MB")

    def reset(self) -> None:
        self.total = 0  # pooch counts the whole file once more at its end

    def close(self) -> None:
        pass


def _download(download: Download, recorded: str, scratch: Path, say: Callable[[str], None]) -> tuple[Path, str]:
    import logging

    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    downloader = pooch.HTTPDownloader(
        timeout=_TIMEOUT, progressbar=_Progress(say), hooks={"response": _refuse_plain_redirect}
    )
    try:
        file = Path(pooch.retrieve(download.url, None, fname=download.file, path=scratch, downloader=downloader))
    except requests.RequestException as error:
        raise ImageError(
            f"cannot fetch {download.url}: {_reason(error)}; nothing has changed, try again later"
        ) from None
    found = pooch.file_hash(str(file), alg="sha256")
    wanted = download.sha256 or recorded
    if wanted and found != wanted:
        whose = "published" if download.sha256 else "recorded at the first download"
        raise ImageError(
            f"{download.url} has sha256 {found}, wanted {wanted} ({whose}); the file was not used, nothing has changed"
        )
    return file, found


def _refuse_plain_redirect(response: requests.Response, **_: object) -> None:
    """`ImageError` for an answer that leads from https to anything else, before that is asked."""
    from urllib.parse import urljoin, urlsplit

    target = urljoin(response.url, response.headers.get("location", ""))
    if response.is_redirect and urlsplit(response.url).scheme == "https" and urlsplit(target).scheme != "https":
        raise ImageError(
            f"cannot fetch {response.url}: the server leads from https to {printable(target)}, which anybody on the "
            "way can change; nothing was fetched and nothing has changed"
        )


def _reason(error: Exception) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke before the end of the file"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    return " ".join(str(error).split())
