"""Known pictures give the orders of the rows of wang2022-dnn, at small layers of the same kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cryptobench.attacks.published.wang2022_orders import Wang2022Orders, find_orders, second_layer
from cryptobench.attacks.query_formula import queries_at
from cryptobench.attacks.runner import AttackRun, attack_target, photographs_for
from cryptobench.baselines.learned.wang2022_dnn import Wang2022Dnn
from cryptobench.cipher import Cipher
from cryptobench.primitives.learned.dct_network import FlatDct
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph
from tests.attacks.published.optical_targets import receiver_psnr

SMALL = {"side": 8, "hidden": 12, "outputs": 13}
SIDES = (8, 12, 13)
RNG = np.random.default_rng(22)


def run(cipher: Cipher, shape: tuple[int, ...], seed: int = 0, **settings: Any) -> AttackRun:
    attack = Wang2022Orders(**(SMALL | settings))
    return attack_target(attack, cipher, photograph(*shape), seed, photographs=photographs_for("astronaut"))


@pytest.mark.parametrize(("shape", "queries"), [((16, 24), 30), ((16, 24, 3), 11), ((20, 27, 1), 30)], ids=str)
def test_known_pictures_recover_the_image(shape: tuple[int, ...], queries: int) -> None:
    """As well as the receiver, under two keys; every byte of a further ciphertext is predicted."""
    cipher = Wang2022Dnn(sides=SIDES)
    for seed in range(2):
        one = run(cipher, shape, seed)
        assert (one.outcome, one.result.statistic) == ("recovered", 1.0)
        assert one.queries.total == one.queries.known == queries
        assert one.score.psnr is not None
        assert one.score.psnr > receiver_psnr(cipher, photograph(*shape)) - 1
        assert queries_at(one.result.formula, shape[0] // 8 * (shape[1] // 8) * 64 * (*shape, 1)[2]) == queries


def test_larger_layers_fall_too() -> None:
    """256, 576 and 625 numbers: 44 pictures of 16 blocks, and one to test."""
    one = run(Wang2022Dnn(sides=(16, 24, 25)), (64, 64), side=16, hidden=24, outputs=25)
    assert (one.outcome, one.result.statistic, one.queries.total) == ("recovered", 1.0, 45)


def test_eight_bits_take_more_pairs() -> None:
    """Three times as many blocks as hidden numbers are enough, 1.2 times hardly ever."""
    cipher = Wang2022Dnn(bits=8, sides=SIDES)
    assert run(cipher, (24, 24), share=3).outcome == "recovered"
    assert run(cipher, (24, 24)).score.share < 0.5


def test_too_few_pairs_claim_nothing() -> None:
    """Half as many blocks as hidden numbers: at most the uneven bytes of the cipher image are noticed."""
    for seed in range(3):
        one = run(Wang2022Dnn(sides=SIDES), (24, 24), seed, share=0.5)
        assert one.outcome in ("holds", "leak")
        assert one.result.statistic is not None
        assert one.result.statistic < 0.03


def test_another_base_matrix_holds() -> None:
    """The separable overcomplete DCT, whose rows are none of those that are looked for."""
    one = run(Wang2022Dnn(sides=SIDES, reading="frame"), (16, 16))
    assert one.outcome in ("holds", "leak")
    assert one.score.share < 0.5


@pytest.mark.parametrize(
    ("shape", "cipher", "says"),
    [
        ((7, 20), Wang2022Dnn(sides=SIDES), "the image has 7x20 pixels, wanted a block of 8x8"),
        ((16, 16), load_cipher("aes-256-siv"), "does not consist of tiles of 13x13 numbers of 8 or 16 bits"),
        ((16, 16), load_cipher("luan2021"), "does not consist of tiles of 13x13 numbers"),
        ((16, 16), Wang2022Dnn(), "does not consist of tiles of 13x13 numbers"),
    ],
    ids=["small", "siv", "luan2021", "larger tiles"],
)
def test_what_does_not_fit_is_inapplicable(shape: tuple[int, ...], cipher: Cipher, says: str) -> None:
    """Images below one block, and ciphertexts of another form: it says so, without a query."""
    one = run(cipher, shape)
    assert (one.outcome, one.queries.total) == ("n/a", 0)
    assert says in one.result.notes


def test_a_used_up_budget_is_said() -> None:
    """Five queries are not enough for 30."""
    one = run(Wang2022Dnn(sides=SIDES), (16, 24), budget=5)
    assert (one.outcome, one.queries.total) == ("n/a", 5)
    assert "budget of 5 queries is used up" in one.result.notes


def test_the_formula_is_that_of_the_defaults() -> None:
    """1.2 times 9025 blocks of 4096 samples, and one image more."""
    default = Wang2022Orders()
    assert f"ceil({int(default.share * default.hidden**2)} * {default.side**2} / N) + 1" == default.formula
    assert queries_at(default.formula) == 58


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_orders_follow_from_the_matrix(noise: float) -> None:
    """Rows and columns of the DCT matrix in any order, with noise of a tenth of its entries' size."""
    base = FlatDct(12, 13)
    columns, rows = RNG.permutation(base.n), RNG.permutation(base.m)
    W = base.apply(np.eye(base.n)).T[rows][:, np.argsort(columns)]
    noisy = W + noise * np.sqrt(1 / base.m) * RNG.normal(size=W.shape)
    found = find_orders(noisy.astype(np.float32), base)
    assert np.array_equal(found[0], columns)
    assert np.array_equal(found[1], rows)


def test_the_second_layer_is_least_squares() -> None:
    """More than a thousand pairs and outputs, which are worked on in parts."""
    hidden, W = np.maximum(RNG.normal(size=(1100, 30)), 0), RNG.normal(size=(1050, 30))
    z = (hidden @ W.T + 1e-4 * RNG.normal(size=(1100, 1050))).astype(np.float32)
    wanted = np.linalg.lstsq(hidden, z, rcond=None)[0].T
    assert np.allclose(second_layer(hidden, z), wanted, atol=1e-5)
