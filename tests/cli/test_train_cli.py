"""`cryptobench train`: from a folder of pictures to weights that a cipher runs with."""

import json
import resource
import signal

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from cryptobench.cipher import CipherError, Encrypted
from cryptobench.cli import main
from cryptobench.images import write_image
from cryptobench.primitives.learned.weights import load_arrays
from cryptobench.registry import load_cipher

CIPHER = """
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from cryptobench.cipher import Card, Encrypted, KeyField
from cryptobench.primitives.learned.ciphers import LearnedCipher
from cryptobench.primitives.learned.recipe import StatisticsRecipe

HOME = Path(__file__).parent


@dataclass(frozen=True)
class Interruptible(StatisticsRecipe):
    def batch(self, pictures, seed, step):
        if step == 2 and (HOME / "stop").exists():
            (HOME / "stop").unlink()
            os.kill(os.getpid(), signal.SIGTERM)
        return super().batch(pictures, seed, step)


class Tiny(LearnedCipher):
    weights = ("shipped",)
    card = Card(
        name="tiny", title="Tiny", family="toy", fidelity="C", key=(KeyField("k", 8),), uses_nonce=False, lossless=False
    )

    @classmethod
    def recipe(cls, preset):
        return Interruptible(steps=5, crops=2, side=16, width=8, growth=4, layers=1, blocks=1)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(*self.encode(image))

    def decrypt(self, encrypted, key):
        return self.decode(encrypted.image, encrypted.header)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a learned cipher in tiny.py and four pictures in pictures/."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.py").write_text(CIPHER)
    (tmp_path / "pictures").mkdir()
    for i in range(4):
        pixels = np.random.default_rng(i).integers(0, 256, (24, 33, 3), dtype=np.uint8)
        write_image(tmp_path / "pictures" / f"{i}.png", pixels)
    return tmp_path


@pytest.fixture
def train(home):
    before = torch.get_num_threads()

    def invoke(*arguments, out="new.safetensors", cipher="tiny.py:Tiny"):
        given = ["train", cipher, "--data", "pictures", "--out", out, "--threads", "1", *arguments]
        return CliRunner().invoke(main, given)

    yield invoke
    torch.set_num_threads(before)


def one_error(result, code=2):
    """The only line that begins with Error."""
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    return line


def test_training_gives_weights_that_a_subclass_runs_with(home, train):
    """Weights, manifest, log, figure and checkpoint are written; the printed lines make them a cipher."""
    result = train("--licence", "test pictures")
    assert result.exit_code == 0, result.output
    assert {file.name for file in home.glob("*new*")} == {
        f"new.{e}" for e in ("safetensors", "json", "csv", "ckpt", "pdf", "png")
    }
    manifest = json.loads((home / "new.json").read_text())
    assert (manifest["cipher"], manifest["preset"], manifest["steps"], manifest["seed"]) == (
        "tiny.py:Tiny",
        "cpu",
        5,
        1,
    )
    assert manifest["data"]["pictures"] + manifest["data"]["held_out"]["pictures"] == 4
    assert manifest["scores"]["psnr"] > 0
    assert manifest["licence"] == "test pictures"
    assert str(home) not in (home / "new.json").read_text()
    lines = [line[4:] for line in result.output.splitlines() if line.startswith("    ")]
    (home / "mine.py").write_text("\n".join(lines) + "\n")
    cipher = load_cipher(str(home / "mine.py:Mine"))
    image = np.random.default_rng(1).integers(0, 256, (9, 13), dtype=np.uint8)
    encrypted = cipher.encrypt(image, b"k", bytes(16))
    assert isinstance(encrypted, Encrypted)
    assert cipher.decrypt(encrypted, b"k").shape == image.shape


def test_one_stored_network_encrypts_and_decrypts(home, train):
    """That of ``network=coupling-resnet``: the decoder is made of the encoder's weights when they are loaded."""
    assert train("--set", "network=coupling-resnet", "--steps", "1").exit_code == 0
    assert all(name.startswith("encoder.") for name in load_arrays(home / "new.safetensors"))
    (home / "mine.py").write_text("from tiny import Tiny\n\n\nclass Mine(Tiny):\n    weights = ('new.safetensors',)\n")
    cipher = load_cipher(str(home / "mine.py:Mine"))
    image = np.random.default_rng(1).integers(100, 156, (10, 12, 3), dtype=np.uint8)
    encrypted = cipher.encrypt(image, b"k", bytes(16))
    assert not np.array_equal(encrypted.image, image)
    assert np.abs(cipher.decrypt(encrypted, b"k").astype(int) - image).max() <= 2


def test_other_factors_need_sides_of_other_multiples(home, train):
    """The printed class says of what; one without it is refused in a line that does."""
    result = train("--set", "factor=4", "--steps", "1")
    lines = [line[4:] for line in result.output.splitlines() if line.startswith("    ")]
    assert "    multiple = 4" in lines
    image = np.zeros((9, 13), np.uint8)
    (home / "four.py").write_text("\n".join(lines) + "\n")
    (home / "two.py").write_text("\n".join(line for line in lines if "multiple" not in line) + "\n")
    four, two = (load_cipher(str(home / f"{name}.py:Mine")) for name in ("four", "two"))
    assert four.encrypt(image, b"k", bytes(16)).image.shape == (12, 16, 3)
    with pytest.raises(CipherError, match=r"multiples of 4, and Mine .* of 2; write multiple = 4 into"):
        two.encrypt(image, b"k", bytes(16))


