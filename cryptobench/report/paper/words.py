"""The words of a paper: what was measured and how to read it, and the paragraph of numbers with its sources."""

from __future__ import annotations

import re
from collections.abc import Collection

from cryptobench.report.latex.text import powers
from cryptobench.report.paper.bibliography import attack_keys
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sheet import breakable, cited, tex
from cryptobench.report.paragraph import sentences

__all__ = ["method", "paper_title", "paragraph_tex"]

_PHRASES = (
    ("Global Shannon entropy", "shannon1948"), ("Local Shannon entropy", "wu2013"),
    ("correlations of adjacent pixels", "chen2004"), ("NPCR", "wu2011"), ("SP 800-22", "rukhin2010"),
    ("upper bound of the key space", "alvarez2006"),
)  # fmt: skip


def paragraph_tex(of: Subject) -> str:
    """The paragraph of numbers in three parts, the first mention of each metric with its source."""
    parts = [" ".join(group) for group in sentences(of.run, of.cipher)]
    found: list[str] = []
    used: set[str] = set()
    for part in filter(None, parts):
        text = part
        for phrase, key in _PHRASES:
            if phrase in text and key not in used:
                used.add(key)
                text = text.replace(phrase, f"{phrase} [@{key}]", 1)
        found.append(cited(powers(tex(re.sub(r"(?<=\w_)(?=\w)", "\u200b", text)))))
    return "{\\emergencystretch=3em\n" + "\n\n".join(found) + "\\par}\n"


def method(of: Subject, keys: dict[str, str], tables: Collection[str], figures: Collection[str]) -> str:
    """One paragraph as LaTeX: what was measured, where it stands, how to read it."""
    run = of.run
    card = run.cards.get(of.cipher, {})
    title = " ".join(str(card.get("title") or "").split())
    cite = f" [@{keys[of.cipher]}]" if of.cipher in keys else ""
    named = f"{of.name}{f' ({title})' if title else ''}{cite}"
    settings = run.settings.get("settings") or {}
    seed = f", seed {settings['seed']}" if settings.get("seed") is not None else ""
    legend = f" {of.legend([of.cipher])}" if run.fidelity(of.cipher)[:1] in "BC" else ""
    text = (
        f"{named} was measured with the benchmark [@cryptobench] by its profile {run.name}{seed}.{legend} A tested "
        "number stands beside what an ideal cipher gives on an image of the same size, since good numbers alone say "
        "little: almost every image cipher, secure or not, has an entropy near 8 bits and an NPCR near 99.6 %. The "
        "analyses are those that the literature asks for [@alvarez2006][@murillo2019], and attacks are run beside "
        "them. "
    )  # fmt: skip
    shown = cited(tex(text))
    parts = [rf"Table~\ref{{tab:paper-{name}}} has {words}" for name, words in _TABLES.items() if name in tables]
    parts += [rf"Fig.~\ref{{fig:paper-{name}}} shows {words}" for name, words in _FIGURES.items() if name in figures]
    keys_used = attack_keys(_ran(of))
    follow = f" Attacks follow published ones where there are any {_cite(keys_used)}." if keys_used else ""
    return shown + "; ".join(parts) + "." * bool(parts) + follow + "\n"


_TABLES = {
    "statistics": "the statistical and differential tests", "keys": "the key, robustness and cost",
    "attacks": "the attacks and what they mean", "comparison": "the cipher beside others",
}  # fmt: skip
_FIGURES = {
    "pictures": "the pictures with their histograms", "correlation": "neighbouring pixels",
    "damage": "damaged ciphertexts", "attack": "what attacks recover", "time": "time beside others",
}  # fmt: skip


def paper_title(of: Subject) -> str:
    """The title of the paper, as LaTeX."""
    return breakable(f"Security Evaluation of {of.cipher}")


def _ran(of: Subject) -> list[str]:
    return [] if of.attacks.empty else [str(name) for name in of.attacks["attack"].unique()]


def _cite(keys: Collection[str]) -> str:
    return rf"\cite{{{','.join(keys)}}}"
