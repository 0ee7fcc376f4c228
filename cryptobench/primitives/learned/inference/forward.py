"""Running torch's networks on uint8 images, one thread, so that a machine gives the same bytes at any core count."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cryptobench.cipher import Image, keep_freed_memory
from cryptobench.primitives.learned.coupling import CouplingResNet
from cryptobench.primitives.learned.inference.network import Network, disturbed, has_kernels
from cryptobench.primitives.learned.networks import ByteResNet, CycleGanGenerator, DenseResNet
from cryptobench.primitives.learned.sensing_networks import BlockDecoder, BlockEncoder

__all__ = [
    "TorchNetwork", "apply_network", "apply_with_torch", "as_network", "one_thread", "round_through", "to_image",
    "to_tensor",
]  # fmt: skip

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
    """(H, W, 3) uint8 through a network, rounded to uint8: on kernels where `as_network` has them, else on torch."""
    fast = as_network(network)
    return apply_with_torch(network, image) if fast is None else fast(image)


def apply_with_torch(network: nn.Module, image: Image) -> Image:
    """The same on torch's layers; a sum that is taken in another order moves some bytes by one."""
    keep_freed_memory()
    with torch.inference_mode(), one_thread():
        return to_image(network(to_tensor(image)))


def as_network(network: nn.Module) -> Network | None:
    """A copy that needs no torch, with the weights as they are now; None if there are no kernels for the network."""
    if not isinstance(
        network, CouplingResNet | DenseResNet | CycleGanGenerator | ByteResNet | BlockEncoder | BlockDecoder
    ):
        return None
    if not has_kernels(network.size):
        return None
    return Network(network.size, _arrays(network))


class TorchNetwork:
    """A network of any class on torch: its bytes are the same on one machine only."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8 through the network, rounded to uint8."""
        return apply_with_torch(self.network, image)

    def disturbed(self, relative: float, seed: int) -> TorchNetwork:
        """A network with every weight w changed to w (1 + relative z), z standard normal."""
        network = copy.deepcopy(self.network)
        weights = dict(network.named_parameters())
        changed = disturbed({name: value.numpy() for name, value in weights.items()}, relative, seed)
        with torch.no_grad():
            for name, value in weights.items():
                value.copy_(torch.from_numpy(changed[name]))
        return TorchNetwork(network)


def _arrays(network: nn.Module) -> dict[str, Any]:
    return {name: value.detach().cpu().float().numpy().copy() for name, value in network.state_dict().items()}
