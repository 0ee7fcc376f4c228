"""Plain text as LaTeX."""

from __future__ import annotations

import pytest

from cryptobench.report.latex import escape


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50% of_it #1 & more", r"50\% of\_it \#1 \& more"),
        (r"a\b{c}~^", r"a\textbackslash{}b\{c\}\textasciitilde{}\textasciicircum{}"),
        ("≤ 10⁻⁶ × √30", r"$\le$ 10$^{-6}$ $\times$ $\surd$30"),
        ("<a|b>", "$<$a$|$b$>$"),
        ("été", "été"),
        ("中", "U+4E2D"),
        ("a--b", "a-{}-b"),
        ("$5", r"\$5"),
    ],
)
def test_text_is_escaped(text: str, latex: str) -> None:
    """What LaTeX would take as a command is set as it reads; a letter without a glyph shows its code point."""
    assert escape(text) == latex
