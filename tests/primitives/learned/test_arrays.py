"""Weights as numpy arrays: the same values as through torch, in half precision too, and the same refusals."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cryptobench.primitives.learned.weights import Manifest, WeightsError, load_arrays, load_weights, save_weights

MANIFEST = Manifest("toy", "toy", "cpu", "", {}, 1, 1, 1.0, "cpu", {}, "", "")


def networks() -> nn.ModuleDict:
    torch.manual_seed(4)
    return nn.ModuleDict({"one": nn.Linear(5, 3)})


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_arrays_are_what_was_saved(tmp_path: Path, dtype: str):
    """By name, rounded to the stored precision; torch reads the same values."""
    path, saved = tmp_path / "toy.safetensors", networks()
    save_weights(path, saved, MANIFEST, dtype)
    arrays = load_arrays(path)
    assert set(arrays) == {"one.weight", "one.bias"}
    assert arrays["one.weight"].dtype == dtype
    assert np.array_equal(arrays["one.weight"], saved["one"].weight.detach().numpy().astype(dtype))
    loaded = networks()
    load_weights(path, loaded)
    assert np.array_equal(loaded["one"].weight.numpy(), arrays["one.weight"].astype(np.float32))


def test_missing_and_altered_files_are_refused(tmp_path: Path):
    """With the command that makes them."""
    path = tmp_path / "toy.safetensors"
    with pytest.raises(WeightsError, match=r"toy\.json: no such file; .* cryptobench train toy"):
        load_arrays(path, "toy")
    save_weights(path, networks(), MANIFEST)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match=r"altered .* cryptobench train toy"):
        load_arrays(path)
    path.unlink()
    with pytest.raises(WeightsError, match=r"toy\.safetensors: no such file"):
        load_arrays(path)
