"""Changes that stay in a part of the ciphertext are found, and the part is named."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.diffusion.locality import Locality
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph, xored


def by_part(cut):
    def body(image, seed):
        out = image.copy()
        for part in cut(image):
            out[part] = ideal(np.ascontiguousarray(image[part]), seed + repr(part).encode())
        return out

    return body


def rows(image):
    return [np.s_[i] for i in range(image.shape[0])]


def columns(image):
    return [np.s_[:, i] for i in range(image.shape[1])]


def blocks(image):
    return [np.s_[i : i + 8, j : j + 8] for i in range(0, image.shape[0], 8) for j in range(0, image.shape[1], 8)]


def onwards(image, seed):
    """Each row's stream depends on the rows above it and itself."""
    return np.concatenate([xored(image[i : i + 1], seed + image[: i + 1].tobytes()) for i in range(image.shape[0])])


@pytest.mark.parametrize(
    ("cipher", "part"),
    [
        (load_cipher("xor-pad"), "sample"),
        (load_cipher("channelwise"), "channel"),
        (Toy(by_part(rows)), "row"),
        (Toy(by_part(columns)), "column"),
        (Toy(by_part(blocks)), "block"),
    ],
)
def test_the_part_is_named(cipher, part) -> None:
    """Its share of the changes is 1 and the notes say so."""
    run = attack_target(Locality(), cipher, photograph(24, 24, 3))
    assert (run.outcome, run.result.numbers[f"changes_in_{part}"]) == ("leak", 1.0)
    assert part in run.result.notes
    assert run.queries.total == 33


def test_one_way_diffusion_and_weak_rounds_leak() -> None:
    """A chain of rows, and chen2004 with changes of the last sample, which affect least."""
    assert attack_target(Locality(), Toy(onwards), photograph(24, 24)).outcome == "leak"
    run = attack_target(Locality(), load_cipher("chen2004"), photograph(32, 32, 3))
    assert run.outcome == "leak"
    assert run.result.statistic is not None
    assert run.result.statistic < 0.01


def test_ideal_ciphers_hold_with_calibrated_p_values() -> None:
    """Over 60 keys at most 10 p-values are below 0.05 (3 expected), and none is a leak."""
    runs = [attack_target(Locality(), Toy(ideal), photograph(12, 16), seed) for seed in range(60)]
    assert {one.outcome for one in runs} == {"holds"}
    assert sum(one.result.p_value < 0.05 for one in runs if one.result.p_value is not None) <= 10
    for name in ("aes-256-siv", "sum-ctr"):
        assert attack_target(Locality(), load_cipher(name), photograph(24, 24)).outcome == "holds"
