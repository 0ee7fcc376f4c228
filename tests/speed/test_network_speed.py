"""Networks at 256x256x3 on this package's kernels against libraries, and the backbones against each other."""

from collections.abc import Callable
from time import thread_time

import numpy as np
import pytest
import torch
from scipy import fft

from cryptobench.baselines.learned.wang2022_dnn import Wang2022Dnn
from cryptobench.cipher import Image
from cryptobench.primitives.learned.dct_descent import descended
from cryptobench.primitives.learned.dct_network import FlatDct, blocks_of
from cryptobench.primitives.learned.inference.forward import TorchNetwork, as_network
from cryptobench.primitives.learned.networks import network_of
from cryptobench.primitives.learned.sizes import CouplingSize, CycleGanSize, DenseResNetSize
from cryptobench.registry import load_cipher
from tests.speed.ratios import ratio

IMAGE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
PROPOSED = CouplingSize(factor=4, growth=8, layers=2, couplings=4)
LITE = DenseResNetSize(factor=2, width=32, growth=16, layers=3, blocks=2)
RIVAL = CycleGanSize(width=16, blocks=2, norm="none", slope=0.2)


def networks(size: CouplingSize | DenseResNetSize | CycleGanSize) -> dict[str, Callable[[Image], Image]]:
    """On kernels as ciphers load it, and on torch in the order of channels in which its convolutions are fastest."""
    made = network_of(size).eval().requires_grad_(False)
    kernels = as_network(made)
    assert kernels is not None
    return {"kernels": kernels, "torch": TorchNetwork(made.to(memory_format=torch.channels_last))}  # type: ignore[call-overload]


@pytest.mark.parametrize("size", [PROPOSED, LITE, RIVAL], ids=["coupling-resnet", "dense-resnet", "cyclegan"])
def test_kernels_against_torch(benchmark, size):
    """The same network, one thread each."""
    made = networks(size)
    benchmark.extra_info["torch / kernels"] = ratio(lambda: made["torch"](IMAGE), lambda: made["kernels"](IMAGE))
    benchmark(made["kernels"], IMAGE)


@pytest.mark.parametrize("size", [PROPOSED, LITE, RIVAL], ids=["coupling-resnet", "dense-resnet", "cyclegan"])
def test_kernels_against_openvino(benchmark, size):
    """The same network on one thread: in float32, as kernels have it, and in what the library chooses."""
    pytest.importorskip("openvino", reason='needs OpenVINO: pip install "cryptobench[fast]"')
    from cryptobench.primitives.learned.inference.library import LibraryNetwork, precision

    kernels = as_network(network_of(size).eval())
    assert kernels is not None
    for numbers in ("f32", ""):
        library = LibraryNetwork(size, kernels.arrays, numbers)
        found = ratio(lambda one=library: one(IMAGE), lambda: kernels(IMAGE), clock=thread_time)
        benchmark.extra_info[f"openvino / kernels, {numbers or precision()}"] = found
    benchmark(kernels, IMAGE)


@pytest.mark.parametrize("name", ["dense-resnet-xor", "deepedn"])
def test_whole_cipher_either_way(benchmark, name):
    """Encryption with our kernels over encryption with the library; claims compare ciphers that run alike."""
    pytest.importorskip("openvino", reason='needs OpenVINO: pip install "cryptobench[fast]"')
    portable, fast = (load_cipher(name, inference=way) for way in ("portable", "fast"))
    arguments = (IMAGE, bytes(fast.card.key_bytes), bytes(16))
    benchmark.extra_info["portable / fast"] = ratio(portable.encrypt, fast.encrypt, *arguments, clock=thread_time)
    benchmark(fast.encrypt, *arguments)


@pytest.mark.parametrize("way", ["torch", "kernels"])
def test_backbones_against_each_other(benchmark, way):
    """The generator of the rivals at their size over the proposed cipher's network, both run in the same way."""
    own, rival = networks(PROPOSED)[way], networks(RIVAL)[way]
    benchmark.extra_info["cyclegan / coupling-resnet"] = ratio(lambda: rival(IMAGE), lambda: own(IMAGE))
    benchmark(own, IMAGE)


def test_sorted_dct_rows_against_their_transforms(benchmark):
    """Encryption with orbits, sorts and recording over one DCT for each layer of each of 48 blocks."""
    blocks = blocks_of(IMAGE, 64)

    def transforms_only() -> None:
        for size in (9025, 10000):
            fft.dct(blocks, n=size, norm="ortho")

    cipher, key = Wang2022Dnn(), bytes(range(24))
    benchmark.extra_info["over its transforms"] = ratio(lambda: cipher.encrypt(IMAGE, key, bytes(16)), transforms_only)
    benchmark(cipher.encrypt, IMAGE, key, bytes(16))


def test_descent_in_lanes_against_a_librarys_transforms(benchmark):
    """Ten steps on the three blocks of a small picture, over the twenty transforms of the library: less than half."""
    outputs = np.maximum(FlatDct(64, 95).apply(blocks_of(IMAGE[:64, :64], 64)), 0).astype(np.float32)

    def transforms_only() -> None:
        for _ in range(20):
            fft.dct(outputs, norm="ortho")

    found = ratio(lambda: descended(outputs, 3e-4, 10), transforms_only)
    benchmark.extra_info["over a library's transforms"] = found
    assert found < 0.5
    benchmark(descended, outputs, 3e-4, 10)
