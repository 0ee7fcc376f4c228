"""Running a network on uint8 images, one thread, so that a machine gives the same bytes whatever its core count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from cryptobench.cipher import Image, keep_freed_memory
from cryptobench.primitives.learned.coupling import CouplingResNet
from cryptobench.primitives.learned.networks import ByteResNet, CycleGanGenerator, DenseResNet

__all__ = [
    "apply_network",
    "apply_with_torch",
    "crop_to",
    "one_thread",
    "pad_to_multiple",
    "round_through",
    "to_image",
    "to_tensor",
]

HALF = 127.5  # x = u / 127.5 - 1 carries a byte u to [-1, 1]


def to_tensor(images: Image) -> Tensor:
    """(H, W, 3) or (N, H, W, 3) uint8 to (N, 3, H, W) float32 in [-1, 1], channels last in memory."""
    stacked = images if images.ndim == 4 else images[None]
    # The permuted view of (N, H, W, C) memory is what torch calls channels_last: nothing is moved.
    return (torch.from_numpy(stacked.astype(np.float32)) / HALF - 1).permute(0, 3, 1, 2)


def to_image(batch: Tensor) -> Image:
    """(1, 3, H, W) in [-1, 1] to (H, W, 3) uint8, rounded to the nearest byte."""
    levels = ((batch[0].detach() + 1) * HALF).round_().clamp_(0, 255)
    return np.ascontiguousarray(levels.permute(1, 2, 0).to(torch.uint8).cpu().numpy())


def round_through(y: Tensor) -> Tensor:
    """``y`` rounded to the 256 levels of a byte; the gradient passes as if it were not (straight-through)."""
    levels = ((y + 1) * HALF).round().clamp(0, 255) / HALF - 1
    return y + (levels - y).detach()


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


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold torch to one thread: with more, sums are added in another order and some bytes differ by one."""
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def apply_network(network: nn.Module, image: Image) -> Image:
    """(H, W, 3) uint8 through a network that keeps the shape, rounded to uint8.

    `CouplingResNet`, `DenseResNet`, `CycleGanGenerator` and `ByteResNet` run on this package's own kernels, which give
    the same bytes on every machine and with any number of threads; other networks run on torch, whose bytes are the
    same on one machine only.
    """
    keep_freed_memory()
    fast = _fast(network)
    return apply_with_torch(network, image) if fast is None else fast(image)


def apply_with_torch(network: nn.Module, image: Image) -> Image:
    """The same on torch's layers; a sum that is taken in another order moves some bytes by one."""
    with torch.inference_mode(), one_thread():
        return to_image(network(to_tensor(image)))


class _Prepared(NamedTuple):
    weights: list[NDArray[np.float32]]
    run: Callable[[Image], Image]


_prepared: WeakKeyDictionary[nn.Module, _Prepared] = WeakKeyDictionary()


def _fast(network: nn.Module) -> Callable[[Image], Image] | None:
    """The network in the form for inference, made again if its weights are not what they were."""
    # Compared by numpy: torch would wake all its threads for it.
    weights = [weight.detach().cpu().float().numpy() for weight in network.parameters()]
    known = _prepared.get(network)
    if known is not None and all(map(np.array_equal, known.weights, weights)):
        return known.run
    run = _prepare(network)
    if run is not None:
        _prepared[network] = _Prepared([weight.copy() for weight in weights], run)
    return run


def _prepare(network: nn.Module) -> Callable[[Image], Image] | None:
    if isinstance(network, DenseResNet) and not network.size.norm and network.size.blocks:
        from cryptobench.primitives.learned.inference.dense_resnet import FastDenseResNet

        return FastDenseResNet(network)
    if isinstance(network, CouplingResNet):
        from cryptobench.primitives.learned.inference.coupling import FastCouplingResNet

        return FastCouplingResNet(network)
    if isinstance(network, CycleGanGenerator):
        from cryptobench.primitives.learned.inference.cyclegan import FastCycleGan

        return FastCycleGan(network)
    if isinstance(network, ByteResNet):
        from cryptobench.primitives.learned.inference.byte_resnet import FastByteResNet

        return FastByteResNet(network)
    return None
