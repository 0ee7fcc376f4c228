"""`cryptobench run` as people give it."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from cryptobench.bench.settings import settings
from cryptobench.measurement import SCHEMA, read_measurements
from tests.bench.driving import ROOT, invoke, toy


def test_a_run_leaves_all_that_repeats_it(toy_settings, tmp_path):
    """Measurements, pictures, settings that give the run again, and run.json with machine, versions and digests."""
    folder = tmp_path / "run"
    done = invoke(toy_settings(), folder, "--seed", "5", "--images", "gradient,camera", "--images", "impulse")
    assert done.exit_code == 0, done.stderr
    assert "6 cells (6 ok), 6 run now" in done.stdout
    assert f"measurements: {folder / 'measurements.csv.gz'}" in done.stdout
    table = read_measurements(folder / "measurements.csv.gz")
    assert list(table["image"].unique()) == ["gradient", "camera", "impulse"]
    assert set(table["seed"]) == {5}
    again = settings(str(folder / "settings.toml"))
    assert (again.seed, again.images) == (5, ("gradient", "camera", "impulse"))
    about = json.loads((folder / "run.json").read_text())
    assert (next(iter(about)), about["schema"]) == ("schema", SCHEMA)
    cards = json.loads((folder / "cards.json").read_text())
    assert set(cards) == set(about["ciphers"])
    assert all(card["name"] == name and card["key"] for name, card in cards.items())
    assert about["settings"] == again.as_dict()
    assert about["cells"] == {"total": 6, "executed": 6, "ok": 6}
    assert set(about["images"]) == {"gradient", "camera", "impulse"}
    assert about["images"]["camera"]["shape"] == [16, 16, 1]
    assert {"cryptobench", "numpy", "numba", "psutil"} <= set(about["versions"])
    assert {"python", "platform", "cpu", "git_commit", "started", "finished", "seconds"} <= set(about)
    assert (folder / "pictures" / "toy-xor" / "camera" / "cipher.png").is_file()


def test_a_second_run_runs_nothing(finished_run, toy_settings):
    """Everything is kept; the table comes out byte for byte, times included."""
    first = (finished_run / "measurements.csv.gz").read_bytes()
    done = invoke(toy_settings(), finished_run)
    assert "4 cells (4 ok), 0 run now" in done.stdout
    assert "all 4 cells are done already" in done.stderr
    about = json.loads((finished_run / "run.json").read_text())
    assert [call["executed"] for call in about["calls"]] == [4, 0]
    assert about["cells"]["executed"] == 4
    assert about["seconds"] == pytest.approx(sum(call["seconds"] for call in about["calls"]))
    assert (finished_run / "measurements.csv.gz").read_bytes() == first


def test_a_cell_without_its_picture_runs_again(finished_run, toy_run):
    """A cell is finished only while all that it gave is there."""
    picture = finished_run / "pictures" / "toy-xor" / "gradient" / "cipher.png"
    before = picture.read_bytes()
    picture.unlink()
    summary, _ = toy_run()
    assert (summary.counts, summary.executed) == ({"ok": 4}, 1)
    assert picture.read_bytes() == before


def test_failed_cells_are_listed_and_strict_counts(toy_settings, tmp_path):
    """Without --strict a run with failures is a success that names them, with it the exit code is 1."""
    settings = toy_settings({toy("Misbehave"): {"images": "all"}})
    done = invoke(settings, tmp_path / "run")
    assert done.exit_code == 0
    assert "4 cells (2 ok, 2 failed)" in done.stdout
    line = "  failed: toy-shift, flat-black, misbehave and 1 more: RuntimeError: this toy breaks (toys.py, line"
    assert line in done.stdout
    assert invoke(settings, tmp_path / "run", "--strict").exit_code == 1


def test_a_quiet_run_prints_nothing(toy_settings, command):
    """Only errors would be printed, by the command or by its workers."""
    process = command(toy_settings(ciphers=("caesar",)), "--quiet")
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
def test_wrong_arguments_are_one_clear_line(toy_settings, tmp_path, arguments, message):
    """What was given, what there is instead; no folder is made."""
    done = invoke(toy_settings(), tmp_path / "run", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_help_is_complete():
    """Every setting of the command line is explained."""
    from cryptobench.cli.run import command as verb

    text = CliRunner().invoke(verb, ["--help"]).output
    for option in ("profile", "all", "ciphers", "images", "analyses", "size", "seed", "alpha", "out", "jobs", "dask",
                   "timeout", "memory", "dry-run", "strict", "quiet", "no-report"):  # fmt: skip
        assert f"--{option}" in text
    assert str(ROOT) not in text


def test_a_dry_run_writes_nothing(toy_settings, tmp_path):
    """It says cells, time and the costliest analyses and ciphers, and leaves no folder."""
    tables = {"entropy": {}, "differential": {"trials": 100}}
    settings = toy_settings(tables, ciphers=("aes-256-siv", "hua2021"), size=256, images=("camera",))
    done = invoke(settings, tmp_path / "run", "--dry-run")
    assert done.exit_code == 0
    assert re.fullmatch(
        r"4 cells: about \d+ s with 1 worker, most of it in differential \(\d+%\), entropy \(\d+%\); "
        r"by cipher hua2021 \(\d+%\), aes-256-siv \(\d+%\)\n",
        done.stdout,
    )
    assert not (tmp_path / "run").exists()


def test_a_plan_counts_what_is_done(finished_run, toy_settings):
    """`cb.plan` is what --dry-run shows; cells that the folder holds cost nothing."""
    import cryptobench

    whole = cryptobench.plan(profile=toy_settings(images=("flat-black", "gradient", "camera")), out=finished_run)
    assert (whole.cells, whole.done, list(whole.analyses)) == (6, 4, ["mean"])
    assert repr(cryptobench.plan(profile=toy_settings(), out=finished_run)) == "<4 cells, all done before>"
