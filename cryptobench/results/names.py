"""How ciphers are named in tables and figures: the marks of fidelity, how many have each, and the mark of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["FIDELITY", "OURS", "PUBLISHED", "TAKEN", "display_name", "grade_counts", "grades_text", "marks_legend"]

OURS = " (ours)"
TAKEN = " ‡"  # measured in another run
FIDELITY = {
    "A": "full algorithm from a source",
    "B": "main steps from a source, some constants chosen",
    "C": "reconstructed from title or abstract; its results are not the paper's",
}
PUBLISHED = ("chaotic", "learned", "optical", "proposed")
"""The families of published schemes; other ciphers are standards, or weak on purpose."""


def display_name(cipher: str, fidelity: str, ours: bool = False, taken: bool = False) -> str:
    """The name for tables and figures: other fidelity than A is marked, since that is not the paper's own cipher.

    So are our own, and those ``taken`` over from another run.
    """
    name = cipher if fidelity.startswith("A") or not fidelity else f"{cipher} [{fidelity}]"
    return name + OURS * ours + TAKEN * taken


def marks_legend(fidelities: Iterable[str], ours_meaning: str = "", form: str = "[{}]", taken_meaning: str = "") -> str:
    """What the marks of `display_name` mean, a sentence each; ``form`` writes the mark of a fidelity."""
    letters = sorted({fidelity[:1] for fidelity in fidelities} & {"B", "C"})
    sentences = [f"{form.format(letter)}: {FIDELITY[letter]}." for letter in letters]
    own = [f"{OURS.strip()}: {ours_meaning}."] if ours_meaning else []
    taken = [f"{TAKEN.strip()}: {taken_meaning}."] if taken_meaning else []
    return " ".join([*sentences, *own, *taken])


def grade_counts(fidelities: Iterable[str]) -> dict[str, int]:
    """How many of some fidelities are A, B and C, with or without + and -."""
    letters = [fidelity[:1] for fidelity in fidelities]
    return {letter: letters.count(letter) for letter in FIDELITY}


def grades_text(counts: Mapping[str, int]) -> str:
    """How many published schemes have each fidelity, as a sentence for captions; empty where there are none."""
    if not any(counts.values()):
        return ""
    first, *others = (f"{count} {letter}" for letter, count in counts.items())
    return f"Published schemes here: {first} ({FIDELITY['A']}), {', '.join(others)}."
