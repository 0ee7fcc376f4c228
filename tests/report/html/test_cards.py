"""Cards as facts."""

from __future__ import annotations

from cryptobench.report.html.cards import card_facts


def test_facts_say_what_fields_mean() -> None:
    """Side data, integrity and limits are words; what a card does not say is left out."""
    facts = dict(card_facts({"title": "T", "fidelity": "C+", "secret_bits": 256, "channels": [1], "min_side": 8}))
    assert facts["fidelity"].startswith("C+: reconstructed")
    assert facts["per-message secret"].startswith("256 bits")
    assert facts["images"] == "1 channel(s), sides from 8"
    assert "authors" not in facts
