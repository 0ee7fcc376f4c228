"""The command: exit codes, formats and one clear line for what cannot be compared."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cryptobench.bench.run import write_table
from cryptobench.check.baseline_run import load, wanted_settings
from cryptobench.check.result import CheckError, Options
from cryptobench.cli.check import command
from cryptobench.measurement import SCHEMA, read_measurements, write_measurements
from tests.check.toys import measured, toy


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs without settings of a sound stream, of one that leaks, and of the sound one cut down or changed."""
    folder = tmp_path_factory.mktemp("runs")
    sound, leaking = (measured(toy(rounds=0, leak=leak), 1).table for leak in (0, 8))
    quality = sound["analysis"] == "quality"
    failed = sound[quality].head(1).assign(metric="", status="failed", message="boom")
    tables = {
        "sound": sound, "leaking": leaking, "other cipher": sound.assign(cipher="another"),
        "other size": sound.assign(height=99), "less": sound[~quality],
        "failed": pd.concat([sound[~quality], failed]),
        "slow": pd.concat([sound[~quality], failed.assign(status="timeout", message="2 s")]),
    }  # fmt: skip
    paths = {name: folder / name / "measurements.csv.gz" for name in tables}
    for name, table in tables.items():
        paths[name].parent.mkdir()
        write_measurements(table, paths[name])
    return paths


def check(new: Path | str, baseline: Path | str, *options: str) -> Result:
    return CliRunner(env={"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": ""}).invoke(
        command, [str(new), "--against", str(baseline), *options]
    )


def test_no_regression_is_0(tables: dict[str, Path]) -> None:
    """A run against itself is green, as a table and as a folder."""
    assert check(tables["sound"], tables["sound"].parent).exit_code == 0


def test_a_regression_is_1_in_every_format(tables: dict[str, Path], tmp_path: Path) -> None:
    """Text, JSON, JUnit, annotations and summary say the same of the same regression."""
    junit, page = tmp_path / "junit.xml", tmp_path / "page.md"
    found = check(
        tables["leaking"], tables["sound"], "--json", "--junit", str(junit), "--summary", str(page), "--github"
    )
    assert found.exit_code == 1
    answer = json.loads(found.stdout)
    assert (answer["exit_code"], answer["counts"]["regression"]) == (1, 1)
    assert answer["findings"][0]["what"] == "header_leak_bytes"
    assert "::error title=toy%2C header::header_leak_bytes" in found.stderr
    failures = ElementTree.parse(junit).findall(".//failure")
    assert ["header_leak_bytes" in failure.attrib["message"] for failure in failures] == [True]
    assert "| toy | header | header_leak_bytes" in page.read_text()
    shown = check(tables["leaking"], tables["sound"])
    assert "toy, header: header_leak_bytes (astronaut 12x12): 0 -> 8 byte" in shown.output


def test_a_changed_ciphertext_is_a_notice_unless_golden(tables: dict[str, Path]) -> None:
    """The fixed stream's digest differs: green with a notice, red with --golden."""
    assert "ciphertext_sha256" in check(tables["sound"], tables["leaking"]).output
    assert check(tables["sound"], tables["leaking"]).exit_code == 0
    assert check(tables["sound"], tables["leaking"], "--golden").exit_code == 1


@pytest.mark.parametrize(
    ("new", "code", "words"),
    [
        ("failed", 1, "failed: boom"),
        ("slow", 2, "timeout: 2 s"),
        ("less", 2, "the new run has no quality"),
        ("other cipher", 2, "the runs share no cipher"),
        ("other size", 2, "run again with the baseline's images and size"),
    ],
)
def test_what_cannot_be_compared_says_why(tables: dict[str, Path], new: str, code: int, words: str) -> None:
    """A failure is a regression; other sizes, ciphers, analyses and timeouts cannot be compared."""
    found = check(tables[new], tables["sound"])
    assert found.exit_code == code
    assert words in found.output


def test_damaged_and_missing_files_are_2(tables: dict[str, Path], tmp_path: Path) -> None:
    """A missing path, a cut file, a text file and an unknown cipher are one line each, without a traceback."""
    cut = tmp_path / "measurements.csv.gz"
    cut.write_bytes(tables["sound"].read_bytes()[:500])
    text = tmp_path / "text.csv"
    text.write_text("a,b\n1,2\n")
    for new, baseline in (
        (tables["sound"], tmp_path / "nowhere"), (cut, tables["sound"]), (text, tables["sound"]),
        ("no-such-cipher", tables["sound"]), (tmp_path / "gone", tables["sound"]),
    ):  # fmt: skip
        found = check(new, baseline)
        assert found.exit_code == 2
        assert found.output.startswith("Error: cannot compare: ")
        assert len(found.output.splitlines()) == 1


