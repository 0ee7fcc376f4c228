"""What a run costs: core-seconds by analysis, attack and cipher, beside the time of a fixed piece of work."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any

from cryptobench.bench.cell import Cell, CellResult
from cryptobench.bench.store import CellStore
from cryptobench.bench.yardstick import Yardstick
from cryptobench.core_time import core_seconds
from cryptobench.shapes import number, text

__all__ = ["Spent"]


_NOTE_SECONDS = 1.0


class Spent:
    """Counts the core-seconds of the call that ``started`` then, and keeps them in the store of its folder.

    ``clock`` is what `time.perf_counter` gave when the call began, ``before`` what `core_seconds` did.
    """

    def __init__(self, store: CellStore, started: str, clock: float, before: float | None = None) -> None:
        self._store, self._started, self._clock = store, started, clock
        self._before = core_seconds() if before is None else before
        self._cells, self._executed, self._noted = 0.0, 0, clock
        self._yardstick = Yardstick(self._keep)

    def begin(self) -> None:
        """The first cell is about to be run."""
        self._yardstick.look(now=True)

    def finished(self, result: CellResult) -> None:
        """A cell has been run, in whatever process."""
        self._cells += result.core_seconds - result.elsewhere
        self._executed += 1
        if time.perf_counter() - self._noted >= _NOTE_SECONDS:
            self.note(self._executed)
        self._yardstick.look()

    def note(self, executed: int) -> None:
        """Keep how long the call has taken so far, and how many cells it has run."""
        self._noted = time.perf_counter()
        self._store.note_call(self._started, self._noted - self._clock, executed)

    def end(self) -> None:
        """The workers have ended: what they and this process have used is known, but not where Dask has them."""
        self.note(self._executed)
        if self._cells:
            self._yardstick.look(now=True)
        self.note_besides()

    def note_besides(self) -> None:
        """Keep what the call has used so far besides its cells; once more when the table of its rows is made."""
        besides = max(0.0, core_seconds() - self._before - self._cells)
        self._store.write("INSERT OR REPLACE INTO besides VALUES (?, ?)", [(self._started, round(besides, 3))])

    def costs(self, cells: Iterable[Cell]) -> dict[str, Any]:
        """What `run.json` says of the costs of these cells, in core-seconds.

        ``cells`` is their sum, and ``analyses``, ``attacks`` and ``ciphers`` have its parts, the largest first;
        ``besides`` is what planning, starting, loading, compiling and storing have cost in all calls that ran cells.
        ``calibration_seconds`` is the median of what `yardstick.work` took, ``calibrations`` times in the same minutes,
        and ``calibrated`` the sum over all as a multiple of it, by which runs on different machines are compared; both
        are None if nothing ran.
        """
        parts: dict[str, defaultdict[str, float]] = {
            part: defaultdict(float) for part in ("analyses", "attacks", "ciphers")
        }
        known, total = self._store.core_seconds(), 0.0
        for cell in {cell.address: cell for cell in cells}.values():
            seconds = known.get(cell.address, 0.0)
            parts["analyses" if cell.kind == "analysis" else "attacks"][cell.analysis_name] += seconds
            parts["ciphers"][cell.cipher_name] += seconds
            total += seconds
        besides = sum(seconds for _, seconds in self._read("besides"))
        loops = [seconds for _, seconds in self._read("calibrations")]
        loop = median(loops) if loops else None
        return {
            "cells": round(total, 3),
            "besides": round(besides, 3),
            "calibration_seconds": loop,
            "calibrations": len(loops),
            "calibrated": round((total + besides) / loop, 1) if loop else None,
            **{part: _sorted(seconds) for part, seconds in parts.items()},
        }

    def _keep(self, seconds: float) -> None:
        self._store.write("INSERT INTO calibrations VALUES (?, ?)", [(self._started, round(seconds, 6))])

    def _read(self, table: str) -> list[Any]:
        return self._store.read(f"SELECT started, seconds FROM {table}", shapes=(text, number(0)))


def _sorted(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(part, 4) for name, part in sorted(seconds.items(), key=lambda item: -item[1])}
