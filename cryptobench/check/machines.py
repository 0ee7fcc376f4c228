"""A comparison for programs: JSON, JUnit XML, and the annotations of GitHub Actions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from cryptobench.check.result import LEVELS, Comparison, Level
from cryptobench.check.words import headline

__all__ = ["as_json", "commands", "junit"]

_COMMANDS: dict[Level, str] = {"regression": "error", "gap": "error", "warning": "warning", "notice": "notice"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _xml(words: str) -> str:
    """Without the control characters that XML has no way to write."""
    return _NO_XML.sub("?", words)


def _document(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
