"""Names of earlier releases are answered in one line that says what they are now."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cryptobench.catalogue import RENAMED
from cryptobench.cli import main
from cryptobench.former_names import OPTIONS, without
from cryptobench.testing import Assessment, Security


@pytest.mark.parametrize(("verb", "option"), OPTIONS)
def test_old_options_name_the_new_ones(verb: str, option: str) -> None:
    """One line, exit code 2; what it names is an option of that verb, and the old one is none."""
    done = CliRunner().invoke(main, [verb, option, "4"])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    (new,) = (word.rstrip(":") for word in OPTIONS[verb, option].split(",")[0].split() if word.startswith("--"))
    assert f"No such option '{option}': it is {new}" in done.output
    command = main.get_command(click.Context(main), verb)
    assert command is not None
    known = {name for parameter in command.params for name in parameter.opts}
    assert new in known
    assert option not in known


def test_other_mistakes_are_answered_as_before() -> None:
    """An option that never was gets the nearest ones."""
    done = CliRunner().invoke(main, ["attack", "--nonces", "both"])
    assert "Did you mean" in done.output


@pytest.mark.parametrize("module", ["cryptobench.kits", "cryptobench.kits.chaos.maps"])
def test_kits_are_primitives(module: str) -> None:
    """The old package says so, whichever of its modules is imported."""
    with pytest.raises(ImportError, match=r"cryptobench\.kits is cryptobench\.primitives now"):
        importlib.import_module(module)


def test_subjects_are_experiments() -> None:
    """Plug-ins of 0.1 import a class that is gone; any other name is only not there."""
    line = [sys.executable, "-c", "from cryptobench.analyses.base import Subject"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert "has no Subject: measure gets a cryptobench.experiment.Experiment" in done.stderr.splitlines()[-1]
    assert not hasattr(importlib.import_module("cryptobench.analyses.base"), "Nothing")


def test_rungs_are_requirements(tmp_path: Path) -> None:
    """Of a test and of the object that makes it."""
    with pytest.raises(TypeError, match=r'no argument rung: require="confidentiality=5" asks for a level; docs/up'):
        Security(tmp_path, rung=4)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no argument rung"):
        Assessment.passes(None, rung=4)  # type: ignore[call-arg, arg-type]


def test_functions_without_old_arguments_are_the_same() -> None:
    """They keep their name and their result, and refuse what never was."""

    @without(old="it is new now")
    def twice(new: int) -> int:
        """Two of them."""
        return 2 * new

    assert (twice(new=2), twice(3), twice.__name__, twice.__doc__) == (4, 6, "twice", "Two of them.")
    with pytest.raises(TypeError, match="unexpected keyword"):
        twice(other=1)  # type: ignore[call-arg]


def test_the_upgrading_page_has_every_name() -> None:
    """Options and attacks of earlier releases stand in its table beside the new ones."""
    page = (Path(__file__).parents[1] / "docs" / "upgrading.md").read_text()
    named = {option for _, option in OPTIONS} - {"--security-level"}  # which no release had
    assert all(f"`{option}" in page for option in named)
    for names in RENAMED.values():
        assert all(f"`{old}`" in page and f"`{new}`" in page for old, new in names.items())
