"""A cipher's card, and what papers claim beside what was measured."""

from __future__ import annotations

import re
from urllib.parse import quote

from cryptobench.report.claimed import HEADER, claim_texts
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import Cells, facts, grid, lines_of, panel
from cryptobench.site.shown import Shown

__all__ = ["card_panel", "claims_panel"]

_DOI = re.compile(r"10\.\d+/\S+")
_CLAIMED = (
    "Claimed: as the paper prints it, or as a review cites it. Plausible: whether an ideal cipher gives such a number; "
    "it is a question to ask, not a verdict."
)


def card_panel(shown: Shown, cipher: str) -> Html:
    """What is known about a cipher, and what was chosen to make it run."""
    content = shown.contents[cipher]
    card = content["card"]
    if card is None:
        known = [("family", shown.run.family(cipher)), ("fidelity", content["fidelity"])]
        return panel("Card", facts(known), place="card")
    doi = card["doi"]
    address = link(f"https://doi.org/{quote(doi, safe='/')}", doi) if _DOI.fullmatch(doi) else doi
    return panel(
        "Card",
        paragraphs("What is known about the scheme, and what was chosen to make it run."),
        facts([*card["facts"], *([("doi", address)] if doi else [])]),
        _titled("Deviations and choices", lines_of(card["deviations"])),
        _titled("Known attacks", lines_of(card["known_attacks"])),
        _key(card["key"], cipher),
        place="card",
    )


def _key(fields: list[list[str]], cipher: str) -> Html | None:
    if not fields:
        return None
    names, counts, meanings = zip(*fields, strict=True)
    bits = sum(int(count) for count in counts if count.isdigit())
    columns = [Cells("field", names), Cells("bits", counts, kind="number"), Cells("meaning", meanings, kind="words")]
    return _titled(f"Key: {bits} bits", grid(columns, f"key of {cipher}"))


def claims_panel(shown: Shown, cipher: str) -> Html:
    """What the paper behind a cipher claims, beside what the run measured."""
    rows = [row for row in shown.claims.get(cipher, ()) if row["metric"]]
    if not rows:
        nothing = paragraphs("No number that a paper claims is recorded for this cipher.")
        return panel("Claimed and measured", nothing, place="claims")
    texts = dict(zip(HEADER, zip(*map(claim_texts, rows), strict=True), strict=True))
    numbers = {name: [row[name] for row in rows] for name in ("claimed", "measured")}
    kinds = dict.fromkeys(numbers, "number") | {"read in": "words", "about": "words"}
    columns = [
        Cells(title, cells, numbers.get(title), kinds.get(title, ""))
        for title, cells in texts.items()
        if title != "cipher"
    ]
    places = dict.fromkeys(row["measured on"] for row in rows if row["measured on"])
    on = f" Measured on {' and '.join(places)}." if places else ""
    table = grid(columns, f"claims about {cipher}")
    return panel("Claimed and measured", table, paragraphs(_CLAIMED + on, class_="caption"), place="claims")


def _titled(title: str, child: Html | None) -> Html | None:
    return None if child is None else joined(element("h3", title, class_="sub"), child)
