"""docs/measurements.md names everything that analyses and attacks write, column by column, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cryptobench.cipher import Cipher
from cryptobench.images import load_image
from cryptobench.measurement import COLUMNS, Outcome, frame, read_measurements
from cryptobench.registry import analysis_names, load_analysis, load_attack, load_cipher
from cryptobench.task import run_task
from tests.analyses.test_key_sensitivity import SlowPad
from tests.analyses.test_keyspace import Refuses
from tests.analyses.test_network import Tiles
from tests.test_constant_places import Padded

ROOT = Path(__file__).parents[1]
DIFFERENCES = ("channel", "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "nonce")
CLOSED = ("direction", "place", "condition", "statistic")  # all of their values are words of the page
SMALL: dict[str, dict[str, Any]] = {
    "differential": {"trials": 50}, "avalanche": {"trials": 3}, "keyspace": {"keys": 1, "side": 16},
    "key_sensitivity": {"bits": 4}, "randomness": {"sequences": 56, "bits": 1024},
    "generalisation": {"side": 32}, "network": {"changes": 1},
    "timing": {"runs": 1, "warmups": 0, "sides": (16, 32), "scaling_runs": 1, "budget": 1.0},
}  # fmt: skip
ATTACKS = ("determinism", "affine_gf2", "affine_cca", "keystream_reuse", "length_leak", "near_target", "drpe_impulse")


def page_tables() -> Iterator[list[str]]:
    """The cells of each row of the page's tables."""
    for line in (ROOT / "docs" / "measurements.md").read_text().splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def written_columns() -> dict[tuple[str, str], dict[str, set[str]]]:
    """By analysis ("attack:NAME" for all attacks) and metric: the columns that the page names, each with its words."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    rows = [
        row for row in page_tables() if len(row) == 4 and (row[0].split(" ")[0] in analysis_names() or "NAME" in row[0])
    ]
    for analysis, metrics, columns, _ in rows:
        said: dict[str, set[str]] = {}
        for part in filter(None, columns.split(";")):
            names = re.findall(r"`(\w+)`", part.partition(":")[0])
            assert names, part
            assert set(names) <= set(COLUMNS), part
            said |= {name: set(re.findall(r"`([^`]+)`", part.partition(":")[2])) for name in names}
        for metric in re.findall(r"`(\w+)`", metrics.partition(": the word")[0]):
            found[analysis.split(" ")[0], metric] = said
    return found


def numbers_of_attacks() -> dict[str, list[re.Pattern[str]]]:
    """By attack, what the page calls its own numbers; capitals stand for any word."""
    found: dict[str, list[re.Pattern[str]]] = {}
    for attacks, metrics, _ in (row for row in page_tables() if len(row) == 3):
        for attack in attacks.split(", "):
            found.setdefault(attack, []).extend(
                re.compile(re.sub(r"[A-Z]+", r"\\w+", name)) for name in re.findall(r"`(\w+)`", metrics)
            )
    return found


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    """Every analysis and a few attacks, on small pictures under a cheap cipher; and the committed quick run."""
    others = [name for name in analysis_names() if name not in ("network", "generalisation")]
    pad = load_cipher("xor-pad")
    tasks: list[tuple[Cipher, str]] = [(pad, name) for name in (*others, *(f"attack:{name}" for name in ATTACKS))]
    tasks += [(Tiles(), "network"), (Tiles(), "generalisation"), (Refuses(), "keyspace"), (Padded(), "quality")]
    tasks += [(SlowPad(), "key_sensitivity")]
    rows = []
    for cipher, name in tasks:
        attack, side = name.removeprefix("attack:"), 80 if isinstance(cipher, SlowPad) else 32
        task = load_analysis(name, **SMALL.get(name, {})) if attack == name else load_attack(attack)
        done = run_task(task, cipher, load_image("coffee", side if attack == name else 16), 1, label="coffee")
        assert done.status == "ok", done.message
        rows += [{"analysis": name} | row.row() for row in done.measurements]
    committed = read_measurements(ROOT / "results" / "reference" / "quick" / "measurements.csv.gz")
    table = pd.concat([frame(rows), committed[committed["metric"] != ""]])
    return table[["analysis", "metric", *DIFFERENCES, "trial", "value", "outcome"]]


def test_directions_and_outcomes_are_words_of_one_kind(measured):
    """Neighbours lie in four directions; an outcome is one of four words, of the metric of that name, without value."""
    assert set(measured["direction"]) == {"", "H", "V", "D", "A"}
    outcomes = measured[measured["metric"] == "outcome"]
    assert set(outcomes["outcome"]) == set(map(str, Outcome))
    assert outcomes["value"].isna().all()
    assert set(measured.loc[measured["metric"] != "outcome", "outcome"]) == {""}


def test_every_metric_and_column_is_documented(measured):
    """The page names each metric with the columns that it fills, and the words that stand there."""
    said, own = written_columns(), numbers_of_attacks()
    of_any_attack = {"condition": said["attack:NAME", "outcome"]["condition"], "nonce": set()}
    unknown = []
    for (analysis, metric), rows in measured.groupby(["analysis", "metric"]):
        kind, _, attack = analysis.partition(":")
        columns = said.get(("attack:NAME" if attack else kind, metric))
        if columns is None and attack and any(name.fullmatch(metric) for name in own.get(attack, [])):
            columns = of_any_attack
        if columns is None:
            unknown.append((analysis, metric))
            continue
        filled = {name for name in DIFFERENCES if set(rows[name]) - {"", "all" if name == "channel" else ""}}
        filled |= {"trial"} if rows["trial"].notna().any() else set()
        unknown += [(analysis, metric, name) for name in filled - columns.keys()]
        for name in columns.keys() & set(CLOSED):
            words = columns[name] or {word for other in said.values() for word in other.get(name, ())}
            if metric != "other_pair_psnr":  # networks have names of their own
                unknown += [(analysis, metric, name, word) for word in set(rows[name]) - words - {""}]
    assert unknown == []


def test_the_page_names_nothing_else(measured):
    """Each metric of the page is written by some analysis or attack, and each column that it names is filled there."""
    kinds = measured["analysis"].mask(measured["analysis"].str.startswith("attack:"), "attack:NAME")
    empty = []
    for (analysis, metric), columns in written_columns().items():
        rows = measured[(kinds == analysis) & (measured["metric"] == metric)]
        empty += [(analysis, metric)] if rows.empty else []
        empty += [
            (analysis, metric, name) for name in columns if not rows[name].notna().any() or set(rows[name]) == {""}
        ]
    assert empty == []


def test_parts_are_documented(measured):
    """All but key fields, stages and pictures are words of the page."""
    free = ("keyspace", "key_sensitivity", "generalisation", "timing")
    words = set(re.findall(r"`([^`]+)`", (ROOT / "docs" / "measurements.md").read_text()))
    assert set(measured.loc[~measured["analysis"].isin(free), "part"]) - words == {""}
