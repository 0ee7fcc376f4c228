"""What broke a cipher: the pictures that attacks recovered, at what cost, and every attack that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import badge, command, fold, grid, panel, spoken, table_cells
from cryptobench.site.shown import Shown

__all__ = ["attacks_panel", "image"]

_MOST_SHOWN = 6  # recovered pictures that are not folded away
_TRIO = (("original", "plaintext"), ("cipher", "ciphertext"), ("recovered", "recovered"))
_RECOVERED = (
    "Each attack below has no key. It sees the cipher as an oracle, and its queries are pictures with their "
    "ciphertexts. Malleable and map recovered: it changes or reads ciphertexts through others that it has had "
    "decrypted. Fixed nonce: one nonce for all messages, which is misuse of a cipher that has nonces."
)
_UNBROKEN = (
    "No attack of this run recovers the picture, and none tells its ciphertexts from random ones. That is no proof of "
    "security: it says what these attacks found."
)


def attacks_panel(shown: Shown, cipher: str) -> Html:
    """What the attacks on a cipher recovered, those first that set a judgement, and a table of them all."""
    content = shown.contents[cipher]
    by = [name for one in shown.judged.get(cipher, {}).values() for name in one.by.split(", ")]
    recovered = sorted(
        content["recovered"], key=lambda found: by.index(found["attack"]) if found["attack"] in by else len(by)
    )
    trios = [_trio(shown, cipher, found) for found in recovered]
    rest = trios[_MOST_SHOWN:]
    return panel(
        "What broke it",
        paragraphs(_summary(content)),
        element("div", trios[:_MOST_SHOWN], class_="pictures") if trios else None,
        fold(f"{len(rest)} more", element("div", rest, class_="pictures")) if rest else None,
        _every_attack(shown, cipher),
        place="broken",
    )


def image(shown: Shown, one: Mapping[str, Any], alt: str) -> Html:
    """A picture of a page's content, with its own size."""
    return element(
        "img", src=shown.picture(one["id"]), alt=alt, width=one["width"], height=one["height"], loading="lazy"
    )


def _summary(content: Mapping[str, Any]) -> str:
    if not content["attacks"]:
        return "This run holds no attack on this cipher."
    if content["recovered"]:
        return _RECOVERED
    found = sorted({row["attack"] for row in content["attacks"] if row["word"] not in ("holds", "n/a", "failed")})
    if not found:
        return _UNBROKEN
    return f"Something was found by: {', '.join(map(spoken, found))}. No recovered picture was kept."


def _trio(shown: Shown, cipher: str, found: Mapping[str, Any]) -> Html:
    """Plaintext, ciphertext and what the attack made of it; what that took; the command."""
    name, nonce, queries = found["attack"], found["nonce"], found["queries"]
    pictures = [
        element("div", image(shown, found[part], f"{title}, {spoken(name)}"), title)
        for part, title in _TRIO
        if found.get(part)
    ]
    key = (name, nonce, found["height"])
    rows = shown.contents[cipher]["attacks"]
    row: Mapping[str, Any] = next((one for one in rows if (one["attack"], one["nonce"], one["height"]) == key), {})
    texts = (
        f"{found['width']}×{found['height']} pixels, {'no nonce' if nonce == 'none' else f'{nonce} nonce'}",
        "" if queries is None else f"{queries:.0f} {'query' if queries == 1 else 'queries'}",
        _at_reference(row),
        "" if found["share"] is None else f"{_percent(found['share'])} of the samples are right",
    )
    again = shown.commands.one_attack(
        cipher, name, str(row.get("image", "astronaut")), int(min(found["width"], found["height"])), nonce
    )
    title = link(f"{shown.docs}attacks.html", spoken(name)) if shown.docs else spoken(name)
    caption = element(
        "figcaption", element("b", title), " ", badge(found["word"]), f" {'; '.join(filter(None, texts))}."
    )
    return element(
        "figure", element("div", pictures, class_="row"), caption, fold("command", command(again)), class_="trio"
    )


def _at_reference(row: Mapping[str, Any]) -> str:
    """The queries that the attack needs at the reference size, with the formula unless it is that number."""
    if not row.get("formula"):
        return ""
    count = f"{row['queries_at_reference']:.0f}"
    return f"at 512×512×3: {count}" + ("" if row["formula"] == count else f", that is {row['formula']}")


def _percent(share: float) -> str:
    """Only all of it reads 100 %."""
    return f"{100 * (share if share == 1 else min(share, 0.999)):.1f} %"


def _every_attack(shown: Shown, cipher: str) -> Html | None:
    """A table of the attacks that apply, and the names of those that do not."""
    found = shown.tables.get("attack_costs")
    if found is None or not (places := found.places.get(cipher)):
        return None
    texts = {column["title"]: column["texts"] for column in found.content["columns"]}
    run = [place for place in places if texts["outcome"][place] != "n/a"]
    others = sorted({texts["attack"][place] for place in places} - {texts["attack"][place] for place in run})
    columns = [one for one in table_cells(found.content, run) if one.title != "cipher"] if run else []
    return joined(
        element("h3", f"Every attack on {cipher}", class_="sub"),
        grid(columns, f"attacks on {cipher}", searched=True, tall=True) if columns else None,
        paragraphs(
            f"Does not apply to this cipher: {', '.join(map(spoken, others))}." if others else None,
            link("../columns.html#attack_costs", "What the columns say"), class_="caption",
        ),
    )  # fmt: skip
