"""The images of a plan: each loaded once, and as each cipher takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from cryptobench.cipher import Image
from cryptobench.images.errors import for_each
from cryptobench.images.fitting import as_grey

if TYPE_CHECKING:
    from cryptobench.bench.settings import Settings
    from cryptobench.card import Card

__all__ = ["ImageLibrary", "PlannedImage"]

_CARRIED = 4 << 20  # bytes: larger images are loaded again where they are measured


@dataclass(frozen=True)
class PlannedImage:
    """An image as planned: how to load it, what tables call it, its pixels' digest and shape.

    ``scaled_from`` is the height and width of the file that it was made smaller from. ``pixels`` of a file, unless they
    are many, go along to whoever measures, so that it is decoded once a run.
    """

    reference: str
    size: int
    grey: bool
    name: str
    photograph: bool
    flat: bool
    digest: str
    height: int
    width: int
    channels: int
    note: str = ""
    scaled_from: tuple[int, int] | None = None
    pixels: Image | None = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Its name, with what was done to it for a cipher that takes no image as it is: "camera 252x252 crop"."""
        return " ".join(filter(None, (self.name, self.note)))

    def title(self, usual: int) -> str:
        """Its name, with what sets it apart from the same image at the run's ``usual`` size."""
        version = [str(self.size)] * (self.size != usual) + ["grey"] * (self.grey and "grey" not in self.note.split())
        return " ".join([self.label, *version])


class ImageLibrary:
    """The images of a plan, each loaded once."""

    def __init__(self, settings: Settings) -> None:
        self.images: dict[tuple[str, int, bool], PlannedImage] = {}
        self._sizes = _sizes(settings)
        self._loaded: dict[tuple[str, int], Image] = {}
        self._sides: dict[str, tuple[int, int]] = {}
        self._fitted: dict[tuple[PlannedImage, Card], PlannedImage] = {}

    @property
    def fitted_images(self) -> list[PlannedImage]:
        """The images that `fitted` has returned."""
        return list(dict.fromkeys(self._fitted.values()))

    def fitted(self, image: PlannedImage, card: Card) -> PlannedImage:
        """The image as this cipher takes it, see `cryptobench.images.fitting.fitted`."""
        if (image, card) not in self._fitted:
            self._fitted[image, card] = self._fit(image, card)
        return self._fitted[image, card]

    def _fit(self, image: PlannedImage, card: Card) -> PlannedImage:
        from cryptobench.images import image_hash
        from cryptobench.images.fitting import centre, fit

        source = self.image(image.reference, image.size)
        wanted = fit(source.height, source.width, source.channels, card)
        if not wanted.note:
            return image
        grey = image.grey or wanted.grey
        cut = centre(self._pixels(image.reference, image.size, grey), wanted.height, wanted.width)
        channels = cut.shape[2] if cut.ndim == 3 else 1
        return replace(
            image, grey=grey, note=wanted.note, digest=image_hash(cut), height=wanted.height, width=wanted.width,
            channels=channels, pixels=None if image.pixels is None else cut,
        )  # fmt: skip

    def image(self, single: str, size: int, grey: bool = False) -> PlannedImage:
        from cryptobench.images import image_hash, is_name, kind, label

        reference = str(Path(single).resolve()) if Path(single).is_file() and not is_name(single) else single
        key = reference, size, grey
        if key not in self.images:
            image = self._pixels(reference, size, grey)
            height, width = image.shape[:2]
            channels = image.shape[2] if image.ndim == 3 else 1
            photograph = kind(single) == "photograph"
            flat = bool((image == image.flat[0]).all())
            self.images[key] = PlannedImage(
                reference, size, grey, label(single), photograph, flat, image_hash(image), height, width, channels,
                scaled_from=None if self._sides[reference] == (height, width) else self._sides[reference],
                pixels=image if (reference, size) in self._loaded else None,
            )  # fmt: skip
        return self.images[key]

    def _pixels(self, reference: str, size: int, grey: bool) -> Image:
        """The image at one size; that of a file at all sizes of the run at once."""
        from cryptobench.images.references import is_name, load_sizes

        image = self._loaded.get((reference, size))
        if image is None:
            is_file = Path(reference).is_file() and not is_name(reference)
            found, self._sides[reference] = load_sizes(reference, {size, *self._sizes} if is_file else {size})
            image = found[size]
            if is_file:
                small = {side: one for side, one in found.items() if one.nbytes <= _CARRIED}
                self._loaded |= {(reference, side): one for side, one in small.items()}
        return as_grey(image) if grey else image

    def scaled(self, size: int) -> str:
        """What was made smaller to be measured at ``size``, in a sentence; "" if nothing was."""
        shown = [image for image in self.images.values() if image.size == size and image.scaled_from and not image.grey]
        if not shown:
            return ""
        first = shown[0]
        height, width = first.scaled_from or (first.height, first.width)
        sides = f"{height}x{width} to {first.height}x{first.width}"
        more = f"{len(shown) - 1} other picture{'s' * (len(shown) > 2)}"
        others = f", and {more} to sides of at most {size}" * (len(shown) > 1)
        return f"{first.name} is scaled from {sides} pixels (height x width){others}: that is what is measured"

    def resolved(self, references: Sequence[str], size: int) -> list[PlannedImage]:
        from cryptobench.images import resolve

        return for_each(resolve(list(references)), lambda single: self.image(single, size))


def _sizes(settings: Settings) -> set[int]:
    """The sizes at which the run may want a picture: its own and, where it attacks, those of attacks."""
    if not settings.attacks:
        return {settings.size}
    own = [side for table in settings.attacks.values() for side in _list(table.get("sides")) if _positive(side)]
    return {settings.size, *settings.attack_sides, *own}


def _list(sides: object) -> Sequence[object]:
    return sides if isinstance(sides, list | tuple) else ()


def _positive(side: object) -> TypeGuard[int]:
    return isinstance(side, int) and not isinstance(side, bool) and side > 0
