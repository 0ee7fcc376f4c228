"""Renew results/reference: `make reference`, or `python docs/make_reference.py`.

Measures every cipher with the profiles standard (hours) and quick, going on where an earlier call stopped, and takes
over what is small enough to be committed.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from cryptobench.bench.run import write_table
from cryptobench.beside import summary
from cryptobench.layout.tables import Table
from cryptobench.registry import cipher_names, read_card
from cryptobench.report.figures import drawings
from cryptobench.report.markdown import Picture, report_page
from cryptobench.report.tables import make_tables
from cryptobench.results.run import NothingToShow, RunData, load_run
from cryptobench.spreadsheet import csv_text

__all__ = ["Refused", "gather", "kept"]

RESULTS = Path(__file__).resolve().parent.parent / "results"
PROFILES = ("standard", "quick")
LIMIT = 15_000_000  # bytes, all files together
KEPT = (
    "heatmap",
    "recovered",
    "queries",
    "correlation",
    "differential",
    "key_bits",
    "damage_curves",
    "traceability",
    "timing",
)
PLAIN = ("cards.json", "run.json", "settings.toml")
LONGEST = 40_000  # characters of a table that report.md shows
INTERVALS = summary.INTERVALS
LARGEST = 128_000  # bytes of a table that is not compressed
PHOTOGRAPHIC, WIDTH = "recovered", 1000  # figures of pictures, and their width in pixels


class Refused(Exception):
    """The runs are no reference; the message says in one line why."""


def main() -> None:
    """Measure, then gather; ends with 1 and one line if the runs may not become the reference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gather-only", action="store_true", help="measure nothing: the runs are complete")
    gather_only = parser.parse_args().gather_only
    for profile in () if gather_only else PROFILES:
        line = [sys.executable, "-m", "cryptobench", "run", "--all", "--profile", profile]
        if code := subprocess.run([*line, "--out", str(RESULTS / profile)], check=False).returncode:
            sys.exit(code)
    try:
        size = gather(RESULTS / "standard", RESULTS / "quick", RESULTS / "reference")
    except Refused as reason:
        sys.exit(f"Error: {reason}")
    print(f"{RESULTS / 'reference'}: {size / 1e6:.1f} MB")


