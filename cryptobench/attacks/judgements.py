"""What attacks on a cipher mean: confidentiality and nonce misuse as security levels, integrity as a word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptobench.claims import BEST_UNDER_MISUSE, INTEGRITIES, Claims, Integrity
from cryptobench.measurement import Outcome

__all__ = [
    "BEST_UNDER_MISUSE", "FEW_PAIRS", "INTEGRITIES", "LEVELS", "MANY_QUERIES", "MINIMUM", "MINIMUM_CCA",
    "MINIMUM_FRESH", "Evidence", "Integrity", "IntegrityJudgement", "Judgements", "LevelJudgement", "judge",
    "outcome_word", "refuted", "unmet",
]  # fmt: skip

LEVELS = (
    "falls to ciphertexts alone or to at most 3 known pairs",
    "falls to at most 1,024 known pairs or chosen plaintexts",
    "falls to more queries, or is affine",
    "not recovered, but more leaks than which plaintexts are equal",
    "equal plaintexts give equal ciphertexts; nothing else found",
    "nothing found",
)
"""What a security level says of a cipher; queries are counted by the attack's formula at 512x512x3."""

MINIMUM = (
    "keystream_reuse", "affine_gf2", "affine_z256", "locality", "permutation", "substitution_tables", "codebook",
    "plaintext_state", "one_way_diffusion",
)  # fmt: skip
"""The attacks that must have ended before there is a level."""

MINIMUM_FRESH = ("determinism", "equality_leak", "keystream_bias", *MINIMUM)
"""The same under fresh nonces, with those that a fixed nonce leaves nothing to find."""

MINIMUM_CCA = ("decryption_avalanche", "affine_cca", "near_target")
"""The attacks with chosen ciphertexts that must have ended before integrity is judged."""

FEW_PAIRS, MANY_QUERIES = 3, 1 << 10
_SMALL_SIDE = 16  # a break on images with a shorter side is not shown to reach larger ones
_WORDS: Mapping[str, Integrity] = {"diffuses": "garbles", "crashes": "crashes"}
_REJECTS = "decryption_avalanche"  # that changes are rejected rests on all that this attack makes, in body and header
_WEAK_KEYS, _FUNCTIONAL = "weak_keys", "functional"


