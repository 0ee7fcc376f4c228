"""Addresses of pages."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cryptobench.registry import cipher_names
from cryptobench.site.addresses import anchor, cipher_address, cipher_file


def test_built_in_ciphers_keep_their_names() -> None:
    """ciphers/hua2021.html stays what it is, and no two differ by the size of letters alone."""
    assert cipher_address("hua2021", "../") == "../ciphers/hua2021.html"
    files = {cipher_file(name) for name in cipher_names()}
    assert files == {f"{name}.html" for name in cipher_names()}
    assert len({file.lower() for file in files}) == len(files)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_any_name_gives_a_plain_file(name: str) -> None:
    """A cipher of one's own may be called anything: its page stays in the folder, and is not hidden."""
    assert re.fullmatch(r"(?!\.)[A-Za-z0-9_.=-]+\.html", cipher_file(name))
    assert re.fullmatch(r"x-[A-Za-z0-9_.=~-]*", anchor("x", name))


def test_different_names_have_different_files() -> None:
    """What is replaced is replaced by its own number."""
    names = ["a b", "a/b", "a~b", ".a", "a.", "a=b", "a%b", "ä"]
    assert len({cipher_file(name) for name in names}) == len(names)
