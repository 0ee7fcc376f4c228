"""Puts the page together: template, style, script, and the data in compressed chunks that are opened when shown."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from cryptobench.layout.tables import Table
from cryptobench.report.html.content import cipher_content, overview_content, table_content
from cryptobench.report.html.pictures import EXACT, within
from cryptobench.report.html.plain import compressed, json_text, safe
from cryptobench.report.html.rows import measurement_rows
from cryptobench.report.judged import NOTE
from cryptobench.results.run import RunData
from cryptobench.results.verdicts import RULE

__all__ = ["SCRIPTS", "STYLES", "assets", "html_page"]

STYLES = ("colours.css", "layout.css", "parts.css", "print.css")
SCRIPTS = (
    "core.js", "format.js", "charts.js", "order.js", "grid.js", "filters.js", "matrix.js", "numbers.js", "cipher.js",
    "tables.js", "run.js", "router.js",
)  # fmt: skip
_PICTURES_NOTE = (
    f"Pictures of more than {EXACT} samples are compressed with loss here, and large ones sampled; the pictures "
    "themselves are in the run's folder, under pictures/. Histograms are those of the pictures themselves."
)


def html_page(run: RunData, tables: Sequence[Table], skipped: Sequence[str]) -> str:
    """The page as text; equal runs give equal text."""
    style, script = assets(*STYLES), '(() => {\n"use strict";\n' + assets(*SCRIPTS) + "})();\n"
    template = Template(assets("page.html"))
    return template.substitute(
        title=html.escape(f"{run.name}: image cipher benchmark"),
        style=style,
        script=script,
        marks=assets("marks.svg"),
        style_hash=_digest(style),
        script_hash=_digest(script),
        data="\n".join(_data(run, tables, skipped)),
    )


def _data(run: RunData, tables: Sequence[Table], skipped: Sequence[str]) -> Iterator[str]:
    """Script elements that hold data: one of JSON for the overview, then chunks and pictures."""
    cards, rows, results = run.cards, measurement_rows(run), run.attacks
    contents, pictures = within(
        lambda kept: [cipher_content(run, cipher, cards.get(cipher), results, kept) for cipher in run.ciphers]
    )
    overview = overview_content(run, cards, results) | {
        "name": run.name,
        "rule": f"{RULE} {NOTE}" if len(run.judgements) else RULE,
        "legend": run.legend(run.ciphers),
        "rows_note": rows.note,
        "pictures_note": _PICTURES_NOTE,
        "tables": [{"name": t.name, "title": t.title, "rows": len(t.values)} for t in tables],
    }
    yield f'<script type="application/json" id="overview-data">{safe(json_text(overview))}</script>'
    for place, (cipher, content) in enumerate(zip(run.ciphers, contents, strict=True)):
        yield _chunk(f"cipher-{place}", content)
        yield _element(f"rows-{place}", rows.chunks.get(cipher, compressed("")))
    for table in tables:
        yield _chunk(f"table-{table.name}", table_content(table))
    yield _chunk("run", {"about": run.settings, "skipped": list(skipped)})
    for number, picture in enumerate(pictures.texts):
        yield _element(f"picture-{number}", picture)


def _chunk(name: str, content: Any) -> str:
    return _element(name, compressed(json_text(content)))


def _element(name: str, base64_text: str) -> str:
    return f'<script type="text/plain" id="{html.escape(name)}">{base64_text}</script>'


def assets(*names: str) -> str:
    """The files of these names that make the page, one after the other: styles, scripts, and ``marks.svg``."""
    folder = files(__package__) / "assets"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


def _digest(text: str) -> str:
    """The hash by which the page's own security policy lets a script or a style run, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
