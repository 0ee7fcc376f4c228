"""A run with attacks, cards and hostile texts, and what its HTML report holds."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from cryptobench.card import Card, KeyField
from cryptobench.measurement import SCHEMA, Measurement, frame, read_measurements, write_measurements
from tests.report.synthetic import synthetic_run
from tests.results.doubles import minimum_rows

__all__ = ["HOSTILE", "Scripts", "attacked_run", "chunk", "scripts", "unpacked"]

HOSTILE = (
    "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'><!-- \u2028 &amp; \"quoted\""
)
_CIPHERS = ("aes-256-ctr", "caesar", "hua2021", "chen2004")
_ATTACKS = (
    ("caesar", "reuse", "none", "recovered", 3),
    ("caesar", "flip", "none", "leak", 40),
    ("hua2021", "reuse", "fresh", "holds", 3),
    ("hua2021", "reuse", "fixed", "recovered", 3),
    ("aes-256-ctr", "reuse", "fresh", "holds", 3),
    ("chen2004", "flip", "none", "n/a", 1),
)


def attacked_run(folder: Path) -> Path:
    """Four ciphers on two images, with attacks, pictures of one recovered image, cards, and hostile texts."""
    synthetic_run(folder, _CIPHERS, ["entropy", "differential", "keyspace", "quality", "texture"], trials=6)
    table = read_measurements(folder / "measurements.csv.gz")
    rows: list[dict[str, Any]] = []
    for cipher, attack, nonce, outcome, queries in _ATTACKS:
        known = table[table["cipher"] == cipher].iloc[0]
        fixed = {name: known[name] for name in ("cipher", "family", "fidelity", "seconds", "seed")}
        fixed |= {"image": "astronaut", "height": 32, "width": 32, "channels": 3, "analysis": f"attack:{attack}"}
        place: dict[str, Any] = {"condition": "KPA" if attack == "reuse" else "CCA", "nonce": nonce}
        found = [Measurement("outcome", None, outcome=outcome, message=HOSTILE, **place)]
        found.append(Measurement("queries", queries, **place))
        if outcome != "n/a":
            p, verdict = (0.4, "pass") if outcome == "holds" else (0.0, "fail")
            found.append(Measurement("statistic", 1 / 3, p_value=p, verdict=verdict, **place))
            found.append(Measurement("recovered", 0.98765 if outcome == "recovered" else 0.004, **place))
        rows += [fixed | measurement.row() for measurement in found]
    crashed = Measurement("", None, status="crashed", message="the worker process was killed").row()
    rows.append(rows[-1] | {"cipher": "hua2021", "height": 64, "width": 64, "analysis": "attack:reuse"} | crashed)
    known = {name: rows[-1][name] for name in ("family", "fidelity")}
    rows += [row | known for row in minimum_rows("hua2021", "fresh", "fixed")]
    write_measurements(pd.concat([table, frame(rows)], ignore_index=True), folder / "measurements.csv.gz")
    for name, value in (("original", 90), ("cipher", 17), ("recovered", 91)):
        path = folder / "pictures" / "caesar" / "astronaut" / f"attack reuse 32 none {name}.png"
        Image.fromarray(np.full((32, 32, 3), value, np.uint8)).save(path)
    cards = {name: dataclasses.asdict(_card(name)) for name in _CIPHERS[:3]}  # one has none
    (folder / "cards.json").write_text(json.dumps(cards), encoding="utf-8")
    about = {"schema": SCHEMA, "settings": {"name": "made up", "seed": 1, "analyses": {"entropy": {}}}}
    about |= {"cpu": HOSTILE, "seconds": 61.5}
    (folder / "run.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def _card(name: str) -> Card:
    return Card(
        name=name, title=f"A scheme {HOSTILE}", authors="A. Nonymous", year=2021, doi="10.1000/a<b>c", family="chaotic",
        fidelity="B", key=(KeyField("x0", 64, "start"), KeyField("mu", 64)), deviations=("a choice",),
        known_attacks=("someone, somewhere",),
    )  # fmt: skip


class Scripts(HTMLParser):
    """Script elements by id ("" for code), and every tag with its attributes, as a browser would find them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._inside = (found.get("id") or "") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.texts[self._inside] = self.texts.get(self._inside, "") + data


def scripts(page: str) -> Scripts:
    """The page as parsed."""
    parser = Scripts()
    parser.feed(page)
    return parser


def unpacked(page: str, name: str) -> str:
    """The text of a compressed part."""
    found = re.search(rf'<script type="text/plain" id="{re.escape(name)}">([^<]*)</script>', page)
    assert found is not None, name
    return gzip.decompress(base64.b64decode(found[1])).decode("utf-8")


def chunk(page: str, name: str) -> Any:
    """The JSON of a compressed part."""
    return json.loads(unpacked(page, name))
