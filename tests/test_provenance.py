"""Where a run comes from: the commit of this package's own checkout, marked where it was edited since."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

import cryptobench
from cryptobench.provenance import CHECKOUT, git_commit, provenance


def test_a_run_names_the_commit_of_its_checkout() -> None:
    """What git itself says of the folder that holds the package."""
    folder = Path(cryptobench.__file__).resolve().parents[1]
    assert folder == CHECKOUT
    if not (folder / ".git").exists():
        pytest.skip("this is no checkout")
    said = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert str(provenance()["git_commit"]).removesuffix("+changes") == said.stdout.strip()


def test_a_folder_that_is_no_checkout_has_none(tmp_path: Path) -> None:
    assert git_commit(tmp_path) is None


def test_edits_since_the_commit_are_marked(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        line = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.org", *words]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-qm", "a")
    commit = git("rev-parse", "HEAD")
    assert git_commit(tmp_path) == commit
    (tmp_path / "a").write_text("2")
    assert git_commit(tmp_path) == f"{commit}+changes"


def test_a_run_names_the_version_of_its_code() -> None:
    """Not that of an installation's metadata, which a checkout may have outgrown; other packages by theirs."""
    versions = provenance()["versions"]
    assert versions["cryptobench"] == cryptobench.__version__
    assert versions["numpy"] == np.__version__
