"""The Python API: what `evaluate`, `open_run` and `attack` return, and what they refuse."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import cryptobench as cb
from cryptobench.measurement import COLUMNS
from cryptobench.registry import RegistryError
from cryptobench.results.run import NothingToShow, ReportError

SMALL = {"profile": "quick", "images": ["camera"], "size": 48, "jobs": 1, "quiet": True}
STATISTICS = {"analyses": ["entropy", "differential"], "attacks": []}


class Pad(cb.Cipher):
    """A keystream from key and nonce, hashed ``rounds`` times."""

    card = cb.Card(name="pad", title="SHAKE-256 pad", family="toy", fidelity="A", key=(cb.KeyField("key", 256),))

    def __init__(self, rounds: int = 1) -> None:
        self.rounds = rounds

    def encrypt(self, image, key, nonce, *, secret=None):
        pad = hashlib.shake_256((key + nonce) * self.rounds).digest(image.size)
        return cb.Encrypted(image ^ np.frombuffer(pad, np.uint8).reshape(image.shape), header=nonce)

    def decrypt(self, encrypted, key):
        return self.encrypt(encrypted.image, key, encrypted.header).image


@pytest.fixture(scope="module")
def run() -> cb.Run:
    """An instance, measured in this process, beside a registered cipher, measured by a worker."""
    return cb.evaluate([Pad(2), "xor-pad"], **SMALL, **STATISTICS)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one registered cipher."""
    folder = tmp_path_factory.mktemp("run") / "kept"
    cb.evaluate("xor-pad", out=folder, **SMALL, analyses=["entropy"], attacks=["keystream_reuse"])
    return folder


