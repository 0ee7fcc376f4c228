"""How long a run still takes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal

from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs, Expected

__all__ = ["Phase", "TimeLeft", "phase_of"]

Phase = Literal["shared", "alone", "here"]  # several workers; one worker, after them; this process, last
_OVERDUE = 0.2  # a cell that takes longer than foreseen is taken to need so much of what it has taken once more
_LOOKED_AT = 16
_RARELY = 100


def phase_of(cell: Cell) -> Phase:
    """When in a run a cell is measured: the cells of an instance have no reference that a worker could load."""
    return "here" if not cell.cipher else "alone" if cell.alone else "shared"


class TimeLeft:
    """The seconds until all cells of a run are done, from what they are likely to cost and what is running.

    ``width`` is how many cells run at once. ``clock`` gives seconds.
    """

    def __init__(
        self, costs: Costs, cells: Iterable[Cell], width: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._costs, self._width, self._clock = costs, width, clock
        self._waiting: defaultdict[Phase, dict[tuple[str, str], tuple[Expected, int]]] = defaultdict(dict)
        self._running: dict[Cell, float] = {}
        self._begun: set[str] = set()
        self._known, self._again = 0.0, float("-inf")
        for cell in cells:
            self._count(cell, 1)
        self._longest = sorted(
            (cell for cell in cells if phase_of(cell) == "shared"), key=lambda cell: costs.expected(cell).seconds
        )

    def started(self, cell: Cell) -> None:
        """A cell has been handed to a worker."""
        self._count(cell, -1)
        self._running[cell] = self._clock()
        self._begun.add(cell.address)

    def finished(self, cell: Cell) -> None:
        """It is done."""
        del self._running[cell]

    def seconds(self) -> float:
        """The estimate; in very large runs it is renewed so seldom that it takes a hundredth of the time."""
        now = self._clock()
        if now >= self._again:
            self._known = self._estimate()
            self._again = now + _RARELY * (self._clock() - now)
        return self._known

    def _estimate(self) -> float:
        width = self._width()
        running = [self._rest(cell, since) for cell, since in self._running.items()]
        shared = self._seconds("shared")
        after = self._seconds("alone") + self._seconds("here")
        together = max((shared + sum(running)) / width, self._longest_waiting() if shared else 0.0, *running, 0.0)
        return together + after

    def _count(self, cell: Cell, number: int) -> None:
        groups, key = self._waiting[phase_of(cell)], (cell.cipher_name, cell.analysis_name)
        expected = self._costs.expected(cell)
        known, count = groups.get(key, (Expected(0.0, 0.0), 0))
        if count + number:
            groups[key] = known.plus(expected) if number > 0 else known.minus(expected), count + number
        else:
            groups.pop(key, None)

    def _seconds(self, phase: Phase) -> float:
        return sum(self._costs.of(*key, expected) for key, (expected, _) in self._waiting[phase].items())

    def _rest(self, cell: Cell, since: float) -> float:
        taken = self._clock() - since
        return max(self._costs.seconds(cell) - taken, _OVERDUE * taken)

    def _longest_waiting(self) -> float:
        while self._longest and self._longest[-1].address in self._begun:
            self._longest.pop()
        return max(map(self._costs.seconds, self._longest[-_LOOKED_AT:]), default=0.0)
