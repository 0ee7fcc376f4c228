"""Checkpoints: whole or not at all, and only for the settings they were made with."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time

import pytest
import torch

from cryptobench.primitives.learned.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    read_checkpoint,
    save_checkpoint,
)

SETTINGS = {"recipe": "toy", "steps": 10, "rate": 0.1}


def checkpoint(step=3, size=4):
    weights = {"w": torch.arange(size, dtype=torch.float32) + step}
    return Checkpoint(step, 1.5, SETTINGS, weights, {"pair": {"state": {0: {"step": torch.tensor(float(step))}}}})


def test_what_is_saved_is_read_back(tmp_path):
    """Step, seconds, settings and tensors survive, bit for bit, and no second file is left."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(path, checkpoint())
    found = load_checkpoint(path, SETTINGS)
    assert (found.step, found.seconds, found.settings) == (3, 1.5, SETTINGS)
    assert torch.equal(found.networks["w"], checkpoint().networks["w"])
    assert list(tmp_path.iterdir()) == [path]


def test_checkpoints_without_the_later_fields_are_read(tmp_path):
    """A file that holds only the first five fields gives a checkpoint with the others empty."""
    content = {name: value for name, value in vars(checkpoint()).items() if name not in ("sums", "counted", "skipped")}
    del content["machine"]
    torch.save(content, tmp_path / "old.ckpt")
    found = load_checkpoint(tmp_path / "old.ckpt", SETTINGS)
    assert (found.step, found.sums, found.counted, found.machine) == (3, {}, 0, {})


def test_other_settings_are_named(tmp_path):
    """The error names the setting that differs, with both values, and says what to do."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(path, checkpoint())
    with pytest.raises(CheckpointError, match=r"steps 10, now 20.*use the same ones, or delete it") as raised:
        load_checkpoint(path, {**SETTINGS, "steps": 20})
    assert "rate" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None, "tail"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path, content):
    """Empty, foreign, cut and other pickled content raises CheckpointError that names the file."""
    path = tmp_path / "run.ckpt"
    if content is None:
        torch.save({"step": 1}, path)
    elif content == "tail":
        save_checkpoint(path, checkpoint(size=1000))
        path.write_bytes(path.read_bytes()[:-900])
    else:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"run.ckpt: not a readable checkpoint .*delete it") as raised:
        read_checkpoint(path)
    assert "\n" not in str(raised.value)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    """A pickle that would call a function is refused, and the function is not called."""

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "made"),)

    torch.save({**vars(checkpoint()), "machine": Evil()}, tmp_path / "evil.ckpt")
    with pytest.raises(CheckpointError):
        read_checkpoint(tmp_path / "evil.ckpt")
    assert not (tmp_path / "made").exists()


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path):
    """A write that fails half-way raises OSError with the file's name; the old file stays, the new one is gone."""
    path = tmp_path / "run.ckpt"
    save_checkpoint(path, checkpoint(step=1))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"run\.ckpt") as raised:
            save_checkpoint(path, checkpoint(step=2, size=100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert raised.value.errno == errno.EFBIG
    assert read_checkpoint(path).step == 1
    assert list(tmp_path.iterdir()) == [path]


def test_kill_during_a_save_leaves_a_whole_checkpoint(tmp_path):
    """A process that does nothing but save is killed while the new file is half there; the old one is whole."""
    path = tmp_path / "run.ckpt"
    script = (
        "import sys, torch\n"
        "from pathlib import Path\n"
        "from cryptobench.primitives.learned.checkpoint import Checkpoint, save_checkpoint\n"
        "weights = {'w': torch.zeros(2_000_000)}\n"
        "for step in range(10_000):\n"
        "    weights['w'].fill_(step)\n"
        "    save_checkpoint(Path(sys.argv[1]), Checkpoint(step, 0.0, {}, weights, {}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(path)])
    try:
        deadline = time.monotonic() + 60
        while not (path.exists() and len(list(tmp_path.iterdir())) > 1):
            assert process.poll() is None
            assert time.monotonic() < deadline
    finally:
        process.kill()
        process.wait()
    found = read_checkpoint(path)
    assert found.networks["w"].shape == (2_000_000,)
    assert bool((found.networks["w"] == found.step).all())
