"""The workflows on GitHub: valid, with few rights, and made of commands that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads the workflows, comes with the dev extra")

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

pytestmark = pytest.mark.skipif(not WORKFLOWS, reason="this is no checkout")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A workflow as GitHub reads it; its key "on" is true in YAML 1.1."""
    found: dict[str, Any] = yaml.safe_load(request.param.read_text())
    return found


def test_a_workflow_may_only_read(workflow: dict[str, Any]) -> None:
    """A job that needs more says so itself, and every job has a limit of time."""
    assert set(workflow) >= {"name", True, "permissions", "jobs"}
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 40
        assert set(job.get("permissions", {})) <= {"pages", "id-token"}


def test_workflows_run_what_there_is(workflow: dict[str, Any]) -> None:
    """Targets of make and files that steps name exist; actions have a version."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for step in (step for job in workflow["jobs"].values() for step in job["steps"]):
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))
        line = step.get("run", "")
        assert set(re.findall(r"\bmake ([a-z-]+)", line)) <= targets
        assert all((ROOT / name).is_file() for name in re.findall(r"\b(?:tests|docs)/[\w/]+\.py", line))


def test_what_is_published_is_what_make_builds() -> None:
    """The folder that goes to Pages is the one of `make site`."""
    pages = (ROOT / ".github" / "workflows" / "pages.yml").read_text()
    (folder,) = re.findall(r"path: (docs/\S+)", pages)
    recipe = (ROOT / "Makefile").read_text().partition("\nsite:")[2].partition("\n\n")[0]
    assert f"cryptobench site results/reference {folder} " in recipe
