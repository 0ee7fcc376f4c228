"""Commands that are given a damaged file: one line with its name and what to do, and exit code 2."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cryptobench.cli import main
from cryptobench.images import load_image, write_image
from cryptobench.measurement import SCHEMA


def told(*arguments: str) -> Result:
    """The result of a command that has said one line, and no traceback."""
    result = CliRunner().invoke(main, arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.output.startswith("Error: ")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    return result


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("measurements.csv.gz", gzip.compress(b"cipher,cipher\n", mtime=0), "lacks the column"),
        ("measurements.csv.gz", b"\x1f\x8b", r"is damaged (it is cut off); run the benchmark again"),
        ("run.json", b"[[", "is damaged (Expecting value"),
        (
            "run.json",
            b'{"schema": %d, "seconds": "soon"}' % SCHEMA,
            "is damaged (seconds is 'soon', wanted a number from 0",
        ),
    ],
)
def test_report_names_the_damaged_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """A table of other columns, half a table, and settings that are none of a run."""
    (tmp_path / "run.json").write_text(json.dumps({"schema": SCHEMA}))
    (tmp_path / "measurements.csv.gz").write_bytes(b"")
    (tmp_path / name).write_bytes(content)
    result = told("report", str(tmp_path))
    assert says in result.output
    assert str(tmp_path / name) in result.output


def test_decrypt_names_the_damaged_sidecar(tmp_path: Path) -> None:
    """Before a key is asked for, and without a file written."""
    write_image(tmp_path / "a.png", load_image("gradient", 16))
    (tmp_path / "a.png.json").write_text("{}")
    result = told("decrypt", str(tmp_path / "a.png"), str(tmp_path / "b.png"), "--key=00")
    assert "a.png.json is damaged (format is None, wanted a value); decryption needs the sidecar" in result.output
    assert not (tmp_path / "b.png").exists()
