"""Results never outlive the code and data that made them: every file of a user's cipher counts, seen early or late."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cryptobench.bench import run as running
from cryptobench.bench.errors import BenchError
from cryptobench.bench.seen import further_files, known_files
from cryptobench.cli import main
from cryptobench.measurement import read_measurements
from cryptobench.testing import Security, SecurityFailure
from tests.forked import fork_preflights, fork_workers
from tests.own_ciphers import LATE, LAYOUTS, NATIVE, Content, cipher, write

_MASK = "def mask(): return MASK\n"


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ciphers are tried and measured in children of this process."""
    fork_preflights(monkeypatch, examined=False)
    fork_workers(monkeypatch)


def run(folder: Path, *ciphers: Path) -> Result:
    references = ",".join(f"{path}:C" for path in ciphers)
    arguments = ["--profile=quick", "--size=48", "--images=astronaut", "--analyses=entropy", "--jobs=2", "--no-report"]
    return CliRunner().invoke(main, ["run", f"--ciphers={references}", f"--out={folder}", *arguments])


def entropies(folder: Path) -> dict[str, float]:
    """By cipher, the mean entropy of the channels of the cipher image in bits."""
    table = read_measurements(folder / "measurements.csv.gz")
    assert "failed" not in set(table["status"])
    rows = table[(table["metric"] == "global_entropy") & (table["part"] == "cipher")]
    return {str(cipher): float(value) for cipher, value in rows.groupby("cipher")["value"].mean().items()}


def require_new_numbers(folder: Path, layouts: list[str]) -> None:
    """The same command measures anew after the file that decides the ciphertext has become the identity's."""
    known, found = LAYOUTS | NATIVE, []
    for mask in (255, 0):
        for number, layout in enumerate(layouts):
            write(folder / str(number), known[layout][1], mask, name=f"c{number}")
        paths = [folder / str(number) / known[layout][0] for number, layout in enumerate(layouts)]
        done = run(folder / "out", *paths)
        assert done.exit_code == 0, done.output
        assert f"{len(layouts)} run now" in done.output
        found.append(entropies(folder / "out"))
    random, plain = found
    assert set(random) == set(plain) == {f"c{number}" for number in range(len(layouts))}
    assert all(entropy > 7.7 for entropy in random.values()), random
    assert all(entropy < 7.65 for entropy in plain.values()), plain


def test_numbers_follow_every_file(tmp_path: Path) -> None:
    """In processes as users have them: a helper in the cipher's package."""
    require_new_numbers(tmp_path, ["relative"])


@pytest.mark.usefixtures("forked")
def test_numbers_follow_files_of_many_kinds(tmp_path: Path) -> None:
    """Worker and pre-flight agree on what was read, and the numbers are new, in the layouts that are farthest apart."""
    layouts = [
        "namespace folder",
        "a computed name",
        "runpy",
        "an array at import",
        "a zip archive",
        "bytecode without source",
        "a MATLAB file in encrypt",
    ]
    require_new_numbers(tmp_path, [*layouts, "a library by ctypes", "C that it compiles"])


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("layout", LATE)
def test_a_late_file_fails_the_cell_once(tmp_path: Path, layout: str) -> None:
    """What only some images or keys make it read is named; then it counts, and its change is noticed."""
    path, files = LATE[layout]
    write(tmp_path / "mine", files)
    first = run(tmp_path / "out", tmp_path / "mine" / path)
    (seen,) = known_files(tmp_path / "out")["mine"]
    verb = "loaded" if seen == "late.py" else "read"
    assert f"failed: mine, astronaut, entropy: {verb} {seen}, not seen before; run again" in first.output
    assert "no cell gave a measurement" in first.output
    assert run(tmp_path / "out", tmp_path / "mine" / path).exit_code == 0
    assert entropies(tmp_path / "out")["mine"] > 7.7
    assert "0 run now" in run(tmp_path / "out", tmp_path / "mine" / path).output
    write(tmp_path / "mine", files, mask=0)
    assert "1 run now" in run(tmp_path / "out", tmp_path / "mine" / path).output
    assert entropies(tmp_path / "out")["mine"] < 7.65
    moved = (tmp_path / "mine").rename(tmp_path / "elsewhere")
    assert "0 run now" in run(tmp_path / "out", moved / path).output


