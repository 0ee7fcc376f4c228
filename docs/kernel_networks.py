"""The networks that docs/kernels.md compares, on our kernels and in OpenVINO, with fresh weights."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.forward import as_network
from cryptobench.primitives.learned.networks import network_of
from cryptobench.primitives.learned.sizes import CouplingSize, CycleGanSize, DenseResNetSize

__all__ = ["NETWORKS", "in_library", "on_kernels"]

NETWORKS: dict[str, Any] = {
    "coupling network": CouplingSize(factor=4, growth=8, layers=2, couplings=4),
    "dense residual network": DenseResNetSize(factor=2, width=32, growth=16, layers=3, blocks=2),
    "CycleGAN's generator": CycleGanSize(width=16, blocks=2, norm="none", slope=0.2),
}


def on_kernels(name: str, image: Image) -> Image:
    """``image`` through the network on this package's kernels."""
    result: Image = _kernels(name)(image)
    return result


def in_library(name: str, image: Image) -> Image:
    """The same in OpenVINO, in float32; it comes with the extra ``fast``."""
    result: Image = _library(name)(image)
    return result


@cache
def _kernels(name: str) -> Any:
    torch.manual_seed(0)
    return as_network(network_of(NETWORKS[name]).eval())


@cache
def _library(name: str) -> Any:
    from cryptobench.primitives.learned.inference.library import LibraryNetwork

    own = _kernels(name)
    return LibraryNetwork(own.size, own.arrays, "f32")
