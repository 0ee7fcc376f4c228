"""Tables of a paper as LaTeX: cells as they read, no formula where the text has the letter, type that is not scaled."""

from __future__ import annotations

from cryptobench.report.paper.sheet import GROUP, Sheet, cited, tex


def _sheet(*rows: tuple[str, ...], wide: bool = False) -> str:
    return Sheet("x", "A title", ("", "one", "two"), "rr", rows, "A note.", wide).latex()


def test_cells_read_as_they_are() -> None:
    """What LaTeX takes for its own is escaped, a minus is one, a bold row is bold."""
    text = _sheet(("**50% a_b", "-0.5*", "5e-324"), ("[x]", "<1", "≤ 2"))
    assert r"\textbf{50\% a\_\allowbreak{}b} & \textminus{}0.5* & 5e-324 \\" in text
    assert "{}[x] & \\textless{}1 & $\\le$ 2 \\\\" in text


def test_groups_have_titles_of_their_own() -> None:
    """A heading in italics, with titles over its columns, or across the table."""
    text = _sheet((GROUP, "Key", "mean", "worst"), ("a", "1", "2"), (GROUP, "Cost"), ("Across all columns.",))
    assert r"\textit{Key} & \multicolumn{1}{r}{mean} & \multicolumn{1}{r@{}}{worst} \\" in text
    assert r"\multicolumn{3}{@{}l@{}}{\textit{Cost}} \\" in text
    assert r"p{\dimexpr\linewidth\relax}@{}}{Across all columns.} \\" in text


def test_no_table_is_scaled() -> None:
    """Type of 8 pt, of 7.5 pt where the columns need it, and never a box that is resized."""
    narrow, broad = _sheet(("a", "1", "2")), _sheet(("a", "1" * 28, "2" * 28))
    assert r"\fontsize{8}{9.44}" in narrow
    assert r"\fontsize{7.5}{8.85}" in broad
    assert r"\fontsize{8}{9.44}" in _sheet(("a", "1" * 28, "2" * 28), wide=True)
    assert "resizebox" not in narrow + broad


def test_citations_survive_long_names() -> None:
    """A name may break anywhere behind hyphens, its citation not."""
    assert r"\allowbreak{}b~\cite{scheme:a-b}" in _sheet(("a-b [@scheme:a-b]", "1", "2"))
    assert cited(tex("entropy [@shannon1948] of [x]")) == r"entropy~\cite{shannon1948} of [x]"


def test_titles_over_several_columns() -> None:
    """Each with a rule of its columns."""
    sheet = Sheet("x", "A", ("", "plain", "cipher", "p"), "rrr", [("a", "1", "2", "3")], "", True, (("camera", 2),))
    assert r" & \multicolumn{2}{c}{camera} \\ \cmidrule(lr){2-3}" in sheet.latex()


def test_long_words_may_be_broken() -> None:
    """Anywhere in text a word of more than 18 letters has a place to break, a citation none."""
    assert tex("W" * 40) == ("W" * 18 + r"\allowbreak{}") * 2 + "WWWW"
    assert (
        cited(tex("of it [@scheme:a-very-long-name-of-a-cipher]"))
        == r"of it~\cite{scheme:a-very-long-name-of-a-cipher}"
    )
    assert "allowbreak" not in tex("distinguishability of ciphertexts")
