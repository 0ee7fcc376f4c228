"""Rows of pictures: the numbers of the analyses, to the last digit."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cryptobench.analyses.base import Analysis, Artifact
from cryptobench.analyses.contours import Contours
from cryptobench.analyses.correlation import Correlation
from cryptobench.analyses.differential.analysis import Differential
from cryptobench.analyses.differential.changes import applied, plan_changes
from cryptobench.analyses.entropy import Entropy
from cryptobench.analyses.histogram import Histogram
from cryptobench.analyses.key_sensitivity import KeySensitivity
from cryptobench.analyses.quality import Quality
from cryptobench.analyses.robustness.analysis import Robustness
from cryptobench.analyses.texture import Texture
from cryptobench.analyses.tools.byte_rows import byte_rows
from cryptobench.images import write_image
from cryptobench.measurement import Measurement
from cryptobench.measuring.pictures import picture_set
from cryptobench.measuring.rows import rows_of
from tests.measuring.ciphered import CIPHER, experiment, other_key, under, wrong_key

SHAPES = [(48, 40, 3), (64, 33)]


def measured(lossless: bool = True, alpha: float = 0.05, **pictures: Any) -> list[dict[str, Any]]:
    given = {role: one if isinstance(one, list) else [one] for role, one in pictures.items()}
    return list(rows_of(picture_set("picture", given), name=CIPHER, lossless=lossless, alpha=alpha, seed=3))


def of(rows: list[dict[str, Any]], metric: str, **where: str) -> dict[str, Any]:
    (row,) = (row for row in rows if row["metric"] == metric and all(row[k] == v for k, v in where.items()))
    return row


def numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "unit", "expected", "low", "high", "p_value", "verdict", "status")}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("analysis", [Entropy, Histogram, Correlation, Texture, Contours])
def test_statistics_are_the_analyses_own(shape: tuple[int, ...], analysis: type[Analysis]) -> None:
    """Every column of every row, local entropy of the same blocks included; of grey pictures each number once."""
    run = experiment(*shape)
    rows = measured(plain=run.image, cipher=run.ciphertext.image, alpha=0.01)
    ours = [
        {f.name: row[f.name] for f in dataclasses.fields(Measurement)}
        for row in rows
        if row["analysis"] == analysis.name
    ]
    theirs = [row.row() for row in analysis(alpha=0.01).measure(run) if isinstance(row, Measurement)]
    doubled = {row["metric"] for row in theirs if row["channel"] == "grey"}
    assert ours == [row for row in theirs if row["channel"] != "all" or row["metric"] not in doubled]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_changed_picture_is_one_trial(shape: tuple[int, ...]) -> None:
    """NPCR, UACI and BACI over all samples equal those of the differential analysis's trial of the same change."""
    run = experiment(*shape)
    (change,) = plan_changes(run.image, 1, run.generator("one-sample changes"))
    changed = run.image.copy()
    with applied(change, changed):
        first, second = run.encrypt_pair(changed, "fixed", 0, "differential")
    rows = measured(plain=run.image, cipher=first, changed=second)
    theirs = [row.row() for row in Differential(trials=1).measure(run) if row.nonce == "fixed" and row.trial == 0]
    whole = "all" if len(shape) == 3 else "grey"
    assert len(theirs) == 3
    for row in theirs:
        assert numbers(of(rows, row["metric"], channel=whole)) == numbers(row)
    channels = {"R", "G", "B", "all"} if len(shape) == 3 else {"grey"}
    assert {row["channel"] for row in rows if row["metric"] == "npcr"} == channels
    if len(shape) == 3:
        share = np.mean(first[..., 0] != second[..., 0])
        assert of(rows, "npcr", channel="R")["value"] == pytest.approx(100 * share)


@pytest.mark.parametrize("shape", SHAPES)
def test_key_rows_are_of_one_bit(shape: tuple[int, ...]) -> None:
    """Both sides of key sensitivity equal the analysis's row of the key's first bit."""
    run = experiment(*shape)
    rows = measured(
        plain=run.image, cipher=run.ciphertext.image, other_key=under(run, other_key(run)), wrong_key=wrong_key(run)
    )
    theirs = [row.row() for row in KeySensitivity(bits=1).measure(run) if row.trial == 0]
    assert len(theirs) == 7
    for row in theirs:
        whole = "all" if len(shape) == 3 or row["metric"].startswith("wrong") else "grey"
        assert numbers(of(rows, row["metric"], channel=whole)) == numbers(row)


