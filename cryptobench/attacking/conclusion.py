"""What the attacks on a cipher mean, in sentences for who is no cryptanalyst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Found", "conclusion"]

_SEES = {
    "COA": "whoever has the ciphertext alone sees the image",
    "KPA": "whoever knows some other images and their ciphertexts under the same key sees this one too",
    "CPA": "whoever can have images of their own encrypted under the same key sees this one too",
}
_SEES_CCA = "whoever can have changed ciphertexts decrypted sees this image too"
_SEES_ALL = "whoever can have ciphertexts of their choice decrypted reads other images under the same key"
_CHANGES = "whoever changes a ciphertext on its way changes the image in a way that they foresee"
_LEARNS = {
    "deterministic": "equal images give equal ciphertexts, and whoever sees two knows whether the images are equal",
    "affine": "ciphertexts add up as images do, and whoever knows enough images and their ciphertexts computes others",
    "functional": "the receiver cannot decrypt from key and ciphertext alone, and so it is no complete cipher",
}
_DIFFERS = "its ciphertexts are not like those of an ideal cipher, and give away something about image or key"


@dataclass(frozen=True)
class Found:
    """What one attack found in one nonce mode; ``claims`` are keys of `cryptobench.attacks.base.CLAIMS`."""

    attack: str
    model: str
    nonce: str
    outcome: str
    queries: int = 0
    recovered: float | None = None
    claims: tuple[str, ...] = ()


def conclusion(cipher: str, found: Iterable[Found]) -> str:
    """What broke the cipher, if anything did, and what that means; of several attacks the first ``found`` is named."""
    several = list(found)
    ended = [one for one in several if one.outcome in ("recovered", "leak", "holds")]
    ran = [one for one in ended if one.model != "CCA"]
    chosen = [one for one in ended if one.model == "CCA"]
    own = [one for one in ran if one.nonce != "fixed"]
    fixed = [one for one in ran if one.nonce == "fixed"]
    fresh = " with fresh nonces" if any(one.nonce == "fresh" for one in own) else ""
    sentences = [_judged(cipher, own, fresh)] if own else []
    sentences += [_judged(cipher, fixed, " under a fixed nonce, which is misuse")] if fixed else []
    sentences += [_with_chosen_ciphertexts(cipher, chosen)] if chosen else []
    if failed := len([one for one in several if one.outcome == "failed"]):
        sentences.append(f"{_many(failed, 'attack')} did not finish: nothing follows from that.")
    return " ".join(sentences) or f"None of these attacks applies to {cipher}: nothing follows from that."


def _judged(cipher: str, ran: Sequence[Found], how: str) -> str:
    recovered = [one for one in ran if one.outcome == "recovered"]
    leaks = [one for one in ran if one.outcome == "leak"]
    if recovered:
        first, more = recovered[0], len(recovered) - 1
        share = "all" if first.recovered == 1 else "most" if first.recovered is None else f"{first.recovered:.1%}"
        others = f" {_many(more, 'other attack')} recovered it as well." if more else ""
        return (
            f"{cipher} is broken{how}: {first.attack} recovered {share} of the image without the key, with "
            f"{_many(first.queries, 'query', 'queries')}; {_SEES.get(first.model, _SEES['CPA'])}.{others}"
        )
    if leaks:
        first, more = leaks[0], len(leaks) - 1
        what = next((_LEARNS[claim] for claim in first.claims if claim in _LEARNS), _DIFFERS)
        others = f"; {_many(more, 'other attack')} found leaks as well" if more else ""
        return f"{cipher} leaks{how}: by {first.attack}, {what}. No attack recovered the image itself{others}."
    return (
        f"Nothing broke {cipher}{how}: of {_many(len(ran), 'attack')}, none recovered the image or found a leak. That "
        "rules out what these attacks look for, and no more."
    )


def _with_chosen_ciphertexts(cipher: str, ran: Sequence[Found]) -> str:
    """What becomes of changed ciphertexts."""
    maps = [one for one in ran if "map" in one.claims and one.nonce != "fixed" and one.outcome != "holds"]
    found = [one for one in ran if one.outcome != "holds"]
    if maps:
        return (
            f"Chosen ciphertexts give a map that decrypts others: by {maps[0].attack}, with "
            f"{_many(maps[0].queries, 'query', 'queries')}, {_SEES_ALL}."
        )
    if found:
        first = found[0]
        what = _SEES_CCA if first.outcome == "recovered" else _CHANGES
        return f"{cipher} is malleable: by {first.attack}, with {_many(first.queries, 'query', 'queries')}, {what}."
    claims = {claim for one in ran for claim in one.claims}
    if "crashes" in claims:
        return "Changed ciphertexts make decryption crash, which is no rejection."
    if "rejects" in claims and "diffuses" not in claims:
        return "Changed ciphertexts were rejected."
    return "Changed ciphertexts decrypt to garbage." if "diffuses" in claims else "Chosen ciphertexts found nothing."


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or f'{one}s'}"