@pytest.mark.parametrize("older", ["new", "baseline"])
@pytest.mark.parametrize("kind", ["table", "run"])
def test_an_older_run_is_refused(older: str, kind: str, tables: dict[str, Path], tmp_path: Path) -> None:
    """Exit code 2 and one line that names the schema and says to measure anew, for a table and for a run's folder."""
    sides = dict.fromkeys(("new", "baseline"), tables["sound"])
    sides[older] = tmp_path / "measurements.csv.gz"
    table = pd.read_csv(tables["sound"], keep_default_na=False)
    if kind == "table":
        table = table.rename(columns={"condition": "variant"}).drop(columns=["place", "part"])
    else:
        (tmp_path / "run.json").write_text(json.dumps({"settings": {"alpha": 0.05}}))
    table.to_csv(sides[older], index=False)
    result = check(sides["new"], sides["baseline"])
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert result.output.startswith(f"Error: cannot compare: {tmp_path}")
    assert re.search("written by an older cryptobench.*schema.*measure anew", result.output)


def test_a_misspelt_cipher_gets_the_nearest_name(tables: dict[str, Path]) -> None:
    """As NEW, and where the comparison is restricted to some ciphers."""
    assert "wanted one of these, path/to/file.py:ClassName or path/to/file.toml; did you mean 'chen2004'?" in (
        check("chen204", tables["sound"]).output
    )
    assert "`cryptobench list ciphers` names the ciphers" in check("qqqqq", tables["sound"]).output
    found = check(tables["sound"], tables["sound"], "--ciphers", "toi")
    assert (found.exit_code, "the new run has no cipher toi; did you mean 'toy'?" in found.output) == (2, True)


def test_other_settings_are_2(tables: dict[str, Path], tmp_path: Path) -> None:
    """Runs with another alpha, or other parameters of an analysis, are not compared."""
    analyses = {"differential": {"code": "1", "parameters": {"trials": 20}}}
    about = {"schema": SCHEMA, "settings": {"alpha": 0.05, "seed": 1}, "analyses": analyses}
    other = about | {"analyses": {"differential": {"code": "1", "parameters": {"trials": 40}}}}
    folders = {}
    for name, content in {"base": about, "alpha": about | {"settings": {"alpha": 0.01}}, "trials": other}.items():
        folders[name] = tmp_path / name
        folders[name].mkdir()
        shutil.copy(tables["sound"], folders[name])
        (folders[name] / "run.json").write_text(json.dumps(content))
    assert "alpha is 0.01 in the new run and 0.05" in check(folders["alpha"], folders["base"]).output
    assert "trials = 40 in the new run and trials = 20" in check(folders["trials"], folders["base"]).output
    assert check(folders["trials"], folders["base"]).exit_code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full, a disk without room, is Linux's")
