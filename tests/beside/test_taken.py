"""Rows of another run beside one's own: which, how marked, and when they are refused or withheld."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cryptobench.beside import BesideError, Source, require_comparable, with_rows_beside
from cryptobench.layout.markdown import markdown_document
from cryptobench.report.latex.table import latex_table
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, load_run
from tests.beside.conftest import wanted


def changed(run: RunData, **values: Any) -> RunData:
    """The run with other values in its run.json."""
    return replace(run, settings={**run.settings, **values})


def stale(run: RunData, what: str, name: str) -> RunData:
    """The run as if the code of a cipher or an analysis had been another one."""
    return changed(run, **{what: {**run.settings[what], name: {**run.settings[what][name], "code": "0" * 64}}})


@pytest.fixture(scope="module")
def mine(own: Path) -> RunData:
    """The run of arnold-cat."""
    return load_run(own)


@pytest.fixture(scope="module")
def beside(mine: RunData, others: RunData) -> RunData:
    """The same with the three others beside it."""
    return with_rows_beside(mine, Source(others, "the other run"))


def test_own_rows_stay_and_others_join(mine: RunData, others: RunData, beside: RunData) -> None:
    """Own rows are what they were; the others' have the values of their run, trials left out."""
    assert beside.ciphers == ["arnold-cat", "aes-256-ctr", "caesar", "xor-pad"]
    assert beside.mine == "arnold-cat"
    assert beside.taken_over == {"caesar", "xor-pad", "aes-256-ctr"}
    own_rows = beside.table[beside.table["cipher"] == "arnold-cat"].reset_index(drop=True)
    assert own_rows.equals(mine.table)
    assert list(beside.table.dtypes) == list(mine.table.dtypes)
    theirs, taken = (
        run.numbers[(run.numbers["cipher"] == "caesar") & (run.numbers["analysis"] == "entropy")].reset_index(drop=True)
        for run in (others, beside)
    )
    assert len(theirs) > 10
    assert taken.drop(columns="seconds").equals(theirs.drop(columns="seconds"))
    assert beside.table.loc[beside.table["trial"].notna(), "cipher"].unique().tolist() == ["arnold-cat"]
    assert beside.cards["caesar"] == others.cards["caesar"]


def test_times_of_others_are_ratios_only(mine: RunData, others: RunData, beside: RunData) -> None:
    """Nothing of theirs is in seconds or MB/s; the multiple of AES-256-CTR is what it was there."""
    rows = beside.table[beside.table["cipher"].isin(beside.taken_over)]
    assert not rows["unit"].isin(["s", "MB/s"]).any()
    assert rows["seconds"].isna().all()
    values = make_table(beside, "timing").values.set_index("cipher")
    there = make_table(others, "timing").values.set_index("cipher")
    assert values["encrypt_ratio"].to_dict()["xor-pad"] == there["encrypt_ratio"].to_dict()["xor-pad"]
    assert values["encrypt_time median"].notna().tolist() == [True, False, False, False]
    assert make_table(mine, "timing").values["encrypt_time median"].notna().all()


def test_taken_rows_are_marked_in_all_forms(beside: RunData) -> None:
    """A double dagger behind the name, a column of the values, and a sentence with the run they are from."""
    table = make_table(beside, "entropy_global")
    assert set(table.values.loc[table.values["taken_over"] == "taken over", "cipher"]) == beside.taken_over
    text = markdown_document(table)
    assert "caesar ‡" in text
    assert "arnold-cat (ours)" in text
    assert "‡: taken over from the other run (profile quick" in text
    assert "not measured in this run; times only as multiples of AES-256-CTR's" in text
    assert beside.label("caesar") == "caesar ‡"
    assert "‡: taken over" in beside.legend(["caesar"])
    assert "‡" not in beside.legend(["arnold-cat"])


def test_runs_without_others_have_no_mark(mine: RunData) -> None:
    """No column, no dagger, no sentence."""
    table = make_table(mine, "entropy_global")
    assert "taken_over" not in table.values
    assert "‡" not in markdown_document(table)


def test_latex_has_the_double_dagger(beside: RunData) -> None:
    """In the cell, and in the notes of the table."""
    text = "".join(latex_table(make_table(beside, "entropy_global")))
    assert r"caesar$^\ddagger$" in text
    assert r"$^\ddagger$: taken over from" in text


