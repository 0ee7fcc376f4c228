"""What the attacks of a run found, a row for each attack, nonce mode and size; and the judgements of each cipher."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from cryptobench.attacks.judgements import INTEGRITIES, MINIMUM_CCA, Evidence, Judgements, judge, outcome_word, refuted
from cryptobench.claims import Claims
from cryptobench.measurement import Outcome

__all__ = [
    "FAILED",
    "OUTCOMES",
    "PREFIX",
    "WORDS",
    "attack_results",
    "by_nonce_mode",
    "is_attack",
    "judged",
    "judgements",
    "worst",
]

PREFIX = "attack:"
FAILED = "failed"  # the attack did not finish
OUTCOMES = (*map(str, (Outcome.RECOVERED, Outcome.LEAK)), FAILED, *map(str, (Outcome.HOLDS, Outcome.NOT_APPLICABLE)))
"""What an attack came to, worst first."""
MAP_RECOVERED, MALLEABLE = INTEGRITIES[:2]
WORDS = (OUTCOMES[0], str(MAP_RECOVERED), str(MALLEABLE), *OUTCOMES[1:])
"""What a report calls that: with chosen ciphertexts an image is not recovered, but the cipher is malleable."""

_UNANSWERED = (FAILED, str(Outcome.NOT_APPLICABLE))
_BY = ["cipher", "family", "fidelity", "image", "height", "width", "channels", "attack", "nonce"]
_VALUES = {
    "recovered": "recovered", "recovered_psnr": "psnr", "attack_time": "time", "statistic": "statistic",
    "queries": "queries", "extrapolated_queries": "queries_at_reference", "extrapolated_time": "time_at_reference",
    "weak_key_share": "weak_key_share",
}  # fmt: skip


def is_attack(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows come from attacks."""
    names = table["analysis"]
    return names.isin([name for name in names.unique() if str(name).startswith(PREFIX)])


