"""The page of one cipher: what was found, and its pictures; other modules have its other parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptobench.site.addresses import cipher_address
from cryptobench.site.cipher_attacks import attacks_panel, image
from cryptobench.site.cipher_card import card_panel, claims_panel
from cryptobench.site.cipher_numbers import numbers_panel, reproduce_panel
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import badge, facts, judgement, panel
from cryptobench.site.shown import Shown

__all__ = ["cipher_page"]

_PARTS = (
    ("found", "Found"), ("pictures", "Pictures"), ("broken", "What broke it"), ("card", "Card"),
    ("claims", "Claimed and measured"), ("numbers", "Numbers"), ("reproduce", "Reproduce"),
)  # fmt: skip
_PICTURES = (
    "Large pictures are sampled and compressed with loss here; the numbers are measured on the pictures themselves."
)
_MADE = " The run kept none: these were made with today's code when the site was."


def cipher_page(shown: Shown, cipher: str) -> Html:
    """The content of a cipher's page."""
    card = shown.contents[cipher]["card"] or {}
    title = next((text for what, text in card.get("facts", ()) if what == "title"), "")
    return element(
        "section",
        element(
            "div",
            _head(shown, cipher),
            paragraphs(title),
            element("p", [link(f"#{place}", text) for place, text in _PARTS], class_="jump"),
            _found(shown, cipher),
            _pictures(shown, cipher),
            attacks_panel(shown, cipher),
            card_panel(shown, cipher),
            claims_panel(shown, cipher),
            numbers_panel(shown, cipher),
            reproduce_panel(shown, cipher),
            _neighbours(shown, cipher),
            class_="narrow",
        ),
    )


def _head(shown: Shown, cipher: str) -> Html:
    return element(
        "div",
        element("h1", shown.run.label(cipher)),
        element("span", shown.run.family(cipher), class_="chip"),
        [judgement(one, name=name) for name, one in shown.judged.get(cipher, {}).items()],
        class_="head",
    )


def _found(shown: Shown, cipher: str) -> Html:
    pairs = [
        (judgement(one, name=name), one.says or "not judged") for name, one in shown.judged.get(cipher, {}).items()
    ]
    if cipher in shown.weak:
        pairs.append((badge("fail", "weak keys"), shown.weak[cipher]))
    tests = [test for test in shown.contents[cipher]["tests"] if test["state"] != "none"]
    badges = [element("li", badge(test["state"], test["title"], title=_test(test))) for test in tests]
    pooled = link("../columns.html#verdicts", "How verdicts are pooled")
    return panel(
        "What was found",
        element("div", facts(pairs), class_="judgements") if pairs else None,
        element("h3", "Tests", class_="sub") if tests else None,
        element("ul", badges, class_="verdicts") if tests else None,
        paragraphs(joined("A cross: the test fails. ", pooled, "."), class_="caption") if tests else None,
        place="found",
    )


def _test(test: Mapping[str, Any]) -> str:
    p = test["adjusted"]
    return f"{test['tests']} tests pooled" + ("" if p is None else f", smallest adjusted p {p:.3g}")


def _pictures(shown: Shown, cipher: str) -> Html:
    pictures = shown.contents[cipher]["pictures"]
    if not pictures:
        return panel("Pictures", paragraphs("The run kept no pictures of this cipher."), place="pictures")
    shots = [_shot(shown, one) for one in pictures]
    return panel(
        "Pictures",
        element("div", shots, class_="pictures"),
        paragraphs(_PICTURES + _MADE * (cipher in shown.made), class_="caption"),
        place="pictures",
    )


def _shot(shown: Shown, one: Mapping[str, Any]) -> Html:
    caption = element("figcaption", element("b", one["title"]), f" {one['width']}×{one['height']}")
    size = "shot" if one.get("histogram") else "shot small"
    return element("figure", image(shown, one, f"{one['title']} of {one['image']}"), caption, class_=size)


def _neighbours(shown: Shown, cipher: str) -> Html:
    order = shown.run.ciphers
    place = order.index(cipher)
    before, after = order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None
    label = shown.run.label
    return element(
        "div",
        before and link(cipher_address(before, "../"), f"← {label(before)}", class_="as-button"),
        link("../index.html", "Leaderboard", class_="as-button"),
        after and link(cipher_address(after, "../"), f"{label(after)} →", class_="as-button"),
        class_="actions",
    )
