"""Whatever a stranger or a disk has made of a file: one line, never a traceback, and never another table unseen.

``CRYPTOBENCH_MUTANTS`` and ``CRYPTOBENCH_MUTANT_SEED`` choose how many mutants of each format there are, and which.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cryptobench.bench import run as running
from cryptobench.bench.backends import InProcessBackend
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.seen import further_files, known_files
from cryptobench.bench.settings import Settings, settings
from cryptobench.bench.store import CellStore, claim
from cryptobench.calibration.findings import Findings, RowKey
from cryptobench.calibration.store import SeedResult, SeedStore
from cryptobench.check.baseline_run import load, wanted_settings
from cryptobench.check.compare import compare
from cryptobench.check.result import Options
from cryptobench.cli.codec import decrypt_file, encrypt_file, sidecar_path
from cryptobench.images import read_image
from cryptobench.measurement import COLUMNS, frame
from cryptobench.own_files import MADE, content_hash, is_own
from cryptobench.primitives.learned.manifest import Manifest, manifest_path
from cryptobench.primitives.learned.weights import load_arrays
from cryptobench.registry import load_cipher
from cryptobench.report.html import html_page
from cryptobench.report.markdown import report_page
from cryptobench.report.tables import make_tables
from cryptobench.results.claims import read_claims
from cryptobench.results.run import RunData, load_run
from cryptobench.training.log import read_log
from tests.mutants import Mutator

MUTANTS = int(os.environ.get("CRYPTOBENCH_MUTANTS", "200"))
SEED = int(os.environ.get("CRYPTOBENCH_MUTANT_SEED", "1"))
SECONDS = 20.0
SHOWN = int(os.environ.get("CRYPTOBENCH_MUTANTS_SHOWN", "60"))  # every so manieth that is read is shown, or run, too
KEY = bytes(range(64))
SETTINGS = Settings(
    name="small", ciphers=("caesar", "aes-256-ctr"), images=("gradient",), size=16, jobs=1, attack_sides=(8,),
    analyses={"entropy": {}, "quality": {}, "histogram": {}, "correlation": {}},
    attacks={"determinism": {}, "histogram_preserved": {}},
)  # fmt: skip


@contextmanager
def _in_process(*arguments: Any) -> Iterator[InProcessBackend[Any, Any]]:
    yield InProcessBackend(run_cell)


@dataclass(frozen=True)
class Sample:
    """Files that real commands have written, and the table of the run."""

    folder: Path
    table: pd.DataFrame
    addresses: tuple[str, ...]

    @property
    def run(self) -> Path:
        return self.folder / "run"


def resumed(folder: Path) -> None:
    """Run the same settings in the folder, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "_backend", _in_process)
        running.run(SETTINGS, folder, Progress(io.StringIO(), quiet=True))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A run of two ciphers on 16x16 pixels, and one file of every other format. To be read only."""
    folder = tmp_path_factory.mktemp("sample")
    resumed(folder / "run")
    (folder / "run" / "files_seen.json").write_text(json.dumps({"caesar": ["caesar.py", "../data/table.npy"]}))
    cipher = load_cipher("aes-256-siv")
    for name in ("a.npy", "a.png", "a.tif"):
        encrypt_file("gradient", folder / name, cipher, KEY, size=12)
    for name in ("b.bmp", "b.ppm", "b.gif", "b.webp", "b.jpg"):
        Image.fromarray(read_image(folder / "a.png")).save(folder / name)
    (folder / "own.toml").write_text('extends = "quick"\nsummary = "mine"\n' + SETTINGS.toml())
    (folder / "log.csv").write_text("step,seconds,loss,held_out_psnr\n100,1.5,0.25,\n200,3,0.125,31.5\n")
    found = tuple(Findings(RowKey("npcr", condition="lsb"), (0.25, 0.5)) for _ in range(3))
    (folder / "calibration").mkdir()
    with SeedStore(folder / "calibration") as store:
        store.add("address", [SeedResult(seed, found, 0.5) for seed in (1, 2)])
    _weights(folder / "weights.safetensors")
    shutil.copy(Path(str(Path(running.__file__).parents[1] / "baselines" / "claims.toml")), folder)
    addresses = tuple(cell.address for cell in make_plan(SETTINGS).cells)
    return Sample(folder, load_run(folder / "run").table, addresses)


def _weights(path: Path) -> None:
    import hashlib

    from safetensors.numpy import save

    path.write_bytes(save({"encoder.a": np.ones((2, 3), np.float32), "decoder.b": np.zeros(4, np.float32)}))
    about = Manifest(
        "w-1", "w", "cpu", hashlib.sha256(path.read_bytes()).hexdigest(), {"recipe": "statistics", "width": 8}, 1,
        10, 1.5, "cpu", {"pictures": 3}, "0", "2", {"psnr": 40.5},
    )  # fmt: skip
    manifest_path(path).write_bytes(about.json())


# What is done with a file of each format, by the real entry points; True if its content was taken.


def shown(run: RunData) -> None:
    """All tables, the page of each kind, and the comparison with itself."""
    tables, skipped = make_tables(run)
    html_page(run, tables, skipped)
    report_page(run, tables, [], skipped)
    compare(run, run)


def opened(sample: Sample, folder: Path, show: bool) -> bool:
    """A run's folder as `report`, `check` and `open_run` read it; its table is the one that was written."""
    run = load(folder / "run")
    assert run.table.equals(sample.table), "another table, and nothing was said"
    if show:
        shown(run)
    return True


