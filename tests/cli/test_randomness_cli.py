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
    """A counter's bytes fail, and so does the command."""
    path = tmp_path / "counter.bin"
    path.write_bytes(bytes(range(256)) * 8)
    result = run(path)
    assert result.exit_code == 1
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
    assert "approximate_entropy: uniformity not judged, its p-values on 8192 bits are known well" in result.output
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
        ("short.txt", b"01" * 20, (), "holds 40 bits, wanted at least 64; use a longer file"),
        ("short.txt", b"01" * 60, ("--split", 128), "holds 120 bits, wanted at least 128; use a smaller --split"),
        ("bits.npy", b"\x93NUMPY\x01\0" + b"01" * 60, (), "is a NumPy file, wanted raw bytes; write array.tobytes()"),
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
    assert result.exit_code == 2
    assert "holds 100000008 bits, wanted at most 100000000 in one sequence; add --split 1000000" in result.output


def characters(bits: np.ndarray) -> bytes:
    """Bits as NIST's own files have them: lines of 25 characters."""
    text = "".join(map(str, bits.tolist()))
    return "".join(f"    {text[i : i + 25]}\r\n" for i in range(0, len(text), 25)).encode()


def test_characters_are_read_as_bits(run, tmp_path) -> None:
    """NIST's own format gives the p-values of its bits, and is said to; --bytes takes the file's bytes."""
    bits = np.random.default_rng(4).integers(0, 2, 2001)
    path = tmp_path / "nist.txt"
    path.write_bytes(characters(bits))
    result = run(path)
    assert result.exit_code == 0
    assert "characters 0 and 1, read as bits (--bytes takes them as bytes), 2001 bits" in result.output
    found = json.loads(run(path, "--json").output)
    assert found["tests"][0]["statistics"][0]["p_value"] == randomness.frequency(np.packbits(bits), 2001).p_value
    split = json.loads(run(path, "--json", "--split", 128).output)
    assert (split["sequences"], split["left_over_bits"]) == (15, 81)
    expected = [randomness.runs(np.packbits(bits[i : i + 128])).p_value for i in range(0, 1920, 128)]
    assert next(s for s in split["statistics"] if s["name"] == "runs")["p_values"] == expected
    forced = run(path, "--json", "--bytes")
    assert json.loads(forced.output)["bits"] == 8 * path.stat().st_size
    assert forced.exit_code == 1
    path.write_bytes(b" \n" * 100)
    assert json.loads(run(path, "--json").output)["tested"] == "bytes"


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_standard_input_is_tested(monkeypatch, arguments) -> None:
    """Piped bytes and characters are tested as a file's are."""
    noise = np.random.default_rng(5).bytes(1000)
    bits = np.unpackbits(np.frombuffer(noise, np.uint8))
    for content, tested in ((noise, "bytes"), (characters(bits), "characters")):
        result = CliRunner().invoke(cli.main, ["randomness", *arguments, "--json"], input=content)
        found = json.loads(result.output)
        assert (found["file"], found["bits"]) == ("standard input", 8000)
        assert found["tested"].startswith(tested)
        assert found["tests"][0]["statistics"][0]["p_value"] == randomness.frequency(noise).p_value
    empty = CliRunner().invoke(cli.main, ["randomness", *arguments], input=b"")
    assert empty.exit_code == 2
    assert "Error: standard input is empty" in empty.output


def test_a_failing_split_exits_with_one(run, tmp_path) -> None:
    """Sequences that are all alike fail the second level, and the command with it."""
    path = tmp_path / "alike.bin"
    path.write_bytes(np.random.default_rng(6).bytes(125) * 60)
    result = run(path, "--split", 1000)
    assert result.exit_code == 1
    assert "corrected: fail after Holm's correction" in result.output


def test_sound_short_sequences_pass(run, tmp_path) -> None:
    """1000 sequences of 128 bits of PCG64 pass, and what has no verdict says why."""
    path = tmp_path / "sound.bin"
    path.write_bytes(np.random.default_rng(7).bytes(16_000))
    result = run(path, "--split", 128)
    assert result.exit_code == 0, result.output
    assert "standard: pass" in result.output
    assert "serial: proportion and uniformity not judged, its p-values on 128 bits" in result.output


@pytest.mark.parametrize(("before", "between"), [("\ufeff", ""), ("\ufeff", "\r\n"), ("", "\f"), ("", "\t")])
def test_marks_and_white_space_are_no_bits(run, tmp_path, before, between) -> None:
    """A file that an editor has saved with a byte order mark, or has broken into lines, has the same bits."""
    text = "".join(map(str, np.random.default_rng(9).integers(0, 2, 1000)))
    path = tmp_path / "marked.txt"
    path.write_bytes((before + between.join(text)).encode())
    assert "read as bits (--bytes takes them as bytes), 1000 bits" in run(path).output
    assert json.loads(run(path, "--json", "--bytes").output)["bits"] == 8 * path.stat().st_size


@pytest.mark.parametrize(("form", "said"), [("[{}]", True), ("{};", True), ("{}2", False)])
def test_lists_of_bits_are_pointed_out(run, tmp_path, form, said) -> None:
    """Zeros and ones between commas are tested as bytes, with a note on standard error; other texts without one."""
    path = tmp_path / "list.txt"
    path.write_text(form.format(", ".join(map(str, np.random.default_rng(9).integers(0, 2, 1000)))))
    result = run(path)
    assert ("note: zeros and ones between other characters, taken as bytes" in result.stderr) is said
    assert (result.exit_code, "bytes, " in result.output) == (1, True)
    assert "note" not in run(path, "--bytes").stderr


def test_unpacked_bits_are_pointed_out(run, tmp_path) -> None:
    """A file of bytes 0 and 1 is tested as bytes, with a note on standard error."""
    path = tmp_path / "unpacked.bin"
    path.write_bytes(np.random.default_rng(8).integers(0, 2, 1000, dtype=np.uint8).tobytes())
    result = run(path)
    assert "note: all bytes are 0 or 1, and each is taken as 8 bits" in result.stderr
    assert result.exit_code == 1
