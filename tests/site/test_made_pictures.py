"""Pictures of a run that kept none are made by encrypting anew."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.images import load_image
from cryptobench.measurement import frame
from cryptobench.results.run import RunData, run_in_memory
from cryptobench.site.made_pictures import with_pictures
from tests.results.doubles import attack_rows

_SETTINGS = {"settings": {"images": ["astronaut"], "size": 16, "seed": 1, "attacks": {}}}


def _run(*rows: list[dict[str, object]]) -> RunData:
    return run_in_memory(frame([row for some in rows for row in some]), _SETTINGS)


def test_pictures_are_those_of_the_cipher() -> None:
    """The run's first picture, what it is encrypted to, and that decrypted; the run's numbers are what they were."""
    run = _run(attack_rows("caesar", "determinism", "leak"))
    pictured, made = with_pictures(run)
    assert made == {"caesar"}
    plain, cipher, decrypted = (pictured.picture("caesar", "astronaut", n) for n in ("plain", "cipher", "decrypted"))
    assert (plain == load_image("astronaut", 16)).all()
    assert (decrypted == plain).all()
    assert cipher is not None
    assert len(np.unique(cipher - plain)) == 1  # each sample is shifted by the same constant
    assert pictured.table is run.table


def test_the_attack_that_broke_it_runs_again() -> None:
    """What it recovers is the picture at the size that the run says; the quickest of all attacks is taken."""
    run = _run(attack_rows("caesar", "affine_cca", "recovered", model="CCA", side=8))
    pictured, _ = with_pictures(run)
    original, recovered = (
        pictured.picture("caesar", "astronaut", f"attack affine_cca 8 none {name}")
        for name in ("original", "recovered")
    )
    assert (original == load_image("astronaut", 8)).all()
    assert (recovered == original).all()


def test_an_attack_that_fails_today_shows_nothing() -> None:
    """A run that says so of AES-256-SIV is not believed: the attack is run, and its picture is not there."""
    pictured, _ = with_pictures(_run(attack_rows("aes-256-siv", "affine_cca", "recovered", "fixed", "CCA", side=8)))
    assert pictured.picture_names("aes-256-siv", "astronaut") == ["cipher", "decrypted", "plain"]


def test_pictures_of_the_run_are_kept() -> None:
    """Of a cipher that has pictures none is made."""
    own = np.zeros((4, 4), np.uint8)
    table = _run(attack_rows("caesar", "determinism", "leak")).table
    pictured, made = with_pictures(run_in_memory(table, _SETTINGS, {}, {("caesar", "astronaut", "plain"): own}))
    assert made == frozenset()
    assert pictured.picture_names("caesar", "astronaut") == ["plain"]


@pytest.mark.parametrize(("cipher", "image"), [("mine", "astronaut"), ("caesar", "gone.png")])
def test_what_cannot_be_made_is_left_out(cipher: str, image: str) -> None:
    """A cipher that is not built in, or a picture that is no longer there, gives none, and the site goes on."""
    told: list[str] = []
    rows = [row | {"image": image} for row in attack_rows(cipher, "determinism", "leak")]
    settings = {"settings": {"images": [image], "size": 16}}
    pictured, made = with_pictures(run_in_memory(frame(rows), settings), told.append)
    assert made == frozenset()
    assert pictured.picture_names(cipher, image) == []
    assert [line.partition(":")[0] for line in told] == ["no pictures of caesar"] * (cipher == "caesar")
    assert not any("\n" in line for line in told)
