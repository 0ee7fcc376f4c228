"""Controls whose defect is in the IV, in a tag, or in what a chain feeds back."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.baselines.controls.byte_feedback import ByteFeedback
from cryptobench.baselines.controls.equal_tags import EqualTags
from cryptobench.baselines.controls.short_iv import ShortIv
from cryptobench.cipher import CipherError, Encrypted
from tests.attacks.keyed_toys import photograph

KEY = bytes(range(32))


def encrypt(cipher, image, turn):
    return cipher.encrypt(image, KEY, turn.to_bytes(16, "big"))


def test_short_iv_has_256_keystreams() -> None:
    """Among 300 messages all keystreams that meet are equal from end to end, and some do meet."""
    image = photograph(16, 16)
    streams = [encrypt(ShortIv(), image, turn).image ^ image for turn in range(300)]
    assert 128 < len({stream.tobytes() for stream in streams}) == len({stream[0].tobytes() for stream in streams}) < 256


def test_equal_images_have_equal_tags() -> None:
    """And nothing else in common: nonce, IV and cipher image are fresh. A changed tag is refused."""
    image = photograph(16, 16, 3)
    first, second, other = (
        encrypt(EqualTags(), picture, turn) for turn, picture in enumerate((image, image, image ^ 1))
    )
    assert first.header[32:] == second.header[32:] != other.header[32:]
    assert len(first.header) == 48
    assert first.header[16:32] != second.header[16:32]
    assert np.mean(first.image == second.image) < 0.02
    with pytest.raises(CipherError, match="the tag does not match"):
        EqualTags().decrypt(Encrypted(first.image, first.header[:32] + other.header[32:]), KEY)


def test_byte_feedback_is_one_table() -> None:
    """c[i] is a function of p[i] ^ c[i-1], one to one and the same for all nonces; the first bytes differ."""
    image = photograph(64, 64, 3)
    ciphertexts = [encrypt(ByteFeedback(), image, turn).image.ravel() for turn in range(8)]
    table = {
        (int(p ^ before), int(c))
        for ciphertext in ciphertexts
        for p, before, c in zip(image.ravel()[1:], ciphertext[:-1], ciphertext[1:], strict=True)
    }
    assert len(table) == len({x for x, _ in table}) == len({c for _, c in table}) == 256
    assert len({int(ciphertext[0]) for ciphertext in ciphertexts}) > 4
