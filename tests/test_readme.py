"""What the README says is true."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

import cryptobench
from cryptobench.cli.template import write_template
from cryptobench.conformance import validate

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_example_cipher_passes_every_check(tmp_path: Path) -> None:
    """The cipher in the README is a whole one, in fifteen lines or so."""
    example = next(block for block in BLOCKS if "class MyCipher" in block)
    assert len([line for line in example.splitlines() if line.strip()]) <= 15
    path = tmp_path / "readme_cipher.py"
    path.write_text(example)
    failed = [check for check in validate(f"{path}:MyCipher") if not check.passed]
    assert not failed


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The five lines print verdicts and write a report, here with one analysis of one small picture."""
    example = next(block for block in BLOCKS if "evaluate(" in block)
    assert len([line for line in example.splitlines() if line.strip()]) == 5
    monkeypatch.chdir(tmp_path)
    write_template("my_cipher", tmp_path)
    fewer = functools.partial(cryptobench.evaluate, size=64, analyses=["entropy"], attacks=[], jobs=1)
    monkeypatch.setattr(cryptobench, "evaluate", fewer, raising=False)
    exec(example, {"__name__": "__main__"})
    assert "global entropy" in capsys.readouterr().out
    assert (tmp_path / "results" / "my_report" / "report.html").is_file()


def test_every_command_in_the_readme_exists() -> None:
    """Every `cryptobench` verb that the README uses is one."""
    from cryptobench.cli import main

    verbs = set(re.findall(r"^cryptobench ([a-z]+)", README, re.MULTILINE))
    assert len(verbs) > 6
    assert verbs <= set(main.list_commands(None))


def test_the_first_screen_explains_its_abbreviations() -> None:
    """Before the section on one's own cipher: a picture, and what NPCR, PSNR and the letters mean."""
    screen = README.partition("## Your own cipher")[0]
    assert len(screen.splitlines()) <= 45
    for meaning in (
        "NPCR** (number of pixels change rate)", "PSNR (peak signal-to-noise ratio)", "**nonce**, a number",
        "**[A]**: ", "**[B]**: ", "**[C]**: ", "**query** is",
    ):  # fmt: skip
        assert meaning in screen, meaning


def test_links_and_pictures_exist() -> None:
    """Every relative link of the README has a file, and the picture of the report is small."""
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in target]
    assert len(targets) > 10
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert (ROOT / "docs" / "pictures" / "report.png").stat().st_size < 300_000
