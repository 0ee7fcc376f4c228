"""A trained network as numbers that fix its form and arrays: all that a cipher needs, and no torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from cryptobench.cipher import Image, keep_freed_memory
from cryptobench.primitives.learned.inference.packing import Arrays
from cryptobench.primitives.learned.sizes import (
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DecoderSize,
    DenseResNetSize,
    EncoderSize,
    Size,
    shapes_of,
)  # fmt: skip

__all__ = ["Network", "crop_to", "disturbed", "has_kernels", "pad_to_multiple"]


class Network:
    """Runs on this package's own kernels, which give the same bytes on every machine and with any number of threads.

    ``arrays`` have the names and shapes of `shapes_of`; ValueError for those that are missing, too many or do not fit,
    and for a size of which there are no kernels (see `has_kernels`).
    """

    def __init__(self, size: Size, arrays: Arrays) -> None:
        if not has_kernels(size):
            raise ValueError(f"there are no kernels for {size}")
        wanted, found = shapes_of(size), {name: array.shape for name, array in arrays.items()}
        for name in sorted(wanted.keys() | found.keys()):
            if found.get(name) != wanted.get(name):
                raise ValueError(f"{name} is {found.get(name, 'missing')}, wanted {wanted.get(name, 'none')}")
        self.size, self.arrays = size, arrays

    def __call__(self, image: Image) -> Image:
        """(H, W, C) uint8 through the network, rounded to uint8."""
        keep_freed_memory()
        return self._run(image)

    def disturbed(self, relative: float, seed: int) -> Network:
        """A network with every weight w changed to w (1 + relative z), z standard normal."""
        return Network(self.size, disturbed(self.arrays, relative, seed))

    @cached_property
    def _run(self) -> Callable[[Image], Image]:
        match self.size:
            case CouplingSize():
                from cryptobench.primitives.learned.inference.coupling import FastCouplingResNet

                return FastCouplingResNet(self.size, self.arrays)
            case DenseResNetSize():
                from cryptobench.primitives.learned.inference.dense_resnet import FastDenseResNet

                return FastDenseResNet(self.size, self.arrays)
            case CycleGanSize():
                from cryptobench.primitives.learned.inference.cyclegan import FastCycleGan

                return FastCycleGan(self.size, self.arrays)
            case ByteResNetSize():
                from cryptobench.primitives.learned.inference.byte_resnet import FastByteResNet

                return FastByteResNet(self.size, self.arrays)
            case EncoderSize():
                from cryptobench.primitives.learned.inference.block_sensing import FastBlockEncoder

                return FastBlockEncoder(self.size, self.arrays)
            case DecoderSize():
                from cryptobench.primitives.learned.inference.block_sensing import FastBlockDecoder

                return FastBlockDecoder(self.size, self.arrays)


def has_kernels(size: Size) -> bool:
    """Whether `Network` can run a network of that size; of dense ones it needs a block or more, and no norm."""
    return not isinstance(size, DenseResNetSize) or (size.blocks > 0 and not size.norm)


def disturbed(arrays: Arrays, relative: float, seed: int) -> Arrays:
    """Every number w as w (1 + relative z), z standard normal, drawn by the order of names; in float32."""
    generator = np.random.default_rng(seed)
    return {
        name: (arrays[name] * (1 + relative * generator.standard_normal(arrays[name].shape))).astype(np.float32)
        for name in sorted(arrays)
    }


def pad_to_multiple(image: Image, multiple: int) -> Image:
    """(H, W, C) mirrored at the bottom and the right edge up to the next multiple of ``multiple``."""
    height, width = image.shape[:2]
    down, right = -height % multiple, -width % multiple
    if not (down or right):
        return image
    return np.pad(image, ((0, down), (0, right), (0, 0)), mode="symmetric")


def crop_to(image: Image, height: int, width: int) -> Image:
    """The upper left (height, width) part."""
    return np.ascontiguousarray(image[:height, :width])
