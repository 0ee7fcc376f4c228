"""What is claimed of a cipher, or asked of one, in the words of the three judgements: one text, read here alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["BEST_UNDER_MISUSE", "HIGHEST_LEVEL", "INTEGRITIES", "Claims", "ClaimsError", "Integrity"]

HIGHEST_LEVEL = 5
BEST_UNDER_MISUSE = 4  # with one nonce for all messages every cipher is deterministic

Integrity = Literal["map recovered", "malleable", "garbles", "crashes", "rejects"]
INTEGRITIES: tuple[Integrity, ...] = get_args(Integrity)
"""What becomes of changed ciphertexts, worst first."""

_LEVELS = {"confidentiality": HIGHEST_LEVEL, "misuse": BEST_UNDER_MISUSE}
_WANTED = 'wanted such as "confidentiality=5,misuse=4,integrity=rejects", or a part of it'


class ClaimsError(ValueError):
    """A text that is no claim; the message quotes it and says what is wanted."""


@dataclass(frozen=True)
class Claims:
    """The least of each judgement; None where nothing is said of it.

    ``confidentiality`` is a security level of 0 to 5, ``misuse`` one of 0 to 4, ``integrity`` one of `INTEGRITIES`.
    """

    confidentiality: int | None = None
    misuse: int | None = None
    integrity: Integrity | None = None

    @classmethod
    def of(cls, text: str) -> Claims:
        """The claims in a text such as "confidentiality=5,misuse=4,integrity=rejects"; nothing in an empty one.

        ClaimsError, in one line, for anything else.
        """
        found: dict[str, int | Integrity] = {}
        for part in text.split(",") if text.strip() else ():
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or name not in (*_LEVELS, "integrity"):
                raise ClaimsError(f"{part.strip()!r} names no judgement; {_WANTED}")
            if name in found:
                raise ClaimsError(f"{name} is given twice in {text!r}; {_WANTED}")
            found[name] = _word(value) if name == "integrity" else _level(name, value)
        return cls(**found)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """The text that `of` reads."""
        named = {"confidentiality": self.confidentiality, "misuse": self.misuse, "integrity": self.integrity}
        return ",".join(f"{name}={value}" for name, value in named.items() if value is not None)


def _level(name: str, text: str) -> int:
    highest = _LEVELS[name]
    if text not in map(str, range(highest + 1)):
        why = "; one nonce for all messages leaves at best 4" if name == "misuse" and text == str(HIGHEST_LEVEL) else ""
        raise ClaimsError(f"{name} is {text!r}, wanted a level from 0 to {highest}{why}")
    return int(text)


def _word(text: str) -> Integrity:
    word = next((word for word in INTEGRITIES if word == text), None)
    if word is None:
        raise ClaimsError(f"integrity is {text!r}, wanted one of {', '.join(INTEGRITIES)}")
    return word
