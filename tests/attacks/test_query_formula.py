"""Formulas of queries: values by hand, and refusal of everything that is no formula."""

import pytest

from cryptobench.attacks.query_formula import REFERENCE_SAMPLES, QueryFormulaError, queries_at

FORMULAS = {
    "3": 3, "N + 21": 786_453, "8 * (N + 1)": 6_291_464, "256 + ceil(log256(N))": 259, "2 * ceil(log2(N)) + 1": 41,
    "N / 2": 393_216, "sqrt(N)": 887, "10 ** 3 - 1": 999, "128 * N": 100_663_296, "1.5": 2,
}  # fmt: skip
BROKEN = (
    "", "M + 1", "N +", "N.real", "__import__('os')", "N if N else 1", "max(N)", "log2(0)", "1 / 0", "-1", "True",
    "9 ** 9 ** 9 ** 9", "ceil(N, 2)", "N // 2", "(" * 300 + "N" + ")" * 300, "1e400", "[N]",
)  # fmt: skip


@pytest.mark.parametrize(("formula", "queries"), FORMULAS.items())
def test_a_formula_gives_queries_at_the_reference(formula: str, queries: int) -> None:
    assert queries_at(formula) == queries


def test_a_formula_follows_the_size() -> None:
    assert queries_at("N + 21", 64 * 64 * 3) == 12_309
    assert queries_at("ceil(log256(N))", 65_536) == 2  # exactly two digits, not three
    assert REFERENCE_SAMPLES == 786_432


@pytest.mark.parametrize("formula", BROKEN)
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(QueryFormulaError, match=r"write one of N, numbers"):
        queries_at(formula)