def test_decrypted_rows_are_those_of_quality() -> None:
    """Exact, PSNR and SSIM; a lossy cipher's decryption has no verdict, a lossless one's must be exact."""
    run = experiment(24, 20, 3)
    theirs = {row.metric: row for row in Quality().measure(run) if isinstance(row, Measurement)}
    rows = measured(plain=run.image, cipher=run.ciphertext.image, decrypted=run.image)
    for metric in ("exact", "decrypted_psnr", "decrypted_ssim"):
        assert numbers(of(rows, metric)) == numbers(theirs[metric].row())
    off = run.image ^ (np.arange(run.image.size).reshape(run.image.shape) == 5)
    inexact = {"plain": run.image, "cipher": run.ciphertext.image, "decrypted": off.astype(np.uint8)}
    assert of(measured(**inexact), "exact")["verdict"] == "fail"
    assert of(measured(lossless=False, **inexact), "exact")["verdict"] == "none"


def test_damaged_rows_are_those_of_robustness() -> None:
    """PSNR beside that of a random picture, SSIM, and how far the damage spreads from what is decrypted undamaged."""
    run = experiment(40, 36, 3)
    analysis = Robustness(
        occlusion=(0.25,), lost_rows=(), bit_flips=(), salt_and_pepper=(), gaussian=(), speckle=(), jpeg=()
    )
    found = list(analysis.measure(run))
    (recovered,) = (one.image for one in found if isinstance(one, Artifact) and one.name.startswith("recovered"))
    rows = measured(plain=run.image, cipher=run.ciphertext.image, decrypted=run.image, damaged=recovered)
    for metric in ("damaged_psnr", "damaged_ssim", "damage_spread"):
        (theirs,) = (r for r in found if isinstance(r, Measurement) and r.metric == metric and r.place == "corner")
        assert numbers(of(rows, metric)) == numbers(theirs.row())
    without = measured(plain=run.image, cipher=run.ciphertext.image, damaged=recovered)
    assert not [row for row in without if row["metric"] == "damage_spread"]


def test_bytes_are_those_of_the_cipher_image() -> None:
    """ENT's statistics, byte pairs and bit planes in raster order."""
    run = experiment(48, 40, 3)
    rows = [row for row in measured(cipher=run.ciphertext.image) if row["analysis"] == "randomness"]
    theirs = [row.row() for row in byte_rows(run.ciphertext.image.ravel(), 0.05)]
    assert [numbers(row) | {"part": row["part"]} for row in rows] == [numbers(r) | {"part": r["part"]} for r in theirs]


def test_cipher_images_alone_have_no_plain_rows() -> None:
    """The numbers of the cipher image are the same, and nothing is compared with it."""
    run = experiment(48, 40, 3)
    both = measured(plain=run.image, cipher=run.ciphertext.image)
    alone = measured(cipher=run.ciphertext.image)
    aside = {"maximum_deviation", "irregular_deviation", "encryption_quality", "contour_correlation"}
    assert alone == [row for row in both if row["part"] != "plain" and row["metric"] not in aside]


def test_a_wrong_key_that_decrypts_fails() -> None:
    """Its PSNR is infinite, and the p-value 0."""
    run = experiment(48, 40)
    row = of(measured(plain=run.image, cipher=run.ciphertext.image, wrong_key=run.image), "wrong_key_psnr")
    assert (row["value"], row["verdict"]) == (np.inf, "fail")
    assert row["p_value"] < 1e-12


def test_wrong_keys_of_lossy_ciphers_have_no_verdict() -> None:
    """A decoder's output is no uniform picture, whatever the key."""
    run = experiment(48, 40)
    rows = measured(
        lossless=False, plain=run.image, cipher=run.ciphertext.image, wrong_key=np.full((48, 40), 9, np.uint8)
    )
    wrong = [row for row in rows if row["metric"].startswith("wrong_key")]
    assert len(wrong) == 4
    assert all(row["verdict"] == "none" and row["p_value"] is None and row["low"] is None for row in wrong)


def test_several_pictures_of_a_kind_are_told_apart(tmp_path: Path) -> None:
    """By their file names; a single one needs no name."""
    run = experiment(32, 32)
    paths = []
    for name in ("first", "second"):
        write_image(tmp_path / f"{name}.png", under(run, run.random_key(name)))
        paths.append(tmp_path / f"{name}.png")
    rows = measured(plain=run.image, cipher=run.ciphertext.image, changed=paths)
    assert [row["condition"] for row in rows if row["metric"] == "npcr"] == ["first", "second"]
    rows = measured(plain=run.image, cipher=run.ciphertext.image, changed=paths[:1])
    assert [row["condition"] for row in rows if row["metric"] == "npcr"] == [""]
