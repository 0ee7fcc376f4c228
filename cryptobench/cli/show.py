"""`cryptobench show`: a cipher's card."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cryptobench.cli.options import complete_cipher

if TYPE_CHECKING:
    from cryptobench.card import Card

__all__ = ["command"]

_FIDELITY = {
    "A": "full algorithm from a source",
    "B": "main steps from a source, some constants chosen",
    "C": "reconstructed from title or abstract; its results are not the paper's",
}


@click.command(short_help="Show what is known about a cipher.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(cipher: str, as_json: bool) -> None:
    """Show the card of CIPHER (a name from `list ciphers`, path/to/file.py:ClassName or path/to/file.toml).

    The card says what is known about the scheme and what was chosen to make it run.
    """
    from cryptobench.registry import read_card
    from cryptobench.training.shipped import details, shipped

    card = read_card(cipher)
    if not as_json:
        click.echo("\n".join(_lines(card, details(cipher))))
        return
    facts = dataclasses.asdict(card)
    weights = shipped(cipher)
    if weights is not None:
        facts["weights"] = {file.stem: manifest and dataclasses.asdict(manifest) for file, manifest in weights}
    click.echo(json.dumps(facts, indent=2))


def _lines(card: Card, weights: Sequence[str]) -> list[str]:
    fields = ", ".join(f"{field.name} {field.bits}" for field in card.key)
    paper = ", ".join(part for part in (card.authors, str(card.year or ""), card.doi and f"doi:{card.doi}") if part)
    facts = [
        ("title", card.title),
        ("paper", paper),
        ("family", card.family),
        ("fidelity", f"{card.fidelity}: {_FIDELITY[card.fidelity[0]]}"),
        ("defect", card.defect),
        ("key", f"{card.key_bits} bits ({fields})"),
        ("nonce", "used" if card.uses_nonce else "none: equal images give equal ciphertexts"),
        (
            "secret",
            f"{card.secret_bits} bits for each message, given to the receiver" if card.secret_bits else "",
        ),
        ("ciphertext", card.not_an_image and f"no image: {card.not_an_image}"),
        ("decryption", "exact" if card.lossless else "approximate"),
        ("integrity", "authenticated: damaged ciphertexts are rejected" if card.authenticated else ""),
        ("claims", card.claims),
        ("images", _limits(card)),
        ("cost", "slow: key bits are flipped on 64x64 pixels" if card.cost == "slow" else ""),
    ]
    lines = [card.display_name]
    for name, text in facts:
        if text:
            lines += textwrap.wrap(text, 96, initial_indent=f"  {name:<11}", subsequent_indent=" " * 13)
    notes = (
        ("trained weights", weights),
        ("deviations and choices", card.deviations),
        ("known attacks", card.known_attacks),
    )
    for name, items in notes:
        if items:
            lines.append(f"  {name}")
            for item in items:
                lines += textwrap.wrap(item, 96, initial_indent="    - ", subsequent_indent="      ")
    return lines


def _limits(card: Card) -> str:
    limits = ["grey and colour" if card.channels is None else f"{' or '.join(map(str, card.channels))} channel(s)"]
    limits += ["square"] if card.square else []
    limits += [f"sides from {card.min_side}"] if card.min_side > 1 else []
    limits += [f"sides up to {card.max_side}"] if card.max_side else []
    limits += [f"sides that are multiples of {card.sides_multiple_of}"] if card.sides_multiple_of > 1 else []
    return ", ".join(limits)
