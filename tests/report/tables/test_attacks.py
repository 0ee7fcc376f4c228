"""Tables of attacks: outcomes, costs and security levels as a reader finds them."""

from __future__ import annotations

import pytest

from cryptobench.attacks.judgements import INTEGRITIES, LEVELS, MINIMUM, MINIMUM_CCA, MINIMUM_FRESH
from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import attack_rows, judged_ciphers, minimum_rows, two_ciphers


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


@pytest.fixture(scope="module")
def judged() -> RunData:
    return run_in_memory(frame(judged_ciphers()), cards={"mapped": {"claims": "confidentiality=5,integrity=rejects"}})


def test_judgements_stand_one_row_a_cipher(judged: RunData) -> None:
    """AES-256-CTR is 5, 0 and malleable, SIV 5, 4 and rejects; what falls, a map, a leak; the attacks behind each."""
    table = make_table(judged, "judgements").display().set_index("cipher")
    three = table[["confidentiality", "misuse", "integrity"]]
    assert {name.split()[0]: tuple(row) for name, row in three.T.items()} == {
        "ctr": ("5", "0", "malleable"), "siv": ("5", "4", "rejects"), "broken": ("2", "2", "rejects"),
        "mapped": ("5", "4", "map recovered†"), "leaking": ("3", "4", "rejects"),
    }  # fmt: skip
    by = table[["confidentiality set by", "misuse set by", "integrity set by"]]
    assert tuple(by.loc["ctr [B]"]) == ("–", "reuse", "flip")
    assert tuple(by.loc["broken [B]"])[:2] == ("book", "book")
    assert tuple(by.loc["mapped [B]"]) == ("–", "–", "read")


def test_weak_keys_and_idle_attacks_are_counted(judged: RunData) -> None:
    """A flag for the cipher that has weak keys, and how many of its attacks could not run."""
    table = make_table(judged, "judgements").display().set_index("cipher")
    assert table["weak keys"].tolist() == ["yes" if cipher == "broken [B]" else "–" for cipher in table.index]
    assert table.loc["leaking [B]", "could not run"] == "1 of 17"
    assert table.loc["ctr [B]", "could not run"] == "0 of 17"


def test_a_cipher_that_is_none_says_so() -> None:
    """A column of its own where an attack found that nobody could decrypt; no column where none did."""
    rows = [*minimum_rows("a", "none"), *attack_rows("a", "decryptability", "leak", claims=("functional",))]
    table = make_table(run_in_memory(frame(rows)), "judgements")
    assert table.display()[["confidentiality", "not functional by"]].values.tolist() == [["5", "decryptability"]]
    assert "does not decrypt from key, header and body" in table.caption
    other = make_table(run_in_memory(frame(judged_ciphers())), "judgements")
    assert "not functional by" not in other.display()
    assert "does not decrypt" not in other.caption


def test_a_bound_is_no_level(run: RunData) -> None:
    """Of ciphers whose minimum set was not run it says at most, and nothing where nothing was found."""
    table = make_table(run, "judgements").display().set_index("cipher")
    assert table.loc["weak [B]", ["confidentiality", "misuse", "integrity"]].tolist() == ["≤ 0", "≤ 0", "–"]
    assert table.loc["sound [B]", ["confidentiality", "misuse"]].tolist() == ["–", "≤ 0"]


def test_chosen_ciphertexts_recover_nothing(judged: RunData) -> None:
    """In the matrix and in the costs such an attack reads malleable or map recovered, one without them recovered."""
    matrix = make_table(judged, "attacks").display().set_index(["cipher", "nonce"])
    assert matrix.loc[("ctr [B]", "fresh"), "flip"] == "malleable"
    assert matrix.loc[("mapped [B]", "fresh"), "read"] == "MAP RECOVERED"
    assert matrix.loc[("broken [B]", "none"), "book"] == "RECOVERED"
    costs = make_table(judged, "attack_costs").display()
    words = dict(zip(costs["attack"], costs["outcome"], strict=True))
    assert (words["flip"], words["read"], words["book"]) == ("malleable", "map recovered", "recovered")


def test_costs_say_what_a_larger_image_takes(judged: RunData) -> None:
    """Queries by the formula at 512x512x3, and seconds; a dash for what did not recover the image."""
    costs = make_table(judged, "attack_costs").display().set_index("attack")
    columns = ["queries", "queries at 512x512x3", "formula", "time (s) at 512x512x3"]
    assert costs.loc["book", columns].tolist() == ["3093", "786453", "N + 21", "98307"]
    assert costs.loc["look", columns[1:]].tolist() == ["–"] * 3


def test_captions_explain_levels_and_words(judged: RunData) -> None:
    """Every level, every word of integrity, the minimum set and the marks."""
    for name in ("judgements", "overview"):
        caption = make_table(judged, name).caption
        for level, meaning in enumerate(LEVELS):
            assert f"{level}: {meaning}" in caption
        assert all(f"{word}: " in caption for word in INTEGRITIES)
        assert all(attack in caption for attack in (*MINIMUM, *MINIMUM_FRESH, *MINIMUM_CCA))
        assert "†: attacks refute" in caption


def test_only_unfinished_attacks_are_errors(run: RunData) -> None:
    """An attack that does not apply is no measurement that is missing."""
    assert list(make_table(run, "errors").values["analysis"]) == ["attack:crashing"]


def test_a_run_without_attacks_says_so(full: RunData, full_made: tuple[list[Table], list[str]]) -> None:
    """Its tables are skipped with a reason."""
    skipped = {line for line in full_made[1] if "attack" in line}
    names = ("judgements", "attacks", "attack_costs")
    assert skipped == {f"table {name}: the run holds no attacks" for name in names}
    with pytest.raises(NothingToShow, match="the run holds no attacks"):
        make_table(full, "attacks")


def test_the_summary_has_the_three_judgements() -> None:
    """At a glance, with the mark of a claim that attacks refute."""
    rows = judged_ciphers()
    entropy = {"analysis": "entropy"} | Measurement("global_entropy", 7.9, part="cipher").row()
    rows += [rows[0] | entropy | {"cipher": cipher} for cipher in ("ctr", "mapped")]
    run = run_in_memory(frame(rows), cards={"mapped": {"claims": "integrity=malleable"}})
    shown = make_table(run, "summary").display().set_index("cipher")[["confidentiality", "misuse", "integrity"]]
    assert shown.loc["ctr [B]"].tolist() == ["5", "0", "malleable"]
    assert shown.loc["mapped [B]"].tolist() == ["5", "4", "map recovered†"]
