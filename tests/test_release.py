"""The version stands in one place, and what else names a release names that one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cryptobench

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not (ROOT / "CITATION.cff").is_file(), reason="this is no checkout")


def test_the_citation_is_of_this_version() -> None:
    """Version and date are those of the changelog's newest release."""
    citation, changelog = (ROOT / "CITATION.cff").read_text(), (ROOT / "CHANGELOG.md").read_text()
    version, date = re.findall(r"^## (\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)[0]
    assert version == cryptobench.__version__
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [version]
    assert re.findall(r'^date-released: "(\S+)"$', citation, re.MULTILINE) == [date]


def test_examples_name_this_version() -> None:
    """What a reader copies into a workflow is the release that the page belongs to."""
    pages = [*ROOT.glob("docs/*.md"), ROOT / "docs/examples/my_cipher/.github/workflows/security.yml"]
    named = {name for page in pages for name in re.findall(r"OWNER/cryptobench@v(\d[\w.]*)", page.read_text())}
    assert named == {cryptobench.__version__}


def test_the_version_has_one_place() -> None:
    """pyproject.toml takes it from the package."""
    text = (ROOT / "pyproject.toml").read_text()
    assert not re.search(r"^version\s*=", text, re.MULTILINE)
    assert '[tool.hatch.version]\npath = "cryptobench/version.py"' in text
