"""What cells are likely to cost: known beforehand from the committed runs, corrected by the cells that finish."""

from __future__ import annotations

import bisect
import json
import math
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from statistics import median
from typing import Any

from cryptobench.bench.cell import Cell
from cryptobench.bench.factor import FLOOR_SECONDS, Factor

__all__ = ["Costs", "Expected", "Known", "Warm", "known", "samples"]

_WINDOW, _SHARE = 20, 10  # load: the last 20 cells, or the last tenth of a longer run
_WEIGHED = 100  # of so many cells one changes the load, in long runs
_UNSEEN = 0.2  # with this share of its ciphers and tasks seen, a run believes 6/10 of the load that they show
_APART = 2.0  # where the quartiles of its logarithm are so far apart; the less, the more of it
_DOUBT = 8.0  # so many tasks tell half of a cipher that the table has, and so many ciphers half of a task
_COMPILES = 10.0  # a cell that takes so many times as long may have compiled code, and counts the less for the load
_UNKNOWN_TASK = (0.05, 1e-6, 10.0, 2.0)  # where nothing is known
_ALL_KEY_BITS = 256  # what a parameter 0 that stands for all of them counts as


def samples(cell: Cell) -> int:
    """Height x width x channels of the cell's image."""
    return cell.height * cell.width * cell.channels


@dataclass(frozen=True)
class Expected:
    """Seconds of a cell on the machine of the committed runs: the task's own, and those of the cipher's calls."""

    own: float
    calls: float

    @property
    def seconds(self) -> float:
        return self.own + self.calls

    def plus(self, other: Expected) -> Expected:
        """Both, one after another."""
        return Expected(self.own + other.own, self.calls + other.calls)

    def minus(self, other: Expected) -> Expected:
        """This without the other."""
        return Expected(max(0.0, self.own - other.own), max(0.0, self.calls - other.calls))


@dataclass(frozen=True)
class Warm:
    """What a cipher took when it was tried: seconds of one encryption and one decryption of ``samples`` samples."""

    seconds: float
    samples: int


_Speed = tuple[float, float, float, float]
_Task = tuple[_Speed, float, Mapping[str, float]]