def attack_results(numbers: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher, image, size, attack and nonce mode, in the table's order.

    Columns: model, outcome (of `OUTCOMES`), queries, time (s), recovered (share), psnr (dB), statistic, p (of the
    statistic, or of the guess where there is none), claims (a tuple), notes and word (of `WORDS`, what a report calls
    the outcome); of a recovered image also queries_at_reference and time_at_reference (s), what that takes at
    512x512x3, and the formula of these queries; of `weak_keys` weak_key_share. An attack that failed has one row with
    nonce "".
    """
    rows = numbers[is_attack(numbers)]
    rows = rows.assign(attack=rows["analysis"].str.removeprefix(PREFIX))
    ends = rows[(rows["metric"] == "outcome") | (rows["metric"] == "") & (rows["status"] != "unsupported")]
    found = ends.assign(
        model=ends["condition"],
        outcome=ends["outcome"].where((ends["status"] == "ok") & (ends["outcome"] != ""), FAILED),
        notes=ends["message"],
    )[[*_BY, "model", "outcome", "notes"]]
    whole = rows[(rows["part"] == "") & (rows["status"] == "ok")]
    for metric, column in _VALUES.items():
        found = found.merge(whole[whole["metric"] == metric][[*_BY, "value"]].rename(columns={"value": column}), "left")
    p_values = whole[whole["metric"].isin(("statistic", "recovered"))].groupby(_BY, sort=False)["p_value"].min()
    found = found.merge(p_values.rename("p").reset_index(), "left")
    claims = rows[rows["metric"] == "claim"].groupby(_BY, sort=False)["part"].agg(tuple)
    found = found.merge(claims.rename("claims").reset_index(), "left")
    formulas = whole[whole["metric"] == "extrapolated_queries"][[*_BY, "message"]]
    found = found.merge(formulas.rename(columns={"message": "formula"}), "left").fillna({"formula": ""})
    found = found.assign(claims=found["claims"].map(lambda claim: claim if isinstance(claim, tuple) else ()))
    columns = (found[name] for name in ("model", "outcome", "nonce", "claims"))
    return found.assign(word=[_word(*row) for row in zip(*columns, strict=True)])


def _word(model: str, outcome: str, nonce: str, claims: tuple[str, ...]) -> str:
    """What a report calls an outcome; see `WORDS`."""
    return outcome_word(Evidence("", model, nonce, outcome, claims=claims))


def by_nonce_mode(results: pd.DataFrame) -> pd.DataFrame:
    """The same rows, an attack that failed once for each nonce mode in which its cipher was attacked, if any."""
    failed = results["nonce"] == ""
    modes = results.loc[~failed, ["cipher", "nonce"]].drop_duplicates()
    spread = results[failed].drop(columns="nonce").reset_index().merge(modes, "left", on="cipher").set_index("index")
    return pd.concat([results[~failed], spread.fillna({"nonce": ""})]).sort_index(kind="stable")


def worst(results: pd.DataFrame) -> pd.DataFrame:
    """Of each cipher, attack and nonce mode the size with the worst outcome, the largest of several."""
    ranked = results.assign(
        rank=results["outcome"].map(OUTCOMES.index), place=results["word"].map(WORDS.index),
        samples=-results["height"] * results["width"],
    )  # fmt: skip
    first = ranked.sort_values(["place", "rank", "samples"], kind="stable")
    return first.drop_duplicates(["cipher", "attack", "nonce"]).sort_index().drop(columns=["rank", "place", "samples"])


def judged(results: pd.DataFrame, excepted: Collection[str] = ()) -> dict[str, Judgements]:
    """What the attacks on each cipher together mean, but for those ``excepted`` by name; ``results`` are rows of
    `attack_results`, of all sizes."""
    ciphers = by_nonce_mode(results).groupby("cipher", sort=False)
    return {str(cipher): judge(_evidence(rows), excepted) for cipher, rows in ciphers}


def judgements(results: pd.DataFrame, cards: Mapping[str, Mapping[str, Any]] | None = None) -> pd.DataFrame:
    """One row for each cipher: what its attacks together mean, as `cryptobench.attacks.judgements.judge` has it.

    ``results`` are rows of `attack_results`, of all sizes; ``cards`` are a run's, as in its cards.json. Columns:
    family, fidelity; for ``confidentiality`` and ``misuse`` the level as text, and with the suffixes _level (a number,
    NaN where it is not known), _by (names of the attacks that set it), _broken (whether an image was recovered),
    _tried and _not_run (attacks), _missing (attacks without which there is no level) and _only_at (pixels: the largest
    image recovered, where all are tiny, else NaN); ``integrity`` (a word or "-"), integrity_by, _tried, _not_run and
    _missing; tried and not_run: attacks of any kind, and those of them that could run in no nonce mode and at no size;
    weak_keys (a flag) and weak_key_share (of the keys tried, else NaN); defects (attacks that found no complete
    cipher); claims (of the card, as text) and refuted (in which of the three these are wrong). Several names are joined
    by ", ".
    """
    lines = []
    firsts = results.drop_duplicates("cipher").set_index("cipher")
    answered = results[~results["outcome"].isin(_UNANSWERED)].groupby("cipher")["attack"].nunique()
    tried = results.groupby("cipher")["attack"].nunique()
    for cipher, found in judged(results).items():
        line = {"cipher": cipher, **{key: firsts.loc[cipher, key] for key in ("family", "fidelity")}}
        for name, one in (("confidentiality", found.confidentiality), ("misuse", found.misuse)):
            line |= {
                name: str(one), f"{name}_level": _or_nan(one.level), f"{name}_by": ", ".join(one.by),
                f"{name}_broken": one.broken, f"{name}_tried": one.tried, f"{name}_not_run": one.could_not_run,
                f"{name}_missing": ", ".join(one.missing), f"{name}_only_at": _or_nan(one.only_at),
            }  # fmt: skip
        integrity, claims = found.integrity, str((cards or {}).get(cipher, {}).get("claims") or "")
        line |= {
            "integrity": str(integrity), "integrity_by": ", ".join(integrity.by),
            "integrity_tried": integrity.tried, "integrity_not_run": integrity.could_not_run,
            "integrity_missing": ", ".join(integrity.missing), "tried": int(tried[cipher]),
            "not_run": int(tried[cipher] - answered.get(cipher, 0)), "weak_keys": found.weak_keys,
            "weak_key_share": _or_nan(found.weak_key_share), "defects": ", ".join(found.defects),
            "claims": claims, "refuted": ", ".join(refuted(Claims.of(claims), found)),
        }  # fmt: skip
        lines.append(line)
    return pd.DataFrame(lines)


def _or_nan(number: float | None) -> float:
    return float("nan") if number is None else float(number)


def _evidence(rows: pd.DataFrame) -> Iterator[Evidence]:
    queries = rows["queries_at_reference"].fillna(rows["queries"]).fillna(0)
    sides = rows[["height", "width"]].min(axis=1)
    shares = rows["weak_key_share"].astype(object).where(rows["weak_key_share"].notna(), None)
    chosen = rows["attack"].isin({*MINIMUM_CCA, *rows.loc[rows["model"] == "CCA", "attack"]})
    models = rows["model"].mask(chosen & (rows["model"] == ""), "CCA")  # an attack that failed has not said it
    columns = (rows["attack"], models, rows["nonce"], rows["outcome"], queries, rows["claims"], sides, shares)
    for attack, model, nonce, outcome, count, claims, side, share in zip(*columns, strict=True):
        yield Evidence(attack, model, nonce, outcome, int(count), claims, int(side), share)
