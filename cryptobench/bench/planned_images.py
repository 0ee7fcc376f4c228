"""The images of a plan: each loaded once, and as each cipher takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.images.references import pixels

if TYPE_CHECKING:
    from cryptobench.card import Card

__all__ = ["ImageLibrary", "PlannedImage"]


@dataclass(frozen=True)
class PlannedImage:
    """An image as planned: how to load it, what tables call it, its pixels' digest and shape."""

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

    def __init__(self) -> None:
        self.images: dict[tuple[str, int, bool], PlannedImage] = {}
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
        cut = centre(pixels(image.reference, image.size, grey), wanted.height, wanted.width)
        channels = cut.shape[2] if cut.ndim == 3 else 1
        return replace(
            image, grey=grey, note=wanted.note, digest=image_hash(cut), height=wanted.height, width=wanted.width,
            channels=channels,
        )  # fmt: skip

    def image(self, single: str, size: int, grey: bool = False) -> PlannedImage:
        from cryptobench.images import image_hash, kind, label

        reference = str(Path(single).resolve()) if Path(single).is_file() else single
        key = reference, size, grey
        if key not in self.images:
            image = pixels(reference, size, grey)
            height, width = image.shape[:2]
            channels = image.shape[2] if image.ndim == 3 else 1
            photograph = kind(single) == "photograph"
            flat = bool((image == image.flat[0]).all())
            self.images[key] = PlannedImage(
                reference, size, grey, label(single), photograph, flat, image_hash(image), height, width, channels
            )
        return self.images[key]

    def resolved(self, references: Sequence[str], size: int) -> list[PlannedImage]:
        from cryptobench.images import resolve

        return [self.image(single, size) for single in resolve(list(references))]
