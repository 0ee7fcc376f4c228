"""What a comparison says as a whole: its exit code, its order, its words."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from cryptobench.check.formats import commands, headline, junit, markdown, text
from cryptobench.check.result import Comparison, Finding, Level


def comparison(*levels: Level) -> Comparison:
    findings = tuple(Finding(level, "toy", f"check {level}", "what", before=1.0, after=2.0) for level in levels)
    return Comparison("new", "old", 0.01, {("toy", "check"): 5}, findings)


@pytest.mark.parametrize(
    ("levels", "code"),
    [
        ((), 0), (("notice",), 0), (("warning", "notice"), 0), (("gap",), 2), (("gap", "warning"), 2),
        (("regression",), 1), (("gap", "regression"), 1),
    ],
)  # fmt: skip
def test_the_worst_level_gives_the_exit_code(levels: tuple[Level, ...], code: int) -> None:
    """A regression is 1 whatever else there is, a gap alone is 2, the rest is 0."""
    assert comparison(*levels).exit_code == code


def test_the_clearest_finding_comes_first() -> None:
    """Exact differences, then small p-values."""
    found = [Finding("regression", "toy", "t", name, p_value=p) for name, p in (("b", 0.5), ("a", 1e-9), ("x", None))]
    result = Comparison("new", "old", 0.01, {}, tuple(found))
    assert [finding.what for finding in result.of("regression")] == ["x", "a", "b"]


def test_a_finding_reads_from_old_to_new() -> None:
    """The old value first, the ideal behind, then the raw and the corrected p-value."""
    finding = Finding(
        "regression", "toy", "t", "npcr", "camera", 99.5, 12.25, "%", 99.6, p_value=1e-9, adjusted=2e-9, test="a test"
    )
    assert str(finding) == "npcr (camera): 99.5 -> 12.25 % (ideal 99.6); p = 1e-09, Holm 2e-09, a test"


def test_gaps_are_errors_everywhere() -> None:
    """JUnit has a failure for a regression and an error for a gap; GitHub shows both as errors."""
    result = comparison("regression", "gap", "warning", "notice")
    suite = ElementTree.fromstring(junit(result)).find("testsuite")
    assert suite is not None
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("3", "1", "1")
    kinds = {case.attrib["name"]: [child.tag for child in case] for case in suite}
    assert kinds == {"check": [], "check regression": ["failure"], "check gap": ["error"]}
    assert [line.split(" ")[0] for line in commands(result)] == ["::error", "::error", "::warning", "::notice"]
    assert headline(result) == "regression: 1 regression(s), 1 gap(s); 5 comparisons of toy"


@pytest.mark.parametrize("form", [text, markdown])
def test_every_level_has_a_heading(form: Callable[[Comparison], str]) -> None:
    """Worst first, in plain text and in Markdown."""
    words = form(comparison("notice", "warning", "gap", "regression"))
    places = [words.index(heading) for heading in ("Worse", "Not comparable", "Warnings", "Notices")]
    assert places == sorted(places)
