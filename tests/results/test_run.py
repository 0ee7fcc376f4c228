"""A run as it is read: order, names, pictures, parts of it, and a run without a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cryptobench.measurement import frame
from cryptobench.report import figure
from cryptobench.results.run import ReportError, RunData, load_run, run_in_memory
from tests.report.synthetic import synthetic_run
from tests.results.doubles import attack_rows


@pytest.fixture(scope="module")
def run(run_folder: Path) -> RunData:
    return load_run(run_folder)


def test_reference_comes_first_and_controls_last(run: RunData) -> None:
    """Ciphers are grouped by family, and sorted by name within it."""
    assert run.ciphers == [
        "aes-256-ctr", "aes-256-siv", "chen2004", "hua2021", "zhang2015", "arnold-cat", "caesar", "truncated-key",
    ]  # fmt: skip


def test_pictures_are_read_as_grey_or_colour(run: RunData) -> None:
    """A picture has the plaintext's shape; one that was not kept is None."""
    colour, grey = run.picture("caesar", "astronaut", "plain"), run.picture("caesar", "camera", "plain")
    assert colour is not None
    assert grey is not None
    assert (colour.shape, grey.shape, colour.dtype) == ((64, 64, 3), (48, 57), np.uint8)
    assert run.picture("caesar", "astronaut", "no such") is None


def test_galleries_prefer_a_colour_image(run: RunData) -> None:
    """Without a wish it is the first colour image that most ciphers have pictures of."""
    assert run.picture_image() == "astronaut"
    assert run.only(image="camera").picture_image() == "camera"


def test_unknown_names_are_refused(run: RunData) -> None:
    """A misspelt cipher or image is one clear error that lists what there is."""
    with pytest.raises(ReportError, match=r"has no cipher ceasar; it has aes-256-ctr"):
        run.only(ciphers=["ceasar"])
    with pytest.raises(ReportError, match=r"has no image lena; it has astronaut, camera"):
        run.only(image="lena")


@pytest.mark.parametrize("option", ["mine", "rows"])
def test_a_misspelt_name_gets_the_nearest(option: str, run: RunData) -> None:
    """The cipher is named, with the one that was probably meant."""
    wanted: Any = {"mine": "hua2012"} if option == "mine" else {"rows": ["hua2012"]}
    with pytest.raises(ReportError, match=rf"--{option}: .* has no cipher hua2012; did you mean 'hua2021'\?"):
        run.only(**wanted)


def test_the_own_cipher_stays_among_the_chosen(run: RunData) -> None:
    """--ciphers restricts the report, but never to a report without the reader's own."""
    chosen = run.only(["aes-256-ctr"], mine="hua2021")
    assert chosen.ciphers == ["hua2021", "aes-256-ctr"]
    assert chosen.label("hua2021") == "hua2021 [B] (ours)"


def test_the_proposed_family_is_ours(run: RunData) -> None:
    """It is marked where the reader has no own cipher, and the legend says what the mark means."""
    family = run.table["family"].mask(run.table["cipher"] == "hua2021", "proposed")
    proposed = run_in_memory(run.table.assign(family=family))
    assert proposed.ours == {"hua2021"}
    assert proposed.label("hua2021") == "hua2021 [B] (ours)"
    assert "(ours): the cipher proposed with this benchmark" in proposed.legend(["hua2021", "caesar"])
    assert proposed.legend(["caesar"]) == ""
    own = proposed.only(mine="caesar")
    assert (own.label("caesar"), own.label("hua2021")) == ("caesar (ours)", "hua2021 [B]")
    assert "(ours): the authors' own cipher" in own.legend(own.ciphers)


def test_verdicts_are_a_table(run: RunData) -> None:
    """One row a cipher and test, ciphers in the run's order."""
    table = run.verdicts()
    assert list(dict.fromkeys(table["cipher"])) == run.ciphers
    assert set(table["test"]) == {"statistics", "global entropy", "local entropy", "round trip"}


def test_a_damaged_picture_is_named(run_folder: Path, tmp_path: Path) -> None:
    """A PNG that cannot be read is an error with its path."""
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / "pictures" / "hua2021" / "camera" / "plain.png").write_bytes(b"no PNG")
    with pytest.raises(ReportError, match=r"plain\.png cannot be read"):
        load_run(folder).picture("hua2021", "camera", "plain")


def test_a_run_needs_no_folder(run: RunData) -> None:
    """A table alone is a run, with the cards and pictures that come with it and none from a folder."""
    pixels = np.zeros((5, 7), np.uint8)
    pictures = {("caesar", "camera", "plain"): pixels}
    memory = run_in_memory(run.table, {"settings": {"name": "here"}}, {"caesar": {"title": "C"}}, pictures)
    assert (memory.ciphers, memory.name, memory.cards) == (run.ciphers, "here", {"caesar": {"title": "C"}})
    assert memory.picture("caesar", "camera", "plain") is pixels
    assert memory.picture("caesar", "astronaut", "plain") is None
    assert memory.picture_names("caesar", "camera") == ["plain"]
    with pytest.raises(ReportError, match=r"^this run has no cipher ceasar"):
        memory.only(["ceasar"])


def test_a_table_without_rows_is_refused(run: RunData) -> None:
    """Nothing measured is no run."""
    with pytest.raises(ReportError, match="holds no measurements"):
        run_in_memory(run.table.head(0))


def test_rows_that_no_run_writes_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A side in pixels that is a word: the figure that needs it says so in one line, and shows all with a setting."""
    loaded = load_run(synthetic_run(tmp_path, ["hua2021"], ["timing"], pictures=False, unfinished=False))
    table = loaded.table.assign(parameter=loaded.table["parameter"].where(loaded.table["parameter"] == "", "wide"))
    run = run_in_memory(table)
    with pytest.raises(ReportError, match=r"figure timing_scaling cannot be made of the rows of this run \(ValueError"):
        figure(run, "timing_scaling")
    monkeypatch.setenv("CRYPTOBENCH_DEBUG", "1")
    with pytest.raises(ValueError, match="wide") as raised:
        figure(run, "timing_scaling")
    assert not isinstance(raised.value, ReportError)


def test_an_attack_without_an_outcome_has_failed() -> None:
    """An outcome that is no word counts as one that is not known, not as the best."""
    rows = attack_rows("a", "reuse", "holds")
    rows[0]["outcome"] = ""
    assert list(run_in_memory(frame(rows)).attacks["outcome"]) == ["failed"]


def test_rows_without_an_image_come_last() -> None:
    """A run may hold rows that belong to no image."""
    rows = attack_rows("a", "reuse", "holds")
    values = pd.DataFrame({"cipher": ["a"] * 3, "image": ["", "astronaut", ""], "value": [1, 2, 3]})
    assert list(run_in_memory(frame(rows)).ordered(values)["value"]) == [2, 1, 3]
