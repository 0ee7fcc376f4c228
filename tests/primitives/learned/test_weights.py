"""The weight store: hashes, manifests, arrays, and one line for what is missing or altered."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cryptobench.primitives.learned.weights import (
    Manifest,
    WeightsError,
    load_arrays,
    load_manifest,
    load_weights,
    manifest_path,
    save_weights,
    trained_recipe,
)
from tests.primitives.learned.tiny import pair_recipe


def networks(seed=0, width=4):
    torch.manual_seed(seed)
    return nn.ModuleDict({"encoder": nn.Sequential(nn.Conv2d(3, width, 3), nn.BatchNorm2d(width))})


def manifest(**changes):
    facts = {
        "name": "toy-1", "cipher": "toy", "preset": "cpu", "sha256": "", "recipe": {"recipe": "x", "steps": 7},
        "seed": 1, "steps": 7, "seconds": 1.0, "device": "cpu", "data": {}, "commit": "", "torch": "",
    }  # fmt: skip
    return Manifest(**{**facts, **changes})


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "toy-1.safetensors"
    save_weights(path, networks(), manifest())
    return path


def test_weights_are_read_back_exactly(stored):
    """The same bits come back, integers too, frozen and in evaluation mode; the manifest has the file's sha256."""
    from hashlib import sha256

    target = networks(seed=1)
    found = load_weights(stored, target)
    for name, value in networks().state_dict().items():
        assert torch.equal(target.state_dict()[name], value)
        assert target.state_dict()[name].dtype == value.dtype
    assert not target.training
    assert not any(weight.requires_grad for weight in target.parameters())
    assert found.sha256 == sha256(stored.read_bytes()).hexdigest() == load_manifest(stored).sha256


def test_equal_weights_give_equal_files(stored, tmp_path):
    """The file holds the weights and nothing else that could differ."""
    save_weights(tmp_path / "again.safetensors", networks(), manifest(seconds=99.0))
    assert (tmp_path / "again.safetensors").read_bytes() == stored.read_bytes()


def test_missing_weights_name_the_command(tmp_path, stored):
    """Without the file, or its manifest, the one line says how to train it."""
    for missing in (tmp_path / "nothing-1.safetensors", stored):
        stored.unlink(missing_ok=True)
        with pytest.raises(WeightsError, match=r"no such file; .*cryptobench train (nothing|toy) --data") as raised:
            load_weights(missing, networks())
        assert "\n" not in str(raised.value)


def test_altered_weights_are_refused(stored):
    """One changed bit is found, and the command that makes them anew is named."""
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(content)
    with pytest.raises(WeightsError, match=r"altered \(sha256 .*cryptobench train toy --data DIR"):
        load_weights(stored, networks())


def test_weights_of_another_network_are_refused(stored):
    """A shape that does not fit is named."""
    with pytest.raises(WeightsError, match=r"weights of another network .*encoder"):
        load_weights(stored, networks(width=5))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "more": 2}', "\udce4"])
def test_a_damaged_manifest_is_refused(stored, text):
    """Content that is no manifest gives one line that names the manifest."""
    manifest_path(stored).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(WeightsError, match=r"toy-1\.json is damaged"):
        load_weights(stored, networks())


def test_a_recipe_takes_the_trained_sizes():
    """Settings in the manifest replace the preset's; what is no setting is passed over."""
    trained = pair_recipe(5, width=6, blocks=2)
    text = json.dumps({"recipe": "statistics", **trained.settings(), "gone": 1})
    assert trained_recipe(pair_recipe(9), manifest(recipe=json.loads(text))) == trained


def test_a_setting_since_then_has_its_default():
    """Weights of before a setting was there keep their networks, whatever the preset of today says of it."""
    facts = pair_recipe(5, width=6).settings()
    old = {name: value for name, value in facts.items() if name not in ("network", "couplings")}
    today = pair_recipe(9, network="coupling-resnet", couplings=6)
    assert trained_recipe(today, manifest(recipe=old)) == pair_recipe(5, width=6)


def linear() -> nn.ModuleDict:
    torch.manual_seed(4)
    return nn.ModuleDict({"one": nn.Linear(5, 3)})


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_arrays_are_what_was_saved(tmp_path: Path, dtype: str):
    """By name, rounded to the stored precision; torch reads the same values."""
    path, saved = tmp_path / "toy.safetensors", linear()
    save_weights(path, saved, manifest(), dtype)
    arrays = load_arrays(path)
    assert set(arrays) == {"one.weight", "one.bias"}
    assert arrays["one.weight"].dtype == dtype
    assert np.array_equal(arrays["one.weight"], saved["one"].weight.detach().numpy().astype(dtype))
    loaded = linear()
    load_weights(path, loaded)
    assert np.array_equal(loaded["one"].weight.numpy(), arrays["one.weight"].astype(np.float32))


def test_arrays_of_altered_files_are_refused(tmp_path: Path):
    """With the command that makes them."""
    path = tmp_path / "toy.safetensors"
    with pytest.raises(WeightsError, match=r"toy\.json: no such file; .* cryptobench train toy"):
        load_arrays(path, "toy")
    save_weights(path, linear(), manifest())
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(WeightsError, match=r"altered .* cryptobench train toy"):
        load_arrays(path)
    path.unlink()
    with pytest.raises(WeightsError, match=r"toy\.safetensors: no such file"):
        load_arrays(path)
