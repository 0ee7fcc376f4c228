"""The table of damage on the proposed cipher's page follows from what was measured, and that can be measured again."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cryptobench.images import builtin_image
from tests.scripts import load_script

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/make_traceability.py."""
    return load_script("docs/make_traceability.py")


def test_the_page_has_what_was_measured(script: ModuleType) -> None:
    """The table is what the script would write; every cipher, damage and side has a row."""
    rows = json.loads(script.MEASURED.read_text("utf-8"))
    text = script.PAGE.read_text("utf-8")
    assert script.page(text, rows) == text
    sides = {(kind, side) for kind in script.KINDS for side in ((1,) if kind == "sample" else script.SIDES)}
    assert {(row["cipher"], row["kind"], row["side"]) for row in rows} == {
        (cipher, *one) for cipher in script.CIPHERS for one in sides
    }


def test_what_the_page_says_was_measured(script: ModuleType) -> None:
    """Lossless forms locate single bits, streams only whole squares, chaotic chains nothing."""
    rows = {(row["cipher"], row["kind"], row["side"]): row for row in json.loads(script.MEASURED.read_text("utf-8"))}
    for cipher in ("dense-resnet-xor-lossless", "dense-resnet-xor-sealed"):
        assert min(row["located"] for key, row in rows.items() if key[0] == cipher) > 0.9
        assert max(row["elsewhere"] for key, row in rows.items() if key[0] == cipher) < 0.01
    for cipher in ("xor-pad", "aes-256-ctr"):
        assert rows[cipher, "cropped", 16]["located"] > 0.9
        assert rows[cipher, "sample", 1]["located"] < 0.2
    assert max(row["located"] for key, row in rows.items() if key[0] in ("zhang2015", "hua2021")) < 0.2


def test_damage_is_located_as_recorded(script: ModuleType) -> None:
    """A square set to 0, on one picture, of a cipher that shows it and of one that scatters it."""
    picture = [builtin_image("astronaut", 128)]
    (shown,) = script.measured("dense-resnet-xor-sealed", picture, ["cropped"], [8])
    assert shown["located"] == shown["marked"] == 1
    assert shown["elsewhere"] < 0.02
    assert shown["energy"] < shown["near"] == 1
    (scattered,) = script.measured("zhang2015", picture, ["cropped"], [8])
    assert scattered["located"] < 0.2
    assert scattered["near"] < 0.8


def test_each_damage_stays_in_its_square(script: ModuleType) -> None:
    """The mask has the square's size, something in it is changed, and nothing outside."""
    image = np.random.default_rng(0).integers(0, 256, (80, 90, 3), np.uint8)
    for kind in script.KINDS:
        side = 1 if kind == "sample" else 16
        changed, mask = script.damaged(image, kind, side, np.random.default_rng(1))
        assert mask.sum() == side**2
        different = (changed != image).any(2)
        assert different.any()
        assert not different[~mask].any(), kind


def test_auc_counts_pairs(script: ModuleType) -> None:
    """How many pairs of a damaged and another pixel are in order, ties by half."""
    assert script.auc(np.array([1.0, 2.0]), np.array([1.0, 0.0, 3.0])) == pytest.approx((0.5 + 1 + 0 + 1 + 1 + 0) / 6)
