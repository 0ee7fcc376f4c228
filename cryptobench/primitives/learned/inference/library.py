"""A trained network on OpenVINO, an inference library: faster where the processor multiplies bfloat16, other bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

import openvino

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.graphs import graph_of
from cryptobench.primitives.learned.inference.network import disturbed
from cryptobench.primitives.learned.inference.packing import Arrays
from cryptobench.primitives.learned.sizes import ByteResNetSize, Size

__all__ = ["LibraryNetwork", "precision"]

_SHAPES = 8  # of images for which a network is kept compiled


class LibraryNetwork:
    """Runs in OpenVINO on one thread, in the precision that it takes for the fastest on this processor.

    That is bfloat16 where there are instructions for it and float32 elsewhere (`precision`), so that the bytes differ
    between machines, and by rounding from those of `Network`. `ByteResNetSize`, whose every byte counts, is always run
    in float32. ``numbers`` is "f32" or "bf16" to choose by hand. ``arrays`` are as `Network` takes them.
    """

    def __init__(self, size: Size, arrays: Arrays, numbers: str = "") -> None:
        self.size, self.arrays = size, arrays
        self.numbers = numbers or ("f32" if isinstance(size, ByteResNetSize) else "")
        self._compiled = lru_cache(_SHAPES)(self._compile)
        self._lock = Lock()

    def __call__(self, image: Image) -> Image:
        """(H, W, C) uint8 through the network, rounded to uint8."""
        with self._lock:  # a request is one call's at a time
            return self._compiled(image.shape, os.getpid())(image)

    def disturbed(self, relative: float, seed: int) -> LibraryNetwork:
        """A network with every weight w changed to w (1 + relative z), z standard normal."""
        return LibraryNetwork(self.size, disturbed(self.arrays, relative, seed), self.numbers)

    def _compile(self, shape: tuple[int, ...], process: int) -> Callable[[Image], Image]:
        settings = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1}
        if self.numbers:
            settings["INFERENCE_PRECISION_HINT"] = self.numbers
        compiled = _core(process).compile_model(graph_of(self.size, self.arrays, shape), "CPU", settings)
        request = compiled.create_infer_request()

        def run(image: Image) -> Image:
            request.infer([image])
            levels: Image = request.get_output_tensor(0).data.copy()
            return levels

        return run


def precision() -> str:
    """What numbers a network has on this processor: "bfloat16", "float32"."""
    kind: str = _core(os.getpid()).get_property("CPU", "INFERENCE_PRECISION_HINT").to_string()
    return {"bf16": "bfloat16", "f16": "float16", "f32": "float32"}.get(kind, kind)


@lru_cache(1)
def _core(process: int) -> openvino.Core:
    """One for each process: a forked child cannot use its parent's."""
    return openvino.Core()
