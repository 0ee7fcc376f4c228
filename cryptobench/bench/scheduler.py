"""Maps `run_guarded` over cells, longest first, and delivers results as they come."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import Empty

from cryptobench.bench.backends import Backend
from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.errors import BenchError
from cryptobench.terminal import Events, Interrupted

__all__ = ["Backlog", "Costs", "execute", "samples"]


class Costs:
    """Seconds that cells are likely to take.

    A cell's seconds are modelled as pixels, times the analysis's rate, times how much slower than others its
    cipher is. Neither is typed in: both are means over what has been seen.
    """

    def __init__(self) -> None:
        self._rates: defaultdict[str, _Mean] = defaultdict(_Mean)
        self._factors: defaultdict[str, _Mean] = defaultdict(_Mean)

    def learn(self, cipher: str, analysis: str, samples: int, seconds: float) -> None:
        """Take in a finished cell; ``samples`` is height x width x channels."""
        rate = max(seconds, 1e-6) / max(samples, 1)
        if self.knows(analysis):
            self._factors[cipher].add(rate / self._rates[analysis].value)
        self._rates[analysis].add(rate)

    def knows(self, analysis: str) -> bool:
        """Whether any cell of the analysis has been seen."""
        return analysis in self._rates

    def seconds(self, cell: Cell) -> float | None:
        """The estimate for a cell, by the mean of all rates for an analysis not seen yet; None before any cell."""
        if not self._rates:
            return None
        known = self._rates.get(cell.analysis_name)
        rate = known.value if known else sum(mean.value for mean in self._rates.values()) / len(self._rates)
        factor = self._factors[cell.cipher_name].value if self._factors[cell.cipher_name].count else 1.0
        return rate * factor * samples(cell)


class Backlog:
    """Cells that wait, handed out longest first; an analysis not seen before comes before all others.

    The attacks on a cipher stay together, since they share its first encryptions.
    """

    def __init__(self, cells: Iterable[Cell], costs: Costs) -> None:
        self._costs = costs
        self._groups: defaultdict[tuple[str, str], deque[Cell]] = defaultdict(deque)
        self._tried: set[str] = set()
        for cell in sorted(cells, key=lambda cell: -samples(cell)):
            what = cell.analysis_name if cell.kind == "analysis" else cell.kind
            self._groups[cell.cipher_name, what].append(cell)

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def pop(self) -> Cell:
        """The next cell to run; IndexError if none waits."""
        if not self._groups:
            raise IndexError("no cell waits")
        key = max(self._groups, key=lambda key: self._urgency(self._groups[key][0]))
        cell = self._groups[key].popleft()
        if not self._groups[key]:
            del self._groups[key]
        self._tried.add(cell.analysis_name)
        return cell

    def seconds(self) -> float | None:
        """How long all waiting cells take one after another; None before any cell has been seen."""
        estimates = [self._costs.seconds(cell) for group in self._groups.values() for cell in group]
        return None if None in estimates else sum(estimate or 0.0 for estimate in estimates)

    def _urgency(self, cell: Cell) -> tuple[bool, float]:
        unseen = cell.analysis_name not in self._tried and not self._costs.knows(cell.analysis_name)
        return unseen, self._costs.seconds(cell) or 0.0


class _Mean:
    def __init__(self) -> None:
        self.count, self.value = 0, 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.value += (value - self.value) / self.count


def samples(cell: Cell) -> int:
    """Height x width x channels of the cell's image."""
    return cell.height * cell.width * cell.channels


_TICK_SECONDS = 0.5


def execute(
    backlog: Backlog,
    backend: Backend,
    events: Events,
    *,
    started: Callable[[Cell], None],
    finished: Callable[[Cell, CellResult], None],
    tick: Callable[[], None],
) -> None:
    """Run every cell of the backlog; ``finished`` is called in this thread, in the order in which cells finish.

    Raises Interrupted when a signal arrives, and BenchError when the backend is lost.
    """
    running: dict[Future[CellResult], Cell] = {}

    def launch() -> Cell:
        cell = backlog.pop()
        future = backend.submit(cell)
        running[future] = cell
        future.add_done_callback(events.put)
        return cell

    queue = backend.queue
    while backlog or running:
        while backlog and len(running) < queue:
            started(launch())
        try:
            event = events.get(timeout=_TICK_SECONDS)
        except Empty:
            queue = backend.queue
            tick()
            continue
        if isinstance(event, int):
            raise Interrupted(event)
        cell = running.pop(event)
        result = _result(event, cell, backend)
        following = launch() if backlog else None  # the worker goes on while this result is stored
        finished(cell, result)
        if following is not None:
            started(following)


def _result(future: Future[CellResult], cell: Cell, backend: Backend) -> CellResult:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BenchError):
        raise error
    reason = backend.explain(error)
    if reason is None:
        raise BenchError(f"the workers are lost ({type(error).__name__}: {error}); run again to continue") from error
    return failure(cell, "crashed", reason, 0.0, final=False)
