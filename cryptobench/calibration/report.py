"""Writes what a calibration found: tables, figures, the page that says how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptobench.calibration.error_rates import (
    SIGNIFICANT,
    Power,
    Size,
    blind,
    measure_power,
    measure_size,
    stated,
    uncaught,
    wrong,
)
from cryptobench.calibration.store import Outcome, Unit
from cryptobench.calibration.tables import (
    power_frame,
    power_markdown,
    row_title,
    size_frame,
    size_markdown,
    sources_in,
)
from cryptobench.calibration.tests import Test, is_attack
from cryptobench.files import write_text

__all__ = ["Found", "write_calibration"]

_PARTS = (("power_analyses", "Analyses"), ("power_attacks", "Attacks"))


@dataclass(frozen=True)
class Found:
    """What a calibration found; ``failed`` counts the seeds that gave an error, by task and source."""

    sizes: list[Size]
    powers: list[Power]
    failed: dict[str, tuple[int, str]]

    @property
    def wrong(self) -> list[Size]:
        return wrong(self.sizes)


def write_calibration(folder: Path, settings: Mapping[str, Any], outcomes: Mapping[Unit, Sequence[Outcome]]) -> Found:
    """Tables, figures and ``calibration.md`` in a folder, from what has been played so far."""
    sound = {unit: played for unit, played in outcomes.items() if unit.source.sound}
    found = Found(measure_size(sound), measure_power(outcomes), _failed(outcomes))
    write_text(folder / "settings.json", json.dumps(settings, indent=2) + "\n")
    for name, sizes in (("size", found.sizes), ("size_rows", measure_size(sound, apart=True))):
        write_text(folder / f"{name}.csv", size_frame(sizes).to_csv(index=False, lineterminator="\n"))
    write_text(folder / "power.csv", power_frame(found.powers).to_csv(index=False, lineterminator="\n"))
    pictures = _draw(folder / "figures", found.powers)
    table = size_markdown(stated(found.sizes), found.sizes) if found.sizes else ""
    write_text(folder / "size.md", f"# Size: false alarms on ideal sources\n\n{table}")
    write_text(folder / "power.md", _matrices(found.powers))
    write_text(folder / "calibration.md", _page(found, pictures))
    return found


def _draw(folder: Path, powers: Sequence[Power]) -> list[str]:
    from cryptobench.calibration.figure import draw_power
    from cryptobench.report.style import save, style

    drawn = []
    with style():
        for name, _ in _PARTS:
            if tests := _tests(powers, name):
                chosen = [power for power in powers if power.test in tests]
                save(draw_power(chosen, tests, sources_in(chosen)), folder, name)
                drawn.append(name)
    return drawn


def _tests(powers: Iterable[Power], part: str) -> list[Test]:
    tests = sorted({power.test for power in powers if is_attack(power.test.task) == (part == "power_attacks")})
    return sorted(tests, key=lambda test: test.nonce != "")


def _failed(outcomes: Mapping[Unit, Sequence[Outcome]]) -> dict[str, tuple[int, str]]:
    failed = {}
    for unit, played in outcomes.items():
        if messages := [one.message for one in played if one.message]:
            failed[f"{unit.task.label} on {unit.source.name}"] = len(messages), messages[0]
    return failed


def _page(found: Found, pictures: Sequence[str]) -> str:
    lines = ["# Calibration", "", _READING, *_size_summary(found.sizes), "## Power", ""]
    for name, title in _PARTS:
        lines += [f"![{title}: tests by planted defects](figures/{name}.png)", ""] if name in pictures else []
    lines += _missed(found.powers)
    controls = [source for source in sources_in(found.powers) if not source.sound]
    lines += ["### Planted defects", "", *(f"- `{source.name}`: {source.card.defect}" for source in controls), ""]
    if found.failed:
        lines += ["## Not finished", ""]
        lines += [f"- {where}: {count} seeds, {message}" for where, (count, message) in found.failed.items()] + [""]
    return "\n".join(lines)


def _size_summary(sizes: Sequence[Size]) -> list[str]:
    """Counts of verdicts, then whatever is too high, shown to be wrong, or conservative."""
    judged = [size for size in sizes if not size.exhibit]
    counts = {
        verdict: sum(size.verdict == verdict for size in judged) for verdict in ("ok", "conservative", "too high")
    }
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    lines = ["## Size", "", f"{len(judged)} shares by test, level and source: {verdicts}.", ""]
    exhibits = [size for size in stated(sizes) if size.exhibit and size.p_value < SIGNIFICANT]
    conservative = [size for size in stated(sizes) if size.verdict == "conservative"]
    for title, chosen in (("Too high", wrong(sizes)), ("Exhibits †", exhibits), ("Conservative", conservative)):
        if chosen:
            lines += [f"### {title}", "", size_markdown(chosen, sizes)]
    return lines


def _matrices(powers: Sequence[Power]) -> str:
    lines = ["# Power: tests by planted defects", ""]
    for name, title in _PARTS:
        if tests := _tests(powers, name):
            chosen = [power for power in powers if power.test in tests]
            lines += [f"## {title}", "", power_markdown(chosen, tests, sources_in(chosen))]
    return "\n".join(lines)


def _missed(powers: Sequence[Power]) -> list[str]:
    lines = []
    if tests := blind(powers):
        lines += ["Tests that caught no control under most seeds: " + "; ".join(map(row_title, tests)) + ".", ""]
    if names := uncaught(powers):
        lines += [f"Controls that no test caught under most seeds: {', '.join(names)}.", ""]
    return lines


_READING = """\
A test is right if it raises no more false alarms than it says (size), and of use if it catches a defect (power).

*Size*: every verdict on AES-256-SIV, ChaCha20-Poly1305 and an ideal cipher (independent uniform bytes for each key,
nonce and plaintext) over many seeds. `share` is the share of verdicts with p < `level`, the interval Clopper and
Pearson's at 95 %; where one seed gives several verdicts, their number is reduced by the design effect. A share is
"ok" unless a two-sided binomial test at the stated level rejects it at 0.05, Holm-corrected over the whole table.
"Too high" is a wrong test. "Conservative" is below the level: statistics that take few values, and p-values that are
bounds, cannot be exact, and the note says which. Attacks call a leak at 1e-6; at that level the table can only show
that alarms are not frequent. † marks an exhibit: a test from the literature that is known to be wrong, beside its
corrected form. [size.md](size.md) lists every test, `size.csv` every level and source too, `size_rows.csv` every
channel, direction and statistic apart.

*Power*: the share of seeds under which a test raised an alarm on a control, a cipher with a planted defect, on images
of the same size. Rows of one metric are pooled (Bonferroni) at 0.05, those of SP 800-22 at 0.01; attacks count when
they break or leak (1e-6). In rows "nonce held" nonce and per-message secret are held still. The last columns are the
sound sources: about 0.05 or less, and 0 for attacks. With the nonce held ChaCha20-Poly1305 makes no claim that a test
could refute, and alarms there are right. A cell says what a test can see, not how bad the defect is.
[power.md](power.md) has the numbers, `power.csv` their intervals.
"""
