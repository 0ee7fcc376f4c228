"""A store that is damaged, of another version, or cannot be one, gives one line."""

import sqlite3

import pytest

from cryptobench.bench.errors import BenchError
from cryptobench.bench.store import CellStore, claim


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
