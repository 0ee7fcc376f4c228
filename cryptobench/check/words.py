"""A comparison as plain text and as Markdown."""

from __future__ import annotations

from cryptobench.check.result import EXIT_CODES, LEVELS, Comparison, Level
from cryptobench.report.rounding import p_text

__all__ = ["headline", "markdown", "text"]

_HEADINGS: dict[Level, str] = {
    "regression": "Worse", "gap": "Not comparable", "warning": "Warnings", "notice": "Notices",
}  # fmt: skip


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
    return "\n".join([*lines, *_footer(result)])


def markdown(result: Comparison) -> str:
    """The same for a job's summary page: a table for each level."""
    lines = [f"## cryptobench check: {EXIT_CODES[result.exit_code]}", "", _cell(headline(result)), ""]
    for level in LEVELS:
        if not (groups := result.grouped(level)):
            continue
        lines += [f"### {_HEADINGS[level]}", "", "| cipher | check | what changed |", "|---|---|---|"]
        for (cipher, title), findings in groups.items():
            lines.append(f"| {_cell(cipher)} | {_cell(title)} | {_cell(str(findings[0]))}{_more(len(findings) - 1)} |")
        lines.append("")
    return "\n".join([*lines, f"`{result.new}` against `{result.baseline}`.", *_footer(result)]) + "\n"


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


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")