def test_dir_shows_exactly_the_public_names() -> None:
    """Even after submodules were imported."""
    assert dir(cb) == sorted(cb.__all__)
    assert all(getattr(cb, name) is not None for name in cb.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = cb.no_such_name


def test_measurements_have_the_documented_columns(run: cb.Run) -> None:
    """A DataFrame of one's own: changing it changes nothing."""
    table = run.measurements
    assert tuple(table.columns) == COLUMNS
    assert set(table["cipher"]) == {"pad", "xor-pad"} == set(run.ciphers)
    table["value"] = 0.0
    assert run.measurements["value"].max() > 0


def test_an_instance_gets_what_a_worker_gives(run: cb.Run) -> None:
    """The rows of a registered cipher are the same whether a worker or this process measures it."""
    here = cb.evaluate(_Registered(), **SMALL, **STATISTICS).measurements
    there = run.only("xor-pad").measurements
    pd.testing.assert_frame_equal(here.drop(columns="seconds"), there.drop(columns="seconds"))


class _Registered(cb.Cipher):
    """The control xor-pad behind a constructor, so that it is an instance."""

    def __init__(self) -> None:
        self.inner = cb.load_cipher("xor-pad")

    card = cb.load_cipher("xor-pad").card

    def encrypt(self, image, key, nonce, *, secret=None):
        return self.inner.encrypt(image, key, nonce, secret=secret)

    def decrypt(self, encrypted, key):
        return self.inner.decrypt(encrypted, key)


def test_an_instance_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    """It runs in this process and is not kept, and that is said."""
    cb.evaluate(Pad(3), **{**SMALL, "quiet": False}, analyses=["entropy"], attacks=[])
    assert "pad is an instance: it is measured in this process, and not kept" in capsys.readouterr().err


def test_tables_figures_and_verdicts_come_by_name(run: cb.Run) -> None:
    """As the report writes them."""
    assert "npcr" in run.table_names
    assert set(run.table("npcr")["cipher"].str.split().str[0]) == {"pad", "xor-pad"}
    assert isinstance(run.figure("npcr"), Figure)
    verdicts = run.verdicts()
    assert set(verdicts["cipher"]) == {"pad", "xor-pad"}
    assert "fail" in set(verdicts["state"])


def test_unknown_names_get_the_nearest(run: cb.Run) -> None:
    """One clear line for tables, figures and ciphers; another for a table without data."""
    with pytest.raises(ReportError, match="npcr"):
        run.table("ncpr")
    with pytest.raises(ReportError, match="npcr"):
        run.figure("npcrr")
    with pytest.raises(NothingToShow):
        run.table("timing")
    with pytest.raises(RegistryError, match="did you mean 'xor-pad'"):
        cb.evaluate("xor-pat", **SMALL)


def test_a_kept_run_opens_again(kept: Path) -> None:
    """The same object from a folder, with its attacks."""
    opened = cb.open_run(kept)
    assert opened.folder == kept
    assert opened.ciphers == ["xor-pad"]
    assert "recovered" in set(opened.attacks()["outcome"])


def test_finished_cells_are_not_run_again(kept: Path) -> None:
    """The same call continues a run."""
    again = cb.evaluate("xor-pad", out=kept, **SMALL, analyses=["entropy"], attacks=["keystream_reuse"])
    assert again.summary is not None
    assert again.summary.executed == 0


@pytest.mark.parametrize("what", ["missing", "empty", "file"])
def test_a_folder_without_a_run_is_one_line(tmp_path: Path, what: str) -> None:
    """Nothing there, no run there, a file."""
    place = tmp_path / "place"
    if what == "empty":
        place.mkdir()
    elif what == "file":
        place.write_text("")
    with pytest.raises(ReportError) as error:
        cb.open_run(place)
    assert len(str(error.value).splitlines()) == 1
    assert str(place) in str(error.value)


def test_a_report_needs_a_place(run: cb.Run, tmp_path: Path) -> None:
    """A run without a folder asks for one; then it is what the command line writes."""
    with pytest.raises(ReportError, match="say where the report goes"):
        run.report()
    run.report(tmp_path / "out", narrow=False)
    assert {"report.html", "report.md", "tables", "figures"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_attack_reports_carry_what_was_recovered() -> None:
    """A list with one report an attack and nonce mode, the recovered picture, and the security levels."""
    reports = cb.attack(Pad(), only=["keystream_reuse"], size=24)
    assert [(one.nonce, one.outcome) for one in reports] == [("fresh", "holds"), ("fixed", "recovered")]
    assert reports[0].image is None
    assert np.array_equal(reports[1].image, cb.load_image("astronaut", 24))
    judged = reports.judgements()
    assert (judged.confidentiality.level, judged.confidentiality.broken) == (None, False)
    assert (judged.misuse.at_most, judged.misuse.broken) == (0, True)
    assert reports.claims == ""
    assert list(reports.table()["outcome"]) == ["holds", "recovered"]


def test_malleability_is_not_called_recovered() -> None:
    """In representations and pages; the outcome itself is kept beside its word."""
    reports = cb.attack(Pad(), only=["near_target"], size=16, modes="fresh")
    assert repr(reports) == "<1 attacks: 1 malleable>"
    assert reports.table()[["outcome", "word"]].iloc[0].tolist() == ["recovered", "malleable"]
    assert "malleable" in reports._repr_html_()
    assert "recovered</td>" not in reports._repr_html_()


@pytest.mark.parametrize("cipher", ["xor-pad", type(cb.load_cipher("xor-pad")), cb.load_cipher("xor-pad")])
def test_ciphers_are_names_classes_or_instances(cipher: object) -> None:
    """The same attack on each."""
    (one,) = cb.attack(cipher, only="keystream_reuse", size=16)  # type: ignore[arg-type]
    assert one.outcome == "recovered"


def test_what_is_no_cipher_is_refused() -> None:
    """One line that says what is wanted."""
    for wrong in (3, int, object()):
        with pytest.raises(cb.CipherError, match="wanted a Cipher"):
            cb.attack(wrong)  # type: ignore[arg-type]


def test_a_failing_attack_is_a_failed_report(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The others go on; the reason stands in the notes."""
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from cryptobench.attacks.base import Attack\n"
        "@dataclass(frozen=True)\n"
        "class Mine(Attack):\n"
        "    name, title, model = 'mine', 'Mine', 'CPA'\n"
        "    def run(self, oracle, generator):\n"
        "        return 1 / 0\n"
    )
    reports = cb.attack("xor-pad", only=[f"{tmp_path}/mine.py:Mine", "keystream_reuse"], size=16)
    assert sorted(one.outcome for one in reports) == ["failed", "recovered"]
    assert "ZeroDivisionError" in next(one for one in reports if one.outcome == "failed").notes
    assert "Traceback" in capfd.readouterr().err


def test_representations_are_one_line(run: cb.Run) -> None:
    """And tables in a notebook."""
    reports = cb.attack("xor-pad", only="keystream_reuse", size=16)
    for one in (
        run,
        reports,
        reports[0],
        cb.load_cipher("xor-pad"),
        Pad.card,
        Pad().encrypt(np.zeros((2, 2), np.uint8), bytes(32), bytes(16)),
    ):
        assert len(repr(one).splitlines()) == 1, repr(one)
        assert len(repr(one)) < 200, repr(one)
    for one in (run, reports, reports[0], Pad.card):
        assert "<table" in one._repr_html_()


def test_a_temporary_run_goes_with_its_object() -> None:
    """Nothing is left behind."""
    run = cb.evaluate("xor-pad", **SMALL, analyses=["entropy"], attacks=[])
    folder = run._data.folder
    assert run.folder is None
    assert folder.is_dir()
    del run
    assert not folder.exists()


def test_importing_is_instant() -> None:
    """Nothing heavy comes with the package itself."""
    code = "import sys, cryptobench; print([m for m in ('numpy', 'pandas', 'numba', 'torch') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