def test_a_stopped_training_ends_with_equal_weights(home, train):
    """SIGTERM keeps the checkpoint and says how to go on; the same command then ends as an unbroken run does."""
    assert train(out="whole.safetensors").exit_code == 0
    (home / "stop").touch()
    stopped = train()
    assert stopped.exit_code == 128 + signal.SIGTERM
    assert "step 3 of 5 is kept in new.ckpt" in stopped.output
    assert "To continue: cryptobench train tiny.py:Tiny --data=pictures --out=new.safetensors" in stopped.output
    assert not (home / "new.safetensors").exists()
    result = train()
    assert "going on from step 3 of 5" in result.output
    assert (home / "new.safetensors").read_bytes() == (home / "whole.safetensors").read_bytes()


def test_minutes_are_turned_into_steps_once(home, train, monkeypatch):
    """A run that goes on keeps the steps that were measured at its start."""
    from cryptobench.training import session

    first = train("--minutes", "0.002", "--json")
    assert first.exit_code == 0, first.output
    steps = json.loads(first.stdout)["steps"]
    assert steps >= 1
    assert f"{steps} steps in 0.002 min" in first.output
    monkeypatch.setattr(session, "_step_seconds", None)
    assert json.loads(train("--minutes", "0.002", "--json").stdout)["steps"] == steps


def test_settings_and_held_out_pictures_are_used(home, train):
    """--set reaches the recipe, and --held-out leaves all of --data for training."""
    (home / "others").mkdir()
    write_image(home / "others" / "x.png", np.zeros((8, 8, 3), np.uint8))
    result = train("--set", "variation_weight=0.5", "--held-out", "others", "--steps", "1", "--json")
    manifest = json.loads(result.stdout)
    assert (manifest["recipe"]["variation_weight"], manifest["steps"], manifest["data"]["pictures"]) == (0.5, 1, 4)
    assert manifest["data"]["held_out"]["folders"][0].endswith("others")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"cipher": "caesar"}, "caesar has no networks to train"),
        ({"cipher": "ceasar"}, "did you mean 'caesar'"),
        ({"out": "weights.bin"}, "wanted a name that ends in .safetensors"),
        (["--data", "nowhere"], "nowhere: no such folder"),
        (["--held-out", "nowhere"], "nowhere: no such folder"),
        (["--held-out", "pictures"], "4 of the 4 held-out pictures are trained on too"),
        (["--held-out-share", "1"], "wanted a number between 0 and 1"),
        (["--steps", "5", "--minutes", "1"], "wanted one of them"),
        (["--set", "widht=3"], "did you mean 'width'"),
        (["--set", "side=15"], "tiny.py:Tiny: these settings cannot be trained"),
        (["--set", "crops=-1"], "tiny.py:Tiny: these settings cannot be trained"),
        (["--out", "pictures/0.png/x.safetensors"], "cannot write pictures/0.png"),
    ],
)  # fmt: skip
def test_mistakes_get_one_line(train, arguments, said):
    """What is wrong is named, and what is wanted."""
    result = train(**arguments) if isinstance(arguments, dict) else train(*arguments)
    assert said in one_error(result)


def test_cuda_that_is_not_there_is_said(train, monkeypatch):
    """Asking for it is an error in one line; auto takes the CPU."""
    from cryptobench.training.device import choose_device

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "use --device cpu" in one_error(train("--device", "cuda"))
    assert choose_device("auto") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == choose_device("cuda") == "cuda"


def test_a_damaged_picture_is_named(home, train):
    """The run does not start."""
    (home / "pictures" / "5.png").write_bytes((home / "pictures" / "1.png").read_bytes()[:200])
    assert "5.png" in one_error(train())
    assert not (home / "new.ckpt").exists()


def test_other_settings_do_not_touch_the_checkpoint(home, train):
    """Another seed under the same name is refused, and the setting is named."""
    assert train().exit_code == 0
    before = (home / "new.ckpt").read_bytes()
    assert "seed 1, now 2" in one_error(train("--seed", "2"))
    assert (home / "new.ckpt").read_bytes() == before


def test_finished_weights_are_not_overwritten(home, train):
    """Without its checkpoint a file is replaced only with --force."""
    (home / "new.safetensors").write_bytes(b"precious")
    assert "--force to replace it" in one_error(train())
    assert train("--force").exit_code == 0
    assert (home / "new.safetensors").read_bytes() != b"precious"


def test_a_full_disk_is_said_in_one_line(home, train):
    """The file that could not be written is named, and how to go on; nothing half-written is left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        result = train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "cannot write new.ckpt: file too large; free space" in one_error(result, code=1)
    assert not list(home.glob("*.new"))


def test_a_second_training_of_one_file_is_refused(home, train):
    """The outputs belong to one run at a time."""
    from filelock import FileLock

    with FileLock(home / ".new.lock"):
        assert "is being trained by another run" in one_error(train(), code=1)


def test_show_tells_of_the_weights(home, train):
    """Missing weights come with the command that trains them; present ones with preset and scores."""
    show = CliRunner().invoke(main, ["show", "tiny.py:Tiny"]).output
    assert "shipped: missing; cryptobench train tiny.py:Tiny --data" in " ".join(show.split())
    (home / "weights").mkdir()
    assert train(out="weights/shipped.safetensors").exit_code == 0
    show = " ".join(CliRunner().invoke(main, ["show", "tiny.py:Tiny"]).output.split())
    assert "shipped: preset cpu, 5 steps, seed 1, on cpu" in show
    assert "psnr" in show
    from cryptobench.training.shipped import brief

    assert brief("tiny.py:Tiny").startswith("cpu, psnr ")
    assert brief("caesar") == ""
