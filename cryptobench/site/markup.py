"""HTML elements as text; whatever is not an element is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Html", "element", "joined", "link", "paragraphs"]

_VOID = frozenset({"br", "img", "input", "link", "meta", "wbr"})
_UNENDED = frozenset({"dd", "dt", "li", "tbody", "td", "th", "thead", "tr"})  # they end where the next begins
_BARE = re.compile(r"[A-Za-z0-9_.:#-]+")  # attribute values that need no quotes
Child = Any  # an Html, a text or number, None for nothing, or several of these


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def element(tag: str, *children: Child, **attributes: Any) -> Html:
    """An element: children that are no `Html` are escaped, None and False are left out, lists are taken apart.

    What HTML lets be left out is left out, as most of a page is cells of tables: some ends and quotes.
    Attributes: ``class_`` is class, ``data_key`` is data-key; True has no value, None and False are left out.
    """
    found = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f"={_quoted(str(value))}")
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    start = f"<{tag}{found}>"
    if tag in _VOID:
        return Html(start)
    return Html(f"{start}{joined(*children)}" + ("" if tag in _UNENDED else f"</{tag}>"))


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) else f'"{html.escape(value)}"'


def joined(*children: Child) -> Html:
    """Children one after the other."""
    parts: list[str] = []
    for child in children:
        if child is None or child is False:
            continue
        if isinstance(child, Html):
            parts.append(child)
        elif isinstance(child, Iterable) and not isinstance(child, str):
            parts.append(joined(*child))
        else:
            parts.append(html.escape(str(child), quote=False))
    return Html("".join(parts))


def link(address: str, *children: Child, **attributes: Any) -> Html:
    """A link; one that leads to another site says nothing of this one."""
    away = {"rel": "noreferrer noopener"} if address.startswith("https://") else {}
    return element("a", *children, href=address, **away, **attributes)


def paragraphs(*texts: Child, class_: str | None = None) -> Html:
    """A paragraph for each text; None and empty ones are left out."""
    return joined(element("p", text, class_=class_) for text in texts if text)
