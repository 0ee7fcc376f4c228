"""Writes what a calibration found: tables, figures, and the page that says how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptobench.calibration.error_rates import (
    SIGNIFICANT,
    DetectionRate,
    FalseAlarmRate,
    at_stated_level,
    detection_rates,
    false_alarm_rates,
    too_high,
    undetected_controls,
    undetecting_tests,
)
from cryptobench.calibration.store import SeedResult, TaskOnSource
from cryptobench.calibration.tables import (
    detection_frame,
    detection_markdown,
    false_alarm_frame,
    false_alarm_markdown,
    row_title,
    sources_in,
)
from cryptobench.calibration.tests import CalibratedTest, is_attack
from cryptobench.files import write_text
from cryptobench.layout.markdown import as_text
from cryptobench.spreadsheet import csv_text
from cryptobench.terminal import duration

__all__ = ["CalibrationReport", "write_calibration"]

_FIGURES = (("detections_analyses", "Analyses"), ("detections_attacks", "Attacks"))


@dataclass(frozen=True)
class CalibrationReport:
    """What a calibration found: error rates, and of seeds that gave an error their number and the first message.

    ``rows`` are false alarm rates with every channel, direction and place apart; ``failed`` is by task and source;
    ``seeds`` is how many there are in all, and ``seconds`` what they took of one core, over all calls. ``fewer`` names
    tasks that have fewer seeds than were wanted, with both numbers over all sources.
    """

    false_alarms: list[FalseAlarmRate]
    rows: list[FalseAlarmRate]
    detections: list[DetectionRate]
    failed: dict[str, tuple[int, str]]
    seeds: int
    seconds: float
    fewer: dict[str, tuple[int, int]]

    @property
    def too_high(self) -> list[FalseAlarmRate]:
        return too_high(self.false_alarms)

    def write(self, folder: Path) -> None:
        """Write tables, figures and ``calibration.md``."""
        for name, frame in (
            ("false_alarms", false_alarm_frame(self.false_alarms)),
            ("false_alarm_rows", false_alarm_frame(self.rows)),
            ("detections", detection_frame(self.detections)),
        ):
            write_text(folder / f"{name}.csv", csv_text(frame))
        pictures = _draw(folder / "figures", self.detections)
        stated = at_stated_level(self.false_alarms)
        table = false_alarm_markdown(stated, self.false_alarms) if stated else ""
        write_text(folder / "false_alarms.md", f"# False alarm rates on sound sources\n\n{table}")
        write_text(folder / "detections.md", _matrices(self.detections))
        write_text(folder / "calibration.md", _page(self, pictures))


def write_calibration(
    folder: Path, settings: Mapping[str, Any], results: Mapping[TaskOnSource, Sequence[SeedResult]]
) -> CalibrationReport:
    """Tables, figures, ``settings.json`` and ``calibration.md`` in a folder, from what has been run so far."""
    sound = {unit: run for unit, run in results.items() if unit.source.sound}
    every = [result for run in results.values() for result in run]
    report = CalibrationReport(
        false_alarm_rates(sound), false_alarm_rates(sound, apart=True), detection_rates(results), _failed(results),
        len(every), sum(result.seconds for result in every), _fewer(settings["settings"], results),
    )  # fmt: skip
    took = {"seeds": report.seeds, "core_seconds": round(report.seconds)}
    write_text(folder / "settings.json", json.dumps({**settings, "took": took}, indent=2) + "\n")
    report.write(folder)
    return report


def _draw(folder: Path, rates: Sequence[DetectionRate]) -> list[str]:
    from cryptobench.layout.backend import import_matplotlib

    import_matplotlib()
    from cryptobench.calibration.figure import draw_detections
    from cryptobench.layout.style import save, style

    drawn = []
    with style():
        for name, title in _FIGURES:
            if tests := _tests(rates, title):
                chosen = [rate for rate in rates if rate.test in tests]
                save(draw_detections(chosen, tests, sources_in(chosen)), folder, name)
                drawn.append(name)
    return drawn


def _tests(rates: Iterable[DetectionRate], title: str) -> list[CalibratedTest]:
    """The tests of one figure, those with a fixed nonce last."""
    tests = sorted({rate.test for rate in rates if is_attack(rate.test.task) == (title == "Attacks")})
    return sorted(tests, key=lambda test: test.nonce != "")


def _failed(results: Mapping[TaskOnSource, Sequence[SeedResult]]) -> dict[str, tuple[int, str]]:
    failed = {}
    for unit, run in results.items():
        if messages := [one.message for one in run if one.message]:
            failed[f"{unit.task.label} on {unit.source.name}"] = len(messages), messages[0]
    return failed


def _fewer(
    wanted: Mapping[str, Any], results: Mapping[TaskOnSource, Sequence[SeedResult]]
) -> dict[str, tuple[int, int]]:
    """Tasks with fewer seeds than wanted: what was run, and what was wanted. Those without a verdict do not count."""
    counts: dict[str, tuple[int, int]] = {}
    for unit, run in results.items():
        if not run or any(result.findings for result in run):
            done, all_ = counts.get(unit.task.label, (0, 0))
            most = wanted["seeds"] if unit.source.sound else wanted["control_seeds"]
            counts[unit.task.label] = done + len(run), all_ + most
    return {task: count for task, count in counts.items() if count[0] < count[1]}


def _page(report: CalibrationReport, pictures: Sequence[str]) -> str:
    took = f"{report.seeds:,} seeds of tests on sources took {duration(report.seconds)} of one core."
    lines = ["# Calibration", "", _READING, took, ""]
    if report.fewer:
        some = (f"`{task}` {done:,} of {wanted:,}" for task, (done, wanted) in report.fewer.items())
        lines += [f"Fewer seeds than wanted, over all sources: {', '.join(some)}.", ""]
    lines += [*_false_alarm_summary(report.false_alarms), "## Detections", ""]
    for name, title in _FIGURES:
        lines += [f"![{title}: tests by planted defects](figures/{name}.png)", ""] if name in pictures else []
    lines += _undetected(report.detections)
    controls = [source for source in sources_in(report.detections) if not source.sound]
    lines += ["### Planted defects", "", *(f"- `{source.name}`: {source.card.defect}" for source in controls), ""]
    if report.failed:
        lines += ["## Not finished", ""]
        lines += [
            f"- {as_text(f'{where}: {count} seeds, {message}')}" for where, (count, message) in report.failed.items()
        ] + [""]
    return "\n".join(lines)


def _false_alarm_summary(rates: Sequence[FalseAlarmRate]) -> list[str]:
    """Counts of verdicts, then whatever is too high, known to be wrong, or conservative."""
    judged = [rate for rate in rates if not rate.known_wrong]
    counts = {
        verdict: sum(rate.verdict == verdict for rate in judged) for verdict in ("ok", "conservative", "too high")
    }
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    lines = ["## False alarms", "", f"{len(judged)} rates by test, level and source: {verdicts}.", ""]
    stated = at_stated_level(rates)
    known_wrong = [rate for rate in stated if rate.known_wrong and rate.p_value < SIGNIFICANT]
    conservative = [rate for rate in stated if rate.verdict == "conservative"]
    for title, chosen in (
        ("Too high", too_high(rates)), ("Known to be wrong †", known_wrong), ("Conservative", conservative)
    ):  # fmt: skip
        if chosen:
            lines += [f"### {title}", "", false_alarm_markdown(chosen, rates)]
    return lines


def _matrices(rates: Sequence[DetectionRate]) -> str:
    lines = ["# Detection rates: tests by planted defects", ""]
    for _, title in _FIGURES:
        if tests := _tests(rates, title):
            chosen = [rate for rate in rates if rate.test in tests]
            lines += [f"## {title}", "", detection_markdown(chosen, tests, sources_in(chosen))]
    return "\n".join(lines)


def _undetected(rates: Sequence[DetectionRate]) -> list[str]:
    lines = []
    if tests := undetecting_tests(rates):
        lines += ["Tests that detect no control under most seeds: " + "; ".join(map(row_title, tests)) + ".", ""]
    if names := undetected_controls(rates):
        lines += [f"Controls that no test detects under most seeds: {', '.join(names)}.", ""]
    return lines


_READING = """\
A test is right if it raises no more false alarms than it states, and of use if it detects a defect.

