"""The verdict ladder: from what attacks found to one rung, 0 (worst) to 5, with and without chosen ciphertexts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

__all__ = ["RUNGS", "Finding", "climb"]

RUNGS = (
    "falls to at most 3 known pairs",
    "falls to at most 1024 chosen plaintexts",
    "affine, or falls to more queries",
    "no break by these attacks, but leaks: deterministic, distinguishable, or malleable",
    "nothing found by these attacks",
    "nothing found, and changed ciphertexts are rejected",
)
_FEW_PAIRS, _MANY_QUERIES = 3, 1 << 10


@dataclass(frozen=True)
class Finding:
    """What one attack found: its model, verdict (broken, leak, holds, none), queries, and what it claims."""

    model: str
    verdict: str
    queries: int
    claims: Collection[str] = ()


def climb(findings: Iterable[Finding]) -> tuple[int | None, int | None]:
    """The rungs (without, with chosen ciphertexts) of a cipher in one nonce mode; see `RUNGS`.

    The second counts every attack, the first only those that choose no ciphertexts; None where no attack was
    applicable. Rung 5 is reached only if attacks with chosen ciphertexts were played and all of them rejected.
    """
    findings = [finding for finding in findings if finding.verdict != "none"]
    chosen = [finding for finding in findings if finding.model == "CCA"]
    others = [finding for finding in findings if finding.model != "CCA"]
    rejecting = any("rejects" in f.claims for f in chosen) and not any(f.verdict in ("broken", "leak") for f in chosen)
    without = min((_rung(finding) for finding in others), default=None)
    if without == 4 and rejecting:
        without = 5
    if not chosen:
        return without, None
    with_chosen = 5 if rejecting else min(_rung(finding) for finding in chosen)
    return without, with_chosen if without is None else min(with_chosen, without)


def _rung(finding: Finding) -> int:
    """The highest rung that a cipher can stand on with this finding against it."""
    if finding.verdict == "broken" and finding.model != "CCA":
        if finding.model in ("COA", "KPA") and finding.queries <= _FEW_PAIRS:
            return 0
        return 1 if finding.queries <= _MANY_QUERIES else 2
    if "affine" in finding.claims and finding.model != "CCA":  # shown by chosen ciphertexts it is malleability
        return 2
    return 3 if finding.verdict in ("broken", "leak") else 4
