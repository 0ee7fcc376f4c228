"""Damaged plaintext samples are counted and compared with the ideal share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from cryptobench.attacks.malleability.decryption_avalanche import DecryptionAvalanche
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Cipher, CipherError, Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph, xored


@pytest.mark.parametrize(("name", "most"), [("xor-pad", 1), ("aes-256-ecb", 16), ("hua2021", 64), ("add-chain", 64)])
def test_damage_stays_local(name, most) -> None:
    """One byte damages one sample of a stream, one block of ECB, a few samples of chains."""
    run = attack_target(DecryptionAvalanche(), load_cipher(name), photograph(32, 32, 3))
    assert (run.outcome, run.result.claims, run.queries.total) == ("leak", ("malleable",), 21)
    assert 1 <= run.result.numbers["damaged_samples_max"] <= most


def test_an_ideal_cipher_diffuses() -> None:
    """P-values are valid: over 150 keys at most 18 are below 0.05 (7.5 expected), and none is a leak."""
    cipher = Toy(ideal, lambda image, seed: xored(image * 0, seed + image.tobytes()))
    runs = [attack_target(DecryptionAvalanche(), cipher, photograph(12, 16), seed) for seed in range(150)]
    assert {(one.outcome, one.result.claims) for one in runs} == {("holds", ("diffuses",))}
    assert sum(one.result.p_value < 0.05 for one in runs if one.result.p_value is not None) <= 18


def test_rejection_is_no_damage() -> None:
    """Authenticated ciphers reject; a single sample leaves nothing to change."""
    run = attack_target(DecryptionAvalanche(), load_cipher("aes-256-siv"), photograph(16, 12))
    assert run.result.claims == ("rejects",)
    assert not attack_target(DecryptionAvalanche(), load_cipher("xor-pad"), photograph(1, 1)).result.applicable


def test_rejects_means_every_one_of_200_changes() -> None:
    """One byte each, in the cipher image and, half of them, in nonce and tag; the note says how many."""
    for name in ("aes-256-siv", "chacha20-poly1305"):
        run = attack_target(DecryptionAvalanche(), load_cipher(name), photograph(16, 12))
        assert (run.result.claims, run.queries.total) == (("rejects",), 200)
        assert run.result.notes == "200 of 200 changes of one byte, 99 of them in the header, were refused"
        assert run.result.numbers == {"changes_tried": 200, "changes_refused": 200}


class Checked(Toy):
    """A keystream from key and nonce, and behind the nonce a tag of ``bits`` bits of what ``covered`` gives.

    The last byte of the header means nothing.
    """

    def __init__(self, covered: Callable[[Encrypted], bytes], bits: int = 64) -> None:
        super().__init__(xored, nonce=True)
        self.covered, self.bits = covered, bits

    def tag(self, ciphertext: Encrypted, key: bytes) -> bytes:
        digest = hashlib.sha256(key + self.covered(ciphertext)).digest()
        return (int.from_bytes(digest[:8]) >> 64 - self.bits).to_bytes(8)

    def encrypt(self, image, key, nonce, *, secret=None):
        ciphertext = Encrypted(xored(image, key + nonce), nonce)
        return replace(ciphertext, header=nonce + self.tag(ciphertext, key) + b"0")

    def decrypt(self, encrypted, key):
        nonce, tag = encrypted.header[:16], encrypted.header[16:24]
        if tag != self.tag(Encrypted(encrypted.image, nonce), key):
            raise CipherError("toy: wrong tag")
        return xored(encrypted.image, key + nonce)


def body_alone(ciphertext: Encrypted) -> bytes:
    return ciphertext.image.tobytes()


def everything(ciphertext: Encrypted) -> bytes:
    return ciphertext.image.tobytes() + ciphertext.header


@pytest.mark.parametrize(
    ("cipher", "claims", "outcome", "most"),
    [
        (Checked(body_alone), ("diffuses",), "holds", 12), (Checked(everything), ("malleable",), "leak", 200),
        (Checked(everything, bits=3), ("malleable",), "leak", 60),
    ],
)  # fmt: skip
def test_one_accepted_change_is_no_rejection(cipher: Cipher, claims: tuple[str, ...], outcome: str, most: int) -> None:
    """A nonce that is not authenticated garbles; a byte that means nothing, and a tag of three bits, let changes
    through. It ends with the second change that is accepted."""
    run = attack_target(DecryptionAvalanche(), cipher, photograph(16, 16), 3)
    assert (run.result.claims, run.outcome) == (claims, outcome)
    assert run.queries.total <= most
    assert run.result.numbers["changes_tried"] - run.result.numbers["changes_refused"] == 2


def test_a_single_accepted_change_counts() -> None:
    """With fewer trials than header bytes twice, the byte that means nothing is changed once."""
    run = attack_target(DecryptionAvalanche(least=52), Checked(everything), photograph(16, 16))
    assert run.result.claims == ("diffuses",)
    assert run.result.notes == "51 of 52 changes of one byte, 25 of them in the header, were refused"


def test_trials_are_checked() -> None:
    """Three places are the least."""
    for name in ("trials", "least"):
        with pytest.raises(ValueError, match=f"{name} is 2, wanted at least 3"):
            DecryptionAvalanche(**{name: 2})
