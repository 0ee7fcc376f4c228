"""A store that was damaged, or cannot be one, is told in one line."""

import sqlite3

import pytest

from cryptobench.bench.errors import BenchError
from cryptobench.bench.store import CellStore, claim


@pytest.mark.parametrize(
    ("column", "value"),
    [("rows", b"no table"), ("rows", None), ("rows", b"x\x9c\x03\x00\x00\x00\x00\x01"), ("pictures", b"\xff\xfe")],
)
def test_a_damaged_cell_is_told_in_one_line(toy_run, tmp_path, column, value):
    """Bytes that are no table and bytes that are no text: the message names the file and what to do."""
    outcome, _ = toy_run()
    with sqlite3.connect(outcome.folder / CellStore.FILE) as connection:
        written = "CAST(? AS TEXT)" if column == "pictures" else "?"
        connection.execute(f"UPDATE cells SET {column} = {written}", (value,))
        (address,) = connection.execute("SELECT address FROM cells").fetchone()
    connection.close()
    with CellStore(outcome.folder) as store, pytest.raises(BenchError, match=r"cells\.sqlite is damaged \(") as caught:
        store.finished([address]) if column == "pictures" else list(store.rows([address]))
    assert "\n" not in str(caught.value)


def test_a_file_is_no_folder_for_results(tmp_path):
    """Neither disk space nor permissions are blamed."""
    (tmp_path / "results").write_text("")
    with (
        pytest.raises(BenchError, match="results is a file, wanted a folder for the results"),
        claim(tmp_path / "results"),
    ):
        pass
