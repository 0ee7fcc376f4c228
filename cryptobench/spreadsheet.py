"""Tables as CSV that a spreadsheet shows and does not run, and that gives every text back as it was."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_cell", "csv_text", "text_of"]

_MARK = "'"  # what spreadsheets take for "a text follows"
_FORMULA = re.compile(r"[\s']*[-=+@\uff1d\uff0b\uff0d\uff20].", re.DOTALL)  # Japanese settings take the wide signs too
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?%?|[-+]?inf", re.IGNORECASE | re.ASCII)


def csv_text(table: pd.DataFrame, **options: Any) -> str:
    """The table as CSV without its index and with "\\n" line ends; texts that begin like a formula get a "'" in front.

    Numbers, and texts that are numbers, stay as they are. ``options`` go to `pandas.DataFrame.to_csv`. `text_of` takes
    the "'" away again.
    """
    from pandas.api.types import is_numeric_dtype

    guarded = table.rename(columns=as_cell)
    returns = any("\r" in name for name in table.columns if isinstance(name, str))
    for place in range(len(table.columns)):
        column = table.iloc[:, place]
        texts = () if is_numeric_dtype(column.dtype) else {cell for cell in column.unique() if isinstance(cell, str)}
        returns = returns or any("\r" in text for text in texts)
        quoted = {text: cell for text in texts if (cell := as_cell(text)) != text}
        if quoted:
            guarded.isetitem(place, [quoted.get(cell, cell) if isinstance(cell, str) else cell for cell in column])
    if returns:  # a carriage return ends a row for readers, and pandas does not quote it
        options["quoting"] = csv.QUOTE_NONNUMERIC
    text: str = guarded.to_csv(index=False, lineterminator="\n", **options)
    return text


def as_cell(text: Any) -> Any:
    """A text as a cell of CSV: with a "'" in front if a spreadsheet would run it; anything else as it is."""
    if not isinstance(text, str) or not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return _MARK + text


def text_of(cell: str) -> str:
    """The text that `as_cell` made a cell of."""
    return cell[1:] if cell.startswith(_MARK) and as_cell(cell[1:]) != cell[1:] else cell
