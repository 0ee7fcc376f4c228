"""One decryption for each sample breaks ciphers of permutation and modular addition."""

import pytest

from cryptobench.attacks.published.hua2021_cca import Hua2021Cca
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.chaotic.hua2021 import Hua2021
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, photograph, subtracted


@pytest.mark.parametrize("cipher", [Hua2021(), Hua2021(rounds=5), load_cipher("add-chain")], ids=lambda c: c.card.name)
def test_n_plus_two_decryptions_break_any_rounds(cipher) -> None:
    """N + 1 as published and one as a check: every sample, of colour images and of odd sides."""
    for shape in [(8, 8, 3), (11, 13)]:
        target = photograph(*shape)
        run = attack_target(Hua2021Cca(), cipher, target)
        assert run.queries.total == run.queries.decryptions == target.size + 2
        assert (run.outcome, run.score.share) == ("recovered", 1.0)
        assert run.result.claims == ("map", "malleable")


@pytest.mark.parametrize("name", ["chen2004", "xor-chain", "aes-256-ctr", "aes-256-siv"])
def test_other_ciphers_take_three_queries(name) -> None:
    """The first three decryptions show that a cipher does not add."""
    run = attack_target(Hua2021Cca(), load_cipher(name), photograph(12, 12))
    assert run.queries.total == 3
    assert run.outcome != "recovered"


def test_maps_of_one_header_are_malleability() -> None:
    """The same decryption under a nonce reads the challenge, but no other message."""
    added_to = Toy(added, subtracted, nonce=True)
    run = attack_target(Hua2021Cca(), added_to, photograph(8, 8))
    assert (run.outcome, run.result.claims) == ("recovered", ("malleable",))
