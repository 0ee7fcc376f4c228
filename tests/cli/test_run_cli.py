"""`cryptobench run`: what it says before, meanwhile and at the end. Nothing is measured here."""

import json
import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import cryptobench.api
from cryptobench.bench.run import RunSummary, Stopped
from cryptobench.cli import main
from cryptobench.measurement import frame
from cryptobench.registry import cipher_names
from cryptobench.results.attacks import attack_results
from tests.results.doubles import attack_rows


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The command in an empty folder, with a run that says its cost and ends at once; or is stopped."""
    monkeypatch.chdir(tmp_path)

    def evaluate(profile, out, progress, beside=None):
        progress.begin(2, 0, lambda: 3.0, "2 cells: about 3 s with 1 worker")
        if "stop" in profile.ciphers:
            raise Stopped(out, 1, 2, 2)
        cell = SimpleNamespace(cipher_name="caesar", image_name="camera", analysis_name="entropy")
        failures = ((cell, "failed", "ValueError: no"),)
        summary = RunSummary(out, {"ok": 1, "failed": 1}, failures, 2, 1.5)
        results = attack_results(frame(attack_rows("caesar", "reuse", "recovered", model="KPA", queries=2)))
        return SimpleNamespace(
            summary=summary, report=lambda **options: [], ciphers=["caesar", "xor-pad"], taken_over=[],
            attacks=lambda: results,
        )  # fmt: skip

    monkeypatch.setattr(cryptobench.api, "evaluate", evaluate)
    return lambda *arguments: CliRunner().invoke(main, ["run", *arguments])


def test_a_bare_run_says_what_it_does(run):
    """Before it starts: profile, ciphers, images, tasks, folder, how long it takes, and how to do less."""
    first, second, *_ = run().stderr.splitlines()
    assert first.startswith(
        f"standard: all {len(cipher_names())} ciphers on astronaut, coffee, camera, stress at 256 pixels, "
    )
    assert re.search(r", \d+ analyses and \d+ attacks, into results.standard; ", first)
    assert first.endswith("for a look at one cipher: cryptobench run --profile quick --ciphers NAME")
    assert second == "2 cells: about 3 s with 1 worker"


def test_a_chosen_run_names_its_ciphers(run):
    """Without the hint, since something was chosen."""
    first = run("--ciphers", "caesar,xor-pad", "--analyses", "entropy", "--size", "32").stderr.splitlines()[0]
    images = "astronaut, coffee, camera, stress"
    assert first == f"standard: caesar, xor-pad on {images} at 32 pixels, 1 analysis, into results/standard"


def test_the_summary_is_also_json(run):
    """It is all of standard output; what people read goes to standard error."""
    result = run("--ciphers", "caesar", "--json", "--out", "here")
    assert json.loads(result.stdout) == {
        "stopped": False, "folder": "here", "cells": 2, "counts": {"ok": 1, "failed": 1}, "executed": 2, "seconds": 1.5,
        "failures": [
            {
                "cipher": "caesar", "image": "camera", "analysis": "entropy", "status": "failed",
                "message": "ValueError: no",
            }
        ],
        "incomplete": [], "unmet": [], "measurements": "here/measurements.csv.gz", "report": "here/report.html",
    }  # fmt: skip
    assert "2 cells (1 ok, 1 failed), 2 run now, in 2 s" in result.stderr
    assert "report: here/report.html" in result.stderr
    quiet = run("--ciphers", "caesar", "--json", "--quiet", "--no-report", "--strict")
    assert (quiet.stderr, quiet.exit_code, json.loads(quiet.stdout)["report"]) == ("", 1, None)


def test_each_cipher_must_reach_what_is_required(run):
    """A line for each that does not, and exit code 1; without attacks there is nothing to ask."""
    result = run("--ciphers", "caesar,xor-pad", "--require", "confidentiality=0", "--no-report")
    assert result.exit_code == 1
    required = [line for line in result.stdout.splitlines() if line.startswith("required: ")]
    assert [line.partition(" (")[0] for line in required[:1]] == [
        "required: caesar: confidentiality: level 0 is wanted, the cipher has <= 0"
    ]
    assert required[1].startswith(
        "required: xor-pad: confidentiality: level 0 is wanted, the cipher has none; not known"
    )
    as_json = json.loads(run("--ciphers", "caesar", "--require", "confidentiality=0", "--json").stdout)
    assert len(as_json["unmet"]) == 2
    refused = run("--ciphers", "caesar", "--analyses", "entropy", "--require", "misuse=4")
    assert (refused.exit_code, len(refused.output.splitlines())) == (2, 1)
    assert "this run has no attacks; add --attacks all" in refused.output
    refused = run("--ciphers", "caesar", "--require", "misuse=5")
    assert (refused.exit_code, "misuse is '5', wanted a level from 0 to 4" in refused.output) == (2, True)


def test_a_stopped_run_is_json_too(run):
    """A program sees that it was stopped, and how far it is."""
    result = run("--ciphers", "stop", "--json")
    assert json.loads(result.stdout) == {"stopped": True, "folder": "results/standard", "cells": 2, "done": 1}
    assert "To continue: cryptobench run" in result.stderr
    assert result.exit_code == 130


def test_the_cost_alone_is_json_too(run, monkeypatch):
    """--dry-run gives cells, seconds, and where they go."""
    from cryptobench.bench.estimate import RunEstimate

    cost = RunEstimate(4, 1, 60.0, 2, {"entropy": 90.0}, {"caesar": 90.0})
    monkeypatch.setattr(cryptobench.api, "plan", lambda **options: cost)
    found = json.loads(run("--dry-run", "--json").stdout)
    assert found == {
        "cells": 4, "done": 1, "seconds": 60.0, "workers": 2, "analyses": {"entropy": 90.0},
        "ciphers": {"caesar": 90.0},
    }  # fmt: skip
    assert run("--dry-run").stdout.startswith("4 cells, 1 of them done before: about 1 min 0 s with 2 workers")


def test_a_log_gets_every_line(run, tmp_path):
    """Each with the time, of one run after the other, quiet or not."""
    run("--ciphers", "caesar", "--log", "run.log", "--quiet")
    once = (tmp_path / "run.log").read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in once)
    said = [line[20:] for line in once]
    assert said[0].startswith("standard: caesar on ")
    assert said[1] == "2 cells: about 3 s with 1 worker"
    assert "2 cells (1 ok, 1 failed), 2 run now, in 2 s" in said
    assert said[-1].startswith("report: ")
    run("--ciphers", "caesar", "--log", "run.log", "--quiet")
    assert len((tmp_path / "run.log").read_text().splitlines()) == 2 * len(once)
    missing = run("--ciphers", "caesar", "--log", "gone/run.log")
    assert (missing.exit_code, missing.stderr) == (2, "Error: gone/run.log: No such file or directory\n")
