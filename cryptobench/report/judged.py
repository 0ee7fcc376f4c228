"""The judgements of a run's ciphers as reports show them: as text, in words, and how good that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptobench.attacks.judgements import (
    BEST_UNDER_MISUSE,
    INTEGRITIES,
    LEVELS,
    MINIMUM,
    MINIMUM_CCA,
    MINIMUM_FRESH,
    Integrity,
)
from cryptobench.attacks.query_formula import REFERENCE_SIZE
from cryptobench.layout.tables import DAGGER, MISSING, Column
from cryptobench.results.run import RunData

__all__ = [
    "INTEGRITY_MEANINGS", "JUDGEMENTS", "NOTE", "TONES", "Judged", "judged_ciphers", "judgement_columns",
    "standing", "weak_keys_text",
]  # fmt: skip

JUDGEMENTS = ("confidentiality", "misuse", "integrity")
INTEGRITY_MEANINGS: Mapping[Integrity, str] = {
    "map recovered": "chosen ciphertexts give a map that reads other ciphertexts",
    "malleable": "a changed ciphertext decrypts to a predictably changed plaintext",
    "garbles": "a change spreads over the whole decrypted image",
    "crashes": "decryption of a changed ciphertext ends in an error that is no rejection",
    "rejects": "every changed ciphertext is rejected",
}
TONES: Mapping[str, int] = dict(zip(INTEGRITIES, (1, 3, 4, 4, 5), strict=True))
_FRESH_ONLY = [name for name in MINIMUM_FRESH if name not in MINIMUM]
NOTE = (
    "Confidentiality (fresh nonces, or none) and misuse (one nonce and per-message secret for all messages) are "
    "security levels, for which attacks with chosen ciphertexts do not count. "
    + "; ".join(f"{level}: {meaning}" for level, meaning in enumerate(LEVELS))
    + f". Queries are counted by each attack's formula at {REFERENCE_SIZE}. Under misuse {BEST_UNDER_MISUSE} is the "
    "best possible, and a pass. Integrity is what chosen ciphertexts lead to, worst first: "
    + "; ".join(f"{word}: {INTEGRITY_MEANINGS[word]}" for word in INTEGRITIES)
    + ". ≤: attacks of the minimum set have not ended, and only this much is known; "
    f"{MISSING}: nothing is. The minimum set is {', '.join(MINIMUM)}, for confidentiality also "
    f"{', '.join(_FRESH_ONLY)}, for integrity {', '.join(MINIMUM_CCA)}. Weak keys are a flag and lower no level. "
    f"{DAGGER}: attacks refute what the cipher's card claims."
)
"""What the columns of judgements mean, for captions."""


@dataclass(frozen=True)
class Judged:
    """One judgement of one cipher.

    ``text`` is the level, "≤ 1" where only that much is known, the word of integrity, or "–". ``tone`` is how good that
    is, from 0 to 5, a pass; None where nothing is known. ``rank`` sorts from worst to best. ``meaning`` says it in
    words, ``by`` which attacks set it. ``refuted``: the cipher's card claims more.
    """

    name: str
    text: str = MISSING
    tone: int | None = None
    rank: float | None = None
    meaning: str = ""
    by: str = ""
    not_run: str = ""
    missing: str = ""
    refuted: bool = False

    @property
    def marked(self) -> str:
        """The text, with a dagger where the card's claim is refuted."""
        return self.text + DAGGER * self.refuted

    @property
    def says(self) -> str:
        """In words, with the attacks that set it, those that are missing, and how many could not run."""
        by = f" ({self.by})" if self.by else ""
        parts = [self.meaning + by if self.meaning else ""]
        parts += [f"not judged without {self.missing}" if self.missing else "", self.not_run]
        return "; ".join(filter(None, [*parts, "the card claims more" if self.refuted else ""]))


def judged_ciphers(run: RunData) -> dict[str, dict[str, Judged]]:
    """By cipher, in the run's order, and by name of `JUDGEMENTS`; empty for a run without attacks."""
    if run.judgements.empty:
        return {}
    rows = {str(row["cipher"]): row for row in run.judgements.to_dict("records")}
    return {cipher: _judged(rows.get(cipher)) for cipher in run.ciphers}


def judgement_columns(letters: Mapping[str, str] | None = None) -> tuple[Column, Column, Column]:
    """The three as columns of a table whose values have them and ``refuted``; ``letters`` abbreviate the words."""
    one, other, third = (
        Column(name, (name, "refuted"), partial(_marked, name), partial=True, letters=letters or {})
        for name in JUDGEMENTS
    )
    return one, other, third


def standing(name: str, text: str) -> tuple[int | None, float | None]:
    """The tone and the rank (see `Judged`) of a judgement by its text, as a table shows it."""
    bare = text.removesuffix(DAGGER)
    tone, rank, _ = _integrity(bare) if name == "integrity" else _level(name, bare)
    return tone, rank


def weak_keys_text(flag: bool | None, share: float | None) -> str:
    """What is known of a cipher's weak keys: nothing, that it has some, or what share of the keys tried they are."""
    if not flag:
        return MISSING
    return "yes" if share is None else f"{share:.2%} of those tried"


def _marked(name: str, text: str | None, refuted: str | None) -> str:
    return _text(text) + DAGGER * (name in (refuted or "").split(", "))


def _text(text: str | None) -> str:
    """A level or word as `cryptobench.results.attacks.judgements` writes it, as it is shown: "≤ 1" for "<= 1"."""
    return MISSING if text is None or text == "-" else text.replace("<=", "≤")


def _judged(row: Mapping[Any, Any] | None) -> dict[str, Judged]:
    if row is None:
        return {name: Judged(name) for name in JUDGEMENTS}
    found = {}
    for name in JUDGEMENTS:
        text, refuted = str(row[name]), name in str(row.get("refuted", "")).split(", ")
        tone, rank, meaning = _integrity(text) if name == "integrity" else _level(name, text)
        side = row.get(f"{name}_only_at", float("nan"))
        if side == side:
            meaning += f", shown at {side:.0f}×{side:.0f} only"
        not_run = f"{row[f'{name}_not_run']} of {row[f'{name}_tried']} attacks could not run"
        found[name] = Judged(
            name, _text(text), tone, rank, meaning, str(row[f"{name}_by"]),
            not_run if row[f"{name}_not_run"] else "", str(row.get(f"{name}_missing", "")), refuted,
        )  # fmt: skip
    return found


def _level(name: str, text: str) -> tuple[int | None, float | None, str]:
    if text in ("-", MISSING):
        return None, None, ""
    level = int(text.split()[-1])
    bounded = not text.isdigit()
    best = name == "misuse" and level == BEST_UNDER_MISUSE
    meaning = LEVELS[level] + (", the best possible under one nonce" if best else "")
    return 5 if best and not bounded else level, level - 0.5 * bounded, meaning


def _integrity(text: str) -> tuple[int | None, float | None, str]:
    word = next((word for word in INTEGRITIES if word == text), None)
    if word is None:
        return None, None, ""
    return TONES[word], float(INTEGRITIES.index(word)), INTEGRITY_MEANINGS[word]
