"""How ciphers are named in tables and figures: the fidelity marks [B] and [C], and the mark of our own."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["FIDELITY", "OURS", "display_name", "marks_legend"]

OURS = " (ours)"
FIDELITY = {
    "A": "full algorithm from a source",
    "B": "main steps from a source, some constants chosen",
    "C": "reconstructed from title or abstract; its results are not the paper's",
}


def display_name(cipher: str, fidelity: str, ours: bool = False) -> str:
    """The name for tables and figures: other fidelity than A is marked, since that is not the paper's own cipher."""
    name = cipher if fidelity.startswith("A") or not fidelity else f"{cipher} [{fidelity}]"
    return name + OURS * ours


def marks_legend(fidelities: Iterable[str], ours_meaning: str = "", form: str = "[{}]") -> str:
    """What the marks of `display_name` mean, a sentence each; ``form`` writes the mark of a fidelity."""
    letters = sorted({fidelity[:1] for fidelity in fidelities} & {"B", "C"})
    sentences = [f"{form.format(letter)}: {FIDELITY[letter]}." for letter in letters]
    return " ".join([*sentences, *([f"{OURS.strip()}: {ours_meaning}."] if ours_meaning else [])])
