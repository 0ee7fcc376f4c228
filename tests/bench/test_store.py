"""A store that is damaged, of another version, or cannot be one, gives one line."""

import hashlib
import sqlite3
import time

import pytest

from cryptobench.bench.cell import CellResult
from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.store import CellStore, claim
from tests.bench.driving import finished_cells


def changed(folder, statement, *values):
    """Execute a statement in the store of a folder as another program would; the address of one cell."""
    connection = sqlite3.connect(folder / CellStore.FILE)
    with connection:
        connection.execute(statement, values)
        (address,) = connection.execute("SELECT address FROM cells").fetchone()
    connection.close()
    return address


@pytest.mark.parametrize(
    ("column", "value"),
    [("rows", b"no table"), ("rows", None), ("rows", b"x\x9c\x03\x00\x00\x00\x00\x01"), ("pictures", b"\xff\xfe")],
)
def test_a_damaged_cell_is_one_clear_line(finished_run, column, value):
    """Bytes that are no table and bytes that are no text: the message names the file and what to do."""
    written = "CAST(? AS TEXT)" if column == "pictures" else "?"
    address = changed(finished_run, f"UPDATE cells SET {column} = {written}", value)
    with CellStore(finished_run) as store, pytest.raises(BenchError, match=r"cells\.sqlite is damaged \(") as caught:
        store.finished([address]) if column == "pictures" else list(store.rows([address]))
    assert "\n" not in str(caught.value)


def test_a_store_of_another_version_is_refused(finished_run):
    """Its rows may have other columns: the message says to choose another folder."""
    changed(finished_run, "PRAGMA user_version = 1")
    with pytest.raises(
        BenchError, match=r"cells\.sqlite was written by another version .* choose another folder with --out"
    ):
        CellStore(finished_run)


def test_a_file_is_no_folder_for_results(tmp_path):
    """Neither disk space nor permissions are blamed."""
    (tmp_path / "results").write_text("")
    with (
        pytest.raises(BenchError, match="results is a file, wanted a folder for the results"),
        claim(tmp_path / "results"),
    ):
        pass


SEALED = "UPDATE cells SET {} WHERE rowid = 1"


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        (SEALED.format("message = ?"), "another message"), (SEALED.format("status = ?"), "ok "),
        (SEALED.format("rows = ?"), "text"), (SEALED.format("rows = rows || ?"), b"x"),
        (SEALED.format("rows = CAST(substr(rows, 1, 5) || zeroblob(32) || substr(rows, 38) AS BLOB)  -- ?"), 0),
        ("UPDATE cells SET rows = (SELECT rows FROM cells WHERE rowid = 2) WHERE rowid = 1 AND ? = 0", 0),
    ],
)  # fmt: skip
def test_a_changed_cell_is_noticed(finished_run, statement, value):
    """Another message, status or table in a cell, that of another cell too, does not pass for what was measured."""
    statement, _, comment = statement.partition("-- ")
    connection = sqlite3.connect(finished_run / CellStore.FILE)
    with connection:
        connection.execute(statement, () if comment else (value,))
        ((address,),) = connection.execute("SELECT address FROM cells WHERE rowid = 1").fetchall()
    connection.close()
    with CellStore(finished_run) as store, pytest.raises(BenchError, match=r"cells\.sqlite is damaged \("):
        list(store.rows([address]))


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE cells SET seconds = 'x'", lambda store: store.costs()),
        ("UPDATE cells SET seconds = 9e999", lambda store: store.costs()),
        ("UPDATE cells SET seconds = NULL", lambda store: list(store.statuses(store.costs()))),
        ("UPDATE cells SET address = x'00' WHERE rowid = 1", lambda store: store.finished([])),
        ("UPDATE cells SET pictures = '[[\"../../x\", \"' || hex(zeroblob(32)) || '\"]]'", None),
        ("UPDATE cells SET pictures = '[[\"/etc/passwd\", \"' || hex(zeroblob(32)) || '\"]]'", None),
        ("UPDATE cells SET pictures = '{}'", None), ("UPDATE cells SET pictures = 3", None),
        ("UPDATE calls SET seconds = 'x'", lambda store: store.calls()),
        ("UPDATE calls SET started = x'00'", lambda store: store.calls()),
        ("ALTER TABLE cells DROP COLUMN pictures", None),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_damage(finished_run, statement, read):
    """Texts for numbers, BLOBs for texts, gaps, infinities, and paths out of the folder: one line each."""
    address = changed(finished_run, statement)
    with CellStore(finished_run) as store, pytest.raises(BenchError, match=r"cells\.sqlite is damaged \(") as caught:
        (read or (lambda store: store.finished([address])))(store)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW extra AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        "CREATE TRIGGER extra AFTER INSERT ON calls BEGIN DELETE FROM cells; END",
    ],
)
def test_a_store_is_nothing_but_tables(finished_run, statement):
    """Views and triggers, which a stranger's file may run for ever by, are refused before anything is read."""
    changed(finished_run, statement)
    with pytest.raises(BenchError, match=r"is damaged \(it holds more than tables\)"):
        CellStore(finished_run)


@pytest.mark.parametrize("name", [".lock", "workers.log", "pictures", "cells.sqlite", "cells.sqlite-wal"])
def test_nothing_is_written_through_a_link(tmp_path, name):
    """A folder of a stranger, in which a file of a run is a link to elsewhere, is refused; nothing changes there."""
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "run"
    elsewhere.write_text("keep me")
    folder.mkdir()
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(BenchError, match=r"is a link out of .*, and is not followed"), claim(folder), CellStore(folder):
        pass
    assert elsewhere.read_text() == "keep me"


def test_quick_results_are_written_together(toy_settings, tmp_path, monkeypatch):
    """Those of a moment share a transaction, at the latest when the store is closed; a long cell is written at once."""
    (cell, *_) = make_plan(toy_settings({"entropy": {}}, ciphers=("caesar",), images=("camera",))).cells
    kept = []
    monkeypatch.setattr("cryptobench.bench.store.time.monotonic", lambda: 7.0)
    with CellStore(tmp_path) as store:
        for address, seconds in (("a", 0.0), ("b", 0.0), ("c", 5.0), ("d", 0.0)):
            store.add(cell, CellResult(address=address, status="ok", final=True, seconds=seconds, rows=b""))
            kept.append(finished_cells(tmp_path))
        assert kept == [0, 0, 3, 3]
        assert store.finished("abcd") == {*"abcd"}
        assert finished_cells(tmp_path) == 4
        store.add(cell, CellResult(address="e", status="ok", final=True, seconds=0.0, rows=b""))
    assert finished_cells(tmp_path) == 5


def test_storing_grows_with_the_number_of_cells(toy_settings, tmp_path):
    """3,000 cells are stored, and found again, in ten times the time of 300, with margin."""
    (cell, *_) = make_plan(toy_settings({"entropy": {}}, ciphers=("caesar",), images=("camera",))).cells
    seconds = []
    for count in (300, 3_000):
        addresses = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(count)]
        folder = tmp_path / f"{count}"
        folder.mkdir()
        with CellStore(folder) as store:
            start = time.process_time()
            for address in addresses:
                store.add(cell, CellResult(address=address, status="ok", final=True, seconds=1.0, rows=b""))
            assert store.finished(addresses) == {*addresses}
            seconds.append(time.process_time() - start)
    assert seconds[1] < 30 * seconds[0]
