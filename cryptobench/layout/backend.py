"""Import matplotlib whatever MPLBACKEND says: figures are drawn with Agg and written to files, never shown."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["import_matplotlib"]


def import_matplotlib() -> None:
    """Import matplotlib, for which a backend that it does not know would be an error at that moment.

    To be called before a module that draws is imported. A backend that it knows stays the choice of whoever shows
    figures of their own in this process.
    """
    if "matplotlib" in sys.modules:
        return
    chosen = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if chosen is not None:
            os.environ["MPLBACKEND"] = chosen
    if chosen:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = chosen
