"""Reading a run's folder."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cryptobench.bench.run import write_table
from cryptobench.measurement import frame, read_measurements, write_measurements
from cryptobench.results.run import ReportError, display_name, load_run


def test_reference_comes_first_and_controls_last(run_folder: Path) -> None:
    """Ciphers are grouped by family, and sorted by name within it."""
    assert load_run(run_folder).ciphers == [
        "aes-256-ctr", "aes-256-siv", "chen2004", "hua2021", "zhang2015", "arnold-cat", "caesar", "truncated-key",
    ]  # fmt: skip


@pytest.mark.parametrize(("fidelity", "shown"), [("A", "x"), ("A-", "x"), ("B+", "x [B+]"), ("C", "x [C]"), ("", "x")])
def test_other_fidelity_than_a_is_marked(fidelity: str, shown: str) -> None:
    """B and C stand behind the name."""
    assert display_name("x", fidelity) == shown


def test_pictures_are_read_as_grey_or_colour(run_folder: Path) -> None:
    """A picture has the plaintext's shape; one that was not kept is None."""
    run = load_run(run_folder)
    colour, grey = run.picture("caesar", "astronaut", "plain"), run.picture("caesar", "camera", "plain")
    assert colour is not None
    assert grey is not None
    assert (colour.shape, grey.shape, colour.dtype) == ((64, 64, 3), (48, 57), np.uint8)
    assert run.picture("caesar", "astronaut", "no such") is None


def test_galleries_prefer_a_colour_image(run_folder: Path) -> None:
    """Without a wish, the first colour image that most ciphers have pictures of is shown."""
    run = load_run(run_folder)
    assert run.picture_image() == "astronaut"
    assert run.only(image="camera").picture_image() == "camera"


def test_unknown_names_are_refused(run_folder: Path) -> None:
    """A misspelt cipher or image is one clear error that lists what there is."""
    run = load_run(run_folder)
    with pytest.raises(ReportError, match=r"has no cipher ceasar; it has aes-256-ctr"):
        run.only(ciphers=["ceasar"])
    with pytest.raises(ReportError, match=r"has no image lena; it has astronaut, camera"):
        run.only(image="lena")


def test_a_folder_without_a_run_is_one_clear_line(tmp_path: Path) -> None:
    """No folder, no table, a damaged table, a foreign table, an empty table: each says what is wanted."""
    with pytest.raises(ReportError, match="is no folder"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(ReportError, match="holds no measurements"):
        load_run(tmp_path)
    table = tmp_path / "measurements.csv.gz"
    table.write_bytes(b"not gzip")
    with pytest.raises(ReportError, match="is damaged"):
        load_run(tmp_path)
    table.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with pytest.raises(ReportError, match="lacks the column"):
        load_run(tmp_path)
    table.write_bytes(gzip.compress(b""))
    with pytest.raises(ReportError, match="cannot be read"):
        load_run(tmp_path)
    write_measurements(frame([]), table)
    with pytest.raises(ReportError, match="holds no measurements"):
        load_run(tmp_path)


def test_a_truncated_table_and_damaged_settings_are_refused(small_folder: Path, tmp_path: Path) -> None:
    """Half a gzip file and half a JSON file are named as damaged."""
    folder = tmp_path / "run"
    shutil.copytree(small_folder, folder, ignore=shutil.ignore_patterns("pictures"))
    (folder / "run.json").write_text('{"seed": ')
    with pytest.raises(ReportError, match=r"run\.json is damaged"):
        load_run(folder)
    for text in ("[]", "3", "null"):
        (folder / "run.json").write_text(text)
        with pytest.raises(ReportError, match=r"run\.json holds no settings of a run"):
            load_run(folder)
    (folder / "run.json").unlink()
    assert load_run(folder).settings == {}
    table = folder / "measurements.csv.gz"
    table.write_bytes(table.read_bytes()[:400])
    with pytest.raises(ReportError, match="is damaged"):
        load_run(folder)


def test_a_table_other_than_the_run_wrote_is_refused(small_folder: Path, tmp_path: Path) -> None:
    """Cut off at the end of a row, or another number in it; without its digest in run.json it is taken as it is."""
    source = read_measurements(small_folder / "measurements.csv.gz")
    about = {"measurements": write_table(source, tmp_path)}
    for settings in (about, {}):
        (tmp_path / "run.json").write_text(json.dumps(settings))
        assert len(load_run(tmp_path).table) == len(source)
    changed = source.assign(seed=source["seed"] + 1)
    short = source.head(7)
    for table, says in ((short, rf"7 rows and run\.json says {len(source)}"), (changed, "is not the table")):
        (tmp_path / "run.json").write_text(json.dumps(about))
        write_measurements(table, tmp_path / "measurements.csv.gz")
        with pytest.raises(ReportError, match=says):
            load_run(tmp_path)
        (tmp_path / "run.json").write_text("{}")
        assert len(load_run(tmp_path).table) == len(table)
    for damaged in (3, {}, {"rows": 1}):
        (tmp_path / "run.json").write_text(json.dumps({"measurements": damaged}))
        with pytest.raises(ReportError, match=r"run\.json is damaged"):
            load_run(tmp_path)


def test_a_damaged_picture_is_named(small_folder: Path, tmp_path: Path) -> None:
    """A PNG that cannot be read is an error with its path."""
    folder = tmp_path / "run"
    shutil.copytree(small_folder, folder)
    (folder / "pictures" / "hua2021" / "camera" / "plain.png").write_bytes(b"no PNG")
    with pytest.raises(ReportError, match=r"plain\.png cannot be read"):
        load_run(folder).picture("hua2021", "camera", "plain")