def test_an_answer_that_cannot_be_written_is_2(tables: dict[str, Path]) -> None:
    """Not 1, which would say that something got worse."""
    line = [sys.executable, "-m", "cryptobench", "check", str(tables["sound"]), "--against", str(tables["sound"])]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: No space left on device\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cards.json", "{"), ("cards.json", "[]"), ("cards.json", '{"toy": 3}'), ("run.json", "[]"), ("run.json", "{"),
        ("run.json", f'{{"schema": {SCHEMA}, "measurements": {{"rows": 99999, "sha256": ""}}}}'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("damaged", ["new", "baseline"])
def test_a_damaged_file_beside_the_table_is_2(
    name: str, text: str, damaged: str, tables: dict[str, Path], tmp_path: Path
) -> None:
    """Cards and settings that are no JSON or another's shape, and a table that lost rows: one line names the file."""
    for side in ("new", "baseline"):
        (tmp_path / side).mkdir()
        shutil.copy(tables["sound"], tmp_path / side)
    (tmp_path / damaged / name).write_text(text)
    result = check(tmp_path / "new", tmp_path / "baseline")
    assert result.exit_code == 2
    assert result.output.startswith("Error: cannot compare: ")
    assert len(result.output.splitlines()) == 1
    assert name in result.output


@pytest.mark.parametrize(
    "about",
    [{"settings": 3}, {"analyses": {"quality": 1}}, {"analyses": {"quality": {}}}, {"images": {"astronaut": 5}}],
)
def test_damaged_settings_are_one_line(about: dict[str, object], tables: dict[str, Path], tmp_path: Path) -> None:
    """A run.json of another shape is named, with what to do; nothing is compared."""
    good = {"analyses": {"quality": {"parameters": {}}}, "images": {"astronaut": {"sha256": "0", "shape": [1, 1, 3]}}}
    for name, content in (("new", about), ("baseline", good)):
        (tmp_path / name).mkdir()
        shutil.copy(tables["sound"], tmp_path / name)
        (tmp_path / name / "run.json").write_text(json.dumps({"schema": SCHEMA} | content))
    result = check(tmp_path / "new", tmp_path / "baseline")
    assert result.exit_code == 2
    assert "run.json is damaged" in result.stderr
    assert "Traceback" not in result.output


def test_a_hostile_baseline_adds_no_workflow_command() -> None:
    """A path with a line end is told on one line, so that GitHub takes no part of it for a command."""
    lines = check("toy", "x\n::add-mask::y", "--github").output.splitlines()
    assert [line[:7] for line in lines] == ["Error: ", "::error"]


@pytest.fixture
def strangers(tables: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """A baseline of a stranger, whose run.json has these settings."""

    def folder(**settings: object) -> Path:
        place = tmp_path / "stranger"
        place.mkdir()
        table = read_measurements(tables["sound"]).assign(cipher="aes-256-ctr")
        written = write_table(table, place)
        usual = {"images": ["camera"], "size": 16, "analyses": {"entropy": {}}, "attacks": {}, "jobs": 1}
        about = {"schema": SCHEMA, "settings": usual | settings, "measurements": written}
        (place / "run.json").write_text(json.dumps(about))
        return place

    return folder


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"analyses": {"{bait}:Bait": {}}}, "the analysis"),
        ({"analyses": {}, "attacks": {"{bait}:Bait": {}}}, "the attack"),
        ({"images": ["{picture}"]}, "the image"), ({"images": ["{folder}"]}, "the image"),
        ({"images": ["kodak/../../{picture}"]}, "the image"),
        ({"analyses": {"entropy": {"images": ["camera", "{picture}"]}}}, "the file of entropy"),
        ({"analyses": {"generalisation": {"photographs": ["{picture}"]}}}, "the file of generalisation"),
        ({"attacks": {"determinism": {"images": ["{picture}"]}}}, "the file of determinism"),
        ({"ciphers": ["{bait}:Bait"], "analyses": {"{bait}:Bait": {}}}, "the analysis"),
    ],
)  # fmt: skip
def test_a_baseline_names_nothing_by_path(
    settings: dict[str, object], what: str, strangers: Callable[..., Path], tmp_path: Path
) -> None:
    """Code and pictures that a stranger's run.json names by their paths are neither run nor read; --profile may."""
    bait, picture = tmp_path / "bait.py", tmp_path / "picture.png"
    bait.write_text(f"from pathlib import Path\nPath({str(tmp_path / 'bitten')!r}).touch()\nclass Bait: pass\n")
    picture.write_bytes(b"never read")
    text = json.dumps(settings)
    for name, path in (("bait", bait), ("picture", picture), ("folder", tmp_path)):
        text = text.replace(f"{{{name}}}", str(path))
    baseline = strangers(**json.loads(text))
    result = check("aes-256-ctr", baseline, "--quiet", f"--out={tmp_path / 'out'}")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1), result.output
    assert f"run.json names {what} " in result.output
    assert "which is not registered here" in result.output
    assert "--profile" in result.output
    assert not (tmp_path / "bitten").exists()
    assert not (tmp_path / "out").exists()


def test_links_that_a_user_gives_are_followed(tables: dict[str, Path], tmp_path: Path) -> None:
    """To a table and to a folder: what is refused is a link that a folder holds."""
    (tmp_path / "latest.csv.gz").symlink_to(tables["sound"])
    (tmp_path / "latest").symlink_to(tables["sound"].parent)
    assert check(tmp_path / "latest.csv.gz", tmp_path / "latest").exit_code == 0
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "measurements.csv.gz").symlink_to(tables["sound"])
    assert "is a link out of" in check(tmp_path / "folder", tables["sound"]).output


def test_a_baseline_of_registered_names_is_run(strangers: Callable[..., Path], tmp_path: Path) -> None:
    """Its own settings are used, but not its cluster, nor more workers than there are processors."""
    run = load(strangers(jobs=10**6, dask="tcp://stranger:1"))
    chosen = wanted_settings(run, Options())
    assert (chosen.images, chosen.size, dict(chosen.analyses)) == (("camera",), 16, {"entropy": {}})
    assert chosen.dask == ""
    assert 1 <= chosen.jobs <= (os.cpu_count() or 1)
    damaged = json.loads((tmp_path / "stranger" / "run.json").read_text())
    damaged["settings"]["size"] = 10**9
    (tmp_path / "stranger" / "run.json").write_text(json.dumps(damaged))
    with pytest.raises(CheckError, match=r"run\.json is damaged \(size is 1000000000, wanted pixels"):
        wanted_settings(load(tmp_path / "stranger"), Options())