def compared(sample: Sample, folder: Path, show: bool) -> bool:
    """The same, and the settings in run.json, as `check CIPHER` runs them."""
    opened(sample, folder, show)
    wanted_settings(load(folder / "run"), Options())
    return True


def pictured(sample: Sample, folder: Path, show: bool) -> bool:
    """A picture of the run as figures and the page read it."""
    picture = load_run(folder / "run").picture("caesar", "gradient", "cipher")
    assert picture is None or picture.dtype == np.uint8
    return True


def opened_unsealed(sample: Sample, folder: Path, show: bool) -> bool:
    """A table without a run.json, which may be any table: whatever is taken can be shown."""
    run = load(folder / "run" / "measurements.csv.gz")
    assert list(run.table.columns) == list(COLUMNS)
    if show:
        shown(run)
    return True


def gone_on(sample: Sample, folder: Path, show: bool) -> bool:
    """`run` goes on in the folder, and what it writes is what it wrote before."""
    if show:
        resumed(folder / "run")
        table = load_run(folder / "run").table
    else:
        with claim(folder / "run"), CellStore(folder / "run") as store:
            store.calls()
            store.costs()
            done = store.finished(sample.addresses)
            if len(done) < len(sample.addresses):
                return True
            list(store.statuses(sample.addresses))
            table = frame(store.rows(sample.addresses))
    timed = ["seconds"]
    assert table.drop(columns=timed).equals(sample.table.drop(columns=timed)), "another table, and nothing was said"
    return True


def _decrypted(name: str) -> Callable[[Sample, Path, bool], bool]:
    def decrypt(sample: Sample, folder: Path, show: bool) -> bool:
        target = folder / "back.png"
        decrypt_file(
            folder / name, target, load_cipher("aes-256-siv"), KEY, sidecar=sidecar_path(folder / name), force=True
        )
        return True

    return decrypt


def _read(name: str) -> Callable[[Sample, Path, bool], bool]:
    def read(sample: Sample, folder: Path, show: bool) -> bool:
        assert read_image(folder / name).dtype == np.uint8
        encrypt_file(str(folder / name), folder / "c.npy", load_cipher("caesar"), b"\3", size=12, force=True)
        return True

    return read


def seen(sample: Sample, folder: Path, show: bool) -> bool:
    for path in further_files(known_files(folder / "run"), "caesar", "caesar"):
        assert path.startswith(MADE) or is_own(os.path.realpath(path))
        content_hash(path)
    return True


def calibrated(sample: Sample, folder: Path, show: bool) -> bool:
    with SeedStore(folder / "calibration") as store:
        for seed, (seconds, tests) in store.finished("address").items():
            assert seed >= 0 <= seconds >= 0 <= tests
        for one in store.results("address"):
            assert all(0 <= value <= 1 for found in one.findings for value in found.values)
    return True


def profiled(sample: Sample, folder: Path, show: bool) -> bool:
    read = settings(str(folder / "own.toml"))
    assert Settings(**{key: getattr(read, key) for key in read.as_dict()}) == read
    return True


def weighed(sample: Sample, folder: Path, show: bool) -> bool:
    assert set(load_arrays(folder / "weights.safetensors")) == {"encoder.a", "decoder.b"}
    return True