def require_red(folder: Path, path: str, files: dict[str, Content]) -> None:
    """`security` measures anew after a file of the cipher has changed."""
    measure = Security(folder / "kept", size=32, jobs=1)

    def entropy() -> object:
        return measure(f"{folder / path}:C", only=["entropy"], images=["astronaut"], attacks=False).passes()

    write(folder, files, mask=255)
    entropy()
    write(folder, files, mask=0)
    with pytest.raises(SecurityFailure, match="entropy"):
        entropy()


@pytest.mark.usefixtures("forked")
def test_the_fixture_goes_red(tmp_path: Path) -> None:
    """What pytest's cache holds is measured anew after a helper of a helper has changed."""
    require_red(tmp_path, *LAYOUTS["a helper's helper"])


@pytest.mark.usefixtures("forked")
def test_the_fixture_settles_late_files(tmp_path: Path) -> None:
    """A late file costs it a second measurement, no failed test, and its change is noticed."""
    path, files = LATE["a key bit"]
    require_red(tmp_path, path, {name: str(text).replace("> 40", "== 32") for name, text in files.items()})


def require_regression(folder: Path, path: str, files: dict[str, Content]) -> None:
    """`check CIPHER --out` given twice measures anew what has changed in between: a regression."""
    write(folder, files, mask=255)
    run(folder / "baseline", folder / path)
    assert run(folder / "baseline", folder / path).exit_code == 0
    check = ["check", f"{folder / path}:C", f"--against={folder / 'baseline'}", f"--out={folder / 'kept'}"]
    first = CliRunner().invoke(main, check)
    assert first.exit_code == 0, first.output
    write(folder, files, mask=0)
    second = CliRunner().invoke(main, check)
    assert second.exit_code == 1, second.output
    assert "entropy" in second.output


@pytest.mark.usefixtures("forked")
def test_check_notices_in_a_kept_folder(tmp_path: Path) -> None:
    """A file that is read at each encryption."""
    require_regression(tmp_path, *LAYOUTS["data by open"])


@pytest.mark.usefixtures("forked")
def test_check_settles_late_files(tmp_path: Path) -> None:
    """The first check of a cipher with a late file compares numbers, not failed cells."""
    require_regression(tmp_path, *LATE["data of a large image"])


@pytest.mark.usefixtures("forked")
def test_a_far_late_file_is_named_in_the_card(tmp_path: Path) -> None:
    """One outside the project would never count, since a run's folder may be anybody's: the message says what does."""
    write(tmp_path, {"mine/pyproject.toml": "", "far/late.txt": "255"})
    late = "mask = (lambda: int((HERE.parent / 'far/late.txt').read_text())) if image.ndim == 3 else lambda: 255"
    write(tmp_path, {"mine/ciph.py": cipher("", late)})
    done = run(tmp_path / "out", tmp_path / "mine/ciph.py")
    assert "read late.txt, not seen before; name it in the card: files=('../far/late.txt',)" in done.output
    write(tmp_path, {"mine/ciph.py": cipher("", late, files=("../far/late.txt",))})
    assert run(tmp_path / "out", tmp_path / "mine/ciph.py").exit_code == 0


