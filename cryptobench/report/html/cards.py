"""The cards of a run's ciphers as facts for readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptobench.results.names import FIDELITY

__all__ = ["card_facts", "fidelity_text"]


def card_facts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A card as (what, text), without what has lists or links of its own: deviations, attacks, key fields, DOI."""
    uses_nonce = "used" if card.get("uses_nonce", True) else "none: equal images give equal ciphertexts"
    secret, not_an_image = card.get("secret_bits"), card.get("not_an_image")
    facts = [
        ("title", card.get("title")),
        ("authors", card.get("authors")),
        ("year", card.get("year")),
        ("family", card.get("family")),
        ("fidelity", fidelity_text(str(card.get("fidelity", "")))),
        ("planted defect", card.get("defect")),
        ("nonce", uses_nonce),
        ("per-message secret", f"{secret} bits, given to the receiver with each message" if secret else "none"),
        ("ciphertext", f"no image: {not_an_image}" if not_an_image else ""),
        ("decryption", "exact" if card.get("lossless", True) else "approximate"),
        ("integrity", "authenticated: damaged ciphertexts are rejected" if card.get("authenticated") else "none"),
        ("claimed", str(card.get("claims") or "").replace(",", ", ").replace("=", " ")),
        ("images", _limits(card)),
        ("cost", "slow: key bits are flipped on 64x64 pixels" if card.get("cost") == "slow" else ""),
    ]
    return [(name, str(text)) for name, text in facts if text]


def fidelity_text(fidelity: str) -> str:
    """The mark and what it means."""
    meaning = FIDELITY.get(fidelity[:1])
    return f"{fidelity}: {meaning}" if meaning else fidelity


def _limits(card: Mapping[str, Any]) -> str:
    channels = card.get("channels")
    limits = [f"{' or '.join(map(str, channels))} channel(s)" if channels else "grey and colour"]
    limits += ["square"] if card.get("square") else []
    limits += [f"sides from {card['min_side']}"] if card.get("min_side", 1) > 1 else []
    limits += [f"sides up to {card['max_side']}"] if card.get("max_side") else []
    multiple = card.get("sides_multiple_of", 1)
    limits += [f"sides that are multiples of {multiple}"] if multiple > 1 else []
    return ", ".join(limits)
