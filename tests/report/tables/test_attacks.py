"""Tables of attacks: outcomes, costs and security levels as a reader finds them."""

from __future__ import annotations

import pytest

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import attack_rows, two_ciphers


@pytest.fixture(scope="module")
def run() -> RunData:
    return run_in_memory(frame(two_ciphers()))


def test_the_matrix_shows_outcomes(run: RunData) -> None:
    """A row a cipher and nonce mode, a column an attack; what was not run is a dash."""
    matrix = make_table(run, "attacks").display().set_index(["cipher", "nonce"])
    assert tuple(matrix.loc[("weak [B]", "none")]) == ("RECOVERED", "leak", "n/a", "failed", "–")
    assert tuple(matrix.loc[("sound [B]", "fresh")]) == ("holds", "–", "–", "–", "holds")


def test_costs_show_queries_time_and_share(run: RunData) -> None:
    """Of the size with the worst outcome."""
    costs = make_table(run, "attack_costs").display()
    row = costs[(costs["cipher"] == "weak [B]") & (costs["attack"] == "reuse")].iloc[0]
    columns = ["size", "outcome", "queries", "time (ms)", "recovered", "PSNR (dB)"]
    assert list(row[columns]) == ["64x64", "recovered", "2", "12.5", "98.77%", "31.2"]


def test_security_levels_name_successful_attacks(run: RunData) -> None:
    """Without and with chosen ciphertexts, a row a cipher and nonce mode."""
    levels = make_table(run, "security_levels").display()
    assert list(levels["security level (CPA)"]) == ["5", "0", "0"]
    assert list(levels["recovered by"]) == ["–", "reuse", "reuse"]
    assert list(levels["leak found by"]) == ["–", "–", "chain"]


def test_only_unfinished_attacks_are_errors(run: RunData) -> None:
    """An attack that does not apply is no measurement that is missing."""
    assert list(make_table(run, "errors").values["analysis"]) == ["attack:crashing"]


def test_a_run_without_attacks_says_so(full: RunData, full_made: tuple[list[Table], list[str]]) -> None:
    """Its tables are skipped with a reason."""
    skipped = {line for line in full_made[1] if "attack" in line}
    names = ("security_levels", "attacks", "attack_costs")
    assert skipped == {f"table {name}: the run holds no attacks" for name in names}
    with pytest.raises(NothingToShow, match="the run holds no attacks"):
        make_table(full, "attacks")


def test_each_level_has_its_own_column() -> None:
    """A cipher that leaks to chosen ciphertexts alone: 4 without them, 3 with them, here and at a glance."""
    rows = [
        *attack_rows("sound", "reuse", "holds", nonce="fresh"),
        *attack_rows("sound", "flip", "leak", nonce="fresh", model="CCA"),
    ]
    entropy = rows[0] | {"analysis": "entropy"} | Measurement("global_entropy", 7.9, part="cipher").row()
    run = run_in_memory(frame([*rows, entropy]))
    for name in ("security_levels", "summary"):
        (row,) = make_table(run, name).display().to_dict("records")
        assert (row["security level (CPA)"], row["security level (CCA)"]) == ("4", "3")
