"""The documentation: it builds without a warning, describes everything that is registered, and its examples hold."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from cryptobench import metrics
from cryptobench.cli.template import write_template
from cryptobench.registry import analysis_names, attack_names, cipher_names, read_card

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PUBLIC = (
    "cipher", "card", "metrics.histogram", "metrics.entropy", "metrics.correlation", "metrics.differential",
    "metrics.avalanche", "metrics.quality", "metrics.result",
)  # fmt: skip


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("sphinx", "myst_parser", "furo", "latex2mathml")),
    reason="the docs extra is not installed: pip install 'cryptobench[docs]'",
)
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """Warnings are errors; every scheme has its page, and git never sees what is generated."""
    ignored = shutil.ignore_patterns("_build", "schemes", "primitives", "__pycache__")
    copy = Path(shutil.copytree(DOCS, tmp_path / "docs", ignore=ignored))
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "action.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    site = tmp_path / "site"
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-t", "site", str(copy), str(site)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {page.stem for page in (site / "schemes").glob("*.html")} == {
        "index",
        *(read_card(n).name for n in cipher_names()),
    }
    assert (copy / "schemes" / ".gitignore").read_text() == "*\n"
    formulas = (site / "metrics.html").read_text()
    assert formulas.count("<math") > 30
    assert not re.search(r"<script[^>]*mathjax", formulas, re.IGNORECASE)
    hua = (site / "schemes" / "hua2021.html").read_text()
    assert read_card("hua2021").doi in hua
    assert 'href="../../index.html">Leaderboard' in hua
    assert all(page.stem in (site / "index.html").read_text() for page in DOCS.glob("*.md"))


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("measurements.md", analysis_names()),
        ("attacks.md", attack_names()),
        ("metrics.md", [name for name in metrics.__all__ if name[0].islower()]),
    ],
)
def test_everything_that_is_registered_is_described(page: str, names: list[str]) -> None:
    """Each analysis, attack and metric stands in its page by name."""
    words = set(re.findall(r"[A-Za-z0-9_-]+", (DOCS / page).read_text()))
    assert [name for name in names if name not in words] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    """Each example prints what it says."""
    assert doctest.testmod(importlib.import_module(f"cryptobench.{name}")).failed == 0


def test_public_docstrings_have_examples() -> None:
    """The functions that papers' tables come from each show a call."""
    found = [
        test for name in PUBLIC for test in doctest.DocTestFinder().find(importlib.import_module(f"cryptobench.{name}"))
    ]
    shown = {test.name.rpartition(".")[2] for test in found if test.examples}
    assert shown >= {
        "global_entropy",
        "npcr",
        "uaci",
        "adjacent_correlation",
        "histogram_chi_square",
        "bit_avalanche",
        "Cipher",
    }


@pytest.mark.parametrize(
    ("page", "least"), [("metrics.md", 8), ("python_api.md", 25), ("claims.md", 2), ("pictures_alone.md", 8)]
)
def test_the_examples_in_pages_hold(page: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example prints what the page says; what examples write goes to a temporary folder."""
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(DOCS / page), module_relative=False)
    assert results.attempted >= least
    assert results.failed == 0


@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "ipykernel")),
    reason="the dev extra is not installed: pip install 'cryptobench[dev]'",
)
@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_run_and_print_what_they_say(path: Path, tmp_path: Path) -> None:
    """A new kernel runs every cell; texts are those that are committed (pictures and tables of times aside)."""
    if "matlab" in path.stem and shutil.which("octave-cli") is None:
        pytest.skip("Octave is not installed: apt install octave")
    import nbclient
    import nbformat

    committed, notebook = nbformat.read(path, as_version=4), nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook,
        timeout=300,
        resources={"metadata": {"path": str(tmp_path)}},
        extra_arguments=["--log-level=ERROR"],  # it warns of its own sockets
    ).execute()
    assert _texts(notebook) == _texts(committed)


def _texts(notebook: dict[str, Any]) -> list[str]:
    """The plain texts of the outputs of each cell with code; a kernel may send one text in several parts."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    texts = [
        "".join(out.get("data", out).get("text/plain", out.get("text", "")) for out in cell["outputs"])
        for cell in cells
    ]
    assert any(texts)
    return texts


def test_the_documented_new_cipher_is_the_template(tmp_path: Path) -> None:
    """The file that the page shows and the one that `cryptobench new` writes differ in their first line only."""
    shown = (DOCS / "examples" / "my_cipher" / "my_cipher.py").read_text()
    assert shown.splitlines()[1:] == write_template("my_cipher", tmp_path).read_text().splitlines()[1:]


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that writes pages from cards and sources."""
    monkeypatch.syspath_prepend(DOCS / "_extensions")
    return importlib.import_module("generated")


def test_primitives_are_shown_as_they_are_called(generated: Any) -> None:
    """With what is named in a call, without what numba gives, and with no colon where nothing is said."""
    (page,) = generated.primitive_pages().values()
    assert "`propagate(field, transfer, *, back)`: " in page
    assert "`aligned(*shape)`: " in page
    assert "`fma(a, b, c)`: " in page
    assert "typing" not in page
    assert not re.search(r":\s*$", page, re.MULTILINE)


def test_no_scheme_is_compared_with_itself(generated: Any) -> None:
    """AES-256-CTR stands beside the others, and alone on its own page."""
    pages = generated.scheme_pages()
    assert "cryptobench run --ciphers hua2021,aes-256-ctr --profile quick" in pages["hua2021"]
    assert "cryptobench run --ciphers aes-256-ctr --profile quick" in pages["aes-256-ctr"]


def _commands() -> list[tuple[str, str]]:
    """Verb and arguments of every `cryptobench` command in the pages, a continued line joined to the one before."""
    pages = [*DOCS.glob("*.md"), *ROOT.glob("*.md"), ROOT / "results" / "README.md"]
    text = "\n".join(page.read_text() for page in pages).replace("\\\n", " ")
    return re.findall(r"^[ $`-]*(?:run: )?cryptobench ([a-z]+)([^\n`#|]*)", text, re.MULTILINE)


def test_every_command_in_the_docs_exists() -> None:
    """Every `cryptobench` verb that a page uses is one, and has the options that the page gives it."""
    from cryptobench.cli import main

    found = _commands()
    assert len({verb for verb, _ in found}) > 10
    for verb, arguments in found:
        command = main.get_command(click.Context(main), verb)
        assert command is not None, verb
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", arguments)) <= known, f"cryptobench {verb}{arguments}"


def test_tables_that_the_papers_page_names_exist() -> None:
    """Each name in the list of tables by section is that of one that a report writes."""
    section = (DOCS / "paper.md").read_text().partition("## Which table is which")[2]
    source = "\n".join(path.read_text() for path in (ROOT / "cryptobench" / "report" / "tables").glob("*.py"))
    named = re.findall(r"`([a-z_]+)`", section)
    assert len(named) > 20
    assert [name for name in named if f'"{name}"' not in source] == []
