"""Ciphers whose rows another run has measured, and that stand beside a run's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["TakenOver"]

_NAMED = 3


@dataclass(frozen=True, eq=False)
class TakenOver:
    """The ciphers whose rows were taken over, by name, with their cards; and what was not.

    ``origin`` names the run that measured them, with its commit, machine and date. ``withheld`` are sentences about
    rows that are not shown, because code has changed since they were measured. ``missing`` are the analyses and attacks
    of this run, as its table names them, that these ciphers have no rows of, and that their judgements do not count.
    """

    origin: str
    ciphers: tuple[str, ...] = ()
    cards: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        """What the mark behind the names of these ciphers means."""
        more = f" and {len(self.missing) - _NAMED} more" if len(self.missing) > _NAMED else ""
        without = f"; without {', '.join(self.missing[:_NAMED])}{more}, which this run has" if self.missing else ""
        times = "times only as multiples of AES-256-CTR's"
        return f"taken over from {self.origin}, not measured in this run; {times}{without}"
