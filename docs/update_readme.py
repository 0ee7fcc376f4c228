"""Put a finished run's summary table and heat maps into the README: `python docs/update_readme.py results/standard`."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def main(folder: Path) -> None:
    """Replace what stands between the README's markers; copy the figures beside the docs."""
    settings = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    pictures = ROOT / "docs" / "pictures"
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob("heatmap*.png"):
        old.unlink()
    maps = sorted(path for path in (folder / "figures").glob("heatmap*.png") if "one_column" not in path.stem)
    for path in maps:
        shutil.copyfile(path, pictures / path.name)
    title, table, caption = (folder / "tables" / "summary.md").read_text(encoding="utf-8").strip().split("\n\n", 2)
    table = "\n".join(_without_column(line, 2) for line in table.splitlines())
    origin = (
        f"From `cryptobench run --all --profile {settings['settings']['name']}` "
        f"({settings['cells']['total']} cells, seed {settings['settings']['seed']}, {settings['cpu']}, "
        f"{settings['cpu_count']} cores). {caption}"
    )
    figures = [f"![Which cipher passes which test](docs/pictures/{path.name})" for path in maps]
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "\n\n".join([BEGIN, title.replace("# ", "## ", 1), table, origin, *figures, END])
    readme.write_text(before + body + after, encoding="utf-8")


def _without_column(line: str, index: int) -> str:
    cells = line.split("|")
    return "|".join(cells[:index] + cells[index + 1 :])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
