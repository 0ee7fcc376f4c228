"""Properties of the plaintext that a cipher may be keyed with, and images that are given a value of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["Extremes", "FewSamples", "StateClass", "Sum", "Unreachable", "Weight", "Xor"]

_DRAWS = 64
_HALVINGS = 40


class Unreachable(ValueError):
    """The samples kept for it cannot give the image the value that is wanted."""


@dataclass(frozen=True)
class StateClass(ABC):
    """A number that is a property of an image. ``reserved`` are the places, in raster order, of the samples that give
    an image a value of it; ``values`` is how many there are, None if that depends on the image's size."""

    reserved: tuple[int, ...]

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is, in words."""

    @property
    @abstractmethod
    def values(self) -> int | None:
        """How many values it has."""

    @abstractmethod
    def of(self, image: Image) -> int:
        """The value of an image."""

    @abstractmethod
    def given(self, image: Image, value: int) -> Image:
        """The image with its reserved samples changed so that it has this value; Unreachable if they cannot do that."""

    def elsewhere(self, samples: int, generator: np.random.Generator) -> StateClass:
        """The same property, with as many other samples reserved."""
        return replace(self, reserved=tuple(generator.permutation(samples)[: len(self.reserved)].tolist()))

    def random(self, shape: tuple[int, ...], value: int, generator: np.random.Generator) -> Image:
        """A random image with this value."""
        return self.given(generator.integers(0, 256, shape, np.uint8), value)


@dataclass(frozen=True)
class FewSamples(StateClass):
    """The value of one sample, the first reserved one; the others, if there are any, are held at ``held``."""

    held: tuple[int, ...] = ()

    def elsewhere(self, samples: int, generator: np.random.Generator) -> StateClass:
        """The samples are the state: there are no others."""
        return self

    @property
    def name(self) -> str:
        return f"sample{'s' if len(self.reserved) > 1 else ''} {', '.join(map(str, self.reserved))}"

    @property
    def values(self) -> int:
        return 256

    def of(self, image: Image) -> int:
        return int(image.ravel()[self.reserved[0]])

    def given(self, image: Image, value: int) -> Image:
        changed = image.copy()
        changed.flat[list(self.reserved)] = (value, *self.held)
        return changed


@dataclass(frozen=True)
class Xor(StateClass):
    """The XOR of all samples."""

    @property
    def name(self) -> str:
        return "XOR of all samples"

    @property
    def values(self) -> int:
        return 256

    def of(self, image: Image) -> int:
        return int(np.bitwise_xor.reduce(image, axis=None))

    def given(self, image: Image, value: int) -> Image:
        changed = image.copy()
        changed.flat[self.reserved[0]] ^= np.uint8(self.of(image) ^ value)
        return changed


@dataclass(frozen=True)
class Sum(StateClass):
    """The sum of all samples, modulo ``modulus`` if that is not None."""

    modulus: int | None

    @property
    def name(self) -> str:
        return "sum" if self.modulus is None else f"sum mod {self.modulus}"

    @property
    def values(self) -> int | None:
        return self.modulus

    def of(self, image: Image) -> int:
        total = int(image.sum(dtype=np.int64))
        return total if self.modulus is None else total % self.modulus

    def given(self, image: Image, value: int) -> Image:
        """Reserved samples go up or down one after the other, each as far as it must and can."""
        changed = image.copy()
        places = list(self.reserved)
        held: NDArray[np.int64] = changed.flat[places].astype(np.int64)
        lacking = value - self.of(image)
        if self.modulus is not None:
            lacking = min((lacking % self.modulus, lacking % self.modulus - self.modulus), key=abs)
            if not -int(held.sum()) <= lacking <= int((255 - held).sum()):
                lacking += self.modulus if lacking < 0 else -self.modulus
        for index in range(len(places)):
            step = int(np.clip(held[index] + lacking, 0, 255)) - int(held[index])
            held[index] += step
            lacking -= step
        if lacking:
            raise Unreachable(f"the reserved samples cannot change the sum by {lacking} more")
        changed.flat[places] = held.astype(np.uint8)
        return changed

    def random(self, shape: tuple[int, ...], value: int, generator: np.random.Generator) -> Image:
        """A random image with this value, of its mean where the sum is exact."""
        if self.modulus is not None:
            return super().random(shape, value, generator)
        chances = _with_mean(value / int(np.prod(shape)))
        for _ in range(_DRAWS):
            try:
                return self.given(generator.choice(256, shape, p=chances).astype(np.uint8), value)
            except Unreachable:
                continue
        raise Unreachable(f"no random image has a sum of {value}")


@dataclass(frozen=True)
class Extremes(StateClass):
    """The greatest and the least sample: 256 times the one and the other."""

    @property
    def name(self) -> str:
        return "greatest and least sample"

    @property
    def values(self) -> int | None:
        return None

    def of(self, image: Image) -> int:
        return 256 * int(image.max()) + int(image.min())

    def given(self, image: Image, value: int) -> Image:
        """Two reserved samples are the extremes, and all others within them."""
        high, low = divmod(value, 256)
        if not low <= high <= 255:
            raise Unreachable(f"{high} is no greatest sample where {low} is the least")
        changed = np.clip(image, np.uint8(low), np.uint8(high))
        changed.flat[list(self.reserved)] = (high, low)
        return changed

    def random(self, shape: tuple[int, ...], value: int, generator: np.random.Generator) -> Image:
        """A random image with these extremes, all levels between them equally likely."""
        high, low = divmod(value, 256)
        return self.given(generator.integers(low, max(low, min(high, 255)) + 1, shape, np.uint8), value)


@dataclass(frozen=True)
class Weight(StateClass):
    """The number of ones among all bits."""

    @property
    def name(self) -> str:
        return "number of ones"

    @property
    def values(self) -> int | None:
        return None

    def of(self, image: Image) -> int:
        return int(np.bitwise_count(image).sum())

    def given(self, image: Image, value: int) -> Image:
        """Bits of the reserved samples become ones, or zeros, one after the other."""
        changed = image.copy()
        places = list(self.reserved)
        bits = np.unpackbits(changed.flat[places])
        lacking = value - self.of(image)
        free = np.flatnonzero(bits == (lacking < 0))
        if abs(lacking) > free.size:
            raise Unreachable(f"the reserved samples cannot change the number of ones by {lacking}")
        bits[free[: abs(lacking)]] ^= 1
        changed.flat[places] = np.packbits(bits)
        return changed

    def random(self, shape: tuple[int, ...], value: int, generator: np.random.Generator) -> Image:
        """A random image with this value: its ones are anywhere, as often as in all images of the value."""
        size = int(np.prod(shape))
        if not 0 <= value <= 8 * size:
            raise Unreachable(f"{value} ones do not fit into {8 * size} bits")
        bits = np.zeros(8 * size, np.uint8)
        bits[generator.permutation(8 * size)[:value]] = 1
        return np.packbits(bits).reshape(shape)


def _with_mean(mean: float) -> NDArray[np.float64]:
    """Chances of the 256 levels with this mean and, of all that have it, the greatest entropy: all levels occur."""
    levels = np.arange(256) - 127.5
    low, high = -2.0, 2.0
    for _ in range(_HALVINGS):
        slope = (low + high) / 2
        chances = np.exp(slope * levels - abs(slope) * 127.5)
        chances /= chances.sum()
        low, high = (slope, high) if float(chances @ levels) + 127.5 < mean else (low, slope)
    return np.asarray(chances)
