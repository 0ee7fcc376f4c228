"""A comparison as plain text, Markdown, JSON, JUnit XML, and workflow commands of GitHub Actions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from cryptobench.check.result import EXIT_CODES, LEVELS, Comparison, Level
from cryptobench.layout.markdown import as_text
from cryptobench.results.rounding import p_text
from cryptobench.terminal import one_line

__all__ = ["as_json", "commands", "headline", "junit", "markdown", "text"]

_HEADINGS: dict[Level, str] = {
    "regression": "Worse", "gap": "Not comparable", "warning": "Warnings", "notice": "Notices",
}  # fmt: skip
_COMMANDS: dict[Level, str] = {"regression": "error", "gap": "error", "warning": "warning", "notice": "notice"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def headline(result: Comparison) -> str:
    """The verdict in one line."""
    if result.reason:
        return f"cannot compare: {result.reason}"
    compared = sum(result.checks.values())
    counts = f"{len(result.of('regression'))} regression(s), {len(result.of('gap'))} gap(s)"
    return f"{EXIT_CODES[result.exit_code]}: {counts}; {compared} comparisons of {_ciphers(result)}"


def text(result: Comparison) -> str:
    """What got worse, from what to what; one line a check, with the clearest number, then how the level was kept."""
    lines = [f"{result.new} against {result.baseline}", headline(result)]
    for level in LEVELS:
        if groups := result.grouped(level):
            lines += ["", _HEADINGS[level]]
        for (cipher, title), findings in groups.items():
            lines.append(f"  {cipher}, {title}: {findings[0]}{_more(len(findings) - 1)}")
    return "\n".join(map(one_line, [*lines, *_footer(result)]))


def markdown(result: Comparison) -> str:
    """The same for a job's summary page: a table for each level."""
    lines = [f"## cryptobench check: {EXIT_CODES[result.exit_code]}", "", as_text(headline(result)), ""]
    for level in LEVELS:
        if not (groups := result.grouped(level)):
            continue
        lines += [f"### {_HEADINGS[level]}", "", "| cipher | check | what changed |", "|---|---|---|"]
        for (cipher, title), findings in groups.items():
            lines.append(
                f"| {as_text(cipher)} | {as_text(title)} | {as_text(str(findings[0]))}{_more(len(findings) - 1)} |"
            )
        lines.append("")
    names = f"{as_text(result.new)} against {as_text(result.baseline)}."
    return "\n".join([*lines, names, *map(as_text, _footer(result))]) + "\n"


def as_json(result: Comparison) -> str:
    """Everything there is, as one JSON object."""
    return json.dumps(result.as_dict(), indent=2, ensure_ascii=False)


def junit(result: Comparison) -> str:
    """JUnit XML: a suite for each cipher, a test case for each check; regressions are failures, gaps are errors."""
    root = ElementTree.Element("testsuites", name="cryptobench check")
    if result.reason:
        suite = ElementTree.SubElement(root, "testsuite", name="cryptobench check", tests="1", failures="0", errors="1")
        case = ElementTree.SubElement(suite, "testcase", name="comparison", classname="cryptobench.check")
        ElementTree.SubElement(case, "error", message=_xml(headline(result)))
        return _document(root)
    failures, errors = result.grouped("regression"), result.grouped("gap")
    keys = dict.fromkeys([*result.checks, *failures, *errors])
    for cipher in dict.fromkeys(name for name, _ in keys):
        own = [key for key in keys if key[0] == cipher]
        suite = ElementTree.SubElement(
            root, "testsuite", name=_xml(cipher), tests=str(len(own)),
            failures=str(sum(key in failures for key in own)),
            errors=str(sum(key in errors and key not in failures for key in own)),
        )  # fmt: skip
        for key in own:
            case = ElementTree.SubElement(suite, "testcase", name=_xml(key[1]), classname=_xml(f"cryptobench.{cipher}"))
            for kind, found in (("failure", failures.get(key)), ("error", errors.get(key))):
                if found and len(case) == 0:
                    element = ElementTree.SubElement(case, kind, message=_xml(str(found[0])))
                    element.text = _xml("\n".join(map(str, found)))
    return _document(root)


def commands(result: Comparison) -> Iterator[str]:
    """A workflow command of GitHub Actions for each check with findings, the worst first."""
    if result.reason:
        yield f"::error title=cryptobench check::{_escaped(headline(result))}"
    for level in LEVELS:
        for (cipher, title), findings in result.grouped(level).items():
            place = _escaped(f"{cipher}, {title}").replace(":", "%3A").replace(",", "%2C")
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            yield f"::{_COMMANDS[level]} title={place}::{_escaped(f'{findings[0]}{more}')}"


def _footer(result: Comparison) -> list[str]:
    if result.reason:
        return []
    smallest = "" if result.smallest is None else f", smallest adjusted p {p_text(result.smallest)}"
    lines = ["", f"{result.tests} tests at level {result.alpha:g} together (Holm){smallest}"]
    return [*lines, *(f"note: {note}" for note in result.notes)]


def _ciphers(result: Comparison) -> str:
    names = result.ciphers
    return f"{len(names)} ciphers" if len(names) > 3 else ", ".join(names)


def _more(count: int) -> str:
    return f" (and {count} more)" if count else ""


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _xml(words: str) -> str:
    """Without the control characters that XML has no way to write."""
    return _NO_XML.sub("?", words)


def _document(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
