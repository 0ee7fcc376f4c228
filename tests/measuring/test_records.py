"""Records: plaintext beside cipher image, titles, and the literature's critical values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cryptobench.measuring.pictures import picture_set
from cryptobench.measuring.records import literature_text, metric_title, records, shown, titled
from cryptobench.measuring.rows import rows_of
from tests.measuring.ciphered import CIPHER, experiment, plaintext


def recorded(**pictures: Any) -> list[dict[str, Any]]:
    given = picture_set("picture", {role: [one] for role, one in pictures.items()})
    return records(rows_of(given, name=CIPHER, lossless=True, alpha=0.05, seed=3))


def of(found: list[dict[str, Any]], metric: str, channel: str) -> dict[str, Any]:
    return next(record for record in found if (record["metric"], record["channel"]) == (metric, channel))


def test_the_plaintext_stands_beside_its_cipher_image() -> None:
    """One record a number, with the plaintext's value where the metric is of one picture."""
    run = experiment(64, 48, 3)
    found = recorded(plain=run.image, cipher=run.ciphertext.image)
    rows = list(
        rows_of(
            picture_set("picture", {"plain": [run.image], "cipher": [run.ciphertext.image]}),
            name=CIPHER, lossless=True, alpha=0.05, seed=3,
        )
    )  # fmt: skip
    for metric in ("global_entropy", "correlation", "glcm_energy", "channel_correlation"):
        plain = [row["value"] for row in rows if row["metric"] == metric and row["part"] == "plain"]
        cipher = [row["value"] for row in rows if row["metric"] == metric and row["part"] == "cipher"]
        ours = [record for record in found if record["metric"] == metric]
        assert sorted((r["plain"], r["value"]) for r in ours) == sorted(zip(plain, cipher, strict=True))
    assert of(found, "maximum_deviation", "all")["plain"] is None


@pytest.mark.parametrize(
    ("side", "npcr", "uaci"),
    [
        (256, (99.5693, 99.5527, 99.5341), ((33.2824, 33.6447), (33.2255, 33.7016), (33.1594, 33.7677))),
        (512, (99.5893, 99.5810, 99.5717), ((33.3730, 33.5541), (33.3445, 33.5826), (33.3115, 33.6156))),
    ],
)
def test_critical_values_are_those_of_wu(
    side: int, npcr: tuple[float, ...], uaci: tuple[tuple[float, ...], ...]
) -> None:
    """The tables of Wu, Noonan and Agaian 2011, by level, for square grey pictures."""
    image = np.random.default_rng(5).integers(0, 256, (side, side), np.uint8)
    found = recorded(cipher=image, changed=image ^ np.uint8(3))
    levels = ("0.05", "0.01", "0.001")
    low = of(found, "npcr", "grey")["literature"]
    both = of(found, "uaci", "grey")["literature"]
    assert [round(low[level][0], 4) for level in levels] == list(npcr)
    assert [tuple(round(end, 4) for end in both[level]) for level in levels] == list(uaci)


def test_further_critical_values_are_the_published_ones() -> None:
    """Chi-square with 255 degrees of freedom, and local entropy of 30 blocks of 1936 pixels (Wu et al. 2013)."""
    found = recorded(cipher=np.random.default_rng(5).integers(0, 256, (64, 64), np.uint8))
    assert literature_text(of(found, "chi_square", "grey")["literature"]).startswith("0.05: ≤ 293.25; 0.01: ≤ 310.46")
    low, high = of(found, "local_entropy", "grey")["literature"]["0.05"]
    assert (low, high) == pytest.approx((7.901901305, 7.903037329), abs=1e-6)
    assert of(found, "global_entropy", "grey")["literature"] == {}


def test_channels_have_critical_values_of_their_size() -> None:
    """A channel has a third of the samples."""
    image = np.random.default_rng(5).integers(0, 256, (16, 24, 3), np.uint8)
    found = recorded(cipher=image, changed=image ^ np.uint8(3))
    for channel in ("R", "all"):
        record = of(found, "npcr", channel)
        assert record["literature"]["0.05"] == (record["low"], None)


def test_titles_are_words() -> None:
    """Direction, grey levels, bit plane, picture and unit."""
    bare = dict.fromkeys(("direction", "parameter", "part", "condition", "unit"), "")
    assert metric_title(bare | {"metric": "correlation", "direction": "H"}) == "correlation, horizontal"
    assert metric_title(bare | {"metric": "glcm_contrast", "parameter": "8"}) == "contrast, 8 levels"
    assert metric_title(bare | {"metric": "bit_plane", "part": "7"}) == "ones in bit plane 7"
    assert titled(bare | {"metric": "npcr", "condition": "second", "unit": "%"}) == "NPCR, second (%)"


def test_numbers_have_the_digits_that_papers_print() -> None:
    """And no decimals where they say nothing; a gap stays a gap."""
    assert shown("global_entropy")(7.99917) == "7.99917"
    assert shown("correlation")(-0.000004) == "+0.00000"
    assert (shown("chi_square")(301.12), shown("chi_square")(843853.9)) == ("301.1", "843854")
    assert shown("npcr")(None) == ""


def test_metrics_too_small_for_have_a_reason() -> None:
    """A picture that holds no block has no local entropy, and says so."""
    found = recorded(plain=plaintext(8, 8), cipher=plaintext(8, 8) ^ np.uint8(85))
    record = of(found, "local_entropy", "grey")
    assert record["value"] is None
    assert "fewer than one block" in record["message"]
