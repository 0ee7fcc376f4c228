"""`cryptobench ablate`: one setting changed at a time, resumed, and written as a table and a figure."""

import pandas as pd
import pytest
from click.testing import CliRunner

from cryptobench.cli import main
from cryptobench.training.ablation import trials_of
from tests.cli.test_train_cli import CIPHER, home  # noqa: F401
from tests.primitives.learned.tiny import pair_recipe

ARGUMENTS = ["ablate", "tiny.py:Tiny", "--data", "pictures", "--out", "trials", "--threads", "1"]


def ablate(*more):
    return CliRunner().invoke(main, [*ARGUMENTS, *more])


def test_each_value_is_trained_once_and_tabled(home):  # noqa: F811
    """The recipe's own value is among them, shared by all settings, and a second run trains nothing again."""
    result = ablate("--vary", "variation_weight=0,0.5", "--vary", "encryption_weight=2", "--steps", "3")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(home / "trials" / "ablation.csv")
    assert list(table["setting"]) == ["variation_weight"] * 3 + ["encryption_weight"] * 2
    assert list(table["value"]) == [0, 0.02, 0.5, 1, 2]
    assert list(table["own"]) == [False, True, False, True, False]
    assert table["psnr"].nunique() == 4  # the own settings are trained once
    assert (table["steps"] == 3).all()
    weights = {path: path.stat().st_mtime_ns for path in (home / "trials").glob("*.safetensors")}
    assert len(weights) == 4
    assert {path.suffix for path in (home / "trials").glob("ablation.*")} == {".csv", ".md", ".pdf", ".png"}
    again = ablate("--vary", "variation_weight=0,0.5", "--vary", "encryption_weight=2", "--steps", "3")
    assert again.exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in weights} == weights
    other = ablate("--vary", "variation_weight=0,0.5", "--steps", "4")
    assert other.exit_code == 2
    assert "trained with other settings" in other.output


def test_networks_that_lose_nothing_have_no_psnr(home):  # noqa: F811
    """Their table has empty cells, and their figure has entropy and contours only."""
    lossless = [one if one != "tiny.py:Tiny" else "dense-resnet-xor-lossless" for one in ARGUMENTS]
    result = CliRunner().invoke(main, [*lossless, "--vary", "gain=16", "--steps", "1"])
    assert result.exit_code == 0, result.output
    table = pd.read_csv(home / "trials" / "ablation.csv")
    assert table["psnr"].isna().all()
    assert (table["entropy"] > 0).all()
    assert "nan" not in (home / "trials" / "ablation.md").read_text()


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("variation_weight", "wanted name=value,value"),
        ("variaton_weight=1", "did you mean 'variation_weight'"),
        ("optimiser=adam", "wanted a setting that is a number"),
        ("norm=true", "wanted a setting that is a number"),
    ],
)
def test_what_cannot_vary_is_one_clear_line(home, vary, said):  # noqa: F811
    """Unknown settings, and those that are no numbers, end the command before anything is trained."""
    result = ablate("--vary", vary)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert not (home / "trials").exists()


def test_trials_are_in_the_order_of_their_values():
    """Values are sorted, and given twice they count once."""
    trials = trials_of(pair_recipe(5), ["decryption_weight=20,5,5,10"])
    assert [trial.value for trial in trials] == [5, 10, 20]
    assert [trial.own for trial in trials] == [False, True, False]
    assert [trial.recipe.decryption_weight for trial in trials] == [5, 10, 20]
