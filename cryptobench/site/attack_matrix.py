"""The page of the matrix: which attack finds which planted defect, and which attack succeeds against which cipher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptobench.results.attacks import WORDS
from cryptobench.site.addresses import cipher_address
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import Cells, badge, framed, grid, mark, spoken

__all__ = ["attack_matrix"]

_FOUND = WORDS[: WORDS.index("leak") + 1]
_MEANINGS = {
    "recovered": "the attack recovers the picture",
    "map recovered": "chosen ciphertexts give a map that reads other ciphertexts",
    "malleable": "a changed ciphertext decrypts to a predictably changed picture",
    "leak": "the attack tells the cipher from an ideal one",
    "failed": "the attack did not finish",
    "holds": "the attack found nothing",
    "n/a": "the attack does not apply to this cipher",
}


def attack_matrix(overview: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]]) -> Html:
    """The page's content; ``overview`` is that of `cryptobench.report.html.content.overview_content`."""
    attacks = overview["attacks"]
    controls = [one for one in overview["ciphers"] if cards.get(one["name"], {}).get("defect")]
    others = [one for one in overview["ciphers"] if one not in controls]
    parts = [
        element("div", element("h1", "Attacks and controls"), class_="head"),
        paragraphs(
            "A test that never fails is worth nothing, so every attack is tried on controls: ciphers with one planted "
            "defect each. The first table says what finds each defect, the second has the whole matrix, the third the "
            "same attacks on all other ciphers. A cell has the worst outcome over sizes and nonce modes, and leads to "
            "the cipher's page."
        ),
        element("div", (element("span", badge(word), element("span", text, class_="soft"))
                        for word, text in _MEANINGS.items()), class_="meanings"),
    ]  # fmt: skip
    if not attacks:
        return element("section", parts, paragraphs("This run holds no attacks."))
    if controls:
        parts += [
            element("h2", "What finds each planted defect"), _detections(overview, controls, cards),
            element("h2", "Controls by attacks"), _matrix(attacks, controls, "controls by attacks"),
        ]  # fmt: skip
    if others:
        parts += [element("h2", "All other ciphers by attacks"), _matrix(attacks, others, "ciphers by attacks")]
    return element("section", parts)


def _worst(cipher: Mapping[str, Any], place: int) -> tuple[str, str]:
    """The worst outcome of an attack over nonce modes, and what each mode gave in words."""
    found: list[tuple[str, str]] = []
    for mode, title in (("own", "proper nonces"), ("fixed", "fixed nonce")):
        outcome = cipher["attacks"][mode][place]
        if outcome is not None:
            queries = outcome["queries"]
            count = f", {queries:.0f} queries" if queries and outcome["outcome"] in _FOUND else ""
            found.append((outcome["outcome"], f"{title}: {outcome['outcome']}{count}"))
    if not found:
        return "not run", "not run"
    worst = min(found, key=lambda one: WORDS.index(one[0]))
    same = len({word for word, _ in found}) == 1 and len(found) == 1
    return worst[0], found[0][1].partition(": ")[2] if same else "; ".join(text for _, text in found)


def _matrix(attacks: Sequence[str], ciphers: Sequence[Mapping[str, Any]], name: str) -> Html:
    heads = [
        element("th", "cipher", scope="col", class_="corner"),
        *(element("th", element("span", spoken(attack)), scope="col", class_="turned") for attack in attacks),
    ]
    lines = []
    for cipher in ciphers:
        address = cipher_address(cipher["name"])
        cells = []
        for place, attack in enumerate(attacks):
            word, text = _worst(cipher, place)
            label = f"{spoken(attack)}, {text}"
            look = {"class_": "cell state", "data_state": word, "title": label, "aria_label": label, "tabindex": -1}
            cells.append(element("td", link(f"{address}#broken", mark(word), **look)))
        lines.append(element("tr", element("th", link(address, cipher["label"]), scope="row"), cells))
    table = element(
        "table", element("thead", element("tr", heads)), element("tbody", lines), class_="matrix", aria_label=name
    )
    return framed(table, name, tall=True)


def _detections(
    overview: Mapping[str, Any], controls: Sequence[Mapping[str, Any]], cards: Mapping[str, Mapping[str, Any]]
) -> Html:
    titles = [test["title"] for test in overview["tests"]]
    attacked, tested = [], []
    for control in controls:
        found = [(name, _worst(control, place)[0]) for place, name in enumerate(overview["attacks"])]
        attacked.append([spoken(name) for name, word in found if word in _FOUND])
        states = zip(titles, control["states"], strict=True)
        tested.append([title for title, state in states if state == "fail" and title != "statistics"])
    return grid(
        [
            Cells("control", [link(cipher_address(one["name"]), one["label"]) for one in controls]),
            Cells("planted defect", [cards[one["name"]]["defect"] for one in controls], kind="words"),
            Cells("attacks", [len(names) for names in attacked], list(map(len, attacked)), "number"),
            Cells("found by attacks", [", ".join(names) or "none" for names in attacked], kind="words"),
            Cells("found by statistical tests", [joined(", ".join(names) or "none") for names in tested], kind="words"),
        ],
        "what finds each planted defect", searched=True, tall=True,
    )  # fmt: skip
