"""paper.tex: tables, figures, numbers and references of one cipher in the IEEE class, on at most four pages."""

from __future__ import annotations

from collections.abc import Sequence

from cryptobench.report.paper.sheet import cited, tex

__all__ = ["figure_tex", "paper_tex"]

# Superscripts and formulas in small type are as large as the type around them; no figure is scaled.
_PREAMBLE = r"""% pdflatex paper && bibtex paper && pdflatex paper && pdflatex paper
\documentclass[journal]{IEEEtran}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{booktabs,tabularx,graphicx,url}
\urlstyle{same}
\IfFileExists{cite.sty}{\usepackage{cite}}{}
\DeclareMathSizes{7.5}{8}{8}{8}
\DeclareMathSizes{8}{8}{8}{8}
\DeclareMathSizes{9}{9}{8}{8}
\DeclareMathSizes{10}{10}{8}{8}
\renewcommand{\topfraction}{0.88}
\renewcommand{\dbltopfraction}{0.88}
\renewcommand{\bottomfraction}{0.5}
\renewcommand{\textfraction}{0.1}
\renewcommand{\floatpagefraction}{0.7}
\renewcommand{\dblfloatpagefraction}{0.7}
\setcounter{topnumber}{4}
\setcounter{dbltopnumber}{4}
\setcounter{totalnumber}{6}
\setlength{\floatsep}{10pt plus 4pt minus 5pt}
\setlength{\textfloatsep}{14pt plus 6pt minus 8pt}
\setlength{\dblfloatsep}{10pt plus 4pt minus 5pt}
\setlength{\dbltextfloatsep}{14pt plus 6pt minus 8pt}
\makeatletter
\setlength{\@fptop}{0pt}
\setlength{\@dblfptop}{0pt}
\makeatother
\setlength{\emergencystretch}{2em}
\begin{document}
"""


def paper_tex(title: str, method: str, tables: Sequence[str], figures: Sequence[str]) -> str:
    """The paper, given its title and first section as LaTeX, and the names of its tables and figures."""
    shown = [rf"\input{{figures/{name}}}" for name in figures]
    inputs = [rf"\input{{tables/{name}}}" for name in tables]
    return "\n".join(
        [
            _PREAMBLE + rf"\title{{{title}}}",
            r"\author{}",
            r"\maketitle",
            *inputs[:1],
            *shown[:1],
            r"\section{What was measured}",
            method,
            *shown[1:2],
            *inputs[1:],
            r"\section{Results}",
            r"\input{paragraph}",
            *shown[2:],
            r"\bibliographystyle{IEEEtran}",
            r"\bibliography{references}",
            r"\end{document}",
            "",
        ]
    )


def figure_tex(name: str, caption: str) -> str:
    """A float with a figure in its own size, labelled fig:paper-NAME; ``caption`` is plain text."""
    return "\n".join(
        [
            "% Needs \\usepackage{graphicx}",
            r"\begin{figure}[!t]",
            r"\centering",
            rf"\includegraphics{{figures/{name}}}",
            rf"\caption{{{cited(tex(' '.join(caption.split())))}}}",
            rf"\label{{fig:paper-{name}}}",
            r"\end{figure}",
            "",
        ]
    )
