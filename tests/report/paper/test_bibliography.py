"""references.bib: names as BibTeX takes them, one entry for one work, capitals kept where they mean something."""

from __future__ import annotations

from collections.abc import Callable

from cryptobench.registry import attack_names
from cryptobench.report.paper.bibliography import attack_keys, bibliography, scheme_keys
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sources import ATTACKS, SOURCES
from cryptobench.results.run import RunData
from tests.report.paper.conftest import HOSTILE


def _entries(run: RunData, *ciphers: str) -> str:
    return bibliography(run, scheme_keys(run, ciphers), [])


def test_names_are_parted(rich: RunData) -> None:
    """By commas and "and"; initials behind a comma belong to the name before them."""
    text = _entries(rich, "hua2021", HOSTILE["caesar"])
    assert "author = {Z. Hua and Z. Zhu and others}" in text
    assert "author = {Müller, J. and O'Neill, A. and others}" in text


def test_braces_and_capitals_of_titles(rich: RunData) -> None:
    """Braces of a card are parentheses; words whose capitals count are kept from being made small."""
    text = _entries(rich, "hua2021", HOSTILE["caesar"])
    assert r"title = {{2D-LTMM} \& 50 \% of (it)}" in text
    assert text.count("{") == text.count("}")


def test_addresses_hold_nothing_that_ends_them(rich: RunData) -> None:
    """A DOI with a brace or a backslash does not end the field."""
    text = _entries(rich, "hua2021", HOSTILE["caesar"])
    assert r"doi: \url{10.1016/j.ins.2020.09.032}" in text
    assert r"doi: \url{ab}" in text


def test_a_scheme_that_is_a_source_has_one_entry(rich: RunData) -> None:
    """The cipher of Chen, Mao and Chui is the paper that correlation is taken from."""
    keys = scheme_keys(rich, ["chen2004", "hua2021"])
    assert keys == {"chen2004": "chen2004", "hua2021": "scheme:hua2021"}
    text = bibliography(rich, keys, ["chen2004"])
    assert text.count("3D") == 1
    assert "Chaos, Solitons and Fractals" in text


def test_ciphers_without_authors_have_no_entry(about: Callable[..., Subject]) -> None:
    """A control is nobody's paper."""
    assert "aes-256-ctr" not in scheme_keys(about().run, ["aes-256-ctr", "truncated-key"])


def test_sources_of_attacks_are_known() -> None:
    """Every key is that of an entry, and every attack is one that there is."""
    assert {key for keys in ATTACKS.values() for key in keys} <= set(SOURCES)
    assert set(ATTACKS) <= set(attack_names())
    assert attack_keys(["permutation", "locality", "affine_cca", "affine_z256"]) == [
        "li2008",
        "jolfaei2016",
        "chen2019",
    ]
