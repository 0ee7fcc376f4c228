"""What attacks mean for a cipher, as commands print it, and what --require asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cryptobench.attacks.judgements import Judgements, LevelJudgement
    from cryptobench.claims import Claims

__all__ = ["judgement_lines", "judgements_as_json", "require_option", "requirement"]

_INTEGRITY = {
    "map recovered": "chosen ciphertexts gave a map that reads other ciphertexts",
    "malleable": "a changed ciphertext decrypts to a predictably changed image",
    "garbles": "a changed ciphertext decrypts to garbage",
    "crashes": "a changed ciphertext makes decryption crash, which is no rejection",
    "rejects": "every changed ciphertext was rejected",
}


def requirement(context: click.Context, parameter: click.Parameter, value: str | None) -> Claims | None:
    """The callback of --require."""
    from cryptobench.claims import Claims, ClaimsError

    if value is None:
        return None
    try:
        claims = Claims.of(value)
    except ClaimsError as error:
        raise click.BadParameter(str(error)) from None
    if claims == Claims():
        raise click.BadParameter("it asks for nothing; give such as confidentiality=5,misuse=4,integrity=rejects")
    return claims


require_option = click.option(
    "--require", callback=requirement, metavar="LIST",
    help="What a cipher must reach, such as confidentiality=5,misuse=4,integrity=rejects, or a part of it.",
)  # fmt: skip


def judgement_lines(judged: Judgements, claims: str = "") -> list[str]:
    """The three judgements, a line each, and what else is to be said: weak keys, defects, refuted claims."""
    from cryptobench.attacks.judgements import BEST_UNDER_MISUSE, LEVELS, refuted
    from cryptobench.claims import Claims

    integrity = judged.integrity
    lines = [
        f"confidentiality: {_level(judged.confidentiality, len(LEVELS) - 1)}",
        f"nonce misuse:    {_level(judged.misuse, BEST_UNDER_MISUSE)}",
        f"integrity:       {_word(integrity.word, integrity.by)}{_unknown(integrity.missing)}"
        f"{_not_run(integrity.could_not_run, integrity.tried)}",
    ]
    if judged.weak_keys:
        share = "" if judged.weak_key_share is None else f", {judged.weak_key_share:.2g} of those tried"
        lines.append(f"weak keys:       yes{share}")
    if judged.defects:
        lines.append(f"no complete cipher, by {', '.join(judged.defects)}")
    if claims:
        wrong = refuted(Claims.of(claims), judged)
        said = f"refuted: {', '.join(wrong)}" if wrong else "none refuted"
        lines.append(f"claims:          {Claims.of(claims)}; {said}")
    return lines


def _level(one: LevelJudgement, best: int) -> str:
    from cryptobench.attacks.judgements import LEVELS

    meaning = LEVELS[one.at_most] if one.by or one.level is not None else ""
    by = f" (by {', '.join(one.by)})" if one.by else ""
    tiny = f"; only images of {one.only_at} pixels a side were recovered" if one.only_at is not None else ""
    said = f"{one} of {best}, {meaning}{by}{tiny}" if meaning else "not known"
    return said + _unknown(one.missing) + _not_run(one.could_not_run, one.tried)


def _word(word: str | None, by: tuple[str, ...]) -> str:
    return f"{word}: {_INTEGRITY[word]} (by {', '.join(by)})" if word else "not known"


def _unknown(missing: tuple[str, ...]) -> str:
    return f"; not run, or did not end: {', '.join(missing)}" if missing else ""


def _not_run(count: int, tried: int) -> str:
    return f"; {count} of {tried} attacks could not run" if count else ""


def judgements_as_json(judged: Judgements, claims: str = "") -> dict[str, Any]:
    """The same for programs."""
    from cryptobench.attacks.judgements import refuted
    from cryptobench.claims import Claims

    levels = {
        name: {
            "level": one.level, "at_most": one.at_most, "by": list(one.by), "broken": one.broken,
            "only_at": one.only_at, "tried": one.tried, "could_not_run": one.could_not_run,
            "missing": list(one.missing),
        }
        for name, one in (("confidentiality", judged.confidentiality), ("misuse", judged.misuse))
    }  # fmt: skip
    integrity = judged.integrity
    return {
        **levels,
        "integrity": {
            "word": integrity.word, "at_most": integrity.at_most, "by": list(integrity.by), "tried": integrity.tried,
            "could_not_run": integrity.could_not_run, "missing": list(integrity.missing),
        },
        "weak_keys": judged.weak_keys,
        "weak_key_share": judged.weak_key_share,
        "defects": list(judged.defects),
        "claims": claims,
        "refuted": list(refuted(Claims.of(claims), judged)),
    }  # fmt: skip
