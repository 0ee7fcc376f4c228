"""Without PyTorch everything but training works: it is asked for by name, and a command without it says what to do."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

import cryptobench
from cryptobench.cipher import CipherError
from cryptobench.cli import main
from cryptobench.primitives.learned.recipe import StatisticsRecipe
from cryptobench.proposed.dense_resnet_xor import DenseResNetXor
from tests.baselines.tiny_weights import with_tiny_weights

# Each kind of network encrypts, and the attack that trains one is loaded, where torch cannot be imported.
PROGRAM = """
import sys
import numpy as np
sys.modules["torch"] = None
from cryptobench.registry import load_attack, load_cipher
load_attack("surrogate_decoder")
for name in ("dense-resnet-xor", "cyclegan-avalanche", "deepedn", "chen2020-cs", "fang2021"):
    cipher, image = load_cipher(name), np.arange(243, dtype=np.uint8).reshape(9, 9, 3)
    key = bytes(cipher.card.key_bytes)
    assert cipher.decrypt(cipher.encrypt(image, key, bytes(16)), key).shape == image.shape, name
"""
PACKAGE = Path(cryptobench.__file__).parent
IMPORTED = re.compile(r"^(?:from|import) (torch|cryptobench[\w.]*)", re.MULTILINE)  # at the top of a module
TRAINS = {f"cryptobench.training.{name}" for name in ("ablation", "device", "session")}
TRAINS |= {
    f"cryptobench.primitives.learned.{name}"
    for name in (
        "checkpoint", "coupling", "domains", "inference.forward", "lifting", "losses", "networks", "sensing_networks",
        "training",
    )
}  # fmt: skip


def test_only_training_imports_torch():
    """At the top of a module, that is: everything else asks for it, and for the modules that do, when it trains."""
    found = {}
    for file in PACKAGE.rglob("*.py"):
        place = file.relative_to(PACKAGE).with_suffix("").parts
        names = set(IMPORTED.findall(file.read_text(encoding="utf-8")))
        found[".".join(("cryptobench", *place))] = names
    assert {name for name, names in found.items() if "torch" in names} <= TRAINS
    by_them = {name for name, names in found.items() if names & TRAINS}
    assert all(name in TRAINS or name.startswith("cryptobench.training.") for name in by_them), by_them


def test_networks_encrypt_without_torch():
    """Every kind, and what is encrypted can be decrypted."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)


@pytest.mark.parametrize("command", ["train", "ablate"])
def test_training_says_what_to_install(command, monkeypatch, tmp_path):
    """In one line, before anything is read or written."""
    monkeypatch.setattr("cryptobench.primitives.learned.requirement.find_spec", lambda name: None)
    varied = ["--vary", "steps=1,2"] if command == "ablate" else []
    arguments = [
        command,
        "deepedn",
        "--data",
        str(tmp_path / "none"),
        "--out",
        str(tmp_path / "x.safetensors"),
        *varied,
    ]
    result = CliRunner().invoke(main, arguments)
    line = f'cryptobench {command} needs PyTorch, which is not installed: pip install "cryptobench[learned]"'
    assert (result.exit_code, result.output) == (2, f"Error: {line}\n")
    assert not list(tmp_path.iterdir())


@dataclass(frozen=True)
class OfItsOwn(StatisticsRecipe):
    """Of networks that the package does not know."""

    def size(self, name):
        return None


def test_networks_of_ones_own_say_what_to_install(monkeypatch, tmp_path):
    """A recipe whose networks have no kernels needs torch to encrypt too."""

    class Own(with_tiny_weights(DenseResNetXor, tmp_path)):
        @classmethod
        def recipe(cls, preset):
            return OfItsOwn()

    monkeypatch.setattr("cryptobench.primitives.learned.requirement.find_spec", lambda name: None)
    with pytest.raises(CipherError, match=r'network of \S+ needs PyTorch, .*: pip install "cryptobench\[learned\]"'):
        Own().networks()
