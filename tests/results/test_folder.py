"""Reading the files of a run's folder: damaged, foreign, older and newer ones are refused in one line."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from cryptobench.bench.run import write_table
from cryptobench.measurement import SCHEMA, frame, read_measurements, write_measurements
from cryptobench.results.folder import ReportError, load_cards, load_settings
from cryptobench.results.run import load_run


@pytest.fixture
def copy(run_folder: Path, tmp_path: Path) -> Path:
    """A copy of the shared run, without pictures, to be damaged."""
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder, ignore=shutil.ignore_patterns("pictures"))
    return folder


def test_a_folder_without_run_is_refused(tmp_path: Path) -> None:
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
    with pytest.raises(ReportError, match="is damaged"):
        load_run(tmp_path)
    write_measurements(frame([]), table)
    with pytest.raises(ReportError, match="holds no measurements"):
        load_run(tmp_path)


def test_truncated_tables_and_settings_are_refused(copy: Path) -> None:
    """Half a gzip file and half a JSON file are named as damaged."""
    (copy / "run.json").write_text('{"seed": ')
    with pytest.raises(ReportError, match=r"run\.json is damaged"):
        load_run(copy)
    for text in ("[]", "3", "null"):
        (copy / "run.json").write_text(text)
        with pytest.raises(ReportError, match=r"run\.json holds no settings of a run"):
            load_run(copy)
    (copy / "run.json").unlink()
    assert load_run(copy).settings == {}
    table = copy / "measurements.csv.gz"
    table.write_bytes(table.read_bytes()[:400])
    with pytest.raises(ReportError, match="is damaged"):
        load_run(copy)


@pytest.mark.parametrize("about", [{}, {"seed": 1}, {"schema": SCHEMA - 1}])
def test_an_older_run_is_refused(about: dict[str, int], copy: Path) -> None:
    """One line names the folder, both schemas, and how to measure anew; run.json decides before the table is read."""
    (copy / "run.json").write_text(json.dumps(about))
    (copy / "measurements.csv.gz").write_bytes(gzip.compress(b"cipher,direction,variant\n"))
    with pytest.raises(ReportError) as refused:
        load_run(copy)
    assert str(refused.value) == (
        f"{copy} was written by an older cryptobench (schema {about.get('schema', 1)}, this one reads {SCHEMA}); "
        "measure anew: cryptobench run ... --out NEW_FOLDER"
    )


def test_an_older_table_is_refused(copy: Path) -> None:
    """The columns tell it where there is no run.json, in one line that says what to do."""
    (copy / "run.json").unlink()
    (copy / "measurements.csv.gz").write_bytes(gzip.compress(b"cipher,direction,variant,value\na,first,lsb,1.0\n"))
    with pytest.raises(ReportError, match=r"written by an older cryptobench.*measure anew") as refused:
        load_run(copy)
    assert str(copy) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_newer_run_is_refused(copy: Path) -> None:
    """It takes a newer cryptobench to read it."""
    (copy / "run.json").write_text(json.dumps({"schema": SCHEMA + 1}))
    with pytest.raises(ReportError, match=rf"newer cryptobench \(schema {SCHEMA + 1}, this one reads {SCHEMA}\)"):
        load_run(copy)
    (copy / "run.json").write_text(json.dumps({"schema": "two"}))
    with pytest.raises(ReportError, match=r"run\.json is damaged"):
        load_settings(copy / "run.json")


def test_a_table_of_another_run_is_refused(copy: Path, tmp_path: Path) -> None:
    """Cut off at the end of a row, or another number in it; without its digest in run.json it is taken as it is."""
    source = read_measurements(copy / "measurements.csv.gz")
    about = {"schema": SCHEMA, "measurements": write_table(source, tmp_path)}
    for settings in (about, {"schema": SCHEMA}):
        (tmp_path / "run.json").write_text(json.dumps(settings))
        assert len(load_run(tmp_path).table) == len(source)
    changed = source.assign(seed=source["seed"] + 1)
    short = source.head(7)
    for table, says in ((short, rf"7 rows and run\.json says {len(source)}"), (changed, "is not the table")):
        (tmp_path / "run.json").write_text(json.dumps(about))
        write_measurements(table, tmp_path / "measurements.csv.gz")
        with pytest.raises(ReportError, match=says):
            load_run(tmp_path)
        (tmp_path / "run.json").write_text(json.dumps({"schema": SCHEMA}))
        assert len(load_run(tmp_path).table) == len(table)
    for damaged in (3, {}, {"rows": 1}):
        (tmp_path / "run.json").write_text(json.dumps({"schema": SCHEMA, "measurements": damaged}))
        with pytest.raises(ReportError, match=r"run\.json is damaged"):
            load_run(tmp_path)


def test_cards_are_optional_but_whole(tmp_path: Path) -> None:
    """No cards.json gives no cards; one that is no JSON, or no cards, is an error that names it."""
    assert load_cards(tmp_path) == {}
    for text in ("{", "[]", '{"a": 3}', '{"a": {"claims": "misuse=5"}}', '{"a": {"claims": 5}}'):
        (tmp_path / "cards.json").write_text(text)
        with pytest.raises(ReportError, match=r"cards\.json"):
            load_cards(tmp_path)
