"""Running a network on uint8 images, one thread, so that a machine gives the same bytes whatever its core count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cryptobench.cipher import Image
from cryptobench.kits.learned.cyclegan import CycleGanGenerator
from cryptobench.kits.learned.dense_resnet import DenseResNet
from cryptobench.kits.learned.pixels import to_image, to_tensor
from cryptobench.memory import keep_freed_memory

__all__ = ["apply_network", "apply_with_torch", "one_thread"]


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

    `DenseResNet` and `CycleGanGenerator` run on this package's own kernels, which give the same bytes on every machine
    and with any number of threads; other networks run on torch, whose bytes are the same on one machine only.
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
        from cryptobench.kits.learned.fast.dense_resnet import FastDenseResNet

        return FastDenseResNet(network)
    if isinstance(network, CycleGanGenerator):
        from cryptobench.kits.learned.fast.cyclegan import FastCycleGan

        return FastCycleGan(network)
    return None