def gather(
    standard: Path, quick: Path, reference: Path, ciphers: Iterable[str] | None = None, limit: int = LIMIT
) -> int:
    """Make ``reference`` anew out of two runs of ``ciphers`` (all that are registered); its size in bytes.

    `Refused` if a run is incomplete or has cells that failed, if they are of two commits or of none, or if it would
    take ``limit`` bytes or more; ``reference`` is then left as it was.
    """
    wanted = {read_card(name).name for name in cipher_names()} if ciphers is None else set(ciphers)
    _require_one_commit({folder: _require_complete(folder, profile, wanted)
                         for folder, profile in zip((standard, quick), PROFILES, strict=True)})  # fmt: skip
    partial = reference.with_name(f".{reference.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _fill(partial, standard, quick)
        sizes = {path.relative_to(partial).parts[0]: 0 for path in _files(partial)}
        for path in _files(partial):
            sizes[path.relative_to(partial).parts[0]] += path.stat().st_size
        if (size := sum(sizes.values())) >= limit:
            largest = sorted(sizes.items(), key=lambda item: -item[1])[:4]
            parts = ", ".join(f"{name} {part / 1e6:.2f}" for name, part in largest)
            raise Refused(
                f"{reference} would take {size / 1e6:.2f} MB ({parts}), wanted less than {limit / 1e6:g}; "
                "keep fewer figures (KEPT in docs/make_reference.py)"
            )
        shutil.rmtree(reference, ignore_errors=True)
        partial.replace(reference)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return size


def _require_complete(folder: Path, profile: str, wanted: set[str]) -> dict[str, Any]:
    """The run.json of a finished run of a profile over all ciphers, without a cell that failed."""
    for name in ("measurements.csv.gz", *PLAIN):
        if not (folder / name).is_file():
            raise Refused(f"{folder} is no finished run: it has no {name}; `make reference` goes on with it")
    about: dict[str, Any] = json.loads((folder / "run.json").read_text("utf-8"))
    if (name := about["settings"]["name"]) != profile:
        raise Refused(f"{folder} was run with the profile {name}, wanted {profile}")
    if missing := sorted(wanted - about["ciphers"].keys()):
        raise Refused(f"{folder} lacks {', '.join(missing)}; `make reference` goes on with it")
    if failures := about["failures"]:
        cells = "; ".join(f"{f['cipher']}, {f['analysis']}, {f['image']}: {f['status']}" for f in failures)
        raise Refused(
            f"{folder} has {len(failures)} cells that did not finish ({cells}); fix the cause, then run again"
        )
    return about


def _require_one_commit(runs: dict[Path, dict[str, Any]]) -> None:
    commits = {folder: about["git_commit"] or "no checkout" for folder, about in runs.items()}
    words = " and ".join(f"{folder} at {commit}" for folder, commit in commits.items())
    if len(set(commits.values())) > 1:
        raise Refused(f"the runs are of different commits, {words}; measure both with `make reference` at one commit")
    if any(commit.endswith("+changes") or commit == "no checkout" for commit in commits.values()):
        raise Refused(f"the runs are not of a commit, {words}; commit, then `make reference` again")


def kept(table: pd.DataFrame) -> pd.DataFrame:
    """The measurements of a run that are committed: all but single trials, and what the tables take from these."""
    return summary.kept(table, INTERVALS)


def _fill(out: Path, standard: Path, quick: Path) -> None:
    run = load_run(standard)
    tables, skipped = make_tables(run)
    numbers = kept(run.table)
    _require_same(tables, make_tables(replace(run, table=numbers))[0])
    pictures = list(_pictures(run))
    (out / "quick").mkdir(parents=True)
    for name in PLAIN:
        shutil.copyfile(standard / name, out / name)
        shutil.copyfile(quick / name, out / "quick" / name)
    shutil.copyfile(quick / "measurements.csv.gz", out / "quick" / "measurements.csv.gz")
    about = json.loads((standard / "run.json").read_text("utf-8")) | {"measurements": write_table(numbers, out)}
    (out / "run.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", "utf-8")
    files = {f"tables/{table.name}": [_write_table(table, out / "tables")] for table in tables}
    files |= {f"figures/{one.name}": [_write_picture(standard, one.name, out / "figures")] for one in pictures}
    page = report_page(replace(run, settings=about), tables, pictures, skipped, files, LONGEST)
    (out / "report.md").write_text(page, "utf-8")


def _require_same(tables: Sequence[Table], again: Sequence[Table]) -> None:
    found = {table.name: csv_text(table.values) for table in again}
    if other := [table.name for table in tables if found.get(table.name) != csv_text(table.values)]:
        raise Refused(
            f"{', '.join(other)} do not follow from the measurements that are kept; keep more (docs/make_reference.py)"
        )


def _pictures(run: RunData) -> Iterator[Picture]:
    """The figures that are kept; of recovered images the galleries, not those of each cipher."""
    for name in KEPT:
        try:
            for drawing in drawings(run, name):
                if drawing.listed and not drawing.name.startswith("recovered_from_"):
                    yield Picture(drawing.name, drawing.title, drawing.note(run))
        except NothingToShow:
            continue


def _write_table(table: Table, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    content = csv_text(table.values).encode()
    ending = "csv" if len(content) <= LARGEST else "csv.gz"
    name = f"{table.name}.{ending}"
    (folder / name).write_bytes(content if ending == "csv" else gzip.compress(content, 9, mtime=0))
    return f"{folder.name}/{name}"


def _write_picture(run: Path, name: str, folder: Path) -> str:
    """A figure as a PNG of 64 colours, or, where it holds photographs, as a smaller WebP."""
    source = run / "figures" / f"{name}.png"
    if not source.is_file():
        raise Refused(f"{source} is missing; `cryptobench report {run}` draws it")
    folder.mkdir(exist_ok=True)
    content = io.BytesIO()
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    if photographic := name.startswith(PHOTOGRAPHIC):
        picture = picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)
        picture.save(content, "WEBP", quality=60, method=6)
    else:
        picture.quantize(64, dither=Image.Dither.NONE).save(content, "PNG", optimize=True)
    path = folder / f"{name}.{'webp' if photographic else 'png'}"
    path.write_bytes(content.getvalue())
    return f"{folder.name}/{path.name}"


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


if __name__ == "__main__":
    main()
