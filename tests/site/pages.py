"""A page of the site as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

__all__ = ["Parsed", "parsed"]


class Parsed(HTMLParser):
    """Links, anchors, names of elements with their attributes, and the rows of all tables as texts."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self.links += [address for name in ("href", "src") if (address := found.get(name)) and tag != "use"]
        if identity := found.get("id"):
            self.anchors.add(identity)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def row(self, first: str) -> list[str]:
        """The first row that begins with this text."""
        return next(row for row in self.rows if row and row[0] == first)


def parsed(path: Path) -> Parsed:
    """The page in a file."""
    page = Parsed()
    page.feed(path.read_text(encoding="utf-8"))
    return page
