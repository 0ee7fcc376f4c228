"""The commands on the pages are those of the command line, and give the run's numbers."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pandas as pd
import pytest

from cryptobench.bench.settings import settings
from cryptobench.cli import main
from cryptobench.results.run import RunData, run_in_memory
from cryptobench.site.commands import Commands


def _commands(run: RunData, **changed: Any) -> Commands:
    found = {"settings": settings("quick").as_dict() | changed}
    return Commands(run_in_memory(run.table, found))


def test_a_profile_is_named_if_it_is_the_runs(run: RunData) -> None:
    """A run with other settings, of which the number of workers is none, is repeated by its own file."""
    assert _commands(run, jobs=7).everything == "cryptobench run --all --profile quick --out again"
    other = _commands(run, size=64)
    assert (other.own_file, other.profile) == (True, "settings.toml")
    assert Commands(run_in_memory(run.table)).own_file


def test_commands_are_taken_by_the_command_line(run: RunData) -> None:
    """Each command that a page can show is parsed by the verb that it names."""
    commands = _commands(run)
    lines = [
        commands.everything, commands.all_of("hua2021"), commands.analysis("hua2021", "entropy"),
        commands.attack("hua2021", "affine_cca"), *commands.card("hua2021"),
        commands.one_attack("hua2021", "affine_cca", "my picture.png", 32, "fixed"),
        commands.one_attack("caesar", "affine_cca", "astronaut", 32, "none"),
    ]  # fmt: skip
    for line in lines:
        program, verb, *arguments = shlex.split(line)
        command = main.get_command(click.Context(main), verb)
        assert program == "cryptobench"
        assert command is not None
        command.make_parser(click.Context(command)).parse_args(arguments)
    assert "--image 'my picture.png' --size 32 --seed 1 --profile quick --nonce fixed" in lines[-2]
    assert "--nonce" not in lines[-1]


def test_own_ciphers_are_given_as_the_run_was(run: RunData) -> None:
    """By their file, if it is the only one; the name of a class is left to the reader where there are several."""
    one = _commands(run, ciphers=["my dir/mine.py:Mine", "aes-256-ctr"])
    assert one.all_of("mine") == "cryptobench run --profile quick --ciphers 'my dir/mine.py:Mine' --out again"
    assert "path/to/file.py:ClassName" in _commands(run, ciphers=["a.py:A", "b.py:B"]).all_of("a")
    assert "--ciphers deepedn+fast " in one.all_of("deepedn+fast")


@pytest.mark.parametrize("found", [{}, {"settings": None}, {"settings": {"name": 3}}])
def test_a_run_without_settings_has_commands(found: dict[str, Any]) -> None:
    """Folders of a run may lack run.json."""
    table = pd.DataFrame({"cipher": ["caesar"], "family": [""], "fidelity": [""]})
    assert Commands(run_in_memory(table, found)).all_of("caesar").endswith("--ciphers caesar --out again")
