"""The hash of the plaintext as a per-message secret."""

import hashlib

import numpy as np
import pytest

from cryptobench.cipher import CipherError
from cryptobench.primitives.chaos.key_schedule.keys import image_hash, require_session, session_of

IMAGE = np.arange(12, dtype=np.uint8).reshape(2, 3, 2)


def test_hash_covers_shape_and_samples():
    """It is SHA-256 of the printed shape and the bytes; the same bytes in another shape hash differently."""
    assert image_hash(IMAGE) == hashlib.sha256(b"(2, 3, 2)" + bytes(range(12))).digest()
    assert image_hash(IMAGE) != image_hash(IMAGE.reshape(3, 2, 2))


def test_a_given_secret_replaces_the_hash():
    """It is used as it is, and without one the image's hash is."""
    assert session_of("toy", IMAGE, bytes(32)) == bytes(32)
    assert session_of("toy", IMAGE, None) == image_hash(IMAGE)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_of_the_wrong_length_is_refused(secret: bytes):
    """The message names the cipher, what was given and what is wanted."""
    for take in (lambda: session_of("toy", IMAGE, secret), lambda: require_session("toy", secret)):
        with pytest.raises(CipherError, match=rf"^toy: secret is {len(secret)} bytes, wanted 32 bytes"):
            take()


def test_a_secret_that_is_no_bytes_is_refused():
    """Text of 32 characters is named as such."""
    with pytest.raises(CipherError, match="secret is str"):
        require_session("toy", "x" * 32)  # type: ignore[arg-type]
