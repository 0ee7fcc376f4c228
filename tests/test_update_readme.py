"""The script that puts a run's numbers into the README, on the committed reference run."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from cryptobench.results.run import RunData, load_run
from tests.scripts import load_script

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results" / "reference"
RIVALS = ("chen2020-cs", "cyclegan-avalanche", "cyclegan-optical", "deepedn", "scrambling-aae")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/update_readme.py."""
    return load_script("docs/update_readme.py")


@pytest.fixture(scope="module")
def reference() -> RunData:
    """results/reference."""
    return load_run(REFERENCE)


@pytest.fixture(scope="module")
def made(script: ModuleType, reference: RunData) -> str:
    """What the script makes of results/reference."""
    text: str = script.results_text(reference)
    return text


def test_the_readme_holds_the_reference_run(script: ModuleType, made: str) -> None:
    """What is between the markers is what the script makes of results/reference: no number was typed."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    between = text.partition(script.BEGIN)[2].partition(script.END)[0].strip()
    assert between == made


def test_the_table_has_eight_rows_and_nine_columns(made: str) -> None:
    """The proposed cipher is marked; near-ideal numbers have no star, others have one."""
    lines = [line for line in made.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [len(row) for row in rows] == [9] * 8
    assert [row[0] for row in rows if "**" in row[0]] == ["**dense-resnet-xor [C], proposed**"]
    by_name = {row[0].split()[0]: row for row in rows}
    assert by_name["aes-256-siv"][4:8] == ["pass", "5", "4", "rejects"]
    assert by_name["sum-ctr"][4:8] == ["pass", *["1: `state_class`"] * 2, "malleable"]
    starred = {name: [i for i, cell in enumerate(row) if r"\*" in cell] for name, row in by_name.items()}
    assert starred["aes-256-siv"] == starred["sum-ctr"] == []
    assert starred["drpe"] == [1, 2]


def test_judgements_are_those_of_the_report(made: str, reference: RunData) -> None:
    """Levels and words of all eight, never one overall; and the commit at which they were measured."""
    judged = reference.judgements.set_index("cipher")
    for line in [line for line in made.splitlines() if line.startswith("|")][2:]:
        cells = [cell.strip().strip("*") for cell in line.strip("|").split("|")]
        row = judged.loc[cells[0].split()[0]]
        assert [cell.split(":")[0] for cell in cells[5:7]] == [row["confidentiality"], row["misuse"]]
        assert cells[7] == row["integrity"]
    assert "overall" not in made
    assert f"at commit {reference.settings['git_commit'][:10]}," in made


def test_ciphers_that_were_rebuilt_are_named(script: ModuleType, reference: RunData) -> None:
    """Those whose key or fidelity has changed since the run; none where every card is today's."""
    cards = {name: dict(card) for name, card in reference.cards.items()}
    cards["chen2004"]["fidelity"] = "C-"
    found = script.rebuilt(cards)
    assert "chen2004" in found
    assert "aes-256-ctr" not in found
    assert set(found) - {"chen2004"} == set(script.rebuilt(reference.cards))


def test_the_rest_of_the_page_stays(
    script: ModuleType, reference: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is between the markers is replaced, what is around them is not."""
    monkeypatch.setattr(script, "load_run", {REFERENCE: reference}.__getitem__)  # read once
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    script.update(REFERENCE, readme)
    text = readme.read_text()
    assert text.startswith(f"before\n{script.BEGIN}\n\n**")
    assert text.endswith(f"\n\n{script.END}\nafter\n")
    assert "old" not in text.splitlines()


def test_the_best_rival_follows_a_rule(script: ModuleType, reference: RunData) -> None:
    """Neither a lossless cipher, nor one on the proposed cipher's networks, nor a worse one."""
    psnr = script._decryption_psnr(reference)
    rival = script.best_rival(reference)
    assert psnr["fang2021"] == float("inf")
    assert psnr[rival] == max(psnr[name] for name in RIVALS)
    assert psnr["deepedn-lite"] > psnr["deepedn"]  # so there is something to leave out
    second = script.best_rival(reference.only(cipher for cipher in reference.ciphers if cipher != rival))
    assert second != rival
    assert psnr[second] < psnr[rival]


def test_reconstructions_are_counted_from_cards(script: ModuleType, made: str, reference: RunData) -> None:
    """Schemes with authors count, by the letter of their fidelity; standard ciphers, controls and variants do not."""
    cards = reference.cards.values()
    published = [card for card in cards if card["authors"] and card["family"] not in ("reference", "control")]
    grades = [card["fidelity"][0] for card in published]
    sentence = script.fidelity_sentence(reference)
    assert sentence.startswith(f"**{len(published) - grades.count('A')} of {len(published)} published schemes")
    assert f"{grades.count('A')} [A], {grades.count('B')} [B], {grades.count('C')} [C]" in sentence
    first, second = made.split("\n\n")[:2]
    assert first == sentence  # on the first screen, before the table
    assert second.startswith("| cipher |")


@pytest.mark.parametrize("text", ["no markers", "<!-- results: begin --> and no end", "<!-- results: end -->"])
def test_a_readme_without_markers_is_left_alone(text: str, script: ModuleType, tmp_path: Path) -> None:
    """Nothing is appended, and nothing after the first marker is lost."""
    readme = tmp_path / "README.md"
    readme.write_text(text)
    with pytest.raises(script.Refused, match="lacks"):
        script.update(REFERENCE, readme)
    assert readme.read_text() == text


def test_a_folder_without_a_run_is_refused(script: ModuleType, tmp_path: Path) -> None:
    """The message names the file that is missing."""
    readme = tmp_path / "README.md"
    readme.write_text(f"{script.BEGIN}{script.END}")
    with pytest.raises(script.Refused, match=r"holds no measurements\.csv\.gz"):
        script.update(tmp_path, readme)


def test_a_run_of_other_ciphers_is_refused(script: ModuleType, reference: RunData) -> None:
    """The message names the ciphers that are missing, or says that a whole group is."""
    with pytest.raises(script.Refused, match="lacks drpe; wanted a run of all ciphers"):
        script.results_text(reference.only(cipher for cipher in reference.ciphers if cipher != "drpe"))
    with pytest.raises(script.Refused, match="no learned cipher"):
        script.results_text(reference.only(["aes-256-siv", "sum-ctr"]))
