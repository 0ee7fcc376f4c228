"""What the attacks of a run found, one row for each attack, nonce mode and size; and where that puts each cipher."""

from __future__ import annotations

import pandas as pd

from cryptobench.attacks.scoring import Evidence, security_levels

__all__ = ["PREFIX", "VERDICTS", "by_mode", "is_attack", "ladder", "played", "worst"]

PREFIX = "attack:"
VERDICTS = ("broken", "leak", "failed", "holds", "none")  # worst first
_BY = ["cipher", "family", "fidelity", "image", "height", "width", "channels", "attack", "nonce"]
_OUTCOMES = {2.0: "broken", 1.0: "leak", 0.0: "holds"}
_VALUES = {"recovered": "recovered", "recovered_psnr": "psnr", "attack_time": "time", "statistic": "statistic"}


def is_attack(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows come from attacks."""
    return table["analysis"].str.startswith(PREFIX)


def played(numbers: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher, image, size, attack and nonce mode, in the table's order.

    Columns: model, verdict (of `VERDICTS`), queries, time (s), recovered (share), psnr (dB), statistic, p (of the
    statistic, or of the guess where there is none), claims (a tuple) and notes. An attack that failed has one row
    with nonce "".
    """
    rows = numbers[is_attack(numbers)]
    rows = rows.assign(attack=rows["analysis"].str.removeprefix(PREFIX))
    outcomes = rows[(rows["metric"] == "outcome") | (rows["metric"] == "") & (rows["status"] != "unsupported")]
    found = outcomes.assign(
        model=outcomes["variant"],
        verdict=[
            _OUTCOMES.get(value, "none") if status == "ok" else "failed"
            for value, status in zip(outcomes["value"], outcomes["status"], strict=True)
        ],
        notes=outcomes["message"],
    )[[*_BY, "model", "verdict", "notes"]]
    whole = rows[(rows["direction"] == "") & (rows["status"] == "ok")]
    for metric, column in {**_VALUES, "queries": "queries"}.items():
        found = found.merge(whole[whole["metric"] == metric][[*_BY, "value"]].rename(columns={"value": column}), "left")
    p_values = whole[whole["metric"].isin(("statistic", "recovered"))].groupby(_BY, sort=False)["p_value"].min()
    found = found.merge(p_values.rename("p").reset_index(), "left")
    claims = rows[rows["metric"] == "claim"].groupby(_BY, sort=False)["direction"].agg(tuple)
    found = found.merge(claims.rename("claims").reset_index(), "left")
    return found.assign(claims=found["claims"].map(lambda claim: claim if isinstance(claim, tuple) else ()))


def by_mode(found: pd.DataFrame) -> pd.DataFrame:
    """The same rows, an attack that failed once for each nonce mode in which its cipher was attacked, if any."""
    failed = found["nonce"] == ""
    modes = found.loc[~failed, ["cipher", "nonce"]].drop_duplicates()
    spread = found[failed].drop(columns="nonce").reset_index().merge(modes, "left", on="cipher").set_index("index")
    return pd.concat([found[~failed], spread.fillna({"nonce": ""})]).sort_index(kind="stable")


def worst(found: pd.DataFrame) -> pd.DataFrame:
    """Of each cipher, attack and nonce mode the size with the worst verdict, the largest of several."""
    ranked = found.assign(rank=found["verdict"].map(VERDICTS.index), samples=-found["height"] * found["width"])
    first = ranked.sort_values(["rank", "samples"], kind="stable").drop_duplicates(["cipher", "attack", "nonce"])
    return first.sort_index().drop(columns=["rank", "samples"])


def ladder(found: pd.DataFrame) -> pd.DataFrame:
    """One row for each cipher and nonce mode: rungs cpa and cca, and the names of attacks by verdict."""
    lines = []
    if found.empty:
        return pd.DataFrame()
    for (cipher, nonce), rows in found[found["nonce"] != ""].groupby(["cipher", "nonce"], sort=False):
        findings = zip(rows["model"], rows["verdict"], rows["queries"].fillna(0), rows["claims"], strict=True)
        cpa, cca = security_levels(
            Evidence(model, verdict, int(queries), claims) for model, verdict, queries, claims in findings
        )
        by_verdict = {
            verdict: ", ".join(rows.loc[rows["verdict"] == verdict, "attack"].drop_duplicates())
            for verdict in ("broken", "leak")
        }
        keys = {key: rows.iloc[0][key] for key in ("family", "fidelity")}
        lines.append({"cipher": cipher, **keys, "nonce": nonce, "cpa": cpa, "cca": cca, **by_verdict})
    return pd.DataFrame(lines)