def test_ciphers_measured_here_are_not_taken(others: RunData, mine: RunData) -> None:
    """One's own rows win; who measured all of them has nothing to take over."""
    both = with_rows_beside(others, Source(mine, "it"))
    assert both.taken_over == {"arnold-cat"}
    assert both.mine == ""
    with pytest.raises(BesideError, match=r"all of its ciphers are measured here \(aes-256-ctr, caesar, xor-pad\)"):
        with_rows_beside(others, Source(others, "it"))


def test_chosen_ciphers_only(mine: RunData, others: RunData) -> None:
    """Of three, the one that is named."""
    assert with_rows_beside(mine, Source(others, "it", ("xor-pad",))).taken_over == {"xor-pad"}


def test_changed_ciphers_are_withheld_and_named(mine: RunData, others: RunData) -> None:
    """A cipher whose code has changed has no rows; the line says which, and how it is measured here."""
    run = with_rows_beside(mine, Source(stale(others, "ciphers", "caesar"), "it", ("xor-pad", "caesar")))
    assert run.taken_over == {"xor-pad"}
    assert run.taken is not None
    first, second = run.taken.withheld
    assert first == "1 of 2 ciphers withheld, since their code has changed: caesar"
    assert second.startswith("to measure what is withheld: cryptobench run --profile ")
    assert second.endswith("--ciphers arnold-cat,caesar,xor-pad")
    assert "caesar" in run.settings["taken over"]["withheld"]


def test_changed_analyses_are_withheld_and_named(mine: RunData, others: RunData) -> None:
    """An attack whose code has changed counts for nobody but oneself."""
    run = with_rows_beside(mine, Source(stale(others, "analyses", "attack:determinism"), "it"))
    assert run.taken is not None
    assert run.taken.withheld[0] == (
        "1 of 4 analyses and attacks withheld, since their code has changed: attack:determinism"
    )
    assert set(run.table.loc[run.table["analysis"] == "attack:determinism", "cipher"]) == {"arnold-cat"}
    meaning = run.legend(["caesar"])
    assert meaning.endswith("multiples of AES-256-CTR's; without attack:determinism, which this run has.")
    assert "without" not in with_rows_beside(mine, Source(others, "it")).legend(["caesar"])


def test_a_change_of_prose_withholds_nothing(mine: RunData, others: RunData) -> None:
    """Another digest of the content, and the same one without prose, as summaries keep it."""
    from cryptobench.registry import code_version

    codes = {
        name: {"code": "0" * 64, "meaning": code_version("cipher", name, prose=False)}
        for name in others.settings["ciphers"]
    }
    tasks = {
        name: {**about, "code": "0" * 64, "meaning": code_version("analysis", name, prose=False)}
        for name, about in others.settings["analyses"].items()
        if name == "entropy"
    }
    run = with_rows_beside(mine, Source(changed(others, ciphers=codes, analyses=tasks), "it"))
    assert run.taken_over == {"caesar", "xor-pad", "aes-256-ctr"}
    assert run.taken is not None
    assert run.taken.withheld == ("it has none of differential, timing, attack:determinism",)
    assert run.taken_meaning.endswith("; without differential, timing, attack:determinism, which this run has")


def test_ciphers_unknown_here_are_taken(mine: RunData, others: RunData) -> None:
    """A colleague's cipher, of whose code nothing is known here, has the rows of its run."""
    table = others.table.assign(cipher=others.table["cipher"].replace("caesar", "colleagues-own"))
    codes = {"colleagues-own": {"code": "0" * 64}}
    run = with_rows_beside(
        mine, Source(replace(changed(others, ciphers=codes), table=table), "it", ("colleagues-own",))
    )
    assert run.taken_over == {"colleagues-own"}


