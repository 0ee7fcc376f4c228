"""Pages that are written when the documentation is built: a page a scheme from its card, and the primitives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from cryptobench.card import Card
from cryptobench.registry import cipher_names, read_card

__all__ = ["primitive_pages", "scheme_pages", "write_pages"]

_FIDELITY = {
    "A": "the full algorithm, from a source",
    "B": "main steps from a source, some constants chosen here",
    "C": "reconstructed from title or abstract; its results are not the paper's",
}
_PRIMITIVES = {
    "chaos": "Maps, permutations, diffusion, DNA coding, key schedules.",
    "learned": "Networks, losses, training, and weights of neural ciphers.",
    "optics": "Propagation, phase masks, and recording by a camera.",
    "simd": "Vectors of float64 and float32 that numba compiles to one instruction.",
}


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write pages that changed and remove those that are gone; git ignores the folder."""
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()


def scheme_pages() -> dict[str, str]:
    """A page for each cipher by name, and ``index``, which groups them by family.

    Only the index is in the navigation: with every scheme in it, it is the larger part of each page.
    """
    cards = {name: read_card(name) for name in cipher_names()}
    families: dict[str, list[Card]] = {}
    for card in sorted(cards.values(), key=lambda card: (card.family, card.name)):
        families.setdefault(card.family, []).append(card)
    lines = [
        "# Schemes",
        "",
        "From the card of each cipher, as `cryptobench show NAME` prints it. A: the full algorithm, from a source. "
        "B: main steps from a source, some constants chosen here. C: reconstructed from title or abstract. "
        "A card with + or - stands a little above or below its letter; its deviations say why.",
        "",
    ]
    for family, members in families.items():
        lines += [
            f"## {escaped(family.capitalize())}",
            "",
            "| cipher | fidelity | title | key bits |",
            "|---|---|---|---:|",
        ]
        lines += [f"| [{c.name}]({c.name}.md) | {c.fidelity} | {escaped(c.title)} | {c.key_bits} |" for c in members]
        lines += [""]
    return {card.name: _scheme(card) for card in cards.values()} | {"index": "\n".join(lines)}


def _scheme(card: Card) -> str:
    paper = ", ".join(escaped(part) for part in (card.authors, str(card.year or "")) if part)
    doi = f"doi [{card.doi}](https://doi.org/{card.doi})" if card.doi else ""
    lines = ["---", "orphan: true", "---", "", f"# {card.name}", "", f"**{escaped(card.title)}**", ""]
    lines += [". ".join(part for part in (paper, doi) if part), ""] if paper or doi else []
    lines += ["| | |", "|---|---|", *(f"| {what} | {text} |" for what, text in _facts(card) if text), ""]
    fields = [f"| {escaped(field.name)} | {field.bits} | {escaped(field.meaning)} |" for field in card.key]
    lines += ["## Key", "", "| field | bits | meaning |", "|---|---:|---|", *fields, ""]
    for title, items in (("Deviations and choices", card.deviations), ("Known attacks", card.known_attacks)):
        if items:
            lines += [f"## {title}", "", *(f"- {escaped(item)}" for item in items), ""]
    beside = "" if card.name == "aes-256-ctr" else ",aes-256-ctr"
    example = f"cryptobench run --ciphers {card.name}{beside} --profile quick\ncryptobench attack {card.name}"
    return "\n".join([*lines, "```sh", example, "```", "", "[All schemes](index.md)", ""])


def _facts(card: Card) -> Iterator[tuple[str, str]]:
    yield "family", escaped(card.family)
    yield "fidelity", f"{card.fidelity}: {_FIDELITY[card.fidelity[0]]}"
    yield "planted defect", escaped(card.defect)
    yield "nonce", "used" if card.uses_nonce else "none: equal images give equal ciphertexts"
    yield "per-message secret", f"{card.secret_bits} bits, given to the receiver" if card.secret_bits else ""
    yield "ciphertext", f"no image: {escaped(card.not_an_image)}" if card.not_an_image else ""
    yield "decryption", "exact" if card.lossless else "approximate"
    yield "integrity", "damaged ciphertexts are rejected" if card.authenticated else "none"
    yield "cost", "slow: key bits are flipped on 64 x 64 pixels" if card.cost == "slow" else ""
    channels = "grey and colour" if card.channels is None else " or ".join(map(str, card.channels)) + " channels"
    sides = f", sides from {card.min_side}" if card.min_side > 1 else ""
    sides += f" up to {card.max_side}" if card.max_side else ""
    sides += f", sides that are multiples of {card.sides_multiple_of}" if card.sides_multiple_of > 1 else ""
    yield "images", channels + (", square" if card.square else "") + sides


def primitive_pages() -> dict[str, str]:
    """One page of all primitives: modules and public functions with the first paragraph of each, from the source."""
    spec = find_spec("cryptobench.primitives")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    lines = [
        "# Primitives",
        "",
        "Parts to build ciphers from, for the schemes here and for your own. They know no harness.",
        "",
    ]
    for folder, about in _PRIMITIVES.items():
        lines += [f"## {folder}", "", about, ""]
        for path in sorted((root / folder).rglob("*.py")):
            tree = ast.parse(path.read_bytes())
            if not path.stem.startswith("_") and (first := _first(tree)):
                module = ".".join(path.relative_to(root).with_suffix("").parts)
                lines += [f"### cryptobench.primitives.{module}", "", escaped(first), "", *_members(tree), ""]
    return {"index": "\n".join(lines)}


def _members(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            arguments = "" if isinstance(node, ast.ClassDef) else f"({', '.join(_arguments(node))})"
            about = escaped(_first(node))
            yield f"- `{node.name}{arguments}`" + (f": {about}" if about else "")


def _arguments(function: ast.FunctionDef) -> Iterator[str]:
    """Names as a call has them: `typing`, the first of an intrinsic, is given by numba."""
    given = function.args
    yield from (argument.arg for argument in (*given.posonlyargs, *given.args) if argument.arg != "typing")
    if given.vararg:
        yield f"*{given.vararg.arg}"
    elif given.kwonlyargs:
        yield "*"
    yield from (argument.arg for argument in given.kwonlyargs)
    if given.kwarg:
        yield f"**{given.kwarg.arg}"


def _first(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n\n")[0].replace("\n", " ")


def escaped(text: str) -> str:
    """Text for Markdown: only what stands in backticks keeps its meaning."""
    parts = re.split(r"(``[^`]+``|`[^`]+`)", " ".join(text.split()))
    return "".join(
        f"`{part.strip('`')}`".replace("|", "\\|")
        if part.startswith("`")
        else re.sub(r"([\\*_{}\[\]<>#|$~`])", r"\\\1", part)
        for part in parts
    )
