"""The measurement table of a run, made of the columns of its cells, in half the time that their rows take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["table_of"]


def table_of(cells: Iterable[tuple[int, Mapping[str, Sequence[Any] | Any]]]) -> pd.DataFrame:
    """What `measurement.frame` makes of the rows of all cells, one cell after the other.

    Each cell is its number of rows, and columns: a list of so many values, or one value that all rows share.
    """
    import numpy as np
    import pandas as pd

    from cryptobench.measurement import COLUMNS, frame

    kinds = frame(()).dtypes
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    gaps = {name: "" if kinds[name] == "object" else None for name in COLUMNS}
    for count, found in cells:
        for name, values in columns.items():
            one = found.get(name)
            if isinstance(one, list):
                values += one if None not in one else [gaps[name] if item is None else item for item in one]
            else:
                values += [gaps[name] if one is None else one] * count
    made: dict[str, Any] = {}
    for name, values in columns.items():
        if kinds[name] == "Int64":
            made[name] = pd.array(values, dtype="Int64")
        elif kinds[name] == "float64":
            made[name] = np.array(values, dtype=np.float64)  # None becomes NaN
        else:
            made[name] = pd.Series(values, dtype=object)
    return pd.DataFrame(made)
