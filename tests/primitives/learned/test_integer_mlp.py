"""The perceptron in integers: against Python's integers, against floats, and what would tell machines apart."""

import math
from itertools import pairwise

import numpy as np
import pytest

from cryptobench.primitives.learned.integer_mlp import IntegerMlp, quantise_layers, sigmoid_table

RNG = np.random.default_rng(8)


def random_state(sizes: tuple[int, ...], scale: float = 1.0) -> dict[str, np.ndarray]:
    """Weights as torch's ``Sequential`` of linear layers and activations names them."""
    state = {}
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        state[f"{2 * i}.weight"] = (scale * RNG.standard_normal((outputs, inputs)) / inputs**0.5).astype(np.float32)
        state[f"{2 * i}.bias"] = (0.1 * RNG.standard_normal(outputs)).astype(np.float32)
    return state


def latent(n: int, inputs: int) -> np.ndarray:
    return RNG.integers(-128, 128, (n, inputs)).astype(np.int8)


def plain(state: dict[str, np.ndarray], z: list[int]) -> list[int]:
    """The same in Python's integers, which have no size and no order of addition."""
    layers = quantise_layers(state)
    a = [2 * value for value in z]
    for place, (w, b) in enumerate(layers):
        sums = [
            sum(wi * ai for wi, ai in zip(row, a, strict=True)) + c
            for row, c in zip(w.tolist(), b.tolist(), strict=True)
        ]
        if place == len(layers) - 1:
            return [sigmoid_table().tolist()[min(max((s >> 12) + 2048, 0), 4095)] for s in sums]
        a = [min(max((s if s >= 0 else math.floor(s / 4)) >> 12, -32768), 32767) for s in sums]
    raise AssertionError


@pytest.mark.parametrize(("sizes", "scale"), [((5, 7, 3), 1), ((64, 33, 20, 9), 1), ((8, 16, 16, 5), 20)])
def test_it_is_exact(sizes: tuple[int, ...], scale: float):
    """The bytes are those of unlimited integers, cut activations and sums beyond the table included."""
    state = random_state(sizes, scale)
    if scale > 1:
        state = {name: np.clip(value, -7.9, 7.9) for name, value in state.items()}
    z = latent(20, sizes[0])
    assert IntegerMlp.of(state)(z).tolist() == [plain(state, row) for row in z.tolist()]


def test_sums_of_the_largest_weights_stay_exact():
    """Weights of 32767 on activations of 32767, the greatest there are, give the integers' sum."""
    w = np.full((256, 1), 32767 / 4096, np.float32)
    state = {"0.weight": w, "0.bias": np.full(256, 7.9, np.float32), "2.weight": w.T.copy(), "2.bias": np.zeros(1)}
    state["4.weight"], state["4.bias"] = np.full((1, 1), -1e-3, np.float32), np.zeros(1, np.float32)
    z = np.full((3, 1), 127, np.int8)
    assert IntegerMlp.of(state)(z).tolist() == [plain(state, row) for row in z.tolist()]


def test_the_result_does_not_depend_on_the_batch():
    """One chunk at a time gives the bytes of 300 at once."""
    network, z = IntegerMlp.of(random_state((16, 32, 24))), latent(300, 16)
    assert np.array_equal(network(z), np.concatenate([network(row[None]) for row in z]))


def test_it_is_close_to_the_floats():
    """No byte is more than two levels from that of the same network in float64, and most are the same."""
    state, z = random_state((64, 128, 256, 50)), latent(100, 64)
    a = z / 128
    for place in (0, 2):
        a = a @ state[f"{place}.weight"].T.astype(float) + state[f"{place}.bias"]
        a = np.maximum(a, a / 4)
    exact = 255 / (1 + np.exp(-(a @ state["4.weight"].T.astype(float) + state["4.bias"])))
    difference = np.abs(IntegerMlp.of(state)(z) - exact)
    assert difference.max() < 2
    assert difference.mean() < 0.5


def test_sigmoid_table_entries_avoid_halves():
    """The library's exponential may be off by some units of 1e-14 anywhere: the table is the same."""
    x = (np.arange(4096) + 0.5) / 256 - 8
    values = 255 / (1 + np.exp(-x))
    assert np.abs(values % 1 - 0.5).min() > 1e-6
    assert np.array_equal(sigmoid_table(), np.rint(values))


def test_weights_that_do_not_fit_are_refused():
    """A weight of 8, in one line that names the layer."""
    state = random_state((3, 4))
    state["0.weight"][1, 2] = 8
    with pytest.raises(ValueError, match=r"layer 0 has a weight of size 8, wanted below 8"):
        quantise_layers(state)


def test_a_prefix_selects_a_network():
    """Of two networks in one file."""
    one, two = random_state((4, 5)), random_state((4, 5))
    both = {f"a.{name}": value for name, value in one.items()} | {f"b.{name}": value for name, value in two.items()}
    z = latent(9, 4)
    assert np.array_equal(IntegerMlp.of(both, "b.")(z), IntegerMlp.of(two)(z))
    assert not np.array_equal(IntegerMlp.of(both, "a.")(z), IntegerMlp.of(two)(z))


def test_first_outputs_are_those_of_whole_rows():
    """Sums are exact, so that what is left out changes nothing; more than there are is all."""
    mlp, z = IntegerMlp.of(random_state((24, 40, 64))), latent(3, 24)
    assert np.array_equal(mlp(z, 11), mlp(z)[:, :11])
    assert np.array_equal(mlp(z, 100), mlp(z))
