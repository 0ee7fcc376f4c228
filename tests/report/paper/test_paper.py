"""The paper compiles to at most four pages, in readable type, with nothing that sticks out or is not found."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cryptobench.layout.backend import import_matplotlib
from cryptobench.report import ReportError, write_paper
from cryptobench.report.paper.chosen import subject
from cryptobench.report.paper.write import write_paper as write
from cryptobench.results.run import RunData, load_run
from tests.report.paper.conftest import HOSTILE

_PROGRAMS = ("pdflatex", "bibtex", "kpsewhich", "pdfinfo", "pdftohtml")
_STYLES = ("IEEEtran.cls", "IEEEtran.bst", "tabularx.sty", "booktabs.sty", "url.sty")
_ZOOM, _SMALLEST = 3, 7.0  # pdftohtml's greatest; pt


@pytest.fixture(scope="module")
def folder(rich: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper about hua2021, not compiled."""
    out = tmp_path_factory.mktemp("paper")
    paths = write(rich, "hua2021", out)
    assert all(path.is_file() for path in paths)
    return out / "paper"


@pytest.fixture(scope="module")
def compiled(folder: Path) -> Path:
    """The same, compiled once; skipped where a program or style is missing."""
    for program in _PROGRAMS:
        if shutil.which(program) is None:
            pytest.skip(
                f"{program} is not installed (Debian: texlive-latex-recommended, texlive-binaries, poppler-utils)"
            )
    for style in _STYLES:
        if subprocess.run(["kpsewhich", style], capture_output=True).returncode:
            pytest.skip(f"{style} is not installed (Debian: texlive-publishers)")
    latex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
    for command in (
        [*latex, "-draftmode", "paper"],
        ["bibtex", "paper"],
        [*latex, "-draftmode", "paper"],
        [*latex, "paper"],
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    return folder


def test_a_paper_has_at_most_four_pages(compiled: Path) -> None:
    """With ten other ciphers, attacks and every figure."""
    about = subprocess.run(["pdfinfo", "paper.pdf"], cwd=compiled, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Pages:\s+(\d+)", about)
    assert found is not None
    assert 1 < int(found[1]) <= 4


def test_nothing_sticks_out_or_is_missing(compiled: Path) -> None:
    """No overfull box, undefined reference, unknown citation or warning of BibTeX."""
    log = (compiled / "paper.log").read_text("latin-1")
    assert not re.findall(r"Overfull \\[hv]box.*", log)
    assert "undefined" not in log
    assert "multiply defined" not in log
    assert "warning" not in (compiled / "paper.blg").read_text("latin-1").lower().replace("warning$", "")


def test_no_type_is_below_seven_points(compiled: Path) -> None:
    """Tables, notes, captions and figures as they are printed, to a third of a point."""
    command = ["pdftohtml", "-i", "-xml", "-zoom", str(_ZOOM), "-stdout", "paper.pdf"]
    page = subprocess.run(command, cwd=compiled, capture_output=True, text=True, check=True).stdout
    sizes = [int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', page)]
    assert len(sizes) > 3
    assert min(sizes) >= int(_SMALLEST * _ZOOM) - 1


def test_tables_and_figures_are_four_each(folder: Path) -> None:
    """Every float of the issue is there and is referred to; captions name the cipher, the image and its size."""
    tables, figures = (sorted(path.stem for path in (folder / kind).glob("*.tex")) for kind in ("tables", "figures"))
    assert tables == ["attacks", "comparison", "keys", "statistics"]
    assert figures == ["correlation", "damage", "pictures", "time"]
    text = (folder / "paper.tex").read_text("utf-8")
    for name in tables:
        assert rf"\ref{{tab:paper-{name}}}" in text
    for name in figures:
        assert rf"\ref{{fig:paper-{name}}}" in text
        caption = (folder / "figures" / f"{name}.tex").read_text("utf-8")
        assert "hua2021" in caption
        assert r"64\texttimes{}64\texttimes{}3" in caption
        assert "[B]: main steps from a source" in caption


def test_every_citation_has_an_entry(folder: Path) -> None:
    """And every entry is cited."""
    texts = "".join(path.read_text("utf-8") for path in folder.rglob("*.tex"))
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", texts) for key in keys.split(",")}
    assert cited == set(re.findall(r"^@\w+\{([^,]+),", (folder / "references.bib").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("cipher", [HOSTILE["caesar"], "arnold-cat"])
def test_a_paper_is_written_about_any_cipher(cipher: str, rich: RunData, tmp_path: Path) -> None:
    """No pictures, no attacks, cells that crashed, names that LaTeX does not take; what is missing is said."""
    skipped: list[str] = []
    without = replace(rich, folder=tmp_path)  # which holds no pictures
    without.__dict__["cards"] = rich.cards
    paths = write(without, cipher, tmp_path, tell=skipped.append)
    assert (tmp_path / "paper" / "paper.tex") in paths
    assert {line.partition(":")[0] for line in skipped} >= {"table attacks", "figure pictures", "figure damage"}


def test_one_cipher_alone_has_no_comparison(small_folder: Path, tmp_path: Path) -> None:
    """The reader is told how others come to stand beside it; nothing refers to a table that is not there."""
    skipped: list[str] = []
    run = load_run(small_folder)
    write_paper(run, "hua2021", out=tmp_path, tell=skipped.append)
    assert any(line.startswith("table comparison") and "--beside" in line for line in skipped)
    assert "comparison" not in (tmp_path / "paper" / "paper.tex").read_text("utf-8")


def test_a_cipher_not_measured_is_named(small_folder: Path) -> None:
    """In one line, with what the run has."""
    with pytest.raises(ReportError, match=r"--paper: .* has no cipher hua2020; did you mean 'hua2021'\?") as error:
        write_paper(small_folder, "hua2020")
    assert "\n" not in str(error.value)


def test_a_ciphertext_that_is_no_picture_says_so(small_folder: Path, tmp_path: Path) -> None:
    """It has no correlation of neighbours, and the caption of the pictures says what it is."""
    run = load_run(small_folder)
    skipped: list[str] = []
    run.__dict__["cards"] = {"hua2021": {"not_an_image": "the ciphertext is a list"}}
    of = subject(run, "hua2021")
    of.run.__dict__["cards"] = run.cards
    import_matplotlib()
    from cryptobench.report.paper.figures import paper_figures

    figures = {one.name: one.caption for one in paper_figures(of, skipped.append)}
    assert "No picture, but drawn as one: the ciphertext is a list." in figures["pictures"]
    assert "correlation" not in figures
    assert skipped == ["figure correlation: the ciphertext is a list"]
