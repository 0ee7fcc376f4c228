"""Places of a cipher image that hold the same under every key, nonce and image, such as padding.

They tell nobody anything, and no ideal cipher has them: statistics of bytes leave them out.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Image

__all__ = ["NO_PLACES", "ConstantPlaces", "constant_places"]

_ENCRYPTIONS = 8  # a place that varies is the same in all with probability 256^-7
_KEPT = 64
_found: OrderedDict[tuple[int, tuple[int, ...]], tuple[Cipher, ConstantPlaces]] = OrderedDict()


@dataclass(frozen=True, eq=False)
class ConstantPlaces:
    """The constant places of cipher images of one ``shape``: (n,) indices in raster order, and their values, (n,)."""

    shape: tuple[int, ...]
    places: NDArray[np.int64]
    values: Image

    def __len__(self) -> int:
        return len(self.places)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True at constant places, in the cipher image's shape."""
        mask = np.zeros(self.shape, np.bool_)
        mask.ravel()[self.places] = True
        return mask

    def held_by(self, image: Image) -> ConstantPlaces:
        """Those of the places at which this cipher image, too, has the constant value."""
        if not len(self) or image.shape != self.shape:
            return NO_PLACES
        same = image.ravel()[self.places] == self.values
        return self if same.all() else ConstantPlaces(self.shape, self.places[same], self.values[same])

    def varying(self, *images: Image) -> list[Image]:
        """The samples of cipher images at all other places, each (1, m).

        The images themselves where there are no constant places, or where one of the images has another shape or
        another value at such a place: then it is not constant.
        """
        if not self._in_all(images):
            return list(images)
        return [image.ravel()[self._others].reshape(1, -1) for image in images]

    def picture(self, *images: Image) -> list[Image]:
        """The same, as pictures: without all rows, all columns or all channels with constant places, whichever leaves
        most. Where nothing is left, as `varying` has them."""
        if not self._in_all(images):
            return list(images)
        mask, axis = self.mask, self._axis()
        if axis is None:
            return self.varying(*images)
        others = tuple(other for other in range(mask.ndim) if other != axis)
        kept = np.flatnonzero(~mask.any(axis=others))
        return [np.ascontiguousarray(np.take(image, kept, axis)) for image in images]

    @cached_property
    def _others(self) -> NDArray[np.int64]:
        """All other places: `np.delete` finds them again for each image, which takes as long as many an encryption."""
        return np.flatnonzero(~self.mask)

    def _in_all(self, images: tuple[Image, ...]) -> bool:
        return bool(len(self)) and all(len(self.held_by(image)) == len(self) for image in images)

    def _axis(self) -> int | None:
        """The axis whose slices without constant places are the greatest part of the image."""
        mask = self.mask
        shares = [
            float(np.mean(~mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis))))
            for axis in range(mask.ndim)
        ]
        best = int(np.argmax(shares))
        return best if shares[best] > 0 else None

    def __str__(self) -> str:
        if not len(self):
            return "none"
        rows: NDArray[np.bool_] = np.all(self.mask.reshape(self.shape[0], -1), axis=1)
        width = int(np.prod(self.shape[1:]))
        single = self.places[~rows[self.places // width]]
        parts = [f"rows {_ranges(np.flatnonzero(rows))}"] if rows.any() else []
        parts += [f"samples {_ranges(single)} in raster order"] if single.size else []
        return f"{' and '.join(parts)} of {'x'.join(map(str, self.shape))}"


NO_PLACES = ConstantPlaces((), np.zeros(0, np.int64), np.zeros(0, np.uint8))


def constant_places(cipher: Cipher, shape: tuple[int, ...]) -> ConstantPlaces:
    """The constant places of the cipher images of plaintexts of ``shape``, (H, W) or (H, W, C); found once a process.

    Uniform plaintexts are encrypted, each under a key and a nonce of its own: two at least, eight and a black and a
    white one where places remain. None where the shape of cipher images varies, or the cipher refuses.
    """
    key = id(cipher), tuple(shape)
    if key not in _found:
        _found[key] = cipher, _search(cipher, tuple(shape))
        while len(_found) > _KEPT:
            _found.popitem(last=False)
    return _found[key][1]


def _search(cipher: Cipher, shape: tuple[int, ...]) -> ConstantPlaces:
    digest = hashlib.sha256(f"constant places|{cipher.card.name}|{shape}".encode()).digest()
    generator = np.random.default_rng(int.from_bytes(digest, "big"))
    first: Image | None = None
    places: NDArray[np.int64] | None = None
    for number in range(_ENCRYPTIONS + 2):
        plain = generator.integers(0, 256, shape, np.uint8)
        if number >= _ENCRYPTIONS:
            plain[:] = 255 * (number - _ENCRYPTIONS)
        key, nonce = generator.bytes(cipher.card.key_bytes), generator.bytes(NONCE_BYTES)
        try:
            image = np.ascontiguousarray(cipher.encrypt(plain, key, nonce).image)
        except CipherError:
            return NO_PLACES
        if first is None:
            first = image.copy()
            continue
        if image.shape != first.shape:
            return NO_PLACES
        flat, reference = image.ravel(), first.ravel()
        places = np.flatnonzero(flat == reference) if places is None else places[flat[places] == reference[places]]
        if not places.size:
            return NO_PLACES
    assert first is not None
    assert places is not None
    return ConstantPlaces(first.shape, places, first.ravel()[places])


def _ranges(numbers: NDArray[np.int64], most: int = 4) -> str:
    """ "0-3, 8, 10-12" for one number or more, and how many more ranges there are."""
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    texts = [str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts]
    return ", ".join(texts[:most]) + (f" and {len(texts) - most} more" if len(texts) > most else "")