REFUSED: dict[str, tuple[Callable[[RunData], RunData], str]] = {
    "seed": (lambda run: changed(run, settings={**run.settings["settings"], "seed": 2}), "the seed is 1 here and 2"),
    "image": (
        lambda run: changed(run, images={k: v for k, v in run.settings["images"].items() if k != "camera"}),
        "the image camera is not among those there, astronaut",
    ),
    "size": (
        lambda run: changed(run, images={**run.settings["images"], "camera": {"sha256": "0", "shape": [9, 9, 1]}}),
        "the image camera is 16x16x1 here and 9x9x1 there",
    ),
    "pixels": (
        lambda run: changed(run, images={**run.settings["images"], "camera": {"sha256": "0", "shape": [16, 16, 1]}}),
        "the image camera has other pixels here than there",
    ),
    "parameters": (
        lambda run: changed(
            run, analyses={k: {**v, "parameters": {**v["parameters"], "alpha": 0.01}} if k == "entropy" else v
                           for k, v in run.settings["analyses"].items()},
        ),
        "entropy: alpha is 0.05 here and 0.01 there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_other_conditions_are_refused(what: str, mine: RunData, others: RunData) -> None:
    """One line: what differs, and the command that measures the others here."""
    change, reason = REFUSED[what]
    with pytest.raises(BesideError) as refused:
        with_rows_beside(mine, Source(change(others), "the other run", ("caesar",)))
    line = str(refused.value)
    assert line.startswith(f"the other run cannot stand beside this one: {reason}")
    assert "; measure it here: cryptobench run --profile " in line
    assert line.endswith("--ciphers arnold-cat,caesar")
    assert "\n" not in line


@pytest.mark.parametrize("what", REFUSED)
def test_refusals_come_before_the_run(what: str, others: RunData) -> None:
    """The same reasons from settings alone; the command has their profile, size and images."""
    change, reason = REFUSED[what]
    with pytest.raises(BesideError) as refused:
        require_comparable(wanted("my.py:Mine"), Source(change(others), "the other run", ("caesar",)), ["my.py:Mine"])
    assert f": {reason}" in str(refused.value)
    command = "cryptobench run --profile quick --size 16 --images astronaut,camera "
    command += "--analyses entropy,differential,timing --attacks determinism --ciphers my.py:Mine,caesar"
    assert str(refused.value).endswith(command)


def test_settings_that_fit_are_accepted(others: RunData) -> None:
    """And those of whose ciphers nothing is valid are refused, before anything is measured."""
    require_comparable(wanted("my.py:Mine"), Source(others, "it"), ["my.py:Mine"])
    old = others
    for cipher in others.ciphers:
        old = stale(old, "ciphers", cipher)
    with pytest.raises(BesideError, match=r"^nothing can be taken over from it \(.*\): 3 of 3 ciphers withheld"):
        require_comparable(wanted("my.py:Mine"), Source(old, "it"), ["my.py:Mine"])


def test_grey_ciphers_meet_others_on_grey_images(mine: RunData, others: RunData) -> None:
    """Of a cipher that took astronaut in grey, the tables begin with camera, which the others were measured on."""
    table = mine.table.assign(image=mine.table["image"].replace("astronaut", "astronaut grey"))
    run = with_rows_beside(replace(mine, table=table), Source(others, "it"))
    assert run.images[0] == "camera"
    entropy = make_table(run, "entropy_global").values
    places = {image: set(rows["cipher"]) for image, rows in entropy.groupby("image")}
    others_ = set(run.taken_over)
    assert places == {"camera": {"arnold-cat", *others_}, "astronaut grey": {"arnold-cat"}, "astronaut": others_}
    assert set(make_table(run, "timing").values["cipher"]) == {"arnold-cat", *others_}


def test_damaged_settings_of_others_take_nothing(mine: RunData, others: RunData) -> None:
    """A folder of anybody's, whose run.json says nothing of its images' pixels, has no rows to take over."""
    images = {title: {"shape": image["shape"]} for title, image in others.settings["images"].items()}
    theirs = changed(others, images=images, cpu="a\nb" * 100, git_commit=5)
    with pytest.raises(BesideError, match="has other pixels here than there"):
        with_rows_beside(mine, Source(theirs, "it"))
    assert Source(theirs, "it").origin.startswith("it (profile quick, commit 5, a ba b")
    assert len(Source(theirs, "it").origin) < 120
    bare = changed(mine, images={title: {} for title in mine.settings["images"]})
    with pytest.raises(BesideError, match="cannot stand beside this one"):
        with_rows_beside(bare, Source(others, "it"))
