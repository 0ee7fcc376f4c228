"""Training pictures from folders, and the ones that are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from cryptobench.cipher import Image
from cryptobench.images import read_image
from cryptobench.images.errors import for_each
from cryptobench.images.files import READABLE, is_picture
from cryptobench.primitives.learned.crops import PicturesError, PictureSet

__all__ = ["centre_crops", "read_pictures", "require_apart", "require_scorable", "split"]

_MEMORY_SHARE = 0.8
_MOST_HELD_OUT = 50
_SSIM_WINDOW = 7  # pixels


def read_pictures(folders: Sequence[Path]) -> PictureSet:
    """All pictures in ``folders`` and below, by name, hidden ones left out.

    PicturesError if a folder is missing, there are none, or they do not fit in memory; ImageError that lists all that
    are damaged.
    """
    import psutil

    room = _MEMORY_SHARE * psutil.virtual_memory().available
    named = ", ".join(map(str, folders))

    def read(path: Path) -> Image:
        nonlocal room
        image = read_image(path)
        room -= 3 * image.shape[0] * image.shape[1]
        if room < 0:
            raise PicturesError(
                f"{named}: the pictures do not fit in memory (3 bytes a pixel); use fewer or smaller ones"
            )
        return image

    for folder in folders:
        if not folder.is_dir():
            raise PicturesError(f"{folder}: no such folder, wanted a folder of pictures")
    images = for_each([path for folder in folders for path in _picture_files(folder)], read)
    if not images:
        raise PicturesError(f"{named}: no pictures, wanted files ending in {' '.join(READABLE)}")
    return PictureSet(images, named)


def split(pictures: PictureSet, share: float) -> tuple[PictureSet, PictureSet]:
    """(training, held out): ``share`` of the distinct pictures, 1 to 50 of them, chosen by the hash of their pixels.

    Copies of a picture fall on one side. PicturesError if there are fewer than two distinct ones.
    """
    digests = [_digest(image) for image in pictures.images]
    distinct = sorted(set(digests))
    if len(distinct) < 2:
        raise PicturesError(
            f"{pictures.source}: a single picture, wanted two or more, so that one can be held out; or use --held-out"
        )
    count = min(max(1, round(share * len(distinct))), _MOST_HELD_OUT, len(distinct) - 1)
    chosen = set(distinct[:count])
    kept = [image for image, digest in zip(pictures.images, digests, strict=True) if digest not in chosen]
    first = {digest: image for image, digest in zip(pictures.images, digests, strict=True) if digest in chosen}
    return PictureSet(kept, pictures.source), PictureSet(list(first.values()), pictures.source)


def require_apart(pictures: PictureSet, held_out: PictureSet) -> None:
    """PicturesError if a held-out picture is also one that is trained on."""
    trained_on = {_digest(image) for image in pictures.images}
    shared = sum(_digest(image) in trained_on for image in held_out.images)
    if shared:
        raise PicturesError(
            f"{held_out.source}: {shared} of the {len(held_out)} held-out pictures are trained on too; "
            "keep them out of --data"
        )


def require_scorable(held_out: PictureSet) -> None:
    """PicturesError if a held-out picture is smaller than the window of the SSIM."""
    for image in held_out.images:
        if min(image.shape[:2]) < _SSIM_WINDOW:
            raise PicturesError(
                f"{held_out.source}: a held-out picture is {image.shape[0]}x{image.shape[1]}, wanted sides of at least "
                f"{_SSIM_WINDOW}; leave it out"
            )


def centre_crops(pictures: PictureSet, count: int, side: int) -> PictureSet:
    """The middle of the first ``count`` pictures, at most ``side`` pixels high and wide."""
    crops = []
    for image in pictures.images[:count]:
        top, left = (max(0, length - side) // 2 for length in image.shape[:2])
        crops.append(image[top : top + side, left : left + side])
    return PictureSet(crops, pictures.source)


def _picture_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if is_picture(path)
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _digest(image: Image) -> str:
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()
