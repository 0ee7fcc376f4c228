"""Nothing is measured of a cipher that breaks the interface: its cells have failed, and one line says why."""

from __future__ import annotations

import io
from typing import ClassVar

import pytest

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import run
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.measurement import read_measurements
from tests.bench.driving import invoke, settings_of_toys, toy

LINE = "floats: encrypt returned float64, wanted uint8 (values 0 to 255); np.rint(image).astype(np.uint8)"


class Floats(Cipher):
    """Returns floats, and counts how often it is called."""

    card: ClassVar[Card] = Card(name="floats", title="t", family="mine", fidelity="A", key=(KeyField("key", 64),))
    calls: ClassVar[int] = 0

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        Floats.calls += 1
        return Encrypted(image * 1.5)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("no")


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Summary, table and what was said of a run of toys and of the instance that returns floats."""
    folder, said = tmp_path_factory.mktemp("broken"), io.StringIO()
    wanted = settings_of_toys({toy("Mean"): {}, toy("Work"): {"rounds": 1}}, ciphers=("caesar",))
    Floats.calls = 0
    summary = run(wanted, folder, Progress(said), here=[Floats()])
    return summary, read_measurements(folder / "measurements.csv.gz"), said.getvalue()


def test_no_cell_of_a_broken_cipher_is_run(broken):
    """Each of its cells is a row that has failed with the line; the other cipher's cells are measured."""
    summary, table, _ = broken
    own = table[table["cipher"] == "floats"]
    cells = len([cell for cell, *_ in summary.failures])
    assert set(own["status"]) == {"failed"}
    assert len(own) == cells == summary.counts["failed"]
    assert own["message"].str.startswith(LINE).all()
    assert "failed" not in set(table[table["cipher"] == "caesar"]["status"])
    assert summary.executed == summary.counts["ok"]
    assert Floats.calls < 10


def test_a_breach_is_said_once(broken):
    """With how many cells it stands for."""
    summary, _, said = broken
    assert said.count(LINE) == 1
    assert f"failed: floats, flat-black, mean and {summary.counts['failed'] - 1} more: {LINE}" in said


def test_a_broken_file_fails_a_strict_run(tmp_path):
    """Given by path too: the line is in the summary, and the exit code is 1 with --strict."""
    wanted = settings_of_toys(ciphers=(f"{__file__}:Floats", "caesar"))
    result = invoke(wanted, tmp_path / "run", "--strict")
    assert result.exit_code == 1
    assert LINE in result.stdout
