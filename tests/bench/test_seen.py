"""Results never outlive the code and data that made them: every file of a user's cipher counts, seen early or late."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cryptobench.cli import main
from cryptobench.measurement import read_measurements
from cryptobench.testing import Security, SecurityFailure
from tests.own_ciphers import LAYOUTS, cipher, write

_MEASURED = (
    "relative", "own package", "a package's init", "a helper's helper", "namespace folder", "a computed name",
    "imported in a function", "data by open", "data by numpy",
)  # fmt: skip
_MASK = "def mask(): return MASK\n"
# Only images of a shape that the pre-flight has not tried load the helper.
LATE = {
    "ciph.py": cipher(
        "def mask(): return 255",
        "mask = importlib.import_module('la' + 'te').mask if image.shape == (64, 64, 3) else lambda: 255",
    ),
    "late.py": _MASK,
}


def run(folder: Path, *ciphers: Path) -> Result:
    references = ",".join(f"{path}:C" for path in ciphers)
    arguments = ["--profile=quick", "--size=64", "--images=astronaut", "--analyses=entropy", "--jobs=2", "--no-report"]
    return CliRunner().invoke(main, ["run", f"--ciphers={references}", f"--out={folder}", *arguments])


def entropies(folder: Path) -> dict[str, float]:
    """By cipher, the mean entropy of the channels of the cipher image in bits."""
    table = read_measurements(folder / "measurements.csv.gz")
    assert "failed" not in set(table["status"])
    rows = table[(table["metric"] == "global_entropy") & (table["part"] == "cipher")]
    return {str(cipher): float(value) for cipher, value in rows.groupby("cipher")["value"].mean().items()}


def test_numbers_follow_every_file(tmp_path: Path) -> None:
    """The same command measures anew after any one file has changed, wherever it is, in nine layouts."""
    found = []
    for mask in (255, 0):
        for number, layout in enumerate(_MEASURED):
            write(tmp_path / str(number), LAYOUTS[layout][1], mask, name=f"c{number}")
        paths = [tmp_path / str(number) / LAYOUTS[layout][0] for number, layout in enumerate(_MEASURED)]
        done = run(tmp_path / "out", *paths)
        assert done.exit_code == 0, done.output
        assert f"{len(_MEASURED)} run now" in done.output
        found.append(entropies(tmp_path / "out"))
    random, plain = found
    assert set(random) == set(plain) == {f"c{number}" for number in range(len(_MEASURED))}
    assert all(entropy > 7.8 for entropy in random.values()), random
    assert all(entropy < 7.75 for entropy in plain.values()), plain


def test_a_late_file_fails_the_cell_once(tmp_path: Path) -> None:
    """A module that only other keys load is named; from the next run on it counts, and its change is noticed."""
    write(tmp_path / "mine", LATE)
    first = run(tmp_path / "out", tmp_path / "mine/ciph.py")
    assert "failed: mine, astronaut, entropy: loaded late.py, not seen before; run again" in first.output
    assert "no cell gave a measurement" in first.output
    assert run(tmp_path / "out", tmp_path / "mine/ciph.py").exit_code == 0
    assert entropies(tmp_path / "out")["mine"] > 7.8
    assert "0 run now" in run(tmp_path / "out", tmp_path / "mine/ciph.py").output
    write(tmp_path / "mine", LATE, mask=0)
    assert "1 run now" in run(tmp_path / "out", tmp_path / "mine/ciph.py").output
    assert entropies(tmp_path / "out")["mine"] < 7.75
    moved = (tmp_path / "mine").rename(tmp_path / "elsewhere")
    assert "0 run now" in run(tmp_path / "out", moved / "ciph.py").output


@pytest.mark.parametrize("layout", ["relative", "a helper's helper", "data by numpy"])
def test_the_fixture_goes_red(tmp_path: Path, layout: str) -> None:
    """`security` measures anew after a helper or a data file of the cipher has changed."""
    path, files = LAYOUTS[layout]
    measure = Security(tmp_path / "kept", size=32, jobs=1)

    def entropy() -> object:
        return measure(f"{tmp_path / path}:C", only=["entropy"], attacks=False).passes()

    write(tmp_path, files, mask=255)
    entropy()
    write(tmp_path, files, mask=0)
    with pytest.raises(SecurityFailure, match="entropy"):
        entropy()


@pytest.mark.parametrize("layout", ["own package", "a computed name", "data by open"])
def test_check_notices_in_a_kept_folder(tmp_path: Path, layout: str) -> None:
    """`check CIPHER --out` given twice measures anew what has changed in between: a regression."""
    path, files = LAYOUTS[layout]
    write(tmp_path, files, mask=255)
    assert run(tmp_path / "baseline", tmp_path / path).exit_code == 0
    check = ["check", f"{tmp_path / path}:C", f"--against={tmp_path / 'baseline'}", f"--out={tmp_path / 'kept'}"]
    first = CliRunner().invoke(main, check)
    assert first.exit_code == 0, first.output
    write(tmp_path, files, mask=0)
    second = CliRunner().invoke(main, check)
    assert second.exit_code == 1, second.output
    assert "entropy" in second.output


def test_a_file_that_changes_later_stops_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes between planning and measuring is noticed by the worker, and measured in the next run."""
    from cryptobench.bench import run as running

    path, files = LAYOUTS["relative"]
    write(tmp_path, files, mask=255)
    planned = running.make_plan

    def and_change(*arguments: object) -> object:
        plan = planned(*arguments)  # type: ignore[arg-type]
        write(tmp_path, files, mask=0)
        return plan

    monkeypatch.setattr(running, "make_plan", and_change)
    done = run(tmp_path / "out", tmp_path / path)
    assert "the cipher has changed since the run was planned; run again" in done.output
    monkeypatch.undo()
    assert run(tmp_path / "out", tmp_path / path).exit_code == 0
    assert entropies(tmp_path / "out")["mine"] < 7.75


def test_an_analysis_may_read_files_of_its_own(tmp_path: Path) -> None:
    """Only what a cipher reads counts as the cipher's: an analysis given by path opens a file, and its cell is kept."""
    write(tmp_path, {"ciph.py": cipher(_MASK), "table.txt": "1"})
    (tmp_path / "reads.py").write_text(
        "from dataclasses import dataclass\nfrom pathlib import Path\nfrom typing import ClassVar\n"
        "from cryptobench.analyses.base import Analysis\nfrom cryptobench.measurement import Measurement\n"
        "@dataclass(frozen=True)\nclass Reads(Analysis):\n"
        "    name: ClassVar[str] = 'reads'\n    title: ClassVar[str] = 'Reads'\n    images: ClassVar[str] = 'all'\n"
        "    def measure(self, experiment):\n"
        "        yield Measurement('one', float(Path(__file__).with_name('table.txt').read_text()))\n"
    )
    arguments = ["--profile=quick", "--size=32", "--images=camera", "--jobs=1", "--no-report"]
    chosen = [f"--ciphers={tmp_path / 'ciph.py'}:C", f"--analyses={tmp_path / 'reads.py'}:Reads"]
    done = CliRunner().invoke(main, ["run", *chosen, f"--out={tmp_path / 'out'}", *arguments])
    assert done.exit_code == 0, done.output
    assert "1 cells (1 ok)" in done.output
