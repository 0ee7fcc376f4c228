"""The page about programs: its examples are files that can be read."""

from __future__ import annotations

import re
from pathlib import Path

from cryptobench.adapters import program_file
from cryptobench.adapters.program_file import read_program_file

PAGE = (Path(__file__).parents[2] / "docs" / "programs.md").read_text()


def test_its_examples_can_be_read(tmp_path: Path) -> None:
    """Each TOML on the page describes a program."""
    examples = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 2
    for text in examples:
        (tmp_path / "my_cipher.toml").write_text(text)
        assert read_program_file(tmp_path / "my_cipher.toml").card.name == "my_cipher"


def test_it_names_every_setting() -> None:
    """What may stand above the card has a row, and so has every place in the arguments."""
    for name in set(program_file._KNOWN) - {"card"}:
        assert re.search(rf"^\|.*`{name}`.*\|.*\|$", PAGE, re.MULTILINE), name
    assert all(f"`{{{place}}}`" in PAGE for place in program_file._PLACES)
