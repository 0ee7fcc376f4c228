"""`cryptobench randomness`: tables, JSON, and one clear line for what goes wrong."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import cryptobench.cli as cli
from cryptobench.metrics import randomness

TESTS = list(randomness.TESTS)


@pytest.fixture
def run(monkeypatch):
    """The command line, with the verb whether or not it is listed yet."""
    monkeypatch.setattr(cli, "_VERBS", tuple(dict.fromkeys((*cli._VERBS, "randomness"))))
    return lambda *arguments: CliRunner().invoke(cli.main, ["randomness", *map(str, arguments)])


@pytest.fixture(scope="module")
def megabit(tmp_path_factory):
    """A file of 125 000 random bytes."""
    path = tmp_path_factory.mktemp("bits") / "noise.bin"
    path.write_bytes(np.random.default_rng(1).bytes(125_000))
    return path


def table(output: str) -> dict[str, list[str]]:
    """The rows of the tests, by test."""
    rows = [line.split() for line in output.split("\n\n")[1].splitlines()[1:]]
    return {row[0]: row[1:] for row in rows}


def test_the_table_shows_every_test(run, megabit) -> None:
    """Fifteen rows with p-values and verdicts, corrected ones beside them, and the battery's verdict on both."""
    result = run(megabit)
    assert result.exit_code == 0, result.output
    found = randomness.battery(megabit.read_bytes())
    rows = table(result.output)
    assert list(rows) == TESTS
    assert rows["frequency"] == ["1", "0", f"{found.standard['frequency'].p_value:.6f}", "pass"]
    assert rows["non_overlapping_template"][0] == "148"
    spectral = found.standard["spectral"].p_value, found.corrected["spectral"].p_value
    assert rows["spectral"] == ["1", "0", f"{spectral[0]:.6f}", "pass", f"{spectral[1]:.6f}", "pass"]
    assert sum(len(row) == 6 for row in rows.values()) == len(randomness.CORRECTED)
    assert "standard: pass after Holm's correction over 188 p-values" in result.output
    assert "corrected: pass after Holm's correction over 188 p-values" in result.output


def test_json_holds_every_statistic(run, megabit) -> None:
    """All 188 p-values, the corrected ones, parameters and verdicts."""
    found = json.loads(run(megabit, "--json").output)
    assert (found["bits"], found["tested"]) == (1_000_000, "bytes")
    standard = [test for test in found["tests"] if test["variant"] == "standard"]
    p_values = {s["name"]: s["p_value"] for test in standard for s in test["statistics"]}
    assert p_values == randomness.battery(megabit.read_bytes()).p_values()
    assert len(p_values) == 188
    assert {test["test"] for test in found["tests"] if test["variant"] == "corrected"} == set(randomness.CORRECTED)
    assert found["verdict"] == {"standard": "pass", "corrected": "pass"}
    assert next(test for test in standard if test["test"] == "serial")["parameters"] == {"width": 16}


def test_short_files_get_no_verdict_where_impossible(run, tmp_path) -> None:
    """They are rows with the verdict none, and a line each says what they need."""
    path = tmp_path / "short.bin"
    path.write_bytes(np.random.default_rng(2).bytes(200))
    result = run(path)
    rows = table(result.output)
    assert rows["universal"][:1] == ["none"]
    assert "\nuniversal needs at least 387840, not 1600 bits; use a longer sequence\n" in result.output
    assert rows["frequency"][-1] == "pass"
    assert "universal" in json.loads(run(path, "--json").output)["none"]


def test_defects_fail(run, tmp_path) -> None:
    """A counter's bytes fail."""
    path = tmp_path / "counter.bin"
    path.write_bytes(bytes(range(256)) * 8)
    result = run(path)
    assert result.exit_code == 0
    assert table(result.output)["approximate_entropy"][3] == "fail"
    assert "standard: fail" in result.output


def test_of_a_picture_the_pixels_are_tested(run, tmp_path) -> None:
    """A picture is decoded; --raw takes the file's bytes."""
    pixels = np.random.default_rng(3).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    path = tmp_path / "noise.png"
    Image.fromarray(pixels).save(path)
    found = json.loads(run(path, "--json").output)
    assert (found["tested"], found["bits"]) == ("pixels of 33x47x3", 8 * pixels.size)
    assert found["tests"][0]["statistics"][0]["p_value"] == randomness.frequency(pixels.ravel()).p_value
    raw = json.loads(run(path, "--json", "--raw").output)
    assert (raw["tested"], raw["bits"]) == ("bytes", 8 * path.stat().st_size)


def test_split_judges_all_sequences(run, megabit) -> None:
    """--split cuts, counts what is left over, and gives proportion, uniformity and the adjusted verdict."""
    result = run(megabit, "--split", 8192, "--workers", 2)
    assert result.exit_code == 0, result.output
    assert "122 sequences of 8192 bits, 576 bits left over" in result.output
    rows = [line.split() for line in result.output.splitlines() if line.startswith(("frequency", "spectral"))]
    assert [row[1] for row in rows] == ["122", "122", "122"]
    assert all(row[-1] == "pass" for row in rows)
    assert "standard: pass" in result.output
    assert "corrected: pass" in result.output
    found = json.loads(run(megabit, "--split", 8192, "--json").output)
    packed = np.fromfile(megabit, np.uint8)[: 122 * 1024].reshape(122, 1024)
    expected = [randomness.frequency(row).p_value for row in packed]
    frequency = next(s for s in found["statistics"] if s["name"] == "frequency")
    assert frequency["p_values"] == expected
    assert frequency["uniformity_p_value"] == randomness.uniformity_test(expected).p_value
    assert (found["sequences"], found["left_over_bits"]) == (122, 576)


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("missing.bin", None, (), "No such file"),
        ("missing.png", None, (), "does not exist"),
        ("empty.bin", b"", (), "is empty, wanted a file of at least 8 bytes"),
        ("empty.png", b"", (), "is empty"),
        ("tiny.bin", b"seven b", (), "holds 56 bits, wanted at least 64; use a longer file"),
        ("text.png", b"no picture", (), "no picture in a format that can be read"),
        ("short.bin", b"x" * 100, ("--split", 1000), "holds 800 bits, wanted at least 1000; use a smaller --split"),
        ("short.bin", b"x" * 100, ("--split", 100), "a multiple of 8 bits, not 100"),
        ("short.bin", b"x" * 100, ("--split", 8), "64<=x"),
        (".", None, (), "a folder or a device"),
    ],
)
def test_mistakes_get_one_clear_line(run, tmp_path, name, content, options, said) -> None:
    """What cannot be tested exits with one error line, without a traceback."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run(path, *options)
    assert result.exit_code in (1, 2)
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, result.output
    assert said in errors[0]
    assert "Traceback" not in result.output


def test_too_long_a_sequence_is_to_be_split(run, tmp_path) -> None:
    """Above 100 million bits the error names --split, before anything is read."""
    path = tmp_path / "long.bin"
    with path.open("wb") as file:
        file.truncate(12_500_001)
    result = run(path)
    assert result.exit_code == 1
    assert "holds 100000008 bits, wanted at most 100000000 in one sequence; add --split 1000000" in result.output