@dataclass(frozen=True)
class Known:
    """The table in costs.json, which docs/make_costs.py writes; what it lacks counts as the median of its relatives.

    ``ciphers`` maps each to four numbers: an encryption takes the first and, for each sample, the second, in seconds; a
    decryption the third and fourth. ``profiles`` maps each to its tasks: their parameters; the ``samples`` of their
    median picture; their ``cost``, which is seconds, seconds for each sample, encryptions, decryptions; the ``mean`` of
    what the cells took over this model; and the ``factors`` of ciphers for which that is another.
    """

    ciphers: Mapping[str, _Speed]
    profiles: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @cached_property
    def tasks(self) -> frozenset[str]:
        """The analyses, and the attacks as ``attack:NAME``."""
        return frozenset(name for tasks in self.profiles.values() for name in tasks)

    def expected(
        self, cipher: str, task: str, parameters: str, samples: int, warm: Warm | None = None, family: str = ""
    ) -> Expected:
        """What a cell costs. A cipher that is not in the table is as fast as it was when tried.

        If it was not, it is like the median of its family; a task that is not in the table like the median of
        the analyses, or of the attacks of its family.
        """
        speed = self._speed(cipher, warm, family)
        if task in self.tasks:
            return self._cost(cipher, speed, samples, *self._task(task, parameters, samples))
        relatives = [self._task(name, "{}", samples) for name in self._relatives(task)] or [(_UNKNOWN_TASK, 1.0, {})]
        costs = [self._cost(cipher, speed, samples, *relative) for relative in relatives]
        return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]

    def _cost(
        self, cipher: str, speed: _Speed, samples: int, cost: _Speed, mean: float, factors: Mapping[str, float]
    ) -> Expected:
        own, own_slope, encryptions, decryptions = cost
        encrypt, encrypt_slope, decrypt, decrypt_slope = speed
        factor = factors.get(cipher, 1.0) if cipher in self.ciphers else mean
        calls = encryptions * (encrypt + encrypt_slope * samples) + decryptions * (decrypt + decrypt_slope * samples)
        return Expected(factor * (own + own_slope * samples), factor * calls)

    def _speed(self, cipher: str, warm: Warm | None, family: str) -> _Speed:
        if cipher in self.ciphers:
            return self.ciphers[cipher]
        if warm is None:
            return self._usual_speed(family)
        call = warm.seconds / 2
        fixed = min(self._large_start(), call / 2)
        return fixed, (call - fixed) / warm.samples, fixed, (call - fixed) / warm.samples

    @lru_cache(maxsize=64)  # noqa: B019 - there is one table, as long as the process
    def _usual_speed(self, family: str) -> _Speed:
        """The medians over a family of ciphers; over all ciphers where none of it is known."""
        relatives = [speed for name, speed in self.ciphers.items() if _family_of_cipher(name) == family]
        encrypt, encrypt_slope, decrypt, decrypt_slope = zip(*(relatives or self.ciphers.values()), strict=True)
        return median(encrypt), median(encrypt_slope), median(decrypt), median(decrypt_slope)

    @lru_cache(maxsize=1)  # noqa: B019
    def _large_start(self) -> float:
        """Seconds of an encryption apart from its samples that three of four ciphers stay below."""
        starts = sorted(speed[0] for speed in self.ciphers.values())
        return starts[3 * len(starts) // 4]

    @lru_cache(maxsize=1024)  # noqa: B019
    def _task(self, task: str, parameters: str, samples: int) -> _Task:
        """Cost, mean and factors of a task in the table with its parameters.

        They are of the profile whose parameters are nearest; of those that are equally near, whose pictures are.
        """
        entries = [tasks[task] for tasks in self.profiles.values() if task in tasks]
        wanted = json.loads(parameters)
        scale, entry = min(
            ((_scale(wanted, entry["parameters"]), entry) for entry in entries),
            key=lambda one: (abs(math.log(one[0])), abs(math.log(max(samples, 1) / one[1]["samples"]))),
        )
        own, slope, encryptions, decryptions = (scale * value for value in entry["cost"])
        return (own, slope, encryptions, decryptions), entry["mean"], entry["factors"]

    @lru_cache(maxsize=64)  # noqa: B019
    def _relatives(self, task: str) -> tuple[str, ...]:
        """The tasks by which one that is not in the table is judged: attacks of its family, or all of its kind."""
        family, attack = _family_of_attack(task), _is_attack(task)
        relatives = sorted(name for name in self.tasks if family and _family_of_attack(name) == family)
        return tuple(relatives or sorted(name for name in self.tasks if _is_attack(name) is attack))

    def __hash__(self) -> int:
        return id(self)


def _is_attack(task: str) -> bool:
    return task.startswith("attack:")


@cache
def _family_of_cipher(name: str) -> str | None:
    from cryptobench.registry import RegistryError, read_card

    try:
        return read_card(name).family
    except RegistryError:  # it has been removed since the table was written
        return None


def _family_of_attack(task: str) -> str:
    """The package of a registered attack; empty of what is none."""
    from cryptobench.catalogue import plugins

    if not _is_attack(task):
        return ""
    places = plugins("attack").get(task.removeprefix("attack:"), ("",))
    return places[0].partition(":")[0].rpartition(".")[0]


def _scale(wanted: Mapping[str, Any], known: Mapping[str, Any]) -> float:
    """How many times as much work as known: by the number that differs most."""
    ratios = [1.0]
    for name, value in known.items():
        other = wanted.get(name, value)
        if name != "alpha" and isinstance(value, int | float) and isinstance(other, int | float) and value != other:
            ratios.append((abs(other) or _ALL_KEY_BITS) / (abs(value) or _ALL_KEY_BITS))
    return min(max(max(ratios, key=lambda ratio: abs(math.log(ratio))), 1e-3), 1e3)


@cache
def known() -> Known:
    """The table that comes with the package."""
    content = json.loads((files("cryptobench.bench") / "costs.json").read_text(encoding="utf-8"))
    return Known({name: tuple(speed) for name, speed in content["ciphers"].items()}, content["profiles"])


@dataclass
class Costs:
    """Seconds that cells are likely to take on this machine, under the load that it has now.

    Each is what is known beforehand, times the load, times what sets apart its analysis or attack; the part that the
    cipher's calls take, times what sets apart the cipher. All three are learned from finished cells: the load is the
    median over the last ones of seconds taken over seconds expected, so that it follows a machine that becomes busy.
    The longest cells come first, and cells that are thought longer than they are most of all (their ciphers were made
    faster since the table was written): the fewer of the run's ciphers and tasks have been seen, the less of what
    they show is taken for the load, which is of all cells, and the more for their own.
    ``warm`` is what ciphers that are not built in took when they were tried; ``cells``, ``ciphers`` and ``tasks`` are
    how many a run has; without them those that have been seen count as all.
    """

    warm: Mapping[str, Warm] = field(default_factory=dict)
    cells: int = 0
    ciphers: int = 0
    tasks: int = 0

    def __post_init__(self) -> None:
        self._recent: deque[tuple[float, float]] = deque(maxlen=max(_WINDOW, self.cells // _SHARE))
        self._sorted: list[tuple[float, float]] = []
        self._expected: dict[tuple[str, str, str, int], Expected] = {}
        self._shown, self._spread = 0.0, 0.0  # the load's logarithm, by the cells seen, and between its quartiles
        self._belief = 1.0  # how much of it is taken for that of all cells
        self._unweighed = 0
        self._tasks: defaultdict[str, Factor] = defaultdict(Factor)
        self._ciphers: defaultdict[str, Factor] = defaultdict(Factor)

    @property
    def load(self) -> float:
        """How many times as long as on the machine of the committed runs cells take now."""
        return math.exp(self._shown * self._belief)

    def learn(self, cell: Cell, seconds: float) -> None:
        """Take in a finished cell."""
        expected = self.expected(cell)
        cipher, task = cell.cipher_name, cell.analysis_name
        foreseen = self._corrected(cipher, task, expected)
        trust = math.sqrt(foreseen + FLOOR_SECONDS) * (1.0 if cipher in known().ciphers else 0.3)
        trust *= min(1.0, _COMPILES * (foreseen + FLOOR_SECONDS) / seconds) if seconds > 0 else 1.0
        self._weigh(math.log(max(seconds, FLOOR_SECONDS) / max(foreseen, FLOOR_SECONDS)), trust)
        of_task, of_cipher = self._tasks[task], self._ciphers[cipher]
        self._belief = self._believed()
        unloaded = seconds / self.load
        own = self._task(task)
        of_task.add(cipher, unloaded, foreseen / own, self._belief)
        if expected.calls > 0.3 * expected.own:
            of_cipher.add(task, unloaded / own - expected.own, expected.calls, self._belief)

    def knows(self, analysis: str) -> bool:
        """Whether anything is known of the cost of an analysis or attack."""
        return analysis in known().tasks or analysis in self._tasks

    def expected(self, cell: Cell) -> Expected:
        """What is known of a cell's cost before any has finished."""
        key = cell.cipher_name, cell.analysis_name, cell.parameters, samples(cell)
        if key not in self._expected:
            self._expected[key] = known().expected(*key, self.warm.get(cell.cipher_name), cell.family)
        return self._expected[key]

    def seconds(self, cell: Cell) -> float:
        """The estimate for a cell."""
        return self.of(cell.cipher_name, cell.analysis_name, self.expected(cell))

    def of(self, cipher: str, task: str, expected: Expected) -> float:
        """The estimate for cells of one cipher and one analysis or attack, of which this was expected altogether."""
        return self.load * self._corrected(cipher, task, expected)

    def _corrected(self, cipher: str, task: str, expected: Expected) -> float:
        return self._task(task) * (expected.own + self._cipher(cipher) * expected.calls)

    def _task(self, task: str) -> float:
        doubt = _DOUBT if task in known().tasks else 0.25
        return self._tasks[task].value(doubt, self._shown, self._belief) if task in self._tasks else 1.0

    def _cipher(self, cipher: str) -> float:
        doubt = _DOUBT if cipher in known().ciphers else 1.0
        return self._ciphers[cipher].value(doubt, self._shown, self._belief) if cipher in self._ciphers else 1.0

    def _believed(self) -> float:
        """How much of the load that the cells seen show is believed of all: 1 when all ciphers and tasks were seen."""
        share = min(
            len(self._ciphers) / max(self.ciphers, len(self._ciphers)),
            len(self._tasks) / max(self.tasks, len(self._tasks)),
        )
        doubt = _UNSEEN * min(1.0, (self._spread + 1 / len(self._ciphers)) / _APART)
        return share * (1 + doubt) / (share + doubt)

    def _weigh(self, logarithm: float, weight: float) -> None:
        """Take in one logarithm of taken over expected; the load is their weighted median."""
        if len(self._recent) == self._recent.maxlen:
            del self._sorted[bisect.bisect_left(self._sorted, self._recent[0])]
        self._recent.append((logarithm, weight))
        bisect.insort(self._sorted, (logarithm, weight))
        self._unweighed += 1
        if self._unweighed * _WEIGHED < len(self._sorted):
            return
        self._unweighed = 0
        passed = list(accumulate(weight for _, weight in self._sorted))
        places = (bisect.bisect_left(passed, passed[-1] * quarter / 4) for quarter in (1, 2, 3))
        low, self._shown, high = (self._sorted[place][0] for place in places)
        self._spread = high - low
