"""`Security` and `Assessment`, without pytest's plug-in around them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from cryptobench import load_cipher
from cryptobench.bench.errors import BenchError
from cryptobench.cli import main
from cryptobench.measurement import frame, read_measurements
from cryptobench.testing import Assessment, Security, SecurityFailure
from tests.testing.running import WEAK

CHEAP = ("entropy", "histogram", "quality", "determinism", "affine_gf2")


@pytest.fixture(scope="module")
def ctr(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """AES-256-CTR, which is malleable, and falls to a nonce used twice."""
    measure = Security(tmp_path_factory.mktemp("kept"), size=48)
    return measure(load_cipher("aes-256-ctr"), only=["entropy", "determinism", "affine_gf2", "near_target"])


def test_numbers_are_those_of_a_run(tmp_path: Path) -> None:
    """`cryptobench run` with the same settings gives the same rows, for an instance measured in this process."""
    arguments = ["--profile", "quick", "--size", "32", "--seed", "3", "--ciphers", "sum-ctr", "--jobs", "1"]
    names = ["--analyses", "entropy,histogram,quality", "--attacks", "determinism,affine_gf2"]
    done = CliRunner().invoke(main, ["run", *arguments, *names, "--out", str(tmp_path), "--no-report", "--quiet"])
    assert done.exit_code == 0, done.output
    ran = read_measurements(tmp_path / "measurements.csv.gz")
    here = Security(tmp_path, size=32, seed=3)(load_cipher("sum-ctr"), only=CHEAP).measurements
    pd.testing.assert_frame_equal(_timeless(here), _timeless(ran))
    assert len(here) > 20


def _timeless(table: pd.DataFrame) -> pd.DataFrame:
    return (
        table[~table["metric"].isin(("attack_time", "extrapolated_time"))]
        .drop(columns="seconds")
        .reset_index(drop=True)
    )


def test_misuse_counts_only_when_asked_for(ctr: Assessment) -> None:
    """A nonce used twice opens CTR; that fails the test only with ``misuse``."""
    assert ctr.passes() is ctr
    with pytest.raises(SecurityFailure, match=r"affine_gf2 \(CPA, fixed nonce\): leak found with 4 queries"):
        ctr.passes(misuse=True)


def test_an_attack_can_be_excepted_by_name(ctr: Assessment) -> None:
    """Its rows leave the table before the tests are pooled; without that it fails, with its queries."""
    assert ctr.passes({"affine_gf2"}, misuse=True) is ctr
    with pytest.raises(SecurityFailure, match="affine_gf2"):
        ctr.passes({"near_target"}, misuse=True)


def test_malleability_fails_where_integrity_is_required(ctr: Assessment) -> None:
    """An image that only chosen ciphertexts recover is no failure, and told with its queries where it is one."""
    ctr.passes(require="integrity=malleable")
    line = r"near_target \(CCA, fresh nonce\): malleable, 100.0 % of the image recovered with 15 queries"
    with pytest.raises(SecurityFailure, match=line) as failed:
        ctr.passes(require="integrity=rejects")
    assert "required:\n  integrity: rejects is wanted, the cipher has malleable (near_target)" in str(failed.value)


def test_the_level_is_that_of_all_tests_together(ctr: Assessment) -> None:
    """A level above the smallest corrected p-value fails, one below it passes."""
    table = ctr.measurements[ctr.measurements["analysis"] == "entropy"].copy()
    one = table.index[(table["metric"] == "global_entropy") & (table["part"] == "cipher")][0]
    table.loc[one, "p_value"] = 1e-4
    quiet = replace(ctr, measurements=table)
    smallest = float(quiet.result["p_family"].min())
    assert smallest == pytest.approx(1e-4 * 4 * 2)  # three channels and all of them; global and local entropy
    quiet.passes(alpha=smallest / 2)
    with pytest.raises(SecurityFailure, match="fail at level"):
        quiet.passes(alpha=smallest * 1.01)


def test_the_result_is_a_table_of_tests(ctr: Assessment) -> None:
    """Each test has its state, its measured and expected number with interval, and whether it counts."""
    table = ctr.result.set_index("test")
    entropy = table.loc["global entropy"]
    assert entropy["low"] < entropy["expected"] < entropy["high"]
    assert entropy["state"] == "pass"
    assert table.loc["attacks (CCA)", "state"] == "malleable"
    assert not table.loc["attacks (CPA), fixed nonce", "counted"]


def test_an_analysis_that_raises_fails_the_test(tmp_path: Path) -> None:
    """A measurement that did not finish is never a pass; the message says what was raised."""
    space: dict[str, Any] = {"__name__": "somewhere"}
    exec(WEAK, space)

    class Falls(space["Weak"]):  # type: ignore[misc]
        def decrypt(self, encrypted, key):  # type: ignore[no-untyped-def]
            raise RuntimeError("fell over")

    found = Security(tmp_path, size=16)(Falls(True), only=["quality"])
    with pytest.raises(SecurityFailure, match=re.escape("weak: decrypt raised RuntimeError: fell over")):
        found.passes()


def test_nothing_measured_is_no_pass(tmp_path: Path) -> None:
    """A cipher that refuses the image has no answer, and that fails."""
    from cryptobench import UnsupportedImage

    space: dict[str, Any] = {"__name__": "somewhere"}
    exec(WEAK, space)

    class Refuses(space["Weak"]):  # type: ignore[misc]
        def encrypt(self, image, key, nonce, *, secret=None):  # type: ignore[no-untyped-def]
            raise UnsupportedImage("takes no image at all")

    with pytest.raises(SecurityFailure, match=r"no test has an answer .*(?s:.)*takes no image at all"):
        Security(tmp_path, size=16)(Refuses, only=["entropy"]).passes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"only": ["entropi"]}, "only: there is no 'entropi'; did you mean 'entropy'"),
        ({"only": "entropy"}, r"only is 'entropy', wanted a list of names such as \['entropy'\]"),
        ({"ignore": ["nothing-like-it"]}, "ignore: there is no 'nothing-like-it'"),
        ({"only": ["entropy"], "ignore": ["entropy"]}, "leave no analysis and no attack"),
        ({"profile": "quik"}, "unknown profile 'quik'; did you mean 'quick'"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    """The error says what was given and what there is."""
    with pytest.raises(BenchError, match=message):
        Security(tmp_path)("aes-256-ctr", **arguments)  # type: ignore[arg-type]


def test_an_exception_that_names_nothing_is_refused(ctr: Assessment) -> None:
    """A misspelt exception must not hide that the test was never there."""
    with pytest.raises(BenchError, match=r"except_: there is no 'attacks \(CCB\)'; did you mean 'attacks \(C"):
        ctr.passes({"attacks (CCB)"})


def test_a_wrong_requirement_is_refused_at_once(tmp_path: Path) -> None:
    """Before anything is measured."""
    with pytest.raises(BenchError, match="require: misuse is '5', wanted a level from 0 to 4"):
        Security(tmp_path, require="misuse=5")


def test_no_cipher_is_refused(tmp_path: Path) -> None:
    """The error lists the four things that are wanted."""
    with pytest.raises(ValueError, match="int is given, wanted a Cipher, a subclass of it, a name from"):
        Security(tmp_path)(3)


def test_timing_is_measured_only_when_named(tmp_path: Path) -> None:
    """It judges nothing, so a plain call leaves it out."""
    from cryptobench.testing.scope import scope

    assert "timing" not in scope("quick").analyses
    assert list(scope("quick", only=["timing"]).analyses) == ["timing"]
    assert scope("quick", attacks=False).attacks == {}
    assert set(scope("quick", attacks=["determinism"]).attacks) == {"determinism"}


def test_a_call_overrides_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed, size and images of the call, 0 among them; else those of the fixture; level and alpha go along."""
    seen = []
    monkeypatch.setattr(
        "cryptobench.testing.measuring.measure_instance", lambda cipher, wanted: seen.append(wanted) or frame([])
    )
    measure = Security(tmp_path, seed=3, size=48, alpha=0.01, require="misuse=2")
    for given in ({}, {"seed": 0, "size": 32, "images": ["camera"]}):
        found = measure(load_cipher("aes-256-ctr"), only=["entropy"], **given)  # type: ignore[arg-type]
        assert (found.alpha, found.require) == (0.01, "misuse=2")
    assert [(wanted.seed, wanted.size) for wanted in seen] == [(3, 48), (0, 32)]
    assert seen[1].images == ("camera",)
