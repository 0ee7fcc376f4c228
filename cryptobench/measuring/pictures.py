"""The pictures that belong to one plaintext: read, and held against one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from cryptobench.cipher import Image
from cryptobench.images import ImageError, read_image
from cryptobench.images.errors import for_each
from cryptobench.images.stored import compression_with_loss
from cryptobench.measuring.listed import ROLES, from_patterns, from_table
from cryptobench.metrics._given import advice, described, is_array

__all__ = ["Given", "Picture", "PictureSet", "Several", "loaded", "picture_set"]

Given: TypeAlias = Image | str | PathLike[str]
Several: TypeAlias = Given | Sequence[Given]

_OF_CIPHER = ("cipher", "changed", "other_key")  # cipher images; the others are plaintexts, or were decrypted
_FEW = 64  # samples: more differ between two cipher images, unless the change has hardly spread
_WHAT = {
    "plain": "the plaintext", "cipher": "the cipher image", "changed": "the cipher image of the changed plaintext",
    "other_key": "the cipher image under another key", "wrong_key": "what a wrong key decrypted",
    "decrypted": "what the right key decrypted", "damaged": "what a damaged ciphertext was decrypted to",
}  # fmt: skip
NO_DIFFUSION = (
    "NPCR and UACI of plaintext against cipher image are not given: they say nothing about diffusion, a fixed XOR pad "
    "scores 99.6 % too"
)


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, (H, W) or (H, W, C) uint8, what to call it, and what its file lost when it was saved, if anything."""

    label: str
    image: Image
    lost: str = ""

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.label).stem

    @property
    def size(self) -> str:
        """Such as "colour (512x512x3)"."""
        channels = self.image.shape[2] if self.image.ndim == 3 else 1
        kind = {1: "grey", 3: "colour"}.get(channels, f"of {channels} channels")
        return f"{kind} ({'x'.join(map(str, self.image.shape))})"


@dataclass(frozen=True, eq=False)
class PictureSet:
    """All pictures of one plaintext. ``plain`` is None where the cipher image is measured alone."""

    name: str
    plain: Picture | None
    cipher: Picture
    changed: tuple[Picture, ...] = ()
    other_key: tuple[Picture, ...] = ()
    wrong_key: tuple[Picture, ...] = ()
    decrypted: Picture | None = None
    damaged: tuple[Picture, ...] = ()

    @property
    def cipher_images(self) -> tuple[Picture, ...]:
        """All that are cipher images."""
        return (self.cipher, *self.changed, *self.other_key)


def loaded(
    roles: Mapping[str, Any], *, pairs: tuple[str, str] | None, table: str | PathLike[str] | None
) -> list[PictureSet]:
    """The sets of pictures that arguments of `cryptobench.measure` name; `ImageError` for what does not fit."""
    if sum(way is not None for way in (pairs, table, roles["cipher"])) != 1:
        raise ImageError("wanted one of: a cipher image, pairs, or a table that lists pictures")
    if table is not None:
        if given := [role for role, value in roles.items() if _several(value)]:
            raise ImageError(f"{given[0]} is given beside the table {table}; make it a column of the table")
        return for_each(from_table(Path(table)), lambda row: picture_set(*row))
    if pairs is not None:
        if roles["plain"] is not None:
            raise ImageError("a plaintext is given beside pairs; give one of them")
        return for_each(from_patterns(pairs, roles), lambda row: picture_set(*row))
    cipher = roles["cipher"]
    name = _stem(cipher if roles["plain"] is None else roles["plain"])
    return [picture_set(name, {role: _several(value) for role, value in roles.items()})]


def picture_set(name: str, given: Mapping[str, Sequence[Any]]) -> PictureSet:
    """Read the pictures of one plaintext, by role (`ROLES`); `ImageError` if they do not belong together."""
    found = {role: tuple(_picture(one, role) for one in given.get(role, ())) for role in ROLES}
    for role in ("plain", "cipher", "decrypted"):
        if len(found[role]) > 1:
            raise ImageError(f"{name}: {len(found[role])} pictures are {_WHAT[role]}, wanted one")
    plain, decrypted = (found[role][0] if found[role] else None for role in ("plain", "decrypted"))
    pictures = PictureSet(
        name, plain, found["cipher"][0], found["changed"], found["other_key"], found["wrong_key"], decrypted,
        found["damaged"],
    )  # fmt: skip
    _require_fitting(pictures)
    return pictures


def _picture(given: Any, role: str) -> Picture:
    if isinstance(given, str | PathLike):
        path = Path(given)
        image = read_image(path)
        return Picture(str(path), image, compression_with_loss(path) if role in _OF_CIPHER else "")
    what = _WHAT[role]
    if not is_array(given) or given.dtype != np.uint8 or given.ndim not in (2, 3) or given.size == 0:
        raise ImageError(
            f"{what} is {described(given)}, wanted a path or a uint8 array of shape (H, W) or (H, W, C); "
            f"{advice(given)}"
        )
    flat = given[..., 0] if given.ndim == 3 and given.shape[2] == 1 else given
    return Picture(what, np.ascontiguousarray(flat))


def _require_fitting(pictures: PictureSet) -> None:
    plain, cipher = pictures.plain, pictures.cipher
    if plain is None:
        for role in ("wrong_key", "decrypted", "damaged"):
            if getattr(pictures, role):
                raise ImageError(f"{_WHAT[role]} is compared with the plaintext; give that too")
    else:
        alone = "a cipher image of another size than its plaintext is measured alone: cryptobench measure"
        _require_one_shape(plain, cipher, f"{alone} {cipher.label}")
        if np.array_equal(plain.image, cipher.image):
            raise ImageError(
                f"{plain.label} and {cipher.label} are the same picture; give the plaintext and then its cipher image"
            )
        for other in (*pictures.wrong_key, *filter(None, (pictures.decrypted,)), *pictures.damaged):
            _require_one_shape(plain, other, "crop it as the cipher does, or decrypt it again")
    for other in (*pictures.changed, *pictures.other_key):
        _require_one_shape(cipher, other, "encrypt a plaintext of the same size")
    for other in pictures.changed if plain is not None else ():
        assert plain is not None
        differing = int(np.count_nonzero(other.image != plain.image)) if other.image.shape == plain.image.shape else -1
        if differing == 0:
            raise ImageError(f"{other.label} is the plaintext. {NO_DIFFUSION}; wanted {_WHAT['changed']}")
        if 0 < differing <= min(_FEW, plain.image.size // 16):
            raise ImageError(
                f"{other.label} differs from the plaintext in {differing} of {plain.image.size} samples: it is the "
                "changed plaintext; wanted its cipher image"
            )


def _require_one_shape(one: Picture, other: Picture, advised: str) -> None:
    if one.image.shape == other.image.shape:
        return
    given = f"{one.label} is {one.size} and {other.label} is {other.size}"
    if one.image.shape[:2] == other.image.shape[:2]:
        coloured = next((p for p in (one, other) if p.image.ndim == 3 and _is_grey(p.image)), None)
        hint = (
            f"the channels of {coloured.label} are equal: save it as grey"
            if coloured
            else "convert the plaintext to what was encrypted"
        )
        raise ImageError(f"{given}, wanted both grey or both in colour; {hint}")
    raise ImageError(f"{given}, wanted equal sizes; {advised}")


def _is_grey(image: Image) -> bool:
    return bool((image == image[..., :1]).all())


def _several(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _stem(given: Any) -> str:
    return Path(given).stem if isinstance(given, str | PathLike) else "picture"
