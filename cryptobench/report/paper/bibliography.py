"""references.bib: an entry for each scheme that a paper names, and for each metric, test and attack that it uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from cryptobench.report.latex.text import escape
from cryptobench.report.paper.sources import ATTACKS, SOURCES
from cryptobench.results.run import RunData

__all__ = ["attack_keys", "bibliography", "scheme_keys"]

_CRYPTOBENCH = "cryptobench"
_INITIALS = re.compile(r"(?:[^\W\d_]\.[ -]?)+")
_NAMES = re.compile(r"\s*(?:,|;|&|\band\b)\s*")
_ACRONYM = re.compile(r"\S*[A-Z0-9]\S*[A-Z]\S*|\b\d*[A-Z]{2,}\S*|\b\w-[A-Z]\w*")
_OTHERS = re.compile(r"(?i)[\s,;]*(?:\bet al\b\.?|\band others\b)")


def scheme_keys(run: RunData, ciphers: Iterable[str]) -> dict[str, str]:
    """By cipher the key of its entry, of those whose cards name authors; a source of a metric keeps its own."""
    found: dict[str, str] = {}
    known = {fields["doi"].lower(): key for key, (_, fields) in SOURCES.items() if "doi" in fields}
    for cipher in ciphers:
        card = run.cards.get(cipher, {})
        if card.get("authors") and card.get("title"):
            key = known.get(str(card.get("doi") or "").lower()) or f"scheme:{_plain(cipher)}"
            while key in found.values():
                key += "-2"
            found[cipher] = key
    return found


def attack_keys(attacks: Iterable[str]) -> list[str]:
    """The keys of the sources that some attacks follow."""
    return list(dict.fromkeys(key for attack in attacks for key in ATTACKS.get(attack, ())))


def bibliography(run: RunData, schemes: Mapping[str, str], keys: Iterable[str]) -> str:
    """The text of references.bib: ``schemes`` by cipher, then the sources of some ``keys``, then this benchmark."""
    keys = list(dict.fromkeys([*(key for key in schemes.values() if key in SOURCES), *keys]))
    entries = [_entry(key, "misc", _scheme(run.cards[cipher])) for cipher, key in schemes.items()
               if key not in SOURCES]  # fmt: skip
    entries += [_entry(key, *SOURCES[key]) for key in keys]
    version = run.settings.get("versions", {}).get("cryptobench", "")
    about = {"author": "{cryptobench}", "title": "A security benchmark of image ciphers",
             "howpublished": f"Software{f', version {escape(str(version))}' if version else ''}"}  # fmt: skip
    commit = str(run.settings.get("git_commit") or "")[:10]
    entries.append(_entry(_CRYPTOBENCH, "misc", about | ({"note": f"Commit {escape(commit)}"} if commit else {})))
    return (
        "% Schemes as their cards name them; add journal and pages. Sources of metrics, tests and attacks.\n"
        + "\n".join(entries)
    )


def _scheme(card: Mapping[str, Any]) -> dict[str, str]:
    doi = str(card.get("doi") or "").strip()
    fields = {"author": _authors(str(card["authors"])), "title": _title(str(card["title"]))}
    if doi:
        fields["howpublished"] = rf"doi: \url{{{_address(doi)}}}"
    if card.get("year"):
        fields["year"] = str(card["year"])
    return fields


def _entry(key: str, kind: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _authors(names: str) -> str:
    """Names as BibTeX wants them: "G. Chen, Y. Mao" is two, "Chen, G., Mao, Y." too."""
    found: list[str] = []
    plain = _OTHERS.sub("", " ".join(names.split()))
    others = plain != " ".join(names.split())
    for name in filter(None, _NAMES.split(plain)):
        if _INITIALS.fullmatch(name + " ") and found:
            found[-1] = f"{found[-1]}, {name}"
        else:
            found.append(name)
    return " and ".join([*map(_bibtex, found), *(["others"] if others else [])])


def _title(title: str) -> str:
    """The title, in which words keep their capitals where these are more than the first letter's."""
    words = [_bibtex(word) for word in title.split()]
    capitals = [len(re.findall("[A-Z]", word)) > (place == 0) for place, word in enumerate(words)]
    return " ".join(f"{{{word}}}" if keep else word for word, keep in zip(words, capitals, strict=True))


def _bibtex(text: str) -> str:
    """Text in a BibTeX field: as LaTeX, with balanced braces, which escape writes."""
    return escape(text.replace("{", "(").replace("}", ")")).replace('"', "''")


def _address(doi: str) -> str:
    """A DOI as url takes it: letters that no DOI has, or that end the argument, are left out."""
    return re.sub(r"[^A-Za-z0-9./()_:;<>+-]", "", doi)


def _plain(text: str) -> str:
    """A name as a key: small ASCII letters and digits, others as hyphens."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-") or "cipher"
