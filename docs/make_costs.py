"""Renew cryptobench/bench/costs.json, what cells cost: `python docs/make_costs.py`.

Reads finished runs, results/reference and results/reference/quick if none are given. A new cipher, analysis or attack
counts as the median of its relatives until the reference has it. To know it before, give a run of it besides:
`cryptobench run --profile quick --attacks mine --all --out results/mine`, then
`python docs/make_costs.py results/reference results/reference/quick results/mine`.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from cryptobench.files import write_text
from cryptobench.measurement import read_measurements

__all__ = ["costs"]

ROOT = Path(__file__).resolve().parent.parent
RUNS = (ROOT / "results" / "reference", ROOT / "results" / "reference" / "quick")
CELL = ["cipher", "image", "height", "width", "channels", "analysis"]
APART, SECONDS = 1.5, 0.01  # a cipher has a factor of its own beyond so much, as a ratio and in seconds


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="*", default=RUNS, help="folders of finished runs")
    content = costs(parser.parse_args().runs)
    write_text(ROOT / "cryptobench" / "bench" / "costs.json", _text(content))


def costs(folders: list[Path] | tuple[Path, ...]) -> dict[str, Any]:
    """What the runs' cells cost; see `cryptobench.bench.costs.Known`. A later run replaces what an earlier one gave."""
    tables = [read_measurements(folder / "measurements.csv.gz") for folder in folders]
    speeds = _speeds(pd.concat(tables))
    usual = np.median(list(speeds.values()), axis=0)
    profiles: dict[str, dict[str, Any]] = defaultdict(dict)
    for folder, table in zip(folders, tables, strict=True):
        about = json.loads((folder / "run.json").read_text("utf-8"))
        first = table.groupby(CELL, sort=False, dropna=False).first().reset_index()
        first["samples"] = first["height"] * first["width"] * first["channels"]
        for name in first["cipher"].unique():
            speeds.setdefault(name, usual)
        for name, cells in first.groupby("analysis"):
            parameters = about["analyses"][name]["parameters"]
            profiles[about["settings"]["name"]][str(name)] = {"parameters": parameters} | _task(cells, speeds)
    return {
        "about": "what cells cost; written by docs/make_costs.py",
        "ciphers": {name: [_round(value) for value in speeds[name]] for name in sorted(speeds)},
        "profiles": {profile: dict(sorted(tasks.items())) for profile, tasks in profiles.items()},
    }


def _speeds(table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Seconds of an encryption and of a decryption: a part for each call, and one for each sample."""
    times = table[table["metric"].isin(["encrypt_time", "decrypt_time"]) & (table["statistic"] == "median")]
    times = times[times["value"] > 0]
    side = pd.to_numeric(times["parameter"], errors="coerce")
    times = times.assign(samples=(side * side).fillna(times["height"] * times["width"]) * times["channels"])
    found = {}
    for name, rows in times.groupby("cipher"):
        parts = []
        for metric in ("encrypt_time", "decrypt_time"):
            of = rows[rows["metric"] == metric]
            scaled = np.column_stack([1 / of["value"], of["samples"] / of["value"]])
            parts += list(nnls(scaled, np.ones(len(of)))[0]) if len(of) else [0.0, 0.0]
        found[str(name)] = np.array(parts)
    return found


def _task(cells: pd.DataFrame, speeds: dict[str, NDArray[np.float64]]) -> dict[str, Any]:
    """The cost of a task as a sum of four parts, and the ciphers that this is wrong for."""
    samples, seconds = cells["samples"].to_numpy(float), cells["seconds"].fillna(0).to_numpy(float)
    speed = np.array([speeds[name] for name in cells["cipher"]])
    calls = [speed[:, i] + speed[:, i + 1] * samples for i in (0, 2)]
    parts = np.column_stack([np.ones_like(samples), samples, *calls])
    measured = (cells["metric"] != "").to_numpy()
    chosen = measured if measured.any() else np.ones_like(measured)
    weight = 1 / np.sqrt(seconds[chosen] + 1e-3)  # sums count, but no single cell decides
    scale = np.abs(parts[chosen]).max(axis=0)
    cost = nnls(parts[chosen] / scale * weight[:, None], seconds[chosen] * weight)[0] / scale
    sums = pd.DataFrame({"cipher": cells["cipher"].to_numpy(), "taken": seconds, "model": parts @ cost})
    by = sums.groupby("cipher").sum()
    factor = by["taken"] / by["model"].clip(lower=1e-9)
    own = by[((factor > APART) | (factor < 1 / APART)) & ((by["taken"] - by["model"]).abs() > SECONDS)].index
    return {
        "samples": int(np.median(samples)),
        "cost": [_round(value) for value in cost],
        "mean": _round(float(by["taken"].sum() / max(by["model"].sum(), 1e-9))),
        "factors": {str(name): _round(float(factor[name])) for name in own},
    }


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _text(content: dict[str, Any]) -> str:
    """JSON with a line for each cipher and task."""

    def lines(mapping: dict[str, Any], indent: str) -> str:
        return ",\n".join(f"{indent}{json.dumps(name)}: {json.dumps(value)}" for name, value in mapping.items())

    profiles = ",\n".join(
        f"  {json.dumps(name)}: {{\n{lines(tasks, '   ')}\n  }}" for name, tasks in content["profiles"].items()
    )
    ciphers = lines(content["ciphers"], "  ")
    about = json.dumps(content["about"])
    return f'{{\n "about": {about},\n "ciphers": {{\n{ciphers}\n }},\n "profiles": {{\n{profiles}\n }}\n}}\n'


if __name__ == "__main__":
    main()
