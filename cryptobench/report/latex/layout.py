"""Where a table is cut, so that it fits the page of any class: across into panels, down into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cryptobench.report.latex.cells import Cells
from cryptobench.report.latex.titles import Heading, split_title

__all__ = ["COLUMN", "PAGE", "Panel", "Type", "arrange", "pieces", "row_height"]

COLUMN, PAGE = 245.0, 390.0  # pt: a column of a two-column class, and the text of a one-column class
_WORDS = 13.0  # ems that wrapped words get at least
_SPARSE = 0.25  # columns that hold values in fewer of the rows go last


@dataclass(frozen=True)
class Type:
    """A type size, its line height and the space on either side of a column, in pt."""

    size: float
    lead: float
    gap: float


@dataclass(frozen=True)
class Panel:
    """Some columns and some rows of a table, and how it is set; ``widths`` are of the columns, in pt."""

    columns: tuple[Cells, ...]
    rows: tuple[int, ...]
    heading: Heading
    widths: tuple[float, ...]
    type: Type

    @property
    def width(self) -> float:
        """In pt, with the space between columns."""
        return sum(self.widths) + 2 * self.type.gap * (len(self.columns) - 1)

    def lines(self, row: int) -> int:
        """How many lines a row takes."""
        wrapped = [
            -(-cells.widths[row] * self.type.size * 1.12 // width)
            for cells, width in zip(self.columns, self.widths, strict=True)
            if cells.kind == "words"
        ]
        return max(1, *map(int, wrapped)) if wrapped else 1


def arrange(keys: Sequence[Cells], data: Sequence[Cells]) -> list[Panel]:
    """The panels of a table, one if it fits in small type, else as few as the page's width needs."""
    count = len(data[0].cells) if data else len(keys[0].cells)
    data = [cells for cells in data if not all(cells.missing)] or list(data)
    sparse = [cells for cells in data if count - sum(cells.missing) < _SPARSE * count]
    dense = [cells for cells in data if cells not in sparse]
    data = [*dense, *sparse]
    turned = sum(bool(cells.column.letters) for cells in data) > 8
    small, smaller = Type(8, 9.6, 1.5 if turned else 3), Type(7, 8.4, 1.2 if turned else 3)
    for type_, limit in ((small, COLUMN), (smaller, COLUMN), (small, PAGE), (smaller, PAGE)):
        whole = _panel([*keys, *data], range(count), type_, turned, limit)
        if whole.width <= limit and (limit > COLUMN or count <= 60):
            return [whole]
    parts = [part for some in (dense, sparse) if some for part in _partition(keys, some, smaller, turned)]
    nowhere = {row for row in range(count) if all(cells.missing[row] for cells in data)}
    panels = []
    for number, part in enumerate(parts):
        rows = [r for r in range(count) if not all(c.missing[r] for c in part) or (number == 0 and r in nowhere)]
        panels.append(_panel([*keys, *part], rows, smaller, turned, PAGE))
    return panels


def pieces(panel: Panel, families: Sequence[str], first: float, others: float) -> list[list[int]]:
    """Rows of each piece; heights in pt of what the first and the other pieces have room for.

    A cut falls between families or else between ciphers, where there is one in the lower third of a piece.
    """
    rest, result, room = list(panel.rows), [], first
    while rest:
        used, count = 0.0, 0
        for position, row in enumerate(rest):
            used += row_height(panel, families, row, rest[position - 1] if position else None)
            if used > room and position:
                break
            count = position + 1
        if count < len(rest):
            count = _good_cut(panel, families, rest, count)
        result.append(rest[:count])
        rest, room = rest[count:], others
    return result


def row_height(panel: Panel, families: Sequence[str], row: int, above: int | None) -> float:
    """The height of a row in pt, with that of its family's title where it needs one."""
    titled = bool(families[row]) and (above is None or families[row] != families[above])
    return (panel.lines(row) + 1.6 * titled) * panel.type.lead


def _good_cut(panel: Panel, families: Sequence[str], rows: Sequence[int], count: int) -> int:
    ciphers = panel.columns[0].cells
    for names in (families, ciphers):
        for cut in range(count, count - count // 3, -1):
            if names[rows[cut]] != names[rows[cut - 1]]:
                return cut
    return count


def _panel(columns: Sequence[Cells], rows: Sequence[int], type_: Type, turned: bool, limit: float) -> Panel:
    body = [_WORDS if c.kind == "words" else c.widest(rows) for c in columns]
    braced = [c.kind == "number" or bool(c.column.letters) for c in columns]
    heading = Heading([c.title for c in columns], body, braced, [turned and not c.column.key for c in columns])
    widths = [width * type_.size for width in heading.widths]
    spare = limit - sum(widths) - 2 * type_.gap * (len(columns) - 1)
    words = [i for i, c in enumerate(columns) if c.kind == "words"]
    wanted = {i: columns[i].widest(rows) * type_.size * 1.05 - widths[i] for i in words}
    for done, i in enumerate(sorted(words, key=wanted.__getitem__)):
        extra = max(0.0, min(wanted[i], spare / (len(words) - done)))
        widths[i] += extra
        spare -= extra
    return Panel(tuple(columns), tuple(rows), heading, tuple(widths), type_)


def _partition(keys: Sequence[Cells], data: Sequence[Cells], type_: Type, turned: bool) -> list[list[Cells]]:
    """Data columns in as few parts as fit beside the key columns, of about equal width, groups kept together."""
    rows = range(len(data[0].cells))

    def width(part: Sequence[Cells]) -> float:
        return _panel([*keys, *part], rows, type_, turned, 0).width

    units: list[list[Cells]] = []
    for shared, group in groupby(data, key=lambda cells: split_title(cells.title)[0]):
        together = list(group)
        units += [together] if shared and width(together) <= PAGE else [[cells] for cells in together]

    def fill(limit: float) -> list[list[Cells]]:
        parts: list[list[Cells]] = [[]]
        for unit in units:
            if parts[-1] and width([*parts[-1], *unit]) > limit:
                parts.append([])
            parts[-1] = [*parts[-1], *unit]
        return parts

    fewest = len(fill(PAGE))
    for limit in range(int(PAGE / 2), int(PAGE), 10):
        if len(parts := fill(limit)) == fewest:
            return parts
    return fill(PAGE)
