"""The address of the repository in the metadata, and the README that PyPI shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import cryptobench
from tests.scripts import load_script

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]
ADDRESS = "https://github.com/owner/cryptobench"

pytestmark = pytest.mark.skipif(not (ROOT / "hatch_build.py").is_file(), reason="this is no checkout")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """hatch_build.py."""
    return load_script("hatch_build.py")


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/owner/cryptobench.git", ADDRESS), ("git@github.com:owner/cryptobench.git", ADDRESS),
        ("ssh://git@github.com/owner/cryptobench", ADDRESS), (f"{ADDRESS}/", ADDRESS),
        ("https://me:secret@github.com/owner/cryptobench", ADDRESS),
        ("https://example.org/owner/cryptobench.git", ""), ("https://example.org/github.com/a/b", ""), ("", ""),
    ],
)  # fmt: skip
def test_remotes_give_an_address_without_passwords(script: ModuleType, remote: str, address: str) -> None:
    """Of GitHub; another host has none, since its pages have other paths."""
    assert script.github(remote) == address


def test_every_link_of_the_readme_becomes_absolute(script: ModuleType) -> None:
    """And still names a file of the repository; pictures are fetched as they are."""
    text = script.absolute((ROOT / "README.md").read_text(encoding="utf-8"), ADDRESS)
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) > 20
    raw = "https://raw.githubusercontent.com/owner/cryptobench"
    for link in links:
        start = raw if link.endswith(".png") else f"{ADDRESS}/blob"
        assert link.startswith(f"{start}/HEAD/")
        assert (ROOT / link.partition("/HEAD/")[2].partition("#")[0]).exists()


def test_links_that_are_absolute_stay(script: ModuleType) -> None:
    """So do places on the page itself."""
    text = "[a](https://x.org/y) [b](#c) ![d](https://x.org/e.png)"
    assert script.absolute(text, ADDRESS) == text


def test_checkouts_and_sdists_say_where_they_are_from(script: ModuleType, tmp_path: Path) -> None:
    """By the remote, or by what the sdist's metadata says; a folder without either has no address."""
    assert script.repository(tmp_path) == ""
    (tmp_path / "PKG-INFO").write_text(f"Name: cryptobench\nProject-URL: Repository, {ADDRESS}\n")
    assert script.repository(tmp_path) == ADDRESS
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert script.repository(tmp_path) == ""
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", f"{ADDRESS}2.git"], check=True)
    assert script.repository(tmp_path) == f"{ADDRESS}2"
    assert set(script.project_urls(ADDRESS)) == {"Repository", "Issues", "Changelog", "Documentation"}


def test_metadata_of_a_clone_has_addresses(tmp_path: Path) -> None:
    """As a wheel of it says them: four addresses, and the README with absolute links."""
    (tmp_path / "cryptobench").mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "cryptobench/version.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", f"{ADDRESS}.git"], check=True)
    script = (
        "from hatchling.metadata.core import ProjectMetadata as P; from hatchling.plugin.manager import PluginManager;"
    )
    script += "core = P('.', PluginManager()).core; print(core.version); print(core.readme); print(core.urls)"
    line = [sys.executable, "-c", script]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == cryptobench.__version__
    assert done.stdout.count(f"{ADDRESS}/blob/HEAD/docs/") > 20
    assert "'Repository': 'https://github.com/owner/cryptobench'" in done.stdout.splitlines()[-1]