*False alarm rate* (the size of a test): every verdict on AES-256-SIV, AES-256-GCM-SIV, ChaCha20-Poly1305, HCTR2 and
an ideal cipher (independent uniform bytes for each key, nonce and plaintext) over many seeds. `rate` is the share of
verdicts with p < `level`, the interval Clopper and Pearson's at 95 %; where one seed gives several verdicts, their
number is reduced by the design effect. A rate is "ok" unless a two-sided binomial test at the stated level rejects it
at 0.05, Holm-corrected over the whole table. "Too high" is a wrong test. "Conservative" is below the level:
statistics that take few values, and p-values that are bounds, cannot be exact, and the note says which. Attacks
report a leak at 1e-6; at that level the table can only show that alarms are not frequent. † marks a test from the
literature that is known to be wrong and stands beside its corrected form for comparison.
[false_alarms.md](false_alarms.md) lists every test, `false_alarms.csv` every level and source too,
`false_alarm_rows.csv` every channel, direction and place apart.

*Detection rate* (the power of a test): the share of seeds under which a test raised an alarm on a control, a cipher
with a planted defect, on images of the same size. Rows of one metric are pooled (Bonferroni) at 0.05, those of
SP 800-22 at 0.01; an attack counts when it recovers the image or finds a leak (1e-6). In rows "fixed nonce", nonce
and per-message secret are fixed. The last columns are the sound sources: about 0.05 or less, and 0 for attacks. With
a fixed nonce ChaCha20-Poly1305 makes no claim that a test could refute, and alarms there are right. A cell says what
a test can detect, not how bad the defect is. [detections.md](detections.md) has the numbers, `detections.csv` their
intervals.
"""
