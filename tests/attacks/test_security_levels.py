"""The rungs of the verdict ladder."""

from __future__ import annotations

import pytest

from cryptobench.attacks.scoring import SECURITY_LEVELS, Evidence, security_levels

HOLDS_CPA, HOLDS_CCA = Evidence("CPA", "holds", 4), Evidence("CCA", "holds", 15)
REJECTS = Evidence("CCA", "holds", 15, ("rejects",))


@pytest.mark.parametrize(
    ("findings", "rungs"),
    [
        ([Evidence("KPA", "broken", 2)], (0, None)),
        ([Evidence("CPA", "broken", 2), HOLDS_CPA], (1, None)),  # chosen, not known, plaintexts
        ([Evidence("KPA", "broken", 3000)], (2, None)),
        ([Evidence("CPA", "broken", 1024)], (1, None)),
        ([Evidence("CPA", "broken", 1025)], (2, None)),
        ([Evidence("CPA", "leak", 4, ("affine",)), Evidence("CPA", "leak", 2, ("deterministic",))], (2, None)),
        ([Evidence("CCA", "broken", 5, ("affine", "malleable"))], (None, 3)),
        ([Evidence("CPA", "leak", 2, ("deterministic",)), HOLDS_CPA], (3, None)),
        ([HOLDS_CPA, Evidence("CPA", "none", 0)], (4, None)),
        ([HOLDS_CPA, Evidence("CCA", "broken", 15, ("malleable",))], (4, 3)),  # a stream cipher with fresh nonces
        ([HOLDS_CPA, HOLDS_CCA], (4, 4)),
        ([HOLDS_CPA, REJECTS, REJECTS], (5, 5)),
        ([HOLDS_CPA, REJECTS, Evidence("CCA", "leak", 1)], (4, 3)),
        ([Evidence("CPA", "leak", 2, ("deterministic",)), REJECTS], (3, 3)),
        ([Evidence("KPA", "broken", 1), HOLDS_CCA], (0, 0)),  # who may choose ciphertexts may also do without
        ([HOLDS_CCA], (None, 4)),
        ([], (None, None)),
        ([Evidence("CCA", "none", 0)], (None, None)),
    ],
)
def test_findings_lead_to_rungs(findings, rungs) -> None:
    """The worst finding decides, by model, queries and claims; CCA never stands above CPA."""
    assert security_levels(findings) == rungs


def test_every_rung_has_a_meaning() -> None:
    """Six rungs, from 0 to 5."""
    assert len(SECURITY_LEVELS) == 6
