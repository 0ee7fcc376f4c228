"""A multi-layer perceptron in integers: the same bytes on every machine, which floating-point sums do not give.

Weights are int16 with 12 fractional bits, activations int16 with 8. Sums are exact: no layer of up to 2^20 inputs
leaves the integers below 2^53, so that they are done in float64, in any order, by the machine's own matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["IntegerMlp", "quantise_layers"]

WEIGHT_BITS = 12
ACTIVATION_BITS = 8
LATENT_BITS = 7  # a latent value is a signed byte over 128
TABLE_BITS = 8  # steps of the sigmoid's table per unit
REACH = 8  # the table ends at +-8, where the sigmoid is within 0.1 of 0 and 255
BATCH = 256

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]
Layer = tuple[NDArray[np.int16], NDArray[np.int32]]


def sigmoid_table() -> Bytes:
    """round(255 sigmoid(x)) at x = (i + 1/2) / 256 - 8, i = 0 to 4095, in the middle of each step."""
    steps = 2 * REACH << TABLE_BITS
    centres = ((i + 0.5) / (1 << TABLE_BITS) - REACH for i in range(steps))
    return np.array([math.floor(255 / (1 + math.exp(-x)) + 0.5) for x in centres], np.uint8)


class IntegerMlp:
    """Signed bytes (N, inputs) to bytes (N, outputs): leaky ReLU of slope 1/4 between layers, a sigmoid after the last.

    ``layers`` are pairs of int16 weights (outputs, inputs) and int32 biases, as `quantise_layers` gives them. A sum s
    has 20 fractional bits; floor(s / 2^12), or of s/4 if s is negative, is the next activation, cut to 16 bits.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = [(np.ascontiguousarray(w.T, np.float64), b.astype(np.float64)) for w, b in layers]
        self._table = sigmoid_table()

    @classmethod
    def of(cls, state: Mapping[str, Floats], prefix: str = "") -> IntegerMlp:
        """From the float weights of a torch ``Sequential``, ``0.weight``, ``0.bias``, ``2.weight``, ..."""
        return cls(quantise_layers(state, prefix))

    @property
    def inputs(self) -> int:
        """How many latent values a chunk is made from."""
        return len(self._layers[0][0])

    @property
    def outputs(self) -> int:
        """Bytes in a chunk."""
        return len(self._layers[-1][1])

    def __call__(self, latent: NDArray[np.int8], most: int | None = None) -> Bytes:
        """(N, outputs) bytes, or the first ``most`` of each row."""
        outputs = self.outputs if most is None else min(most, self.outputs)
        out = np.empty((len(latent), outputs), np.uint8)
        for start in range(0, len(latent), BATCH):
            out[start : start + BATCH] = self._batch(latent[start : start + BATCH], outputs)
        return out

    def _batch(self, latent: NDArray[np.int8], outputs: int) -> Bytes:
        a = latent * float(1 << ACTIVATION_BITS - LATENT_BITS)
        for w, b in self._layers[:-1]:
            s = a @ w
            s += b
            np.maximum(s, s * 0.25, out=s)  # multiples of 1/4: exact
            s *= 2.0**-WEIGHT_BITS
            np.floor(s, out=s)
            a = np.clip(s, -32768.0, 32767.0, out=s)
        w, b = (array[..., :outputs] for array in self._layers[-1])
        s = a @ w
        s += b
        s *= 2.0 ** (TABLE_BITS - WEIGHT_BITS - ACTIVATION_BITS)
        s += REACH << TABLE_BITS
        np.clip(s, 0.0, len(self._table) - 1.0, out=s)
        made: Bytes = self._table[s.astype(np.uint16)]
        return made


def quantise_layers(state: Mapping[str, Floats], prefix: str = "") -> list[Layer]:
    """The weights of a torch ``Sequential`` in integers, rounded to nearest; ValueError if one is 8 or larger.

    Scaling by a power of two and rounding are exact, so that one file gives the same integers everywhere.
    """
    places = sorted(int(n[len(prefix) : -7]) for n in state if n.startswith(prefix) and n.endswith(".weight"))
    layers = []
    for place in places:
        weight, bias = (state[f"{prefix}{place}.{part}"].astype(np.float64) for part in ("weight", "bias"))
        size = max(abs(weight).max(), abs(bias).max())
        if not size < 32767.5 / (1 << WEIGHT_BITS):
            raise ValueError(f"layer {place} has a weight of size {size:.3g}, wanted below 8, which 16 bits can hold")
        layers.append(
            (
                np.rint(weight * (1 << WEIGHT_BITS)).astype(np.int16),
                np.rint(bias * (1 << WEIGHT_BITS + ACTIVATION_BITS)).astype(np.int32),
            )
        )
    return layers
