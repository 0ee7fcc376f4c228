"""The page that shows everything: report.md, with every table and figure under its caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptobench.report.markdown import markdown_table
from cryptobench.report.run import Run
from cryptobench.report.table import Table

__all__ = ["Picture", "report_page"]

_LONG = 40


@dataclass(frozen=True)
class Picture:
    """A figure that was written: its file name without ending, its title and its caption."""

    name: str
    title: str
    caption: str


def report_page(run: Run, tables: Sequence[Table], pictures: Sequence[Picture], skipped: Sequence[str]) -> str:
    """The report as Markdown; figures are linked, long tables are folded."""
    parts = ["# Report\n", _about(run), "## Contents\n", _contents(tables, pictures), "## Figures\n"]
    parts += [_figure(picture) for picture in pictures]
    parts += ["## Tables\n"]
    parts += [_table(table) for table in tables]
    if skipped:
        parts += ["## What this run could not show\n", "\n".join(f"- {line}" for line in skipped) + "\n"]
    return "\n".join(parts)


def _about(run: Run) -> str:
    known = run.numbers.dropna(subset=["height", "width", "channels"]).drop_duplicates("image")
    sizes = known[["image", "height", "width", "channels"]].itertuples(index=False, name=None)
    images = ", ".join(f"{name} ({height}×{width}×{channels})" for name, height, width, channels in sizes if name)
    lines = [f"- ciphers: {', '.join(run.label(cipher) for cipher in run.ciphers)}", f"- images: {images or 'none'}"]
    lines += [f"- {key}: {value}" for key, value in _plain(run.settings)]
    return (
        "\n".join(lines)
        + "\n\nA cipher marked [B] or [C] is not the paper's own: some or all of its details were chosen.\n"
    )


def _plain(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, dict) and not prefix and len(value) <= 12:
            found += _plain(value, f"{key}: ")
        elif isinstance(value, str | int | float | bool) and value != "":
            found.append((prefix + key, str(value)))
    return found


def _contents(tables: Sequence[Table], pictures: Sequence[Picture]) -> str:
    lines = ["| what | files |", "|---|---|"]
    lines += [f"| figure: {p.title} | [PDF](figures/{p.name}.pdf), [PNG](figures/{p.name}.png) |" for p in pictures]
    kinds = {"CSV": "csv", "Markdown": "md", "LaTeX": "tex"}
    for t in tables:
        links = ", ".join(f"[{kind}](tables/{t.name}.{ending})" for kind, ending in kinds.items())
        lines.append(f"| table: {t.title} | {links} |")
    return "\n".join(lines) + "\n"


def _figure(picture: Picture) -> str:
    return f"### {picture.title}\n\n![{picture.title}](figures/{picture.name}.png)\n\n{picture.caption}\n"


def _table(table: Table) -> str:
    body = markdown_table(table)
    if len(table.values) > _LONG:
        body = f"<details><summary>{len(table.values)} rows</summary>\n\n{body}\n</details>\n"
    return f"### {table.title}\n\n{body}\n{table.caption}\n"
