"""Write docs/core_seconds.md, what a quick run costs beside what it may: `python docs/make_core_seconds.py RUN`.

RUN is the folder of a finished run of the profile quick over all ciphers, with its report if that was written. Its
costs are kept in docs/core_seconds.json, from which the page follows: without RUN it is written from them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptobench.files import write_text

__all__ = ["BUDGET", "kept", "page"]

HERE = Path(__file__).resolve().parent
PAGE, KEPT = HERE / "core_seconds.md", HERE / "core_seconds.json"
CIPHERS = 15
BUDGET = {
    "timing": 28, "robustness": 20, "key_sensitivity": 12, "randomness": 11, "keyspace": 8, "other analyses": 16,
    "attack:chosen_differences": 60, "attack:sums_of_tables": 38, "attack:surrogate_decoder": 24,
    "attack:weak_keys": 15, "attack:plaintext_state": 12, "attack:keyed_core": 10, "attack:key_search": 10,
    "attack:near_target": 9, "attack:class_distinguisher": 10, "attack:known_pairs_regression": 9,
    "attack:shared_cycles": 8, "attack:permutation": 8, "attack:decryptability": 8, "attack:decryption_map": 7,
    "attack:cipher_feedback": 6, "attack:codebook": 5, "other attacks": 31, "besides": 15, "report": 20,
}  # fmt: skip


def main() -> None:
    """Keep the costs of a run, if one is given, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", help="the folder of a finished quick run")
    parser.add_argument("--report", type=float, help="core-seconds that `cryptobench report` took for it")
    given = parser.parse_args()
    if given.run is not None:
        costs = kept(json.loads((given.run / "run.json").read_text("utf-8")), given.report)
        write_text(KEPT, json.dumps(costs, indent=1) + "\n")
    write_text(PAGE, page(json.loads(KEPT.read_text("utf-8"))))


def kept(run: Mapping[str, Any], report: float | None) -> dict[str, Any]:
    """What the page needs of a run's ``run.json``; ``report`` is in core-seconds, None if it was not measured."""
    about = {key: run[key] for key in ("git_commit", "started", "cpu")}
    return about | {"profile": run["settings"]["name"], "report": report, "costs": run["costs"]}


def page(run: Mapping[str, Any]) -> str:
    """The page, of what `kept` gives."""
    costs = run["costs"]
    tasks = {**costs["analyses"], **costs["attacks"]}
    rows = {name: seconds for name, seconds in tasks.items() if name in BUDGET}
    for rest, kind in (("other analyses", "analyses"), ("other attacks", "attacks")):
        rows[rest] = sum(seconds for name, seconds in costs[kind].items() if name not in BUDGET)
    rows = dict(sorted(rows.items(), key=lambda item: -item[1]))
    rows["besides"] = costs["besides"]
    if run["report"] is not None:
        rows["report"] = run["report"]
    others = ", ".join(f"`{_short(name)}` {seconds:.1f}" for name, seconds in tasks.items() if name not in BUDGET)
    total = sum(rows.values())
    ciphers = list(costs["ciphers"].items())
    half = sorted(costs["ciphers"].values())[len(ciphers) // 2]
    missing = "" if run["report"] is not None else " The report was not measured in it."
    return "\n".join([
        "# What a quick run costs",
        "",
        f"Core-seconds of `cryptobench run --profile {run['profile']} --all`, by analysis and attack, beside what each",
        f"may cost so that all come to {sum(BUDGET.values())}. The run is of {run['started'][:10]}, commit",
        f"`{run['git_commit'][:10]}`, {run['cpu']}, where the fixed piece of work of",
        f"[`run.json`](reading_the_report.md) took {1e3 * costs['calibration_seconds']:.1f} ms: "
        f"{costs['calibrated']:,.0f} times that in all.{missing}",
        "`python docs/make_core_seconds.py RUN` writes this page from a run.",
        "",
        "| analysis or attack | core-seconds | budget | over |",
        "|---|---|---|---|",
        *(
            f"| {_named(name)} | {seconds:.1f} | {BUDGET[name]} | {_over(seconds, BUDGET[name])} |"
            for name, seconds in rows.items()
        ),
        f"| **sum** | **{total:.0f}** | **{sum(BUDGET.values())}** | {_over(total, sum(BUDGET.values()))} |",
        "",
        "Besides is what no cell has used: planning, starting workers, loading and compiling ciphers, storing results.",
        "",
        f"The others are {others}.",
        "",
        f"## By cipher, the {CIPHERS} costliest of {len(ciphers)}",
        "",
        f"The median is {half:.1f} core-seconds.",
        "",
        "| cipher | core-seconds | share of all cells |",
        "|---|---|---|",
        *(f"| `{name}` | {seconds:.1f} | {seconds / costs['cells']:.1%} |" for name, seconds in ciphers[:CIPHERS]),
        "",
    ])  # fmt: skip


def _short(name: str) -> str:
    return name.removeprefix("attack:")


def _named(name: str) -> str:
    return f"`{_short(name)}`" if name not in ("other analyses", "other attacks", "besides", "report") else name


def _over(seconds: float, budget: float) -> str:
    return f"{seconds - budget:.1f}" if seconds > budget else ""


if __name__ == "__main__":
    main()
