"""The committed reference run: what is gathered, what is refused, and that a fresh run is compared with it."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from cryptobench.bench.progress import Progress
from cryptobench.bench.run import incomplete, run, write_table
from cryptobench.bench.settings import settings
from cryptobench.cli.check import command
from cryptobench.measurement import Measurement, frame, read_measurements, write_measurements
from cryptobench.report import write_report
from cryptobench.report.tables import make_table, make_tables
from cryptobench.results.run import RunData, load_run
from cryptobench.spreadsheet import csv_text
from tests.scripts import load_script

ROOT = Path(__file__).parents[1]
CIPHERS = ("caesar", "xor-pad")
FIGURES = ("heatmap", "timing")  # the second has nothing to show here
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/make_reference.py."""
    module = load_script("docs/make_reference.py")
    assert set(FIGURES) < set(module.KEPT)
    module.KEPT = FIGURES  # type: ignore[attr-defined]
    return module


def measure(folder: Path, profile: str, *ciphers: str) -> Path:
    """A tiny run, as if of a clean checkout."""
    wanted = settings(
        profile, ciphers=ciphers, images=("astronaut",), size=16, jobs=1,
        analyses={"entropy": {}, "quality": {}, "differential": {"trials": 5}}, attacks=["determinism"],
    )  # fmt: skip
    run(wanted, folder, Progress(quiet=True))
    change(folder, git_commit=COMMIT)
    return folder


def change(folder: Path, **values: Any) -> None:
    """Other values in a run.json."""
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | values))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny runs called standard and quick, the first with its report."""
    folder = tmp_path_factory.mktemp("results")
    for profile in ("standard", "quick"):
        measure(folder / profile, profile, *CIPHERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cryptobench.report.write.FIGURES", FIGURES)
        write_report(folder / "standard", narrow=False)
    return folder


@pytest.fixture(scope="module")
def reference(runs: Path, script: ModuleType) -> Path:
    """What is gathered from them."""
    script.gather(runs / "standard", runs / "quick", runs / "reference", CIPHERS)
    return runs / "reference"


def test_links_of_the_page_lead_to_files(reference: Path) -> None:
    """report.md links all figures and tables that are there, and no other."""
    page = (reference / "report.md").read_text()
    linked = set(re.findall(r"\]\(([^)]+)\)", page))
    there = {
        str(path.relative_to(reference)) for name in ("tables", "figures") for path in (reference / name).iterdir()
    }
    assert linked == there
    assert {"tables/summary.csv", "figures/heatmap.png"} <= there


def test_measurements_are_all_but_single_trials(runs: Path, reference: Path) -> None:
    """The table is the run's own without its trials, but for the intervals of three; that of the quick run is whole."""
    whole = read_measurements(runs / "standard" / "measurements.csv.gz")
    numbers = whole[whole["trial"].isna()].reset_index(drop=True)
    kept = read_measurements(reference / "measurements.csv.gz")
    intervals = kept["metric"].isin(["npcr", "uaci", "baci"])
    assert 0 < len(numbers) < len(whole)
    pd.testing.assert_frame_equal(kept[~intervals].reset_index(drop=True), numbers)
    assert intervals.sum() == 3 * 2  # ciphers
    assert kept[intervals][["trial", "value", "p_value"]].isna().all(axis=None)
    for name in ("measurements.csv.gz", "run.json", "cards.json", "settings.toml"):
        assert (reference / "quick" / name).read_bytes() == (runs / "quick" / name).read_bytes()


def test_tables_are_those_of_the_run(runs: Path, reference: Path) -> None:
    """Each table is the run's, byte for byte."""
    for path in (reference / "tables").iterdir():
        assert path.read_bytes() == (runs / "standard" / "tables" / path.name).read_bytes()


def test_tables_follow_from_the_measurements_beside_them(reference: Path) -> None:
    """Made again from what is committed, each table is the same, with the critical intervals of single trials."""
    again = {table.name: csv_text(table.values) for table in make_tables(load_run(reference))[0]}
    assert {path.stem for path in (reference / "tables").iterdir()} == again.keys()
    assert all((reference / "tables" / f"{name}.csv").read_text() == text for name, text in again.items())
    assert pd.read_csv(reference / "tables" / "npcr.csv")["low"].notna().all()


def test_trials_without_a_value_are_kept(script: ModuleType) -> None:
    """A trial that failed, or has no value for a reason, stays; one that has a value, or was rejected, does not."""
    rows = [
        Measurement("a", 1.0, trial=0), Measurement("b", None, trial=1, status="failed", message="weak key"),
        Measurement("c", None, trial=2, message="no signal"), Measurement("d", None, trial=3, message="rejected"),
        Measurement("e", None, trial=4, status="unsupported", message="no cipher image"), Measurement("f", 2.0),
    ]  # fmt: skip
    assert [*script.kept(frame(row.row() for row in rows))["metric"]] == ["b", "c", "e", "f"]


