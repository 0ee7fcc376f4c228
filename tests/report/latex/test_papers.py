"""The papers compile in the classes of three publishers, without errors, lost references or overfull lines."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from cryptobench.report.latex import write_latex
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData

NAMES = ("overview", "uaci", "errors")
WORST = 5.0  # pt that a line may stick out
CLASSES = {"paper_ieee": "IEEEtran.cls", "paper_elsevier": "elsarticle.cls", "paper_springer": "llncs.cls"}


@pytest.fixture(scope="module")
def folder(full: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The LaTeX of three tables, one of letters, one of numbers and one of long words, with hard names in them."""
    out = tmp_path_factory.mktemp("latex")
    run = full.only(["aes-256-siv", "hua2021", "chen2004", "caesar"], mine="hua2021")
    names = {"caesar": r"[C_ae$ar](x) #1 & 50% {é} \x ~^ 中", "chen2004": "W" * 64, "aes-256-siv": "*=1+1|`<b>"}
    run = replace(run, table=run.table.assign(cipher=run.table["cipher"].replace(names)))
    write_latex(out, run, [make_table(run, name) for name in NAMES], [], narrow=False)
    return out


@pytest.mark.parametrize("paper", CLASSES)
def test_a_paper_compiles(paper: str, folder: Path) -> None:
    """Two runs of pdflatex leave no error, no undefined reference, no table too long and no line too wide."""
    for wanted in ("pdflatex", "kpsewhich"):
        if shutil.which(wanted) is None:
            pytest.skip(f"{wanted} is not installed (Debian: texlive-latex-recommended)")
    for style in (CLASSES[paper], "siunitx.sty", "booktabs.sty"):
        if subprocess.run(["kpsewhich", style], capture_output=True).returncode:
            pytest.skip(f"{style} is not installed (Debian: texlive-publishers, texlive-science)")
    for options in (["-draftmode"], []):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", *options, f"{paper}.tex"]
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    log = (folder / f"{paper}.log").read_text("latin-1")
    assert (folder / f"{paper}.pdf").read_bytes().startswith(b"%PDF")
    assert "undefined" not in log
    assert "multiply defined" not in log
    assert "Float too large" not in log
    assert not [line for line in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(line) > WORST]
