"""Runs that are killed, stopped, or kept from their folder."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import signal
import subprocess
from collections import Counter
from contextlib import contextmanager

import psutil
import pytest

from cryptobench.bench.backends import InProcessBackend
from cryptobench.bench.cell import CellResult
from cryptobench.bench.errors import BenchError
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.run import run
from cryptobench.bench.store import CellStore, claim
from cryptobench.cipher import CipherError
from cryptobench.cli.run import _summarize
from cryptobench.measurement import read_measurements
from cryptobench.registry import load_cipher
from tests.bench.driving import finished_cells, invoke, run_toys, toy, wait_for

IMAGES = ("flat-black", "flat-white", "gradient", "astronaut")
BUILT_IN = ("caesar", "xor-pad")  # which are not tried first


def test_a_killed_run_continues(toy_settings, command, toy_run, tmp_path):
    """After kill -9 the next run makes up what is missing, and its table is that of a run never killed."""
    marks = tmp_path / "marks"
    analyses = {toy("Mean"): {"seconds": 0.25, "marks": str(marks)}}
    process = command(toy_settings(analyses, ciphers=BUILT_IN, images=IMAGES, jobs=2))
    wait_for(lambda: finished_cells(tmp_path / "run") >= 2)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    wait_for(lambda: not any(worker.is_running() for worker in workers))  # workers follow their parent
    kept = finished_cells(tmp_path / "run")
    started = Counter(marks.read_text().split("\n")[:-1])
    summary, table = toy_run(analyses, ciphers=BUILT_IN, images=IMAGES)
    assert 2 <= kept < 8
    assert summary.executed == 8 - kept
    runs = Counter(marks.read_text().split("\n")[:-1])
    assert len(runs) == 8
    assert sum(runs.values()) == sum(started.values()) + 8 - kept
    assert sum(runs.values()) <= 8 + 2  # only the two that were running when it died
    _, whole = toy_run(ciphers=BUILT_IN, images=IMAGES, folder="whole")
    assert table.drop(columns="seconds").equals(whole.drop(columns="seconds"))


@pytest.fixture(scope="module")
def run_here():
    """Runs two built-in ciphers in this process; gives the table without its times, and the pictures."""

    @contextmanager
    def backend(*arguments):
        yield InProcessBackend(run_cell)

    def start(folder):
        run_toys(folder, ciphers=BUILT_IN)
        table = read_measurements(folder / "measurements.csv.gz").drop(columns="seconds")
        return table.to_csv(), {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.png")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cryptobench.bench.run._backend", backend)
        yield start


@pytest.fixture(scope="module")
def never_killed(run_here, tmp_path_factory):
    """What such a run gives."""
    return run_here(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(
    ("place", "call", "after"),
    [
        ("run.remove_parts", 1, False),
        ("store.Database.write", 1, True),
        ("store.Database.write", 5, False),
        ("store.Database.write", 5, True),
        ("store.write_bytes", 2, True),
        ("run.write_table", 1, True),
        ("run._write_json", 2, False),
    ],
)
def test_a_run_killed_anywhere_continues(run_here, never_killed, tmp_path, place, call, after):
    """Killed before or after any of its steps, a run is continued to the same rows and pictures, and leaves no part."""
    child = os.fork()
    if not child:
        try:
            kill_at(f"cryptobench.bench.{place}", call, after)
            run_here(tmp_path)
        finally:
            os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert run_here(tmp_path) == never_killed
    assert not list(tmp_path.rglob("*.part*"))


def kill_at(place, call, after):
    """End this process at one of the calls of a function, before it or after it."""
    home, _, name = place.rpartition(".")
    module, _, _class = home.partition(".Database")
    owner = importlib.import_module(module)
    owner = owner if module == home else owner.Database
    real, calls = getattr(owner, name), itertools.count(1)

    def dying(*arguments, **options):
        last = next(calls) == call
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        value = real(*arguments, **options)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    setattr(owner, name, dying)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_how_to_continue(toy_settings, command, tmp_path, number, code):
    """Ctrl-C, which a terminal sends to the workers too, and SIGTERM end the run at once and without a traceback."""
    process = command(toy_settings({toy("Mean"): {"seconds": 0.5}}, ciphers=BUILT_IN, images=IMAGES), "--jobs", "2")
    wait_for(lambda: finished_cells(tmp_path / "run") >= 2)
    workers = psutil.Process(process.pid).children(recursive=True)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert f"of 8 cells are done and kept in {tmp_path / 'run'}" in err
    profile = tmp_path / "toys.toml"
    assert f"cryptobench run --profile {profile} --no-report --out {tmp_path / 'run'} --jobs 2" in err
    assert "Traceback" not in out + err + (tmp_path / "run" / "workers.log").read_text()
    wait_for(lambda: not any(worker.is_running() for worker in workers))


def test_a_cell_with_a_failed_measurement_is_incomplete(toy_settings, tmp_path, capsys):
    """It counts as run, and run.json and the summary name it; a cell that failed as a whole is a failure."""
    refuses = load_cipher("aes-256-siv")
    encrypt, calls = refuses.encrypt, itertools.count()

    def some(*arguments, **named):
        if next(calls) % 5 == 4:
            raise CipherError("aes-256-siv: this key is weak")
        return encrypt(*arguments, **named)

    refuses.encrypt = some
    wanted = toy_settings({"avalanche": {"trials": 4}}, images=("camera",), ciphers=())
    summary = run(wanted, tmp_path, Progress(quiet=True), [refuses])
    cell = {"cipher": "aes-256-siv", "image": "camera", "analysis": "avalanche"}
    about = json.loads((tmp_path / "run.json").read_text())
    assert about["incomplete"] == [cell | {"message": "aes-256-siv: this key is weak"}] == [*summary.incomplete]
    assert (about["cells"]["ok"], about["failures"]) == (1, [])
    _summarize(summary)
    assert "1 cell has measurements that failed: aes-256-siv, camera, avalanche, " in capsys.readouterr().out


def test_a_second_run_in_one_folder_is_refused(toy_settings, command, toy_run, tmp_path):
    """Two runs never write one folder at once, and the lock goes with the process that holds it."""
    process = command(toy_settings({toy("Mean"): {"seconds": 30.0}}, ciphers=BUILT_IN))
    wait_for((tmp_path / "run" / CellStore.FILE).exists)
    with pytest.raises(BenchError, match=r"run is being written by another run.*--out"):
        toy_run()
    process.kill()
    process.wait()
    summary, _ = toy_run()
    assert summary.counts == {"ok": 4}


def test_a_file_is_no_folder_for_results(toy_settings, tmp_path):
    """A file where the folder should be gives one line and no traceback."""
    (tmp_path / "run").write_text("")
    done = invoke(toy_settings(), tmp_path / "run")
    assert done.exit_code == 2
    assert done.stderr == f"Error: {tmp_path / 'run'} is a file, wanted a folder for the results\n"


def test_a_read_only_folder_is_one_clear_line(tmp_path):
    """A folder without write permission is refused in one line."""
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o500)
    with without_privilege(tmp_path), pytest.raises(BenchError, match=r"cannot write to .*run: permission denied"):
        claim(folder).__enter__()


def test_a_full_store_keeps_what_it_has(toy_settings, tmp_path):
    """When SQLite reports a full disk, the cell at hand is not kept and those before it are."""
    cells = make_plan(toy_settings()).cells
    with claim(tmp_path), CellStore(tmp_path) as store:
        store.add(cells[0], result_of(cells[0], b"small"))
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(BenchError, match="database or disk is full; finished cells are kept"):
            store.add(cells[1], result_of(cells[1], os.urandom(100_000)))
    with CellStore(tmp_path) as store:
        assert store.finished(cell.address for cell in cells) == {cells[0].address}


def test_a_full_disk_stops_the_run(toy_settings, command, toy_run, small_disk):
    """On a disk that fills up, the command ends with one line; with space made, the next run finishes."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    process = command(toy_settings(ciphers=BUILT_IN, images=IMAGES, size=256), folder=str(small_disk / "run"))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith(f"Error: cannot write to {small_disk / 'run'}: ")
    assert "finished cells are kept" in err.splitlines()[-1]
    ballast.unlink()
    kept = finished_cells(small_disk / "run")
    summary, _ = toy_run(images=IMAGES[:2], size=128, folder=str(small_disk / "run"))
    assert (summary.counts, summary.executed) == ({"ok": 4}, 4)
    assert finished_cells(small_disk / "run") == kept + 4


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def without_privilege(folder):
    """Root may write anywhere: be nobody for a while, with a way to the folder."""
    before = os.geteuid()
    if before == 0:
        for parent in (folder, *folder.parents[:3]):
            parent.chmod(parent.stat().st_mode | 0o055)
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def result_of(cell, rows):
    return CellResult(address=cell.address, status="ok", final=True, seconds=1.0, rows=rows)
