"""Where the pages of a site lie: a cipher's address depends on its name alone, so links to it stay valid."""

from __future__ import annotations

from urllib.parse import quote

__all__ = ["anchor", "cipher_address", "cipher_file"]


def cipher_file(name: str) -> str:
    """The file of a cipher's page in the folder ``ciphers``: hua2021.html; other signs than A-Z, 0-9, - _ . are =XX."""
    safe = quote(name, safe="").replace("~", "%7E").replace("%", "=")
    return f"{'=2E' + safe[1:] if safe.startswith('.') else safe}.html"


def cipher_address(name: str, root: str = "") -> str:
    """The link to a cipher's page from a page whose root is ``root``."""
    return f"{root}ciphers/{cipher_file(name)}"


def anchor(kind: str, name: str) -> str:
    """A place within a page."""
    return f"{kind}-{quote(name, safe='').replace('%', '=')}"
