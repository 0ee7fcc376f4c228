"""The example project in docs/examples, and the commands of the GitHub Action at the root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cryptobench.attacks.judgements import MINIMUM_FRESH
from cryptobench.cli.template import write_template
from tests.testing.running import PLUGIN

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads action.yml, comes with the dev extra")

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "my_cipher"
PROFILE = """
images = ["astronaut"]
size = 32
attack_sides = [16]
analyses.quality = {}
analyses.histogram = {}
attacks.near_target = {}
"""
WHOLE_PROFILE = PROFILE + "".join(f"attacks.{name} = {{}}\n" for name in MINIMUM_FRESH)


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """The action as GitHub reads it."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example, with a profile that takes a second."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    copy = Path(shutil.copytree(EXAMPLE, tmp_path / "project", ignore=ignored))
    (copy / "small.toml").write_text(PROFILE)
    return copy


def test_the_example_passes_and_weakened_fails(
    project: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tests are green as they are; with the keystream left out they show the test that fails."""
    monkeypatch.chdir(project)
    monkeypatch.delitem(sys.modules, "my_cipher", raising=False)  # another test's, which would be taken for it
    options = ["-p", "no:cacheprovider", "-k", "secure", "--security-jobs", "1", "--security-size", "32"]
    line = [*PLUGIN, *options, "--rootdir", str(project), "--security-profile", "small.toml"]
    (project / "small.toml").write_text(WHOLE_PROFILE)
    pytester.runpytest_inprocess(*line).assert_outcomes(passed=1, deselected=1)
    source = (project / "my_cipher.py").read_text()
    weak = source.replace("scrambled ^ _keystream(key + nonce, image.size)", "scrambled")
    weak = weak.replace("image.ravel() ^ _keystream(key + encrypted.header, image.size)", "image.ravel()")
    assert weak.count("_keystream(key") == source.count("_keystream(key") - 2
    (project / "my_cipher.py").write_text(weak)
    (project / "small.toml").write_text(PROFILE)
    red = pytester.runpytest_inprocess(*line)
    red.assert_outcomes(failed=1, deselected=1)
    assert re.search(r"SecurityFailure: my_cipher does not pass: .*\n(.*\n)*E +histogram ", red.stdout.str())


def test_the_example_is_what_new_writes(tmp_path: Path) -> None:
    """But for its first line."""
    written = write_template("my_cipher", tmp_path).read_text().splitlines()
    assert (EXAMPLE / "my_cipher.py").read_text().splitlines()[1:] == written[1:]


def test_every_expression_of_the_action_names_something(action: dict[str, Any]) -> None:
    """Inputs are declared and used, required ones have no default, and outputs name a step that there is."""
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(action["inputs"])
    for name, about in action["inputs"].items():
        assert about["description"], name
        assert about.get("required", False) != ("default" in about), name
    steps = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    assert set(re.findall(r"steps\.([a-z]+)\.outputs", text)) <= steps


def test_no_input_of_the_action_becomes_code(action: dict[str, Any]) -> None:
    """Every step says its shell or what it uses; no input is pasted into a script, where it could run."""
    assert action["runs"]["using"] == "composite"
    for step in action["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step and step["shell"] == "bash")
        assert "${{" not in step.get("run", "")


def test_the_example_workflow_uses_inputs_that_exist(action: dict[str, Any]) -> None:
    """What it passes is declared, what is required is passed."""
    workflow = yaml.safe_load((EXAMPLE / ".github" / "workflows" / "security.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    (used,) = (step for step in steps if "/cryptobench@" in step.get("uses", ""))
    assert set(used["with"]) <= set(action["inputs"])
    assert {name for name, about in action["inputs"].items() if about.get("required")} <= set(used["with"])


def test_the_commands_of_the_action_run(action: dict[str, Any], project: Path, tmp_path: Path) -> None:
    """Its scripts measure the example, compare it with its own baseline, and write a job summary."""
    scripts = {step["name"]: step["run"] for step in action["runs"]["steps"] if "run" in step}
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    environment = os.environ | {name: str(file) for name, file in files.items()} | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path),
        "ALPHA": "0.01", "CIPHER": "my_cipher.py:MyCipher", "PROFILE": "small.toml", "GITHUB_ACTIONS": "true",
    }  # fmt: skip

    split = next(step["env"]["SPLIT"] for step in action["runs"]["steps"] if step.get("name") == "Measure")

    def step(name: str, arguments: str = "", **more: str) -> str:
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts[name]]
        values = environment | {"ARGUMENTS": arguments, "CHECK_ARGUMENTS": "--timing", "SPLIT": split} | more
        done = subprocess.run(script, cwd=project, env=values, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    stub = tmp_path / "bin" / "cryptobench"  # all uses but the first are there for their names alone
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\n")
    stub.chmod(0o755)
    uses, stubbed = [], f"{stub.parent}{os.pathsep}"
    for artifact, path in (("auto", ""), ("auto", stubbed), ("mine", stubbed)):
        files["GITHUB_OUTPUT"].unlink(missing_ok=True)
        step("Measure", "--jobs 1 --no-report --quiet", ARTIFACT=artifact, PATH=path + environment["PATH"])
        uses.append(dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines()))
    # Uses in one job share neither folder nor artifact.
    assert len({use["folder"] for use in uses}) == len({use["artifact"] for use in uses}) == 3
    assert re.fullmatch(r"cryptobench-my_cipher\.py-MyCipher-small\.toml-\w{6}", uses[0]["artifact"])
    assert uses[2]["artifact"] == "mine"
    folder = Path(uses[0]["folder"])
    assert (folder / "measurements.csv.gz").stat().st_size > 0
    baseline = shutil.copytree(folder, tmp_path / "baseline")
    step("Compare with the baseline", BASELINE=str(baseline), FOLDER=str(folder))
    step("Write the job summary", FOLDER=str(folder))
    assert (folder / "check.xml").read_text().startswith("<?xml")
    assert "my_cipher" in files["GITHUB_STEP_SUMMARY"].read_text()


HOSTILE = "x\nfolder=/etc\nghadelimiter_0\n::add-mask::x\n$(touch hacked)`touch hacked`;touch hacked"


@pytest.fixture
def measured(action: dict[str, Any], tmp_path: Path) -> Callable[..., tuple[str, str, list[str]]]:
    """Runs the action's step "Measure" with a stand-in for cryptobench; what is printed, the outputs, the arguments."""
    (step,) = (step for step in action["runs"]["steps"] if step.get("name") == "Measure")
    stub = tmp_path / "bin" / "cryptobench"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$ARGV"\necho "::error::from a cipher"\n')
    stub.chmod(0o755)

    def run(**inputs: str) -> tuple[str, str, list[str]]:
        output, arguments = tmp_path / "output", tmp_path / "argv"
        paths = (stub.parent, Path(sys.executable).parent, os.environ["PATH"])
        values = {"PATH": os.pathsep.join(map(str, paths)), "RUNNER_TEMP": str(tmp_path), "ARGV": str(arguments)}
        values |= {"GITHUB_OUTPUT": str(output), "SPLIT": step["env"]["SPLIT"], "CIPHER": "a", "PROFILE": "quick"}
        values |= {"ARGUMENTS": "", "CHECK_ARGUMENTS": "", "ARTIFACT": "auto"} | inputs
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(script, cwd=tmp_path, env=values, capture_output=True, text=True, check=False)
        assert not (tmp_path / "hacked").exists()
        told = arguments.read_text().split("\0")[:-1] if arguments.exists() else []
        return done.stdout + done.stderr, output.read_text(), told

    return run


def test_inputs_of_the_action_stay_values(measured: Callable[..., Any]) -> None:
    """New lines, workflow commands, delimiters and shell code in inputs add no output, no command and no argument."""
    printed, output, told = measured(CIPHER=HOSTILE, PROFILE=HOSTILE, ARTIFACT=HOSTILE)
    folder, artifact = output.splitlines()
    assert folder.startswith("folder=/")
    assert artifact.startswith("artifact=x-folder=-etc-ghadelimiter_0---add-mask--x-$(touch hacked)")
    assert told == ["run", "--ciphers", HOSTILE, "--profile", HOSTILE, "--out", folder[7:], "--strict"]
    stop, command, go = printed.splitlines()
    assert command == "::error::from a cipher"  # between the two lines, where the runner takes it for text
    assert re.fullmatch(r"::stop-commands::(\w{32})", stop)
    assert go == f"::{stop.rpartition('::')[2]}::"


def test_arguments_of_the_action_take_quotes(measured: Callable[..., Any]) -> None:
    """They may stand on several lines and in quotes, and no pattern is filled in."""
    *_, told = measured(ARGUMENTS="--size 64\n--images 'my pictures' *\n")
    assert told[-6:] == ["--strict", "--size", "64", "--images", "my pictures", "*"]


def test_open_quotes_of_the_action_are_refused(measured: Callable[..., Any]) -> None:
    """In one line, before anything runs."""
    printed, _, told = measured(CHECK_ARGUMENTS="--out 'x")
    assert 'Error: check_arguments "--out \'x": No closing quotation; wanted quotes in pairs\n' in printed
    assert told == []
