"""`cryptobench run` as people give it."""

from __future__ import annotations

import json

import pytest

from cryptobench.bench.settings import settings
from cryptobench.measurement import read_measurements
from tests.bench.driving import ROOT, toy


def test_a_run_leaves_everything_that_tells_how_it_was_made(toy_settings, command, tmp_path):
    """Measurements, pictures, settings that give the run again, and run.json with machine, versions and digests."""
    process = command(toy_settings(), "--seed", "5", "--images", "gradient,camera", "--images", "impulse")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    folder = tmp_path / "run"
    assert "6 cells (6 ok), 6 run now" in out
    assert f"measurements: {folder / 'measurements.csv.gz'}" in out
    table = read_measurements(folder / "measurements.csv.gz")
    assert list(table["image"].unique()) == ["gradient", "camera", "impulse"]
    assert set(table["seed"]) == {5}
    again = settings(str(folder / "settings.toml"))
    assert (again.seed, again.images) == (5, ("gradient", "camera", "impulse"))
    about = json.loads((folder / "run.json").read_text())
    cards = json.loads((folder / "cards.json").read_text())
    assert set(cards) == set(about["ciphers"])
    assert all(card["name"] == name and card["key"] for name, card in cards.items())
    assert about["settings"] == again.as_dict()
    assert about["cells"] == {"total": 6, "executed": 6, "ok": 6}
    assert set(about["images"]) == {"gradient", "camera", "impulse"}
    assert about["images"]["camera"]["shape"] == [16, 16, 1]
    assert {"cryptobench", "numpy", "numba", "pebble"} <= set(about["versions"])
    assert {"python", "platform", "cpu", "git_commit", "started", "finished", "seconds"} <= set(about)
    assert (folder / "pictures" / "toy-xor" / "camera" / "cipher.png").is_file()


def test_a_second_run_runs_nothing_and_writes_the_same(toy_run, toy_settings, command, tmp_path):
    """Everything is kept; the table comes out byte for byte, times included."""
    toy_run()
    first = (tmp_path / "run" / "measurements.csv.gz").read_bytes()
    out, err = command(toy_settings()).communicate(timeout=60)
    assert "4 cells (4 ok), 0 run now" in out
    assert "all 4 cells are done already" in err
    assert (tmp_path / "run" / "measurements.csv.gz").read_bytes() == first


def test_a_cell_whose_picture_is_gone_runs_again(toy_run, toy_settings, command, tmp_path):
    """A cell is finished only while all that it gave is there."""
    toy_run()
    (tmp_path / "run" / "pictures" / "toy-xor" / "gradient" / "cipher.png").unlink()
    out, _ = command(toy_settings()).communicate(timeout=60)
    assert "4 cells (4 ok), 1 run now" in out
    assert (tmp_path / "run" / "pictures" / "toy-xor" / "gradient" / "cipher.png").is_file()


def test_failed_cells_are_listed_and_strict_makes_them_count(toy_settings, command):
    """Without --strict a run with failures is a success that names them, with it the exit code is 1."""
    analyses = {toy("Misbehave"): {"images": "all"}}
    process = command(toy_settings(analyses))
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "4 cells (2 ok, 2 failed)" in out
    assert "  failed: toy-shift, gradient, misbehave: RuntimeError: this toy breaks" in out
    process = command(toy_settings(analyses), "--strict")
    process.communicate(timeout=60)
    assert process.returncode == 1


def test_a_quiet_run_prints_nothing(toy_settings, command):
    """Only errors would be printed."""
    process = command(toy_settings(), "--quiet")
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ciphers", "cesar"], "unknown cipher 'cesar'; did you mean 'caesar'?"),
        (["--ciphers", "nowhere.py:Mine"], "there is no file"),
        (["--ciphers", toy("Xorr")], "has no class Xorr; did you mean 'Xor'?"),
        (["--images", "astronout"], "astronout"),
        (["--analyses", "entropie"], "unknown analysis 'entropie'; did you mean 'entropy'?"),
        (["--profile", "fast"], "unknown profile 'fast'"),
        (["--size", "0"], "size is 0, wanted pixels from 1 to 16384"),
        (["--memory", "much"], "memory is 'much', wanted MiB, auto or off"),
    ],
)
def test_wrong_arguments_are_one_clear_line(toy_settings, command, tmp_path, arguments, message):
    """What was given, what there is instead; no folder is made."""
    process = command(toy_settings(), *arguments)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("Error: ")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_help_is_complete():
    """Every setting of the command line is explained."""
    from click.testing import CliRunner

    from cryptobench.cli.run import command as verb

    text = CliRunner().invoke(verb, ["--help"]).output
    for option in ("profile", "all", "ciphers", "images", "analyses", "size", "seed", "alpha", "out", "jobs", "dask",
                   "timeout", "memory", "strict", "quiet", "no-report"):  # fmt: skip
        assert f"--{option}" in text
    assert str(ROOT) not in text
