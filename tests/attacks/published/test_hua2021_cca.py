"""One decryption a sample opens ciphers of permutation and modular addition."""

import pytest

from cryptobench.attacks.published.hua2021_cca import Hua2021Cca
from cryptobench.attacks.runner import play
from cryptobench.baselines.chaotic.hua2021 import Hua2021
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph


@pytest.mark.parametrize("cipher", [Hua2021(), Hua2021(rounds=5), load_cipher("add-chain")], ids=lambda c: c.card.name)
def test_n_plus_two_decryptions_open_any_number_of_rounds(cipher) -> None:
    """N + 1 as published and one that checks: every sample, of colour and of odd sides."""
    for shape in [(8, 8, 3), (11, 13)]:
        target = photograph(*shape)
        played = play(Hua2021Cca(), cipher, target)
        assert played.queries.total == played.queries.decryptions == target.size + 2
        assert (played.verdict, played.score.share) == ("broken", 1.0)


@pytest.mark.parametrize("name", ["chen2004", "xor-chain", "aes-256-ctr", "aes-256-siv"])
def test_others_are_left_after_three(name) -> None:
    """Ciphers that do not add are told by the first three answers."""
    played = play(Hua2021Cca(), load_cipher(name), photograph(12, 12))
    assert played.queries.total == 3
    assert played.verdict != "broken"
