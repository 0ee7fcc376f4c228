"""The issue forms: what GitHub asks of them, and that they speak of what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest

from cryptobench.cli import main

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads the forms, comes with the dev extra")

ROOT = Path(__file__).parents[1]
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
KINDS = {"input", "textarea", "dropdown", "checkboxes"}

pytestmark = pytest.mark.skipif(not FORMS, reason="this is no checkout")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_is_one_that_github_takes(path: Path) -> None:
    """Name, description and body; ids are different, labels are there, lists have options."""
    form: dict[str, Any] = yaml.safe_load(path.read_text())
    assert set(form) == {"name", "description", "title", "labels", "body"}
    fields = [field for field in form["body"] if field["type"] in KINDS]
    assert len(fields) == len(form["body"]) == len({field["id"] for field in fields})
    for field in fields:
        assert set(field) <= {"type", "id", "attributes", "validations"}
        assert field["attributes"]["label"]
        options = field["attributes"].get("options")
        assert (options is not None) == (field["type"] == "dropdown")
        assert all(isinstance(option, str) for option in options or ())


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_name_commands_that_there_are(path: Path) -> None:
    """And the file that claims go to."""
    text = path.read_text()
    for verb in re.findall(r"`cryptobench ([a-z]+)", text):
        assert verb in main.list_commands(click.Context(main))
    for file in re.findall(r"\b[a-z]+/[a-z]+\.toml", text):
        assert (ROOT / file).is_file()


def test_claims_and_ciphers_have_forms() -> None:
    """Each with what a claim or a card needs."""
    assert {path.stem for path in FORMS} >= {"claim", "cipher"}
