"""What the attacks of a run found, a row for each attack, nonce mode and size; and each cipher's security levels."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cryptobench.attacks.judgements import Evidence as Found
from cryptobench.attacks.judgements import judge
from cryptobench.attacks.scoring import Evidence, security_levels
from cryptobench.measurement import Outcome

__all__ = [
    "FAILED",
    "OUTCOMES",
    "PREFIX",
    "attack_results",
    "by_nonce_mode",
    "cipher_levels",
    "is_attack",
    "judgements",
    "worst",
]

PREFIX = "attack:"
FAILED = "failed"  # the attack did not finish
OUTCOMES = (*map(str, (Outcome.RECOVERED, Outcome.LEAK)), FAILED, *map(str, (Outcome.HOLDS, Outcome.NOT_APPLICABLE)))
"""What an attack came to, worst first."""

_BY = ["cipher", "family", "fidelity", "image", "height", "width", "channels", "attack", "nonce"]
_VALUES = {
    "recovered": "recovered", "recovered_psnr": "psnr", "attack_time": "time", "statistic": "statistic",
    "queries": "queries", "extrapolated_queries": "queries_at_reference", "extrapolated_time": "time_at_reference",
}  # fmt: skip


def is_attack(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows come from attacks."""
    return table["analysis"].str.startswith(PREFIX)


def attack_results(numbers: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher, image, size, attack and nonce mode, in the table's order.

    Columns: model, outcome (of `OUTCOMES`), queries, time (s), recovered (share), psnr (dB), statistic, p (of the
    statistic, or of the guess where there is none), claims (a tuple) and notes; of a recovered image also
    queries_at_reference and time_at_reference (s), what that takes at 512x512x3. An attack that failed has one row
    with nonce "".
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
    return found.assign(claims=found["claims"].map(lambda claim: claim if isinstance(claim, tuple) else ()))


def by_nonce_mode(results: pd.DataFrame) -> pd.DataFrame:
    """The same rows, an attack that failed once for each nonce mode in which its cipher was attacked, if any."""
    failed = results["nonce"] == ""
    modes = results.loc[~failed, ["cipher", "nonce"]].drop_duplicates()
    spread = results[failed].drop(columns="nonce").reset_index().merge(modes, "left", on="cipher").set_index("index")
    return pd.concat([results[~failed], spread.fillna({"nonce": ""})]).sort_index(kind="stable")


def worst(results: pd.DataFrame) -> pd.DataFrame:
    """Of each cipher, attack and nonce mode the size with the worst outcome, the largest of several."""
    ranked = results.assign(rank=results["outcome"].map(OUTCOMES.index), samples=-results["height"] * results["width"])
    first = ranked.sort_values(["rank", "samples"], kind="stable").drop_duplicates(["cipher", "attack", "nonce"])
    return first.sort_index().drop(columns=["rank", "samples"])


def cipher_levels(results: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher and nonce mode: its security levels, and the names of the attacks that succeeded.

    Columns: cpa (without chosen ciphertexts), cca (with them), recovered_by and leak_found_by.
    """
    lines = []
    if results.empty:
        return pd.DataFrame()
    for (cipher, nonce), rows in results[results["nonce"] != ""].groupby(["cipher", "nonce"], sort=False):
        evidence = zip(rows["model"], rows["outcome"], rows["queries"].fillna(0), rows["claims"], strict=True)
        cpa, cca = security_levels(
            Evidence(model, outcome, int(queries), claims) for model, outcome, queries, claims in evidence
        )
        named = {
            column: ", ".join(rows.loc[rows["outcome"] == outcome, "attack"].drop_duplicates())
            for column, outcome in (("recovered_by", Outcome.RECOVERED), ("leak_found_by", Outcome.LEAK))
        }
        keys = {key: rows.iloc[0][key] for key in ("family", "fidelity")}
        lines.append({"cipher": cipher, **keys, "nonce": nonce, "cpa": cpa, "cca": cca, **named})
    return pd.DataFrame(lines)


def judgements(results: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher: what its attacks together mean, as `cryptobench.attacks.judgements.judge` has it.

    ``results`` are rows of `attack_results`, of all sizes. Columns: family, fidelity; for ``confidentiality`` and
    ``misuse`` the level as text, and with the suffixes _level (a number, NaN where it is not known), _by (names of the
    attacks that set it), _broken (whether an image was recovered), _tried and _not_run (attacks); ``integrity`` (a word
    or "-") and integrity_by; weak_keys.
    """
    lines = []
    for cipher, rows in by_nonce_mode(results).groupby("cipher", sort=False):
        judged = judge(_evidence(rows))
        line = {"cipher": cipher, **{key: rows.iloc[0][key] for key in ("family", "fidelity")}}
        for name, one in (("confidentiality", judged.confidentiality), ("misuse", judged.misuse)):
            line |= {
                name: str(one), f"{name}_level": float("nan") if one.level is None else float(one.level),
                f"{name}_by": ", ".join(one.by), f"{name}_broken": one.broken, f"{name}_tried": one.tried,
                f"{name}_not_run": one.could_not_run,
            }  # fmt: skip
        line |= {"integrity": str(judged.integrity), "integrity_by": ", ".join(judged.integrity.by)}
        lines.append(line | {"weak_keys": judged.weak_keys})
    return pd.DataFrame(lines)


def _evidence(rows: pd.DataFrame) -> Iterator[Found]:
    queries = rows["queries_at_reference"].fillna(rows["queries"]).fillna(0)
    sides = rows[["height", "width"]].min(axis=1)
    columns = (rows["attack"], rows["model"], rows["nonce"], rows["outcome"], queries, rows["claims"], sides)
    for attack, model, nonce, outcome, count, claims, side in zip(*columns, strict=True):
        yield Found(attack, model, nonce, outcome, int(count), claims, int(side))
