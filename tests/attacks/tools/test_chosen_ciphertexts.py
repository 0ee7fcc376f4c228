"""Chosen ciphertexts are decrypted under the challenge's header, and rejections are counted."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, photograph, xored

TARGET = photograph(12, 16)


def _chosen(cipher) -> tuple[ChosenCiphertexts, Oracle]:
    oracle = Oracle(AttackExperiment(cipher, TARGET), "CCA")
    return ChosenCiphertexts(oracle), oracle


def test_the_challenge_itself_is_not_decrypted() -> None:
    """It is no query; any other cipher image is one."""
    chosen, oracle = _chosen(Toy(xored, xored))
    assert chosen.decrypt(oracle.challenge.image) is None
    assert chosen.decrypt(np.zeros_like(TARGET)).shape == TARGET.shape
    assert (chosen.queries, chosen.rejected, oracle.queries.decryptions) == (1, 0, 1)


def test_rejections_are_a_result() -> None:
    """An attack that got rejections only claims that."""
    chosen, oracle = _chosen(load_cipher("aes-256-siv"))
    assert chosen.decrypt(oracle.challenge.image ^ 1) is None
    assert (chosen.queries, chosen.rejected, chosen.no_result().claims) == (1, 1, ("rejects",))


def test_plaintexts_of_another_shape_are_unusable() -> None:
    """The attack is not applicable, and says why."""
    chosen, _ = _chosen(Toy(xored, lambda image, seed: image[:1]))
    assert chosen.decrypt(np.zeros_like(TARGET)) is None
    assert not chosen.no_result().applicable
    assert "another shape" in chosen.no_result().notes
