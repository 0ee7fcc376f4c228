"""Tables of neural networks: what they do alone, and the proposed cipher's relative claims against the measurements."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables.learned import network, relative_claims
from cryptobench.results.run import NothingToShow, RunData, run_in_memory


def network_rows(
    cipher: str, family: str, time: float, psnr: float, ssim: float, exact: float = 0.0, trained: float = 60.0
) -> list[dict[str, Any]]:
    measured = {
        "timing": [
            Measurement("encrypt_time", time, statistic="median", unit="s"),
            Measurement("encrypt_time", 9 * time, statistic="median", unit="s", parameter="512"),
            Measurement("decrypt_time", 2 * time, statistic="median", unit="s"),
        ],
        "quality": [
            Measurement("exact", exact), Measurement("decrypted_psnr", psnr), Measurement("decrypted_ssim", ssim),
        ],
        "network": [
            Measurement("network_psnr", psnr, unit="dB"),
            Measurement("training_minutes", trained, unit="min"),
            Measurement("disturbed_weights_psnr", psnr - 1, parameter="0.2"),
            Measurement("disturbed_weights_psnr", psnr, parameter="0.01"),
            Measurement("other_pair_psnr", 8.0, condition="b"), Measurement("other_pair_psnr", 9.5, condition="c"),
            Measurement("flat_values", 12, parameter="0"), Measurement("flat_values", 7, parameter="255"),
        ],
    }  # fmt: skip
    fields = {"cipher": cipher, "family": family, "fidelity": "C", "channels": 3, "seed": 1}
    found = [
        {**fields, "image": "coffee", "analysis": analysis, **row.row()}
        for analysis, some in measured.items()
        for row in some
    ]
    stress = Measurement("decrypted_psnr", 99.0).row()
    return [*found, {**fields, "image": "black", "analysis": "quality", **stress}]


def learned_rows() -> list[dict[str, Any]]:
    """The proposed cipher, three other learned ones and a chaotic one."""
    return [
        *network_rows("dense-resnet-xor", "proposed", 0.020, 40.0, 0.99),
        *network_rows("slower", "learned", 0.025, 36.0, 0.98),
        *network_rows("faster", "learned", 0.020, 39.9, 0.995, trained=8.0),
        *network_rows("exact", "learned", 0.001, 99.0, 1.0, exact=1.0),
        *network_rows("map", "chaotic", 0.001, 30.0, 0.9),
    ]


@pytest.fixture(scope="module")
def run() -> RunData:
    return run_in_memory(frame(learned_rows()))


def test_gains_are_in_percent_of_the_rival(run: RunData) -> None:
    """20 ms and 40 dB against 25 ms and 36 dB are 20 % faster and 11.1 % better; stress images do not count."""
    values = relative_claims(run).values.set_index("cipher")
    assert list(values.index) == ["faster", "slower"]
    assert values.loc["slower", "encrypt_time"] == pytest.approx(20)
    assert values.loc["slower", "decrypted_psnr"] == pytest.approx(100 * 4 / 36)


def test_an_unmet_claim_has_a_star(run: RunData) -> None:
    """A gain of 0 % in time is below the claimed 2.7 %, of 0.25 % in PSNR below 1.0 %; claims stand beside."""
    shown = relative_claims(run).display().set_index("cipher").loc["faster [C]"]
    assert shown["encryption faster %"] == "+0.0*"
    assert shown["PSNR better %"] == "+0.3*"
    assert shown["claimed: encryption faster %"] == "≥ 2.7"
    assert not relative_claims(run).display().set_index("cipher").loc["slower [C]", "PSNR better %"].endswith("*")


def test_a_rival_that_trained_less_is_noted(run: RunData) -> None:
    """Minutes of training stand beside the gains; below 90 % of the proposed cipher's there is a note."""
    shown = relative_claims(run).display().set_index("cipher")
    assert shown["trained min"].tolist() == ["8", "60"]
    assert shown.loc["faster [C]", "note"] == "rival trained less"
    assert shown.loc["slower [C]", "note"] != "rival trained less"
    assert "60" in relative_claims(run).caption


def test_the_caption_tells_of_the_search(run: RunData) -> None:
    """Minutes alone would hide that one network of many was taken, on one side only."""
    assert "found by a search, which no rival got" in relative_claims(run).caption


def test_the_most_dangerous_pair_stands_in_the_table(run: RunData) -> None:
    """Of other pairs the best decoder, of flat images the fewest bytes; weight levels in increasing order."""
    table = network(run)
    shown = table.display().iloc[0]
    assert shown["other pair dB"] == "9.50"
    assert shown["flat values"] == "7"
    titles = [column.title for column in table.columns if column.title.startswith("weights")]
    assert titles == ["weights ±1.00%", "weights ±20.00%"]


def test_runs_without_networks_have_no_such_tables() -> None:
    """A run of other ciphers skips both, and says why."""
    found = [row for row in network_rows("map", "chaotic", 0.001, 30.0, 0.9) if row["analysis"] != "network"]
    run = run_in_memory(frame(found))
    with pytest.raises(NothingToShow, match="no cipher of the run is a neural network"):
        network(run)
    with pytest.raises(NothingToShow, match="does not hold dense-resnet-xor"):
        relative_claims(run)
