"""Writes the index of built-in ciphers, analyses and attacks before a wheel is built or a checkout is installed; puts
the repository's address into the metadata."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class IndexHook(BuildHookInterface):  # type: ignore[type-arg]
    """Renews cryptobench/index.json, which is an artifact of the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """The modules that make the index need Python's own library alone; the package's ``__init__`` needs more."""
        folder = Path(self.root, "cryptobench")
        spec = importlib.util.spec_from_file_location(
            "cryptobench", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None
        sys.modules["cryptobench"] = importlib.util.module_from_spec(spec)
        from cryptobench.catalogue import renew_index

        renew_index()


class AddressHook(MetadataHookInterface):
    """Project URLs, and a README whose links work outside the repository: on PyPI relative ones lead nowhere."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Where no address is known, there are no URLs, and links stay as they are."""
        address = repository(Path(self.root))
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute(text, address) if address else text}
        metadata["urls"] = project_urls(address) if address else {}


def repository(root: Path) -> str:
    """The address on GitHub of a checkout, by its remote "origin", or of an sdist, by its PKG-INFO; "" if unknown."""
    if (root / ".git").exists():
        line = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
        try:
            return github(subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip())
        except OSError:
            return ""
    if not (root / "PKG-INFO").is_file():
        return ""
    found = re.search(
        r"^Project-URL: Repository, (\S+)$", (root / "PKG-INFO").read_text(encoding="utf-8"), re.MULTILINE
    )
    return github(found[1]) if found else ""


def github(remote: str) -> str:
    """https://github.com/owner/name for any form of a remote there, without user and password; "" for another host."""
    form = r"(?:https://(?:[^/@]*@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?"
    found = re.fullmatch(form, remote)
    return f"https://github.com/{found[1]}" if found else ""


def project_urls(address: str) -> dict[str, str]:
    """What PyPI shows beside the page."""
    return {
        "Repository": address,
        "Issues": f"{address}/issues",
        "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
        "Documentation": f"{address}/blob/HEAD/docs/index.md",
    }


def absolute(text: str, address: str) -> str:
    """Markdown in which pictures and links that were relative to the repository are addresses."""
    raw = address.replace("https://github.com/", "https://raw.githubusercontent.com/")
    text = re.sub(r"(!\[[^]]*\]\()(?![a-z]+:|#)", rf"\g<1>{raw}/HEAD/", text)
    return re.sub(r"(?<!!)(\[[^][]*\]\()(?![a-z]+:|#)", rf"\g<1>{address}/blob/HEAD/", text)
