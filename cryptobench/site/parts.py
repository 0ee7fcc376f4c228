"""What pages are put together from: marks and badges, tables that a script can sort, commands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptobench.report.judged import Judged
from cryptobench.results.attacks import WORDS
from cryptobench.results.verdicts import STATES
from cryptobench.site.markup import Html, element, joined

__all__ = [
    "SHAPES", "Cells", "badge", "command", "facts", "fold", "framed", "grid", "judgement", "lines_of", "mark",
    "panel", "spoken", "table_cells", "toned",
]  # fmt: skip

SHAPES = {"holds": "pass", "failed": "error", "n/a": "none", "map recovered": "map", "not run": "none"}
"""States that share the mark of another one; see marks.svg."""
_STATES = {
    "FAIL": "fail", "RECOVERED": "recovered", "MAP RECOVERED": "map recovered",
    **{word: word for word in (*WORDS, *STATES, "n/a") if word != "none"},
}  # fmt: skip
_LONG = 40  # characters from which a column is one of words


@dataclass(frozen=True)
class Cells:
    """A column of a table: its cells, and the numbers or words to sort its rows by where the text does not do.

    ``kind`` is "number", "words" or "". A reader may choose among the values of a ``filtered`` column.
    """

    title: str
    cells: Sequence[Any]
    keys: Sequence[Any] | None = None
    kind: str = ""
    filtered: bool = False
    meaning: str = ""


def spoken(name: str) -> str:
    """A name as it is read."""
    return name.replace("_", " ")


def mark(state: str) -> Html:
    """The shape of a state, which is told apart without colours."""
    return element("svg", element("use", href=f"#mark-{SHAPES.get(state, state)}"), class_="mark", aria_hidden="true")


def badge(state: str, text: str = "", **attributes: Any) -> Html:
    """A state in its colour, with its mark and a word."""
    return element("span", mark(state), text or state, class_="verdict state", data_state=state, **attributes)


def toned(text: Any, tone: int | None, **attributes: Any) -> Html:
    """A judgement in the colour of its tone, 0 to 5; None where nothing is known."""
    return element("span", text, class_="verdict state", data_tone="none" if tone is None else tone, **attributes)


def judgement(one: Judged, weak: str = "", name: str = "") -> Html:
    """A judgement of `cryptobench.report.judged`; ``weak`` says what is known of weak keys."""
    text = f"{name}: {one.marked}" if name else one.marked
    return toned([text, element("sup", "w", title=f"weak keys: {weak}") if weak else None], one.tone, title=one.says)


def command(*lines: str) -> Html:
    """Lines for a shell, and a place for the button that copies them."""
    return element("div", element("pre", element("code", "\n".join(lines)), tabindex=0), class_="command")


def table_cells(content: Mapping[str, Any], rows: Sequence[int]) -> list[Cells]:
    """Some rows of a table as `cryptobench.report.html.content.table_content` has it."""
    found = []
    for column in content["columns"]:
        texts = [column["texts"][row] for row in rows]
        kept = {name: [column[name][row] for row in rows] for name in ("keys", "tones", "ranks") if column.get(name)}
        if "tones" in kept:
            cells: list[Any] = [toned(text, tone) for text, tone in zip(texts, kept["tones"], strict=True)]
        elif "keys" in kept:
            cells = [element("span", text, class_="bad") if text.endswith("*") else text for text in texts]
        else:
            cells = [badge(_STATES[text], text.lower()) if text in _STATES else text for text in texts]
        long = any(len(text) > _LONG for text in texts)
        kind = "words" if long else "number" if "keys" in kept else ""
        found.append(Cells(column["title"], cells, kept.get("ranks") or kept.get("keys"), kind))
    return found


def grid(
    columns: Sequence[Cells], name: str, *, searched: bool = False, tall: bool = False, dense: bool = False
) -> Html:
    """A table in a frame that scrolls sideways where it is wide, and says so; its script sorts it and filters it.

    The first column names what a row is about. ``searched`` asks for a field that searches all rows, ``tall`` tables
    scroll below their heads, and ``dense`` ones have many columns.
    """
    heads = [
        element(
            "th", element("span", column.title), scope="col", class_=column.kind == "number" and "number",
            data_filter=column.filtered, title=column.meaning or None,
        )
        for column in columns
    ]  # fmt: skip
    lines = [
        element("tr", (_cell(column, row, head=place == 0) for place, column in enumerate(columns)))
        for row in range(len(columns[0].cells))
    ]
    parts = element("thead", element("tr", heads)), element("tbody", lines)
    look = {"class_": "grid dense" if dense else "grid", "data_sorts": True, "data_searched": searched}
    table = element("table", parts, aria_label=name, **look)
    return framed(table, name, tall)


def framed(table: Html, name: str, tall: bool = False) -> Html:
    """A table in its frame; the line above it stands only where the table is wider than the frame."""
    frame = element(
        "div", table, class_="scroll tall" if tall else "scroll", role="region", aria_label=name, tabindex=0
    )
    hint = element("p", "This table is wider than its frame: scroll it sideways.", class_="hint")
    return element("div", hint, frame, class_="frame")


def _cell(column: Cells, row: int, head: bool) -> Html:
    cell, kind = column.cells[row], column.kind
    key = None if column.keys is None else _key(cell, column.keys[row])
    if head:
        cell = _broken(cell) if type(cell) is str and "_" in cell else cell
        return element("th", cell, scope="row", class_=kind == "words" and kind, data_key=key)
    return element("td", cell, class_=kind or None, data_key=key)


def _broken(name: str) -> Html:
    """A name that may go on in the next line after each underscore."""
    first, *others = name.split("_")
    return joined(first, ([element("wbr"), f"_{other}"] for other in others))


def _key(cell: Any, key: Any) -> Any:
    """What a script sorts the cell by; None where that is the number that it shows, as most do."""
    if key is None:
        return ""
    try:
        shown = float(cell)
    except (TypeError, ValueError):
        return key
    return None if math.isfinite(shown) else key


def lines_of(items: Sequence[Any], class_: str = "points") -> Html | None:
    """A list, if there is anything in it."""
    return element("ul", (element("li", item) for item in items), class_=class_) if items else None


def facts(pairs: Sequence[tuple[Any, Any]]) -> Html:
    """What and what it is, as a list of definitions."""
    return element("dl", (joined(element("dt", name), element("dd", text)) for name, text in pairs))


def panel(title: str, *children: Any, place: str | None = None) -> Html:
    """A part of a page under its title; ``place`` is its anchor."""
    return element("section", element("h2", title), children, class_="panel", id=place)


def fold(title: Any, *children: Any, place: str | None = None) -> Html:
    """A part that opens at its title."""
    return element("details", element("summary", title), element("div", children, class_="inside"), id=place)
