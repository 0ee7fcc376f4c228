"""Finished seeds in one small file that a repository can hold, so that a calibration goes on in another clone.

An error rate asks of a p-value no more than whether it is below a level. Of those at or above the largest level, 95 in
100, only the number is kept. What is read back gives the same tables.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.findings import Findings, RowKey
from cryptobench.calibration.store import SeedResult, row_key
from cryptobench.calibration.tests import ALPHA
from cryptobench.files import write_bytes
from cryptobench.reading import LARGE, Source, parsed_json
from cryptobench.shapes import Misfit, anything, array, either, hexadecimal, mapping, number, record, text, whole

__all__ = ["ARCHIVE", "ArchivedSeeds", "read_archive", "write_archive"]

ARCHIVE = "seeds.jsonl.gz"
_ABOVE = 1.0  # stands for every p-value at or above the largest level
_MOST_SEEDS = 10**7  # of one task on one source


@dataclass(frozen=True)
class ArchivedSeeds:
    """The seeds of a task on a source: names for the reader of the file, the address for who goes on with it."""

    task: str
    source: str
    address: str
    results: Sequence[SeedResult]


def write_archive(folder: Path, finished: Iterable[ArchivedSeeds]) -> Path:
    """Write ``seeds.jsonl.gz`` of a calibration's folder: a line for each task and source."""
    lines = [json.dumps(_line(one), separators=(",", ":")) for one in finished if one.results]
    return write_bytes(folder / ARCHIVE, gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0))


def read_archive(folder: Path) -> Iterator[ArchivedSeeds]:
    """What `write_archive` wrote to a folder, or nothing; the seeds of a line share its seconds equally.

    CalibrationError for a file that holds something else. Lines that were written for other levels are left out.
    """
    source = Source(folder / ARCHIVE, CalibrationError, "move it away to compute its seeds anew", home=folder)
    if not source.exists():
        return
    packed = source.content(LARGE)
    if not packed:
        raise source.damaged("it is empty")
    for number_, line in enumerate(source.unpacked(LARGE, packed).splitlines(), 1):
        try:
            value = parsed_json(line)
            _LINE(value, f"line {number_}")
            if value["below"] == ALPHA:
                yield ArchivedSeeds(value["task"], value["source"], value["address"], list(_results(value)))
        except ValueError as error:
            raise source.damaged(error) from error


def _line(one: ArchivedSeeds) -> dict[str, Any]:
    counts: dict[RowKey, list[int]] = {}
    small: dict[RowKey, list[list[float]]] = {}
    for index, result in enumerate(one.results):
        for found in result.findings:
            counts.setdefault(found.key, [0] * len(one.results))[index] = len(found.values)
            if below := [p for p in found.values if p < ALPHA]:
                small.setdefault(found.key, []).append([index, *below])
    return {
        "task": one.task, "source": one.source, "address": one.address, "below": ALPHA,
        "core_seconds": round(sum(result.seconds for result in one.results), 3),
        "seeds": _ranges([result.seed for result in one.results]),
        "messages": {str(result.seed): result.message for result in one.results if result.message},
        "tests": [
            [*key, numbers[0] if len(set(numbers)) == 1 else numbers, small.get(key, [])]
            for key, numbers in counts.items()
        ],
    }  # fmt: skip


def _results(line: Mapping[str, Any]) -> Iterator[SeedResult]:
    seeds = _seeds(line["seeds"])
    found: list[list[Findings]] = [[] for _ in seeds]
    for *key, counts, small in line["tests"]:
        numbers = [counts] * len(seeds) if isinstance(counts, int) else counts
        below = {index: tuple(map(float, values)) for index, *values in small}
        if len(numbers) != len(seeds) or not all(numbers[at : at + 1] >= [len(below[at])] for at in below):
            raise Misfit("tests", key[0], f"a number for each of {len(seeds)} seeds, and no more values than that")
        for index, number_ in enumerate(numbers):
            if number_:
                values = below.get(index, ())
                found[index].append(Findings(RowKey(*key), (*values, *[_ABOVE] * (number_ - len(values)))))
    each = line["core_seconds"] / max(1, len(seeds))
    for seed, tests in zip(seeds, found, strict=True):
        yield SeedResult(seed, tuple(tests), each, line["messages"].get(str(seed), ""))


def _ranges(seeds: Sequence[int]) -> list[list[int]]:
    """Rising numbers as ranges, each with its first and its last."""
    ranges: list[list[int]] = []
    for seed in seeds:
        if ranges and seed == ranges[-1][1] + 1:
            ranges[-1][1] = seed
        else:
            ranges.append([seed, seed])
    return ranges


def _seeds(ranges: Sequence[Sequence[int]]) -> list[int]:
    if sum(last - first + 1 for first, last in ranges) > _MOST_SEEDS:
        raise Misfit("seeds", ranges, f"at most {_MOST_SEEDS} seeds")
    return [seed for first, last in ranges for seed in range(first, last + 1)]


def _test(value: Any, place: str) -> None:
    """A test's key, as in `RowKey`; the number of values of each seed; the small ones of those seeds that have any."""
    array(anything, len(RowKey._fields) + 2, len(RowKey._fields) + 2)(value, place)
    *key, counts, small = value
    row_key(key, place)
    either(whole(), array(whole(), 1))(counts, f"{place}.counts")
    array(_small)(small, f"{place}.small")


def _small(value: Any, place: str) -> None:
    """The position of a seed and its values below the largest level."""
    array(anything, 2)(value, place)
    whole(0, _MOST_SEEDS)(value[0], place)
    array(number(0, ALPHA))(value[1:], place)


_LINE = record(
    {
        "task": text, "source": text, "address": hexadecimal(32), "below": number(0, 1), "core_seconds": number(0),
        "seeds": array(array(whole(), 2, 2)), "messages": mapping(text), "tests": array(_test),
    }
)  # fmt: skip
