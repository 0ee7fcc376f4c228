"""What a comparison of two runs came to: one object that every output format is made from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cryptobench.results.rounding import p_text

__all__ = [
    "EXIT_CODES", "LEVELS", "CheckError", "Compared", "Comparison", "Finding", "Level", "Options", "refused",
]  # fmt: skip


class CheckError(ValueError):
    """Two runs cannot be compared; the message names what was given, what is wanted and what to do."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """``alpha`` is the probability of any false alarm among all tests together.

    ``timing`` makes a slower cipher a regression, ``slower`` is by what factor. ``golden`` makes a changed ciphertext
    one. ``psnr_drop`` is how many dB a decrypted image may lose. ``fewer_queries`` is the factor from which on an
    attack that needs fewer queries is worth a notice. ``ciphers`` and ``analyses`` restrict the comparison (an attack
    is called ``attack:NAME``); empty takes the ciphers that both runs have, and all analyses of the baseline.
    """

    alpha: float = 0.01
    timing: bool = False
    slower: float = 1.5
    golden: bool = False
    psnr_drop: float = 0.5
    fewer_queries: float = 10.0
    ciphers: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, value, wanted, valid in (
            ("alpha", self.alpha, "a level between 0 and 1", 0 < self.alpha < 1),
            ("slower", self.slower, "a factor of more than 1", self.slower > 1),
            ("psnr_drop", self.psnr_drop, "decibels, at least 0", self.psnr_drop >= 0),
            ("fewer_queries", self.fewer_queries, "a factor of more than 1", self.fewer_queries > 1),
        ):
            if not valid:
                raise CheckError(f"{key} is {value}, wanted {wanted}")


Level = Literal["regression", "gap", "warning", "notice"]
LEVELS: tuple[Level, ...] = ("regression", "gap", "warning", "notice")
EXIT_CODES = {0: "no regression", 1: "regression", 2: "cannot compare"}


@dataclass(frozen=True)
class Finding:
    """One difference. ``title`` is the check that it belongs to, ``what`` the number and ``where`` its place.

    ``before`` and ``after`` are in ``unit``; what a sentence says better leaves them None. ``p_value`` is one-sided,
    ``adjusted`` the same after Holm's correction over the whole comparison, ``test`` what they come from.
    """

    level: Level
    cipher: str
    title: str
    what: str
    where: str = ""
    before: float | None = None
    after: float | None = None
    unit: str = ""
    expected: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    test: str = ""
    message: str = ""

    def __str__(self) -> str:
        parts = [f"{self.what}{f' ({self.where})' if self.where else ''}"]
        if self.before is not None or self.after is not None:
            ideal = "" if self.expected is None else f" (ideal {_number(self.expected)})"
            parts.append(f"{_number(self.before)} -> {_number(self.after)}{self.unit and ' ' + self.unit}{ideal}")
        if self.adjusted is not None:
            parts.append(f"p = {p_text(self.p_value or 0.0)}, Holm {p_text(self.adjusted)}, {self.test}")
        if self.message:
            parts.append(self.message)
        return ": ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


@dataclass(frozen=True)
class Compared:
    """``count`` comparisons that belong to one check (``title``) of a cipher, and what they found."""

    cipher: str
    title: str
    findings: tuple[Finding, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Comparison:
    """A baseline, a new run, and what came of comparing them at level ``alpha``.

    ``checks`` counts what was compared by cipher and title, ``tests`` the tests that Holm's correction covers, and
    ``smallest`` is the smallest adjusted p-value among them. ``reason`` says why nothing could be compared. ``notes``
    hold what concerns the comparison as a whole.
    """

    new: str
    baseline: str
    alpha: float
    checks: dict[tuple[str, str], int]
    findings: tuple[Finding, ...]
    tests: int = 0
    smallest: float | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""

    @property
    def exit_code(self) -> int:
        """0 without a regression, 1 with one, 2 where something could not be compared and nothing else got worse."""
        if self.reason:
            return 2
        return 1 if self.of("regression") else 2 if self.of("gap") else 0

    @property
    def ciphers(self) -> list[str]:
        """The ciphers that were compared."""
        return list(dict.fromkeys(cipher for cipher, _ in self.checks))

    def of(self, level: Level) -> list[Finding]:
        """The findings of one level, the clearest first within each cipher and check."""
        return _clearest_first(finding for finding in self.findings if finding.level == level)

    def grouped(self, level: Level) -> dict[tuple[str, str], list[Finding]]:
        """The findings of one level by cipher and check, the clearest first."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.of(level):
            groups.setdefault((finding.cipher, finding.title), []).append(finding)
        return groups

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values; numbers that are not finite become text."""
        return {
            "exit_code": self.exit_code,
            "result": EXIT_CODES[self.exit_code],
            "reason": self.reason,
            "new": self.new,
            "baseline": self.baseline,
            "alpha": self.alpha,
            "tests": self.tests,
            "smallest_adjusted_p": self.smallest,
            "ciphers": self.ciphers,
            "counts": {level: len(self.of(level)) for level in LEVELS},
            "notes": list(self.notes),
            "checks": [{"cipher": c, "title": title, "compared": count} for (c, title), count in self.checks.items()],
            "findings": [_json(asdict(finding)) for level in LEVELS for finding in self.of(level)],
        }


def refused(new: str, baseline: str, alpha: float, reason: str) -> Comparison:
    """The comparison that could not be made."""
    return Comparison(new, baseline, alpha, {}, (), reason=" ".join(reason.split()))


def _clearest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Exact differences before those with a p-value, and those by their p-value; otherwise in the order given."""
    return sorted(findings, key=lambda finding: -1.0 if finding.p_value is None else finding.p_value)


def _number(value: float | None) -> str:
    if value is None:
        return "none"
    whole = math.isfinite(value) and value == round(value) and abs(value) < 1e15
    return f"{value:.0f}" if whole else f"{value:.5g}"


def _json(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in values.items()
    }
