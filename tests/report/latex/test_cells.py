"""Columns as LaTeX: digits, the best value, powers of ten."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.layout.tables import Column, Table
from cryptobench.report.latex import latex_table
from cryptobench.report.latex.cells import cells_of
from cryptobench.results.rounding import p_text
from tests.report.latex.toys import rows_of, toy_table


def test_numbers_are_those_of_the_display(full_tables: dict[str, Table]) -> None:
    """Each number in a siunitx column is the displayed text, star and all, and none is lost."""
    table = full_tables["entropy_global"]
    shown = table.display()
    found = {cell for row in rows_of(latex_table(table)) for cell in row}
    for text in [*shown["R"], *shown["grey"]]:
        wanted = text.rstrip("*") + "{$^{*}$}" * text.endswith("*") if text != "–" else "{--}"
        assert wanted in found


def test_the_best_value_is_bold() -> None:
    """Larger or smaller as the column says, never a control's value, and never where the ideal is an interval."""
    columns = (
        Column("speed", "speed", "{:.1f}", better="larger"),
        Column("time", "time", "{:.1f}", better="smaller"),
        Column("entropy", "entropy", "{:.1f}"),
    )
    table = toy_table(columns, speed=[1.0, 3.0, 9.0], time=[5.0, 7.0, 0.1], entropy=[1.0, 2.0, 3.0])
    table.values["family"] = ["chaotic", "chaotic", "control"]
    rows = rows_of(latex_table(table))
    bold = [[cell.startswith(r"\fontseries{b}") for cell in row] for row in rows]
    assert bold == [[False, False, True, False], [False, True, False, False], [False, False, False, False]]


def test_a_star_makes_no_value_better() -> None:
    """A star says that a claim is missed, not that another number is better."""
    column = Column("bits", "bits", "{:.0f}", "verdict", better="larger")
    table = toy_table((column,), bits=[256.0, 256.0, 8.0])
    table.values["verdict"] = ["pass", "fail", "pass"]
    assert [row[1].startswith(r"\fontseries{b}") for row in rows_of(latex_table(table))] == [True, True, False]


def test_what_everybody_has_is_not_bold() -> None:
    """A best value that four rows share distinguishes none."""
    table = toy_table((Column("bits", "bits", "{:.0f}", better="larger"),), bits=[256.0, 256.0, 256.0, 256.0, 8.0])
    assert "fontseries{b}" not in latex_table(table)


@pytest.mark.parametrize(
    ("values", "form", "type_"),
    [
        ([1.5, -22.25, 3.0], "{:.2f}", "S[table-format=-2.2,"),
        ([0.5, 0.25, 0.125], "{:.0%}", "S[table-format=2,"),
        ([1e-20, 0.5, 0.25], "{:.3g}", "r"),
        ([float("inf"), 30.0, None], "{:.1f}", "S[table-format=2.1,"),
    ],
)
def test_column_types_fit_their_numbers(values: list[object], form: str, type_: str) -> None:
    """Digits, sign and decimals are counted; powers of ten are set by siunitx one by one."""
    text = latex_table(toy_table((Column("x", "x", form),), x=values))
    assert r"\begin{tabular}{@{}l" + type_ in text
    assert ("{$\\infty$}" in text) == (values[0] == float("inf"))
    assert (r"\num[group-digits=none]{1e-20}" in text) == (values[0] == 1e-20)


def test_tiny_p_values_keep_their_sign() -> None:
    """A p-value below all floats is set by siunitx."""
    values = pd.DataFrame({"p": [0.0, 1e-20, 0.0]})
    table = Table("name", "Title", "Caption.", values, (Column("p", "p", p_text),))
    assert r"\num[group-digits=none]{<1e-300} \\" in latex_table(table)


def test_rows_give_no_option_to_the_row_above() -> None:
    """A name that begins with a bracket or a star is not what follows the end of a row in LaTeX's own syntax."""
    table = toy_table((Column("n", "n", "{}"),), n=[1, 2, 3])
    table.values["cipher"] = ["[l](javascript:x)", "*x", "x"]
    assert "\n{}[l](javascript:x) &" in latex_table(table)
    assert "\n{}*x &" in latex_table(table)
    assert "\nx &" in latex_table(table)


def test_long_names_and_words_fit_a_page() -> None:
    """A name loses its middle, and a long word has places where its line may end."""
    table = toy_table((Column("why", "why"),), why=["x" * 60, "a", "b"])
    table.values["cipher"] = ["W" * 64, "y", "z"]
    text = latex_table(table)
    assert "W\\ldots{}W" in text
    assert f"{'x' * 24}\\allowbreak{{}}{'x' * 24}\\allowbreak{{}}{'x' * 12} " in text


def test_a_dagger_stays_behind_a_letter() -> None:
    """The mark of a claim that attacks refute, behind an abbreviation and behind a level; capitals are bold."""
    columns = (
        Column("integrity", "integrity", letters={"map recovered": "M", "malleable": "m"}),
        Column("confidentiality", "confidentiality"),
    )
    table = toy_table(columns, integrity=["map recovered†", "malleable", "–"], confidentiality=["5", "≤ 1†", "3†"])
    found = [row[1:] for row in rows_of(latex_table(table))]
    assert found == [
        [r"\textbf{M$^\dagger$}", "5"], ["m", r"$\le$ 1$^\dagger$"], ["--", r"3$^\dagger$"],
    ]  # fmt: skip


def test_mixed_quantities_are_not_aligned_by_their_points() -> None:
    """A column of an entropy and a chi-square is text to the right, with a minus and no hyphen."""
    values = pd.DataFrame({"value": ["7.99917", "2451244", "-9.6"]})
    mixed, single = (cells_of(Column("R", "value", mixed=mixed), values, [True] * 3) for mixed in (True, False))
    assert (mixed.type, mixed.cells) == ("r", ("7.99917", "2451244", "$-$9.6"))
    assert single.type.startswith("S[table-format=-7.5")
    assert mixed.width < single.width
