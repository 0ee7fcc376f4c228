import numpy as np
import pytest

from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.sources import IdealCipher, controls, sound_sources
from cryptobench.cipher import CipherError, Encrypted

KEY, NONCE = bytes(32), bytes(16)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 3), (33, 47, 3), (16, 16, 1)])
def test_round_trips_in_both_directions(shape):
    """What was encrypted decrypts to itself, and what was decrypted encrypts to itself."""
    cipher, image = IdealCipher(), np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    assert np.array_equal(cipher.decrypt(cipher.encrypt(image, KEY, NONCE), KEY), image)
    made_up = Encrypted(image, NONCE)
    plain = cipher.decrypt(made_up, KEY)
    assert np.array_equal(cipher.encrypt(plain, KEY, NONCE).image, image)


def test_answers_are_the_same_in_every_instance():
    """Equal questions have equal answers, also in another instance."""
    image = np.zeros((8, 8), np.uint8)
    assert np.array_equal(
        IdealCipher().encrypt(image, KEY, NONCE).image, IdealCipher().encrypt(image, KEY, NONCE).image
    )


def test_one_changed_bit_changes_everything():
    """Plaintexts, keys, nonces and ciphertexts that differ in one bit have answers that agree by chance only."""
    cipher, image = IdealCipher(), np.zeros((64, 64, 3), np.uint8)
    base = cipher.encrypt(image, KEY, NONCE)
    other = image.copy()
    other[5, 6, 1] = 1
    damaged = base.image.copy()
    damaged[0, 0, 0] ^= 1
    for one, two in (
        (base.image, cipher.encrypt(other, KEY, NONCE).image),
        (base.image, cipher.encrypt(image, bytes(31) + b"\1", NONCE).image),
        (base.image, cipher.encrypt(image, KEY, bytes(15) + b"\1").image),
        (image, cipher.decrypt(Encrypted(damaged, NONCE), KEY)),
        (image, cipher.decrypt(base, bytes(31) + b"\1")),
    ):
        assert abs(np.mean(one == two) - 1 / 256) < 6 * np.sqrt(1 / 256 / image.size)


def test_answers_are_uniform():
    """Bytes of many answers pass a chi-square test with 255 degrees of freedom."""
    cipher = IdealCipher()
    images = [cipher.encrypt(np.full((32, 32), level, np.uint8), KEY, NONCE).image for level in range(256)]
    counts = np.bincount(np.concatenate(images).ravel(), minlength=256)
    assert 180 < float(((counts - 1024) ** 2 / 1024).sum()) < 345


def test_an_answer_is_the_callers():
    """Changing an answer in place does not change what the cipher remembers."""
    cipher, image = IdealCipher(), np.zeros((4, 4), np.uint8)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    kept = encrypted.image.copy()
    encrypted.image[:] = 0
    assert np.array_equal(cipher.encrypt(image, KEY, NONCE).image, kept)


def test_a_header_that_is_no_nonce_is_refused():
    """A header of another length than the nonce raises CipherError and says so."""
    with pytest.raises(CipherError, match="header has 3 bytes, wanted the nonce, 16 bytes"):
        IdealCipher().decrypt(Encrypted(np.zeros((2, 2), np.uint8), b"abc"), KEY)


def test_every_control_names_its_defect():
    """Controls are those of the family, and each card says what is planted."""
    found = controls()
    assert "sum-ctr" in {source.name for source in found}
    assert all(source.card.defect and not source.sound for source in found)


def test_what_is_true_is_no_false_alarm():
    """HCTR2 shows which images are equal, a stream cipher what two messages under one nonce share."""
    sound = {source.name: source for source in sound_sources()}
    assert set(sound) == {"aes-256-siv", "aes-256-gcm-siv", "chacha20-poly1305", "hctr2", "ideal"}
    unnamed, fixed = RowKey("outcome", nonce="none"), RowKey("outcome", nonce="fixed")
    assert {name for name, source in sound.items() if not source.under_null("attack:determinism", unnamed)} == {"hctr2"}
    assert all(source.under_null("attack:codebook", unnamed) for source in sound.values())
    misused = {name for name, source in sound.items() if not source.under_null("avalanche", fixed)}
    assert misused == {"chacha20-poly1305"}