def test_known_files_of_strangers_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run's folder names counts within the cipher's project, on the path, and beside what it has read."""
    (tmp_path / "lib").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "lib")
    write(tmp_path, {"mine/pyproject.toml": "", "mine/p/ciph.py": cipher(_MASK)})
    names = [
        "h.py",
        "../q/h.py",
        "../../lib/x/h.py",
        "../../read/b.txt",
        "../../far/h.py",
        "../../read/c/d",
        "a\0b",
        "gone.py",
    ]
    write(tmp_path / "mine/p", dict.fromkeys(names[:-2], ""))
    seen = [(str(tmp_path / "read/a.txt"), "0")]
    found = further_files({"mine": [*names, "made/0f"]}, "mine", f"{tmp_path / 'mine/p/ciph.py'}:C", seen)
    wanted = ["mine/p/h.py", "mine/q/h.py", "lib/x/h.py", "read/b.txt"]
    assert found == [*(str(tmp_path / path) for path in wanted), "made/0f"]


@pytest.mark.usefixtures("forked")
def test_a_file_that_changes_later_stops_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes between planning and measuring is noticed by the worker, and measured in the next run."""
    path, files = LAYOUTS["relative"]
    write(tmp_path, files, mask=255)
    planned = running.make_plan

    def and_change(*arguments: object) -> object:
        plan = planned(*arguments)  # type: ignore[arg-type]
        write(tmp_path, files, mask=0)
        return plan

    with monkeypatch.context() as patch:
        patch.setattr(running, "make_plan", and_change)
        done = run(tmp_path / "out", tmp_path / path)
    assert "the cipher has changed since the run was planned; run again" in done.output
    assert run(tmp_path / "out", tmp_path / path).exit_code == 0
    assert entropies(tmp_path / "out")["mine"] < 7.65


@pytest.mark.usefixtures("forked")
def test_data_that_change_meanwhile_stop_their_cell(tmp_path: Path) -> None:
    """A table that is read at each call, and that has another content before the cell is done."""
    late = "if image.ndim == 3: (HERE / 'm.txt').write_text('254')"
    write(tmp_path, {"ciph.py": cipher("def mask(): return int((HERE / 'm.txt').read_text())", late), "m.txt": "255"})
    done = run(tmp_path / "out", tmp_path / "ciph.py")
    assert "m.txt has changed while the cipher was measured; run again" in done.output


@pytest.mark.usefixtures("forked")
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


@pytest.mark.usefixtures("forked")
def test_one_that_cannot_be_tried_is_not_run(tmp_path: Path) -> None:
    """One line says why, a sound cipher beside it is measured, and a strict run has failed."""
    write(tmp_path / "a", {"ciph.py": cipher(_MASK)}, mask=255, name="sound")
    write(tmp_path / "b", {"ciph.py": cipher("import os; os._exit(0)")}, name="ends")
    references = ",".join(f"{tmp_path / folder / 'ciph.py'}:C" for folder in "ab")
    arguments = ["--profile=quick", "--size=32", "--images=camera", "--analyses=entropy,histogram", "--no-report"]
    done = CliRunner().invoke(
        main, ["run", f"--ciphers={references}", f"--out={tmp_path / 'out'}", *arguments, "--strict"]
    )
    line = "ends: importing it ends the process: it ended with exit code 0 (ciph.py, line 11)"
    assert done.exit_code == 1
    assert done.stdout.count(line) == done.stderr.count(line) == 1, done.output
    assert "2 ok" in done.stdout


def test_a_folder_of_a_stranger_names_no_file_elsewhere(tmp_path: Path) -> None:
    """Of the paths in files_seen.json those of the cipher's own project count; no other is ever opened."""
    write(tmp_path / "mine", {"ciph.py": cipher(_MASK), "late.py": _MASK})
    (tmp_path / "secret").write_text("secret")
    named = ["late.py", "/etc/passwd", "../secret", str(tmp_path / "secret"), "a\0b", "/proc/self/environ", "../../x"]
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "files_seen.json").write_text(json.dumps({"mine": named, "other": ["late.py"]}))
    known = known_files(tmp_path / "run")
    assert further_files(known, "mine", f"{tmp_path / 'mine/ciph.py'}:C") == [str(tmp_path / "mine" / "late.py")]
    for damaged in ("[]", '{"mine": "late.py"}', '{"mine": [1]}', "{"):
        (tmp_path / "run" / "files_seen.json").write_text(damaged)
        with pytest.raises(BenchError, match=r"files_seen\.json is damaged .*; delete it, and give the same command"):
            known_files(tmp_path / "run")
