"""Tables of pictures: what is displayed is what was measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from cryptobench.layout.tables import MISSING
from cryptobench.measuring.compact import by_channel, intervals
from cryptobench.measuring.pictures import picture_set
from cryptobench.measuring.records import records
from cryptobench.measuring.rows import rows_of
from cryptobench.measuring.tables import critical_values, every_number, over_pictures
from cryptobench.metrics.statistics import holm
from tests.measuring.ciphered import CIPHER, experiment, under, wrong_key


def recorded(name: str = "picture", **pictures: Any) -> list[dict[str, Any]]:
    given = picture_set(name, {role: [one] for role, one in pictures.items()})
    return records(rows_of(given, name=CIPHER, lossless=True, alpha=0.05, seed=3))


def found(*shape: int, name: str = "picture") -> list[dict[str, Any]]:
    run = experiment(*shape, label=name)
    second = under(run, run.random_key("second"))
    return recorded(name, plain=run.image, cipher=run.ciphertext.image, changed=second)


def test_every_number_has_a_row() -> None:
    """With its channel, its ideal, its interval, its p-value and a star where it fails."""
    some = found(64, 48, 3)
    table = every_number(some, 0.05)
    shown = table.display()
    assert len(shown) == len(some)
    assert list(shown) == ["metric", "channel", "plain", "cipher", "ideal", "interval", "p", "verdict"]
    for record, (_, row) in zip(some, shown.iterrows(), strict=True):
        assert row["cipher"].endswith("*") == (record["verdict"] == "fail")
        assert (row["verdict"] == MISSING) == (record["p_value"] is None and record["verdict"] == "none")
    npcr = shown[shown["metric"] == "NPCR (%)"]
    assert list(npcr["channel"]) == ["R", "G", "B", "all"]
    assert all(npcr["interval"].str.startswith("≥ 99."))


def test_missing_numbers_say_why() -> None:
    """The reason stands where the number would."""
    shown = every_number(recorded(cipher=np.arange(64, dtype=np.uint8).reshape(8, 8)), 0.05).display()
    (text,) = shown.loc[shown["metric"].str.startswith("local entropy"), "cipher"]
    assert text.startswith("none: image of shape (8, 8) has 64 samples, fewer than one block")


def test_critical_values_say_what_passes() -> None:
    """All levels, some, or none."""
    image = np.random.default_rng(2).integers(0, 256, (64, 64), np.uint8)
    near = image.copy()
    near[0] ^= 1
    shown = critical_values(recorded(cipher=image, changed=near)).display().set_index("metric")
    assert shown.loc["NPCR (%)", "passed"] == "none"
    assert shown.loc["chi-square", "passed"] == "all"
    assert shown.loc["UACI (%)", "level 0.05"].startswith("[32.7")


def test_summaries_are_over_pictures() -> None:
    """Mean and extremes, how many lie inside, the smallest p-value after Holm's correction."""
    one, two = found(64, 48, name="a"), found(40, 64, name="b")
    table = over_pictures([*one, *two], 0.05).values.set_index(["metric", "channel"])
    row = table.loc[("chi-square", "grey")]
    both = [record for record in (*one, *two) if record["metric"] == "chi_square"]
    values = [record["value"] for record in both]
    assert row["n"] == 2
    assert row["mean"] == f"{np.mean(values):.1f}"
    assert (row["smallest"], row["largest"]) == (f"{min(values):.1f}", f"{max(values):.1f}")
    assert row["inside"] == f"{sum(r['verdict'] == 'pass' for r in both)} of 2"
    assert row["adjusted"] == f"{min(holm(r['p_value'] for r in both)):.2g}"
    assert table.loc[("entropy (bit)", "grey"), "ideal"] == ""
    assert row["ideal"] == "255.0"


def test_printed_rows_hold_channels_beside_one_another() -> None:
    """Each value of each record once, the plaintext's in the row below, bytes left out."""
    some = found(64, 48, 3)
    shown = by_channel(some, 0.05).display()
    assert list(shown) == ["metric", "R", "G", "B", "all", "ideal", "p", "verdict"]
    values = [
        shown.loc[place, channel]
        for place in shown.index
        for channel in ("R", "G", "B", "all")
        if shown.loc[place, "metric"] != "– plain" and shown.loc[place, channel] != MISSING
    ]
    kept = [record for record in some if not record["metric"].startswith(("ent_", "byte_", "bit_"))]
    assert len(values) == len(kept)
    entropy = shown.index[shown["metric"] == "entropy (bit)"][0]
    plain = [f"{record['plain']:.5f}" for record in some if record["metric"] == "global_entropy"]
    assert list(shown.loc[entropy + 1, ["metric", "R", "G", "B", "all"]]) == ["– plain", *plain]
    assert "correlation, R-G" in set(shown["metric"])
    assert "1000 energy, 256 levels" in set(shown["metric"])


def test_grey_pictures_have_one_column_and_intervals() -> None:
    """What is of all samples, such as a wrong decryption, is of the one channel."""
    run = experiment(64, 48)
    some = recorded(plain=run.image, cipher=run.ciphertext.image, wrong_key=wrong_key(run), decrypted=run.image)
    shown = by_channel(some, 0.05).display().set_index("metric")
    assert list(shown) == ["grey", "ideal", "interval", "p", "verdict"]
    assert shown.loc["decrypted exactly", "grey"] == "1"
    assert shown.loc["PSNR, wrong key (dB)", "interval"].startswith("≤ ")
    assert shown.loc["maximum deviation", "interval"] == MISSING


def test_intervals_are_of_channels_and_of_all() -> None:
    """Two intervals where both were measured, none where there is none."""
    some = found(64, 48, 3)
    shown = intervals(some, 0.05).display().set_index("metric")
    low, high = next((r["low"], r["high"]) for r in some if (r["metric"], r["channel"]) == ("uaci", "all"))
    assert shown.loc["UACI (%)", "interval, all"] == f"[{low:.4f}, {high:.4f}]"
    assert shown.loc["correlation, horizontal", "interval, all"] == MISSING
    assert "maximum deviation" not in shown.index
