"""The whole report as one Markdown page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptobench.layout.markdown import as_text, markdown_table
from cryptobench.layout.tables import Table
from cryptobench.results.run import RunData

__all__ = ["Picture", "report_page"]


_LONG = 40
_KINDS = {
    "csv": "CSV", "gz": "CSV, compressed", "md": "Markdown", "tex": "LaTeX", "pdf": "PDF", "png": "PNG", "webp": "WebP",
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A figure that was written: its file name without ending, its title, and its caption with the marks' legend."""

    name: str
    title: str
    caption: str


def report_page(
    run: RunData,
    tables: Sequence[Table],
    pictures: Sequence[Picture],
    skipped: Sequence[str],
    files: Mapping[str, Sequence[str]] | None = None,
    longest: int | None = None,
) -> str:
    """The report as Markdown; figures are linked, long tables are folded.

    ``files`` are the files of each figure and table by ``figures/NAME`` and ``tables/NAME``, beside the page, which
    embeds the last file of a figure. Tables of more than ``longest`` characters are linked only.
    """
    links = files or {
        **{f"figures/{picture.name}": _endings(f"figures/{picture.name}", "pdf", "png") for picture in pictures},
        **{f"tables/{table.name}": _endings(f"tables/{table.name}", "csv", "md", "tex") for table in tables},
    }
    parts = ["# Report\n", _about(run), "## Contents\n", _contents(tables, pictures, links), "## Figures\n"]
    parts += [_figure(picture, links[f"figures/{picture.name}"][-1]) for picture in pictures]
    parts += ["## Tables\n"]
    parts += [_table(table, links[f"tables/{table.name}"], longest) for table in tables]
    if skipped:
        parts += ["## What this run has no data for\n", "\n".join(f"- {as_text(line)}" for line in skipped) + "\n"]
    return "\n".join(parts)


def _endings(stem: str, *endings: str) -> list[str]:
    return [f"{stem}.{ending}" for ending in endings]


def _about(run: RunData) -> str:
    known = run.numbers.dropna(subset=["height", "width", "channels"]).drop_duplicates("image")
    sizes = known[["image", "height", "width", "channels"]].itertuples(index=False, name=None)
    images = ", ".join(f"{name} ({height}×{width}×{channels})" for name, height, width, channels in sizes if name)
    lines = [f"- ciphers: {', '.join(map(run.label, run.ciphers))}", f"- images: {images or 'none'}"]
    lines = [as_text(line) for line in (*lines, *(f"- {key}: {value}" for key, value in _plain(run.settings)))]
    legend = run.legend(run.ciphers)
    return "\n".join(lines) + (f"\n\nMarks behind the names of ciphers. {as_text(legend)}\n" if legend else "\n")


def _plain(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, dict) and not prefix and len(value) <= 12:
            found += _plain(value, f"{key}: ")
        elif isinstance(value, str | int | float | bool) and value != "":
            found.append((prefix + key, str(value)))
    return found


def _contents(tables: Sequence[Table], pictures: Sequence[Picture], links: Mapping[str, Sequence[str]]) -> str:
    lines = ["| what | files |", "|---|---|"]
    lines += [f"| figure: {as_text(p.title)} | {_linked(links[f'figures/{p.name}'])} |" for p in pictures]
    lines += [f"| table: {as_text(t.title)} | {_linked(links[f'tables/{t.name}'])} |" for t in tables]
    return "\n".join(lines) + "\n"


def _linked(paths: Sequence[str]) -> str:
    return ", ".join(f"[{_KINDS[path.rsplit('.', 1)[-1]]}]({path})" for path in paths)


def _figure(picture: Picture, path: str) -> str:
    shown = as_text(picture.title, linked=True)
    return f"### {as_text(picture.title)}\n\n![{shown}]({path})\n\n{as_text(picture.caption)}\n"


def _table(table: Table, paths: Sequence[str], longest: int | None) -> str:
    body = markdown_table(table)
    if longest is not None and len(body) > longest:
        body = f"{len(table.values)} rows: {_linked(paths)}\n"
    elif len(table.values) > _LONG:
        body = f"<details><summary>{len(table.values)} rows</summary>\n\n{body}\n</details>\n"
    return f"### {as_text(table.title)}\n\n{body}\n{as_text(table.note)}\n"
