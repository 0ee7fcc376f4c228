"""What a newcomer does first, and what the standard metrics cannot see."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from cryptobench.cli import main
from cryptobench.experiment import Experiment
from cryptobench.images import load_image
from cryptobench.measurement import read_measurements
from cryptobench.registry import load_analysis, load_cipher

ALPHA_FAMILY = 0.001


def cryptobench(*arguments):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_new_cipher_appears_in_the_tables(tmp_path, monkeypatch):
    """`new`, `validate` and `run` take a newcomer from nothing to tables and figures with their cipher in them."""
    monkeypatch.chdir(tmp_path)
    cryptobench("new", "my_cipher")
    cryptobench("validate", "my_cipher.py:MyCipher")
    cryptobench(
        "run", "--profile", "quick", "--size", "64", "--jobs", "1",
        "--analyses", "histogram,entropy,differential,quality",
        "--ciphers", "my_cipher.py:MyCipher,aes-256-ctr", "--out", "run", "--strict", "--quiet",
    )  # fmt: skip
    table = read_measurements(tmp_path / "run" / "measurements.csv.gz")
    assert set(table["cipher"]) == {"my_cipher", "aes-256-ctr"}
    assert set(table["status"]) == {"ok"}
    for name in ("npcr", "entropy_global", "quality", "overview"):
        csv = pd.read_csv(tmp_path / "run" / "tables" / f"{name}.csv")
        assert "my_cipher" in set(csv["cipher"]), name
        assert "my_cipher" in (tmp_path / "run" / "tables" / f"{name}.md").read_text()
    assert (tmp_path / "run" / "figures" / "gallery.pdf").exists() or list(
        (tmp_path / "run" / "figures").glob("gallery*")
    )
    assert json.loads((tmp_path / "run" / "run.json").read_text())["settings"]["size"] == 64


def holm(p_values):
    """The smallest Holm-adjusted p-value is the smallest p-value times their number."""
    return min(p_values) * len(p_values)


@pytest.mark.parametrize("name", ["sum-ctr", "add-chain"])
def test_insecure_ciphers_pass_every_published_statistical_test(name):
    """Both controls fall, to 256 chosen plaintexts or to three chosen ciphertexts, and score as an ideal cipher.

    Entropy, histogram, correlation, texture, NPCR, UACI and BACI with the changes that papers make (the least
    significant bit, plus one) and key sensitivity find nothing. This is why the attacks exist.
    """
    experiment = Experiment(load_cipher(name), load_image("astronaut", 128), seed=7)
    p_values = {}
    for analysis in ("histogram", "entropy", "correlation", "texture", "differential", "key_sensitivity"):
        parameters = {"differential": {"trials": 60}, "key_sensitivity": {"bits": 32}}.get(analysis, {})
        for row in load_analysis(analysis, **parameters).measure(experiment):
            verdict = getattr(row, "verdict", "none")
            if verdict == "none" or (analysis == "differential" and row.condition not in ("lsb", "plus one")):
                continue
            assert row.p_value is not None
            p_values.setdefault(analysis, []).append(row.p_value)
    assert {analysis: holm(values) > ALPHA_FAMILY for analysis, values in p_values.items()} == dict.fromkeys(
        ("histogram", "entropy", "correlation", "texture", "differential", "key_sensitivity"), True
    )
    assert sum(map(len, p_values.values())) > 100


def test_an_identity_cipher_fails_them():
    """The same tests do find something in a cipher that leaves the image as it is."""
    from cryptobench import Card, Cipher, Encrypted, KeyField

    class Identity(Cipher):
        card = Card(name="identity", title="t", family="user", fidelity="A", key=(KeyField("k", 8),), uses_nonce=False)

        def encrypt(self, image, key, nonce, *, secret=None):
            return Encrypted(image.copy())

        def decrypt(self, encrypted, key):
            return encrypted.image

    experiment = Experiment(Identity(), load_image("astronaut", 128), seed=7)
    for analysis in ("histogram", "entropy", "correlation", "texture", "differential", "key_sensitivity"):
        parameters = {"trials": 10} if analysis == "differential" else {}
        rows = load_analysis(analysis, **parameters).measure(experiment)
        p_values = [
            row.p_value for row in rows if getattr(row, "verdict", "none") != "none" and row.p_value is not None
        ]
        assert holm(p_values) < ALPHA_FAMILY, analysis