def claimed(sample: Sample, folder: Path, show: bool) -> bool:
    assert all(isinstance(claim["cipher"], str) for claim in read_claims(folder / "claims.toml"))
    return True


def logged(sample: Sample, folder: Path, show: bool) -> bool:
    assert all("step" in row for row in read_log(folder / "log.csv"))
    return True


Use = Callable[[Sample, Path, bool], bool]
_RUN = "run/"
FORMATS: dict[str, tuple[str, Use, tuple[str, ...]]] = {
    "run.json": ("run/run.json", compared, ("json", "damaged")),
    "cards.json": ("run/cards.json", opened, ("json", "damaged")),
    "measurements": ("run/measurements.csv.gz", opened, ("damaged", "csv in gzip", "damaged in gzip")),
    "measurements alone": ("run/measurements.csv.gz", opened_unsealed, (*["csv in gzip"] * 3, "damaged in gzip")),
    "pictures": ("run/pictures/caesar/gradient/cipher.png", pictured, ("png", "damaged")),
    "cells": ("run/cells.sqlite", gone_on, ("sqlite", "sqlite", "damaged")),
    "files seen": ("run/files_seen.json", seen, ("json", "damaged")),
    "sidecar": ("a.npy.json", _decrypted("a.npy"), ("json", "damaged")),
    "npy": ("a.npy", _decrypted("a.npy"), ("npy", "damaged")),
    "png": ("a.png", _decrypted("a.png"), ("png", "damaged")),
    "tiff": ("a.tif", _decrypted("a.tif"), ("damaged",)),
    **{name: (f"b.{name}", _read(f"b.{name}"), ("damaged",)) for name in ("bmp", "ppm", "gif", "webp", "jpg")},
    "calibration": ("calibration/calibration.sqlite", calibrated, ("sqlite", "sqlite", "damaged")),
    "profile": ("own.toml", profiled, ("toml", "toml", "damaged")),
    "weights": ("weights.safetensors", weighed, ("damaged",)),
    "manifest": ("weights.json", weighed, ("json", "damaged")),
    "claims": ("claims.toml", claimed, ("toml", "damaged")),
    "log": ("log.csv", logged, ("csv", "damaged")),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_mutant_is_one_line_or_the_same(name: str, sample: Sample, tmp_path: Path) -> None:
    """Each damaged file is refused with its name in one line, by an error of ours, in time, or it changes nothing."""
    file, use, ways = FORMATS[name]
    folder = tmp_path / "copy"
    shutil.copytree(sample.folder, folder)
    if name == "measurements alone":
        (folder / "run" / "run.json").unlink()
    mutator = Mutator(SEED * 1000 + len(name))
    original = (sample.folder / file).read_bytes()
    refused = taken = 0
    for number in range(MUTANTS):
        _mutate(mutator, mutator.random.choice(ways), folder / file, original)
        start = time.monotonic()
        error: Exception | None = None
        try:
            use(sample, folder, taken % SHOWN == 0)
            taken += 1
        except Exception as raised:
            error = raised
            refused += 1
        if error is not None and not (_is_ours(error) and "\n" not in str(error) and len(str(error)) < 1000):
            kept = shutil.copy(folder / file, tmp_path)
            raise AssertionError(f"mutant {number} of {name}, seed {SEED}, in {kept}: {error!r}"[:2000]) from error
        assert time.monotonic() - start < SECONDS, f"mutant {number} of {name}, seed {SEED}: took too long"
    assert refused > MUTANTS / 20, "hardly any mutant was damaged"


def _mutate(mutator: Mutator, way: str, path: Path, original: bytes) -> None:
    for left in path.parent.glob(f"{path.name}*"):  # the journal of a database too
        if left.suffix != ".json" or left == path:
            left.unlink()
    if way == "sqlite":
        path.write_bytes(original)
        mutator.sqlite(path)
        return
    mutant: Callable[[bytes], bytes] = getattr(mutator, way.partition(" ")[0])
    path.write_bytes((mutator.inside_gzip(mutant) if way.endswith("in gzip") else mutant)(original))


def _is_ours(error: Exception) -> bool:
    """What the command line writes as one line."""
    return isinstance(error, ValueError) and type(error).__module__.startswith("cryptobench.")
