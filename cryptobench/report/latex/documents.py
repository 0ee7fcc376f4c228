"""Files that include every table and figure, and a small paper in each publisher's class that compiles them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptobench.files import write_text
from cryptobench.layout.tables import Table
from cryptobench.report.latex.table import latex_table
from cryptobench.report.latex.text import escape, powers
from cryptobench.report.markdown import Picture
from cryptobench.report.paragraph import paragraph
from cryptobench.results.attacks import is_attack
from cryptobench.results.run import RunData

__all__ = ["PAPERS", "figures_document", "latex_files", "tables_document", "write_latex"]

_MANY = 16  # floats after which LaTeX has to place those that it holds

_PREAMBLE = r"""\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{booktabs,graphicx}
\usepackage{siunitx}
\extrafloats{200}
% Superscripts in small type no smaller than 7 pt, and pages of floats that begin at the top and are full.
\DeclareMathSizes{7}{7}{7}{7}
\DeclareMathSizes{8}{8}{7}{7}
\renewcommand{\topfraction}{0.9}
\renewcommand{\textfraction}{0.07}
\renewcommand{\floatpagefraction}{0.7}
\makeatletter
\setlength{\@fptop}{0pt}
\@ifundefined{@dblfptop}{}{\setlength{\@dblfptop}{0pt}\renewcommand{\dbltopfraction}{0.9}%
  \renewcommand{\dblfloatpagefraction}{0.7}}
\makeatother
"""
_BODY = r"""
\section{Results}
\IfFileExists{paragraph.tex}{\input{paragraph}}{}
\input{tables}
\clearpage
\input{figures}
\end{document}
"""
_TITLE = "Security evaluation"
PAPERS = {
    "paper_ieee": r"\documentclass[journal]{IEEEtran}" + "\n" + _PREAMBLE.replace("\\usepackage{lmodern}\n", "")
    + rf"""\begin{{document}}
\title{{{_TITLE}}}
\author{{}}
\maketitle
""" + _BODY,
    "paper_elsevier": "\\documentclass[preprint]{elsarticle}\n" + _PREAMBLE
    + rf"""\begin{{document}}
\begin{{frontmatter}}
\title{{{_TITLE}}}
\end{{frontmatter}}
""" + _BODY,
    "paper_springer": "\\documentclass{llncs}\n" + _PREAMBLE
    + rf"""\begin{{document}}
\title{{{_TITLE}}}
\author{{}}
\institute{{}}
\maketitle
""" + _BODY,
}  # fmt: skip


def write_latex(
    out: Path, run: RunData, tables: Sequence[Table], pictures: Sequence[Picture], narrow: bool
) -> list[Path]:
    """Write the files of `latex_files` into the folder ``out``."""
    return [write_text(out / name, text) for name, text in latex_files(out, run, tables, pictures, narrow).items()]


def latex_files(
    out: Path, run: RunData, tables: Sequence[Table], pictures: Sequence[Picture], narrow: bool
) -> dict[str, str]:
    """tables/NAME.tex, tables.tex, figures.tex, the papers, and of a run with an own cipher its paragraph, by name.

    ``out`` is the folder that they belong in, which holds the figures.
    """
    texts: dict[str, str] = {}
    counts: list[tuple[str, int]] = []
    sizes = _sizes(run)
    for table in tables:
        texts[f"tables/{table.name}.tex"] = text = latex_table(table, run.mine, sizes)
        counts.append((table.name, text.count(r"\caption{")))
    texts["tables.tex"] = tables_document(counts)
    texts["figures.tex"] = figures_document(pictures, narrow=False)
    if narrow:
        twins = [one for one in pictures if (out / "figures" / f"{one.name}_one_column.pdf").is_file()]
        texts["figures_one_column.tex"] = figures_document(twins, narrow=True)
    texts |= {f"{name}.tex": text for name, text in PAPERS.items()}
    if run.mine:
        words = paragraph(run, run.mine)
        texts["paragraph.md"] = f"{words}\n"
        texts["paragraph.tex"] = f"{{\\emergencystretch=3em\n{powers(escape(words))}\\par}}\n"
    return texts


def tables_document(tables: Sequence[tuple[str, int]]) -> str:
    r"""Inputs tables, given their names and numbers of floats, those of many floats last."""
    lines = ["% Inputs every table; needs \\usepackage{booktabs,siunitx,graphicx}"]
    held = 0
    for name, floats in sorted(tables, key=lambda table: table[1] > _MANY):
        if held and held + floats > _MANY:
            lines.append(r"\clearpage")
            held = 0
        lines.append(rf"\input{{tables/{name}}}")
        held += floats
    return "\n".join(lines) + "\n"


def figures_document(pictures: Sequence[Picture], narrow: bool) -> str:
    r"""Includes figures as wide as the page, or their ``narrow`` twins as wide as a column."""
    star, ending, width = ("", "_one_column", r"\columnwidth") if narrow else ("*", "", r"\textwidth")
    lines = ["% Includes every figure; needs \\usepackage{graphicx}"]
    for number, picture in enumerate(pictures, 1):
        label = f"fig:{picture.name}" + ("-narrow" if narrow else "")
        lines += [
            rf"\begin{{figure{star}}}[!tbp]",
            r"\centering",
            rf"\includegraphics[width={width},height=0.8\textheight,keepaspectratio]{{figures/{picture.name}{ending}}}",
            rf"\caption{{{escape(picture.title)}. {escape(picture.caption)}}}",
            rf"\label{{{label}}}",
            rf"\end{{figure{star}}}",
        ]
        if number % _MANY == 0:
            lines.append(r"\clearpage")
    return "\n".join(lines) + "\n"


def _sizes(run: RunData) -> dict[str, str]:
    """The size of each image that has one size in the whole run, without attacks."""
    rows = run.numbers[~is_attack(run.numbers)].dropna(subset=["height", "width", "channels"])
    rows = rows[["image", "height", "width", "channels"]].drop_duplicates().drop_duplicates("image", keep=False)
    return {name: f"{height}×{width}×{channels}" for name, height, width, channels in rows.itertuples(index=False)}
