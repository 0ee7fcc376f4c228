"""Running a network on uint8 images, one thread, so that a machine gives the same bytes whatever its core count."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from torch import nn

from cryptobench.cipher import Image
from cryptobench.kits.learned.pixels import to_image, to_tensor

__all__ = ["apply_network", "one_thread"]


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
    """(H, W, 3) uint8 through a network that keeps the shape, rounded to uint8."""
    _keep_freed_memory()
    with torch.inference_mode(), one_thread():
        return to_image(network(to_tensor(image)))


@cache
def _keep_freed_memory() -> None:
    """Have glibc keep up to 256 MB of freed memory for the next layer instead of giving it back after each one.

    Fetching the pages again takes a quarter of the time of a small network. Other systems are left alone.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    trim_threshold, mmap_threshold = -1, -3  # parameters' numbers in malloc.h
    for parameter in (trim_threshold, mmap_threshold):
        mallopt(parameter, 1 << 28)