@dataclass(frozen=True)
class Evidence:
    """What one attack found in one nonce mode (fresh, fixed or none) at one size.

    ``queries`` are those that it needs at 512x512x3. ``side`` is the shorter side of the attacked image in pixels.
    ``outcome`` is recovered, leak, holds or n/a, or failed where the attack did not end. ``claims`` are keys of
    `cryptobench.attacks.base.CLAIMS`. ``weak_key_share`` is the share of the keys that it tried which are weak or have
    an equivalent, None where it tried none.
    """

    attack: str
    model: str
    nonce: str
    outcome: str
    queries: int = 0
    claims: Collection[str] = ()
    side: int = 64
    weak_key_share: float | None = None

    @property
    def found(self) -> bool:
        """Whether the attack recovered the image or found a leak."""
        return self.outcome in (Outcome.RECOVERED, Outcome.LEAK)

    @property
    def ended(self) -> bool:
        """Whether the attack came to an answer about this cipher, if only that it does not apply."""
        return self.found or self.outcome in (Outcome.HOLDS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class LevelJudgement:
    """Confidentiality or nonce misuse.

    ``level`` is 0 to 5 (see `LEVELS`), None where attacks of the minimum set have not ended (``missing``).
    ``at_most`` is what the attacks that were run leave all the same, and ``by`` those that set it. ``could_not_run``
    of ``tried`` attacks do not apply or did not end. ``broken`` says that one recovered the image; ``only_at`` is the
    side in pixels of the largest image that was recovered, where none has more than 15, else None.
    """

    level: int | None
    at_most: int
    by: tuple[str, ...] = ()
    broken: bool = False
    tried: int = 0
    could_not_run: int = 0
    missing: tuple[str, ...] = ()
    only_at: int | None = None

    def __str__(self) -> str:
        """The level, or "<= 1" where only that much is known, or "-"."""
        if self.level is not None:
            return str(self.level)
        return f"<= {self.at_most}" if self.by else "-"


@dataclass(frozen=True)
class IntegrityJudgement:
    """``word`` is one of `INTEGRITIES`, or None where attacks of the minimum set have not ended (``missing``).

    ``at_most`` is the worst that was seen all the same, None if nothing was.
    """

    word: Integrity | None
    at_most: Integrity | None = None
    by: tuple[str, ...] = ()
    tried: int = 0
    could_not_run: int = 0
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.word or "-"


@dataclass(frozen=True)
class Judgements:
    """The three judgements of one cipher; there is no single one.

    ``weak_keys``: it has keys that are weak or equivalent; ``weak_key_share`` is their share of those tried, None where
    it is not known. ``defects`` names the attacks that found it to be no complete cipher, which is no leak.
    """

    confidentiality: LevelJudgement
    misuse: LevelJudgement
    integrity: IntegrityJudgement
    weak_keys: bool = False
    weak_key_share: float | None = None
    defects: tuple[str, ...] = ()


def judge(evidence: Iterable[Evidence], excepted: Collection[str] = ()) -> Judgements:
    """The judgements of one cipher from everything that attacks found, but for those that are ``excepted`` by name.

    Confidentiality counts attacks without chosen ciphertexts under fresh nonces, misuse those under a fixed nonce and
    per-message secret; of a cipher with neither, the same attacks count for both. Integrity counts attacks with chosen
    ciphertexts in any nonce mode. Weak keys are a flag, and lower no level; nor does it that a receiver cannot decrypt.
    """
    every = [one for one in evidence if one.attack not in excepted]
    fresh_set, fixed_set, chosen_set = (
        tuple(name for name in names if name not in excepted) for names in (MINIMUM_FRESH, MINIMUM, MINIMUM_CCA)
    )
    weak = [one for one in every if one.attack == _WEAK_KEYS and one.found]
    shares = [one.weak_key_share for one in weak if one.weak_key_share is not None]
    plain = [
        one for one in every if one.model != "CCA" and one.attack != _WEAK_KEYS and _FUNCTIONAL not in one.claims
    ]  # fmt: skip
    fixed = [one for one in plain if one.nonce in ("fixed", "none")]
    return Judgements(
        _level([one for one in plain if one.nonce != "fixed"], fresh_set, len(LEVELS) - 1),
        _level(fixed, fixed_set, BEST_UNDER_MISUSE),
        _integrity([one for one in every if one.model == "CCA"], chosen_set),
        bool(weak),
        max(shares, default=None),
        tuple(dict.fromkeys(one.attack for one in every if one.found and _FUNCTIONAL in one.claims)),
    )


def refuted(claims: Claims, judged: Judgements) -> tuple[str, ...]:
    """The names of the claims that attacks have shown to be wrong; one that was not tested is not."""
    levels = (("confidentiality", claims.confidentiality), ("misuse", claims.misuse))
    found = [name for name, claimed in levels if claimed is not None and getattr(judged, name).at_most < claimed]
    word = judged.integrity.word
    wrong = word is not None and claims.integrity is not None and _worse(word, claims.integrity)
    return (*found, "integrity") if wrong else tuple(found)


def unmet(wanted: Claims, judged: Judgements) -> Iterator[str]:
    """A line for each judgement that is worse than what is wanted, or not known."""
    for name, level in (("confidentiality", wanted.confidentiality), ("misuse", wanted.misuse)):
        one: LevelJudgement = getattr(judged, name)
        if level is not None and (one.level is None or one.level < level):
            yield f"{name}: level {level} is wanted, the cipher has {_reached(str(one), one.by, one.missing)}"
    word = judged.integrity.word
    if wanted.integrity is not None and (word is None or _worse(word, wanted.integrity)):
        reached = _reached(str(judged.integrity), judged.integrity.by, judged.integrity.missing)
        yield f"integrity: {wanted.integrity} is wanted, the cipher has {reached}"


def _reached(what: str, by: Sequence[str], missing: Sequence[str]) -> str:
    what = "none" if what == "-" else what
    names = f" ({', '.join(by)})" if by else ""
    return f"{what}{names}; not known without {', '.join(missing)}" if missing else f"{what}{names}"


def _worse(word: Integrity, other: Integrity) -> bool:
    return INTEGRITIES.index(word) < INTEGRITIES.index(other)


def _level(evidence: Sequence[Evidence], minimum: Sequence[str], best: int) -> LevelJudgement:
    if not evidence:
        return LevelJudgement(None, best, missing=tuple(minimum))
    levels = [(min(_level_of(one), best), one) for one in evidence]
    at_most = min(level for level, _ in levels)
    by = dict.fromkeys(one.attack for level, one in levels if level == at_most and one.found)
    missing, tried, could_not_run = _counts(evidence, minimum)
    sides = [one.side for one in evidence if one.outcome == Outcome.RECOVERED]
    only_at = max(sides) if sides and max(sides) < _SMALL_SIDE else None
    return LevelJudgement(
        None if missing else at_most, at_most, tuple(by), bool(sides), tried, could_not_run, missing, only_at
    )


def _level_of(one: Evidence) -> int:
    """The highest security level that this evidence leaves a cipher."""
    if one.outcome == Outcome.RECOVERED:
        if one.side < _SMALL_SIDE and one.queries > FEW_PAIRS:
            return 2
        if one.model == "COA" or (one.model == "KPA" and one.queries <= FEW_PAIRS):
            return 0
        return 1 if one.queries <= MANY_QUERIES else 2
    if "affine" in one.claims and one.found:
        return 2
    if one.outcome == Outcome.LEAK:
        return 4 if set(one.claims) == {"deterministic"} else 3
    return 5


def outcome_word(one: Evidence) -> str:
    """What to call an outcome: what chosen ciphertexts find is malleability, or a recovered map, and breaks nothing."""
    return str(_word_of(one)) if one.model == "CCA" and one.found else one.outcome


def _integrity(evidence: Sequence[Evidence], minimum: Sequence[str]) -> IntegrityJudgement:
    words = [(word, one.attack) for one in evidence if (word := _word_of(one)) is not None]
    missing, tried, could_not_run = _counts(evidence, minimum)
    worst = min((word for word, _ in words), key=INTEGRITIES.index, default=None)
    word = None if missing and worst not in INTEGRITIES[:2] else worst  # what is worst is known all the same
    by = dict.fromkeys(attack for seen, attack in words if seen == word)
    return IntegrityJudgement(word, worst, tuple(by), tried, could_not_run, missing)


def _word_of(one: Evidence) -> Integrity | None:
    if one.found and "map" in one.claims and one.nonce != "fixed":  # one nonce for all is no other ciphertext
        return "map recovered"
    if one.found or "malleable" in one.claims:
        return "malleable"
    if one.attack == _REJECTS and "rejects" in one.claims:
        return "rejects"
    return next((word for claim, word in _WORDS.items() if claim in one.claims), None)


def _counts(evidence: Sequence[Evidence], minimum: Sequence[str]) -> tuple[tuple[str, ...], int, int]:
    """The attacks of the minimum set that have not ended, how many attacks were tried, and how many could not run."""
    ended = {one.attack for one in evidence if one.ended}
    answered = {one.attack for one in evidence if one.ended and one.outcome != Outcome.NOT_APPLICABLE}
    tried = {one.attack for one in evidence}
    return tuple(name for name in minimum if name not in ended), len(tried), len(tried - answered)