def test_what_is_kept_can_be_read(script: ModuleType, tmp_path: Path) -> None:
    """Numbers of trials stay whole beside an interval, which is of no trial; what is written is read as it was."""
    rows = [Measurement("a", None, trial=3, message="no signal"), Measurement("npcr", 99.6, low=99.5, trial=0)]
    table = script.kept(frame(row.row() for row in rows))
    write_measurements(table, tmp_path / "measurements.csv.gz")
    again = read_measurements(tmp_path / "measurements.csv.gz")
    assert [None if pd.isna(one) else one for one in again["trial"]] == [3, None]
    pd.testing.assert_frame_equal(again, table, check_dtype=False)


def test_tables_that_would_not_follow_are_refused(
    runs: Path, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the intervals of NPCR its table could not be made again, and the line says so."""
    monkeypatch.setattr(script, "INTERVALS", ("uaci", "baci"))
    with pytest.raises(script.Refused, match=r"^npcr do not follow from the measurements that are kept"):
        script.gather(runs / "standard", runs / "quick", tmp_path / "reference", CIPHERS)


COMMITTED = ROOT / "results" / "reference"
COSTLY = {"summary", "overview", "verdicts", "comparison"}


@pytest.fixture(scope="module")
def committed() -> RunData:
    """The committed run, its measurements alone."""
    return load_run(COMMITTED)


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def test_committed_tables_follow_from_the_committed_measurements(committed: RunData) -> None:
    """All but those over all ciphers, and of these the rows of chen2004, which failed in part."""
    texts = {path.name.partition(".")[0]: _text(path) for path in (COMMITTED / "tables").iterdir()}
    assert len(texts) > 35
    made = {name: csv_text(make_table(committed, name).values) for name in texts.keys() - COSTLY}
    assert not [name for name, text in made.items() if text != texts[name]]
    few = committed.only(["aes-256-siv", "chen2004"])
    for name in ("overview", "verdicts"):
        again, whole = (
            pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
            for text in (csv_text(make_table(few, name).values), texts[name])
        )
        assert {*again["cipher"]} == {*few.ciphers}
        assert {*again.itertuples(index=False, name=None)} <= {*whole[again.columns].itertuples(index=False, name=None)}


def test_committed_runs_count_what_their_measurements_hold(committed: RunData) -> None:
    """run.json, the page and the table of errors name the same failures; seconds cover the cells, on two workers."""
    for folder in (COMMITTED, COMMITTED / "quick"):
        about = json.loads((folder / "run.json").read_text("utf-8"))
        table = committed.table if folder == COMMITTED else read_measurements(folder / "measurements.csv.gz")
        cells = table.drop_duplicates(["cipher", "image", "height", "width", "channels", "analysis"])
        assert about["seconds"] >= cells["seconds"].sum() / about["cpu_count"]
        assert about["cells"]["executed"] >= about["cells"]["total"] >= len(cells)
        assert about["cells"]["ok"] + about["cells"]["unsupported"] == about["cells"]["total"]
        assert (about["failures"], about["incomplete"]) == ([], [*incomplete(table)])
    errors = pd.read_csv(COMMITTED / "tables" / "errors.csv")
    failed = errors[errors["status"] == "failed"][["cipher", "image", "analysis", "message"]]
    assert failed.to_dict("records") == [*incomplete(committed.table)]
    page = (COMMITTED / "report.md").read_text("utf-8")
    assert f"\n- seconds: {committed.settings['seconds']}\n" in page
    assert all(f"\n- cells: {name}: {count}\n" in page for name, count in committed.settings["cells"].items())


def test_large_tables_are_compressed(runs: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table beyond the limit is gzipped, and the page says so."""
    monkeypatch.setattr(script, "LARGEST", 10)
    script.gather(runs / "standard", runs / "quick", runs / "compressed", CIPHERS)
    text = gzip.decompress((runs / "compressed" / "tables" / "summary.csv.gz").read_bytes())
    assert text == (runs / "standard" / "tables" / "summary.csv").read_bytes()
    assert "[CSV, compressed](tables/summary.csv.gz)" in (runs / "compressed" / "report.md").read_text()


def test_figures_look_as_they_did_and_are_smaller(runs: Path, reference: Path) -> None:
    """A figure of 64 colours has its size in pixels, and differs by a few grey levels."""
    was, now = (Image.open(folder / "figures" / "heatmap.png") for folder in (runs / "standard", reference))
    assert now.size == was.size
    grey = [np.asarray(image.convert("L"), dtype=float) for image in (was, now)]
    assert abs(grey[0] - grey[1]).mean() < 1
    assert (reference / "figures" / "heatmap.png").stat().st_size < (
        runs / "standard" / "figures" / "heatmap.png"
    ).stat().st_size


def test_photographs_become_webp(script: ModuleType, tmp_path: Path) -> None:
    """The gallery of recovered images is made a thousand pixels wide."""
    (tmp_path / "figures").mkdir()
    Image.effect_noise((1432, 700), 80).save(tmp_path / "figures" / "recovered_1.png")
    path = script._write_picture(tmp_path, "recovered_1", tmp_path / "out")
    assert path == "out/recovered_1.webp"
    with Image.open(io.BytesIO((tmp_path / path).read_bytes())) as picture:
        assert picture.size == (1000, 489)


def _failed(folder: Path) -> None:
    cell = {"cipher": "caesar", "image": "astronaut", "analysis": "entropy", "status": "timeout", "message": "2 s"}
    change(folder, failures=[cell])


REFUSALS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no run": (lambda folder: shutil.rmtree(folder), r"standard is no finished run: it has no measurements.csv.gz"),
    "cut off": (lambda folder: (folder / "run.json").unlink(), r"it has no run.json; `make reference` goes on"),
    "few ciphers": (lambda folder: change(folder, ciphers={"caesar": {}}), r"standard lacks xor-pad;"),
    "other profile": (lambda folder: change(folder, settings={"name": "paper"}), r"profile paper, wanted standard"),
    "failed": (_failed, r"1 cells that did not finish \(caesar, entropy, astronaut: timeout\)"),
    "two commits": (lambda folder: change(folder, git_commit="f" * 40), rf"standard at f+ and .*quick at {COMMIT};"),
    "edited": (lambda folder: change(folder, git_commit=f"{COMMIT}+changes"), r"of different commits"),
    "no figure": (lambda folder: (folder / "figures" / "heatmap.png").unlink(), r"heatmap.png is missing; `cryptob"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_no_reference_is_refused(case: str, runs: Path, script: ModuleType, tmp_path: Path) -> None:
    """One line says why, and the folder that was there stays."""
    for name in ("standard", "quick"):
        shutil.copytree(runs / name, tmp_path / name)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "old").write_text("old")
    spoil, words = REFUSALS[case]
    spoil(tmp_path / "standard")
    with pytest.raises(script.Refused, match=words) as refused:
        script.gather(tmp_path / "standard", tmp_path / "quick", tmp_path / "reference", CIPHERS)
    assert "\n" not in str(refused.value)
    assert [path.name for path in (tmp_path / "reference").iterdir()] == ["old"]
    assert not list(tmp_path.glob(".*"))


def test_uncommitted_changes_in_both_are_refused(runs: Path, script: ModuleType, tmp_path: Path) -> None:
    """Equal commits are not enough: nobody else has the changes."""
    for name in ("standard", "quick"):
        shutil.copytree(runs / name, tmp_path / name)
        change(tmp_path / name, git_commit=f"{COMMIT}+changes")
    with pytest.raises(script.Refused, match="not of a commit"):
        script.gather(tmp_path / "standard", tmp_path / "quick", tmp_path / "reference", CIPHERS)


def test_too_large_is_refused(runs: Path, reference: Path, script: ModuleType) -> None:
    """At the limit the folder is left as it was, and the line names what takes most."""
    size = sum(path.stat().st_size for path in reference.rglob("*") if path.is_file())
    assert script.gather(runs / "standard", runs / "quick", runs / "same", CIPHERS, limit=size + 1) == size
    with pytest.raises(script.Refused, match=r"would take .* MB \(.*tables"):
        script.gather(runs / "standard", runs / "quick", runs / "other", CIPHERS, limit=size)
    assert not (runs / "other").exists()


def test_a_fresh_run_of_some_ciphers_is_compared(runs: Path, reference: Path, tmp_path: Path) -> None:
    """Ciphers that only one side has are left aside: caesar here, identity there."""
    fresh = measure(tmp_path / "fresh", "quick", "xor-pad", "identity")
    done = CliRunner().invoke(command, [str(fresh), "--against", str(reference / "quick"), "--no-github", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["ciphers"] == ["xor-pad"]
    table = read_measurements(fresh / "measurements.csv.gz")
    table.loc[table["metric"] == "exact", "value"] = 0.0
    change(fresh, measurements=write_table(table, fresh))
    assert CliRunner().invoke(command, [str(fresh), "--against", str(reference / "quick")]).exit_code == 1


@pytest.mark.skipif(not (ROOT / ".git").exists() or shutil.which("git") is None, reason="no checkout")
def test_git_takes_the_reference_and_no_other_run() -> None:
    """Every kind of file in results/reference is tracked; other runs are ignored."""
    kept = [
        "README.md", "reference/report.md", "reference/measurements.csv.gz", "reference/run.json",
        "reference/settings.toml", "reference/tables/attack_costs.csv.gz", "reference/figures/heatmap_1.png",
        "reference/figures/recovered_1.webp", "reference/quick/measurements.csv.gz", "reference/quick/cards.json",
    ]  # fmt: skip
    ignored = ["standard/run.json", "quick/measurements.csv.gz", ".reference.part/run.json"]
    line = ["git", "check-ignore", "--no-index", *(f"results/{name}" for name in [*kept, *ignored])]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [f"results/{name}" for name in ignored]
