"""Tables and figures as LaTeX, for papers in any class."""

from __future__ import annotations

from cryptobench.report.latex.documents import latex_files, write_latex
from cryptobench.report.latex.table import latex_table
from cryptobench.report.latex.text import escape

__all__ = ["escape", "latex_files", "latex_table", "write_latex"]
