"""What a cipher does to its worker only once it measures: that cell fails with one line, and the next is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cryptobench.bench import measure, seen
from cryptobench.bench.cell import Cell, decode_rows
from cryptobench.bench.measure import run_cell
from tests.own_ciphers import cipher, write

LINES = {
    "np.array_equal = min": "the cipher's code replaces np.array_equal, which changes what is measured of others; give "
    "the function another name",
    "time.sleep = min": "the cipher's code replaces time.sleep, which changes what is measured of others; give the "
    "function another name",
    "builtins.isinstance = min": "the cipher's code replaces isinstance, which changes what is measured of others; "
    "give the function another name",
    "os.chdir('/')": "encrypt or decrypt leaves the process in the folder /; name files by Path(__file__).parent, "
    "without os.chdir",
    "np.seterr(all='raise')": "encrypt or decrypt leaves np.seterr so that other code raises; with np.errstate(...): "
    "around the lines that need it",
}


@pytest.fixture
def cell_of(attack_cells, monkeypatch: pytest.MonkeyPatch):
    """A cell of a file's cipher, which is not built in, as a worker measures it; its code is as planned."""
    monkeypatch.setattr(measure, "code_here", lambda cell, static: cell.cipher_code)
    monkeypatch.setattr(measure, "late", lambda cell: "")
    measure._cipher.cache_clear()
    yield lambda path: replace(
        attack_cells({"determinism": {}}, ciphers=("caesar",))[0], isolated=True, cipher=f"{path}:C"
    )
    measure._cipher.cache_clear()
    seen._watches.clear()


@pytest.mark.parametrize("deed", LINES)
def test_late_harm_fails_its_cell(tmp_path: Path, cell_of, deed: str) -> None:
    """The line is that of the look before a run; what was changed is put back, and the next cell is measured."""
    once = f"    if times and times.pop():\n        {deed}\n    return 255"
    body = f"import builtins, os, time\ntimes = [1]\ndef mask():\n{once}"
    write(tmp_path, {"ciph.py": cipher(body)})
    cell: Cell = cell_of(tmp_path / "ciph.py")
    folder, before = Path.cwd(), (np.array_equal, np.geterr())
    (row,) = decode_rows(run_cell(cell).rows)
    place = row["message"].rpartition(" (")[2]
    assert (row["status"], row["message"]) == ("failed", f"mine: {LINES[deed]} ({place}")
    assert place.startswith("ciph.py, line ")
    assert (Path.cwd(), (np.array_equal, np.geterr())) == (folder, before)
    again = run_cell(cell)
    assert (again.status, again.message) == ("ok", "")
