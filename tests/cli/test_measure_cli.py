"""`cryptobench measure`: tables, formats, exit codes, and one clear line for what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

import cryptobench as cb
from cryptobench import cli
from cryptobench.images import write_image
from tests.measuring.ciphered import experiment, under


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The verb, in a folder with the pictures of a standard cipher and of one that does nothing to most samples."""
    monkeypatch.chdir(tmp_path)
    of = experiment(48, 40)
    weak = of.image.copy()
    weak[::2] ^= 255
    for name, image in (
        ("plain", of.image), ("cipher", of.ciphertext.image), ("weak", weak), ("changed", under(of, of.random_key("c")))
    ):  # fmt: skip
        write_image(f"{name}.png", image)
    return lambda *arguments: CliRunner().invoke(cli.main, ["measure", *arguments])


def test_a_pair_prints_its_table(run: Callable[..., Any]) -> None:
    """Every number, the literature's critical values, the tests, and what is not measured."""
    output = run("plain.png", "cipher.png").stdout
    entropy = next(line.split() for line in output.splitlines() if line.startswith("entropy (bit)"))
    found = cb.measure("plain.png", "cipher.png").numbers.set_index("metric").loc["global_entropy"]
    assert entropy[2:5] == ["grey", f"{found['plain']:.5f}", f"{found['value']:.5f}"]
    for part in ("Critical values in the literature", "Tests of pictures alone", "Not measured:", "--changed"):
        assert part in output
    assert "Notes:" not in output


@pytest.mark.parametrize("form", ["markdown", "csv", "latex", "json"])
def test_formats_are_all_that_is_printed(run: Callable[..., Any], form: str) -> None:
    """On standard output; notes that a format cannot hold go to standard error."""
    result = run("plain.png", "cipher.png", "--changed", "changed.png", "--format", form)
    found = cb.measure("plain.png", "cipher.png", changed=["changed.png"])
    assert result.stdout.strip() == found.text(form).strip()
    assert ("one nonce" in result.stderr) == (form in ("csv", "latex"))


def test_json_has_a_switch_of_its_own(run: Callable[..., Any]) -> None:
    """As in other commands."""
    assert json.loads(run("cipher.png", "--json").stdout)["name"] == "pictures"


def test_a_folder_gets_every_format(run: Callable[..., Any], tmp_path: Path) -> None:
    """Named on standard error."""
    result = run("plain.png", "cipher.png", "--out", "new/out")
    assert "4 files written" in result.stderr
    assert sorted(path.name for path in (tmp_path / "new/out").iterdir()) == [
        "measure.csv", "measure.json", "measure.md", "measure.tex",
    ]  # fmt: skip


@pytest.mark.parametrize(("cipher", "code"), [("cipher.png", 0), ("weak.png", 1), ("lossy.jpg", 1)])
def test_strict_says_what_fails_by_its_exit_code(run: Callable[..., Any], cipher: str, code: int) -> None:
    """0 without it, whatever is found."""
    Pillow.open("cipher.png").save("lossy.jpg", quality=100)
    assert run("plain.png", cipher, "--strict").exit_code == code
    assert run("plain.png", cipher).exit_code == 0


def test_options_reach_what_they_are_for(run: Callable[..., Any]) -> None:
    """Level, seed, name and lossy ciphers."""
    options = ("--alpha", "0.01", "--seed", "5", "--name", "mine", "--lossy", "--decrypted", "weak.png")
    found = json.loads(run("plain.png", "cipher.png", *options, "--json").stdout)
    assert (found["alpha"], found["seed"], found["name"]) == (0.01, 5, "mine")
    assert next(one for one in found["measurements"] if one["metric"] == "exact")["verdict"] == "none"


def test_many_pictures_print_a_summary(run: Callable[..., Any]) -> None:
    """By two patterns, and by a table; every single number is in the files."""
    Path("list.csv").write_text("name,plain,cipher\na,plain.png,cipher.png\nb,plain.png,changed.png\n")
    by_table = run("list.csv")
    assert by_table.stdout.startswith("Measured on pictures alone: summary")
    assert "2 of 2" in by_table.stdout
    assert "Critical values" not in by_table.stdout
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "p.png").write_bytes(Path("plain.png" if name == "one" else "cipher.png").read_bytes())
    assert run("--pairs", "one/*.png", "two/*.png").stdout.startswith("Measured on pictures alone\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to measure: give PLAIN and CIPHER, CIPHER alone, a CSV file, or --pairs"),
        (("a.png", "b.png", "c.png"), "3 pictures are given, wanted PLAIN and CIPHER"),
        (("plain.png", "gone.png"), "gone.png does not exist"),
        (("plain.png", "plain.png"), "are the same picture"),
        (("plain.png", "cipher.png", "--changed", "plain.png"), "say nothing about diffusion"),
        (("--pairs", "one.png", "two.png", "three.png"), "put them in quotes"),
        (("--pairs", "one", "two"), "one is no folder and has no *"),
        (("empty.csv",), "empty.csv is empty"),
        (("empty.csv", "--changed", "x.png"), "make it a column of the table"),
        (("plain.png", "cipher.png", "--alpha", "0"), "alpha is 0, wanted a level above 0"),
        (("plain.png", "cipher.png", "--format", "xml"), "'xml' is not one of"),
    ],
)
def test_mistakes_get_one_clear_line(run: Callable[..., Any], arguments: tuple[str, ...], said: str) -> None:
    """What was given, what is wanted, what to do; the exit code is 2."""
    Path("empty.csv").touch()
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1, result.output
    assert said in result.output
