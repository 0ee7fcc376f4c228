"""Put a finished run's summary table and heat maps into the README: `python docs/update_readme.py results/standard`."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

__all__ = ["Refused", "update"]

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
DROPPED = 2  # column of the summary that takes room and says the same everywhere: the image


class Refused(Exception):
    """The README cannot be updated; the message says in one line why."""


def main() -> None:
    """Update this checkout's README; ends with 1 and one line if that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run, with its report")
    try:
        update(parser.parse_args().run, ROOT)
    except Refused as reason:
        sys.exit(f"Error: {reason}")


def update(folder: Path, root: Path) -> None:
    """Replace what stands between the markers of the README in ``root``, and the heat maps in its docs/pictures.

    `Refused`, with nothing changed, if the run has no report or the README no markers.
    """
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Refused(f"{readme} lacks {BEGIN} and, after it, {END}; the results go between them")
    summary = folder / "tables" / "summary.md"
    for needed in (folder / "run.json", summary):
        if not needed.is_file():
            raise Refused(f"{needed} is missing; `cryptobench run` and `cryptobench report` write it")
    title, table, caption = summary.read_text(encoding="utf-8").strip().split("\n\n", 2)
    table = "\n".join(_without_column(line, DROPPED) for line in table.splitlines())
    origin = _origin(json.loads((folder / "run.json").read_text(encoding="utf-8")))
    maps = _copy_maps(folder / "figures", root / "docs" / "pictures")
    figures = [f"![Which cipher passes which test](docs/pictures/{name})" for name in maps]
    body = "\n\n".join([BEGIN, title.replace("# ", "## ", 1), table, f"{origin} {caption}", *figures, END])
    readme.write_text(before + body + after, encoding="utf-8")


def _origin(about: dict[str, Any]) -> str:
    settings, cells = about["settings"], about["cells"]["total"]
    which = "--all" if "all" in settings["ciphers"] else f"--ciphers {','.join(settings['ciphers'])}"
    machine = f"seed {settings['seed']}, {about['cpu']}, {about['cpu_count']} cores"
    return f"From `cryptobench run {which} --profile {settings['name']}` ({cells} cells, {machine})."


def _copy_maps(source: Path, target: Path) -> list[str]:
    """Take over the run's heat maps in place of older ones; their names."""
    target.mkdir(exist_ok=True)
    for old in target.glob("heatmap*.png"):
        old.unlink()
    maps = sorted(path for path in source.glob("heatmap*.png") if "one_column" not in path.stem)
    for path in maps:
        shutil.copyfile(path, target / path.name)
    return [path.name for path in maps]


def _without_column(line: str, index: int) -> str:
    cells = re.split(r"(?<!\\)\|", line)
    return "|".join(cells[:index] + cells[index + 1 :])


if __name__ == "__main__":
    main()
