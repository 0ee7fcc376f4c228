"""kang2021: tiles, lost buckets, and channels that lie in the keys and not in the ciphertext."""

import numpy as np
import pytest

from cryptobench.baselines.optical.kang2021 import Kang2021, cut, join, measurements, tile_sides
from cryptobench.cipher import CipherError, Encrypted, UnsupportedImage
from cryptobench.images import load_image

KEY, OTHER, NONCE = bytes(range(32)), bytes(range(32, 64)), bytes(16)
SMALL = load_image("astronaut", 64)[8:24, 20:36].copy()


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 33, 47), (1, 32, 65), (2, 100, 31)])
def test_tiles_cover_the_image(shape: tuple[int, ...]):
    """At most 32 x 32 pixels each, and joined again they are the image."""
    f = np.random.default_rng(35).random(shape)
    down, across, h, w = tile_sides(*shape[1:])
    assert max(h, w) <= 32
    assert cut(f).shape == (shape[0], down * across, h * w)
    assert np.array_equal(join(cut(f), *shape[1:]), f)


def test_the_ciphertext_is_a_list_of_numbers():
    """5 N / 4 buckets of 16 bits for each tile and channel: 2.5 bytes a sample, and the card says it is no image."""
    cipher = Kang2021()
    ciphertext = cipher.encrypt(load_image("astronaut", 64), KEY, NONCE)
    assert ciphertext.image.shape == (4, measurements(1024), 6)
    assert ciphertext.image.size == 2.5 * 64 * 64 * 3
    assert "bucket" in cipher.card.not_an_image


def test_lost_buckets_cost_little_at_first():
    """A sixteenth of them set to 0: exact but for rounding; half of them: a picture all the same."""
    cipher, image = Kang2021(), load_image("astronaut", 64)
    ciphertext = cipher.encrypt(image, KEY, NONCE)
    errors = []
    for share in (16, 2):
        damaged = ciphertext.image.copy()
        damaged[:, : damaged.shape[1] // share] = 0
        found = cipher.decrypt(Encrypted(damaged, ciphertext.header), KEY)
        errors.append(float(np.mean((found.astype(float) - image) ** 2)))
    assert errors[0] < 1
    assert 50 < errors[1] < 255**2 / 10


def test_hidden_channels_lie_in_the_secret_alone():
    """Other green and blue give the same ciphertext, and another secret: 5 N^2 bytes for each, 850 times the image."""
    cipher = Kang2021(hidden=True)
    other = SMALL.copy()
    other[..., 1:] = 255 - other[..., 1:]
    one, two = (cipher.encrypt(image, KEY, NONCE) for image in (SMALL, other))
    assert np.array_equal(one.image, two.image)
    assert one.header == two.header
    assert one.secret != two.secret
    assert len(one.secret) == 2 * 4 * measurements(256) * 256 == 5 * 2 * 256**2
    assert len(one.secret) > 800 * SMALL.size


def test_hidden_channels_come_back_with_their_patterns():
    """All three with the right key and secret; green and blue even with a wrong key, red then not."""
    cipher = Kang2021(hidden=True)
    ciphertext = cipher.encrypt(SMALL, KEY, NONCE)
    assert abs(cipher.decrypt(ciphertext, KEY).astype(int) - SMALL).max() <= 2
    wrong = cipher.decrypt(ciphertext, OTHER).astype(int)
    assert abs(wrong[..., 1:] - SMALL[..., 1:]).max() <= 2
    assert abs(wrong[..., 0] - SMALL[..., 0]).mean() > 30


def test_the_secret_alone_shows_a_hidden_channel():
    """Without ciphertext and without key: pixels where patterns vary less are brighter."""
    secret = Kang2021(hidden=True).encrypt(SMALL, KEY, NONCE).secret
    patterns = np.frombuffer(secret, "<f4").reshape(2, -1, 256).astype(float)
    for channel in (1, 2):
        guess = -np.log(patterns[channel - 1].var(axis=0))
        assert np.corrcoef(guess, SMALL[..., channel].ravel().astype(float))[0, 1] > 0.4


def test_a_secret_of_another_image_is_refused():
    """It cannot be fixed, since it holds the other channels."""
    cipher = Kang2021(hidden=True)
    secret = cipher.encrypt(SMALL, KEY, NONCE).secret
    with pytest.raises(CipherError, match="of another image"):
        cipher.encrypt(255 - SMALL, KEY, NONCE, secret=secret)
    assert cipher.encrypt(SMALL, KEY, NONCE, secret=secret).secret == secret


def test_a_damaged_secret_is_refused():
    """One byte short, or with a number that is none."""
    cipher = Kang2021(hidden=True)
    ciphertext = cipher.encrypt(SMALL, KEY, NONCE)
    for secret in (ciphertext.secret[:-1], b"\xff" * 4 + ciphertext.secret[4:], b""):
        with pytest.raises(CipherError, match="kang2021: secret"):
            cipher.decrypt(Encrypted(ciphertext.image, ciphertext.header, secret), KEY)


def test_hidden_channels_need_a_small_image():
    """More than one tile is refused; grey has nothing to hide and no secret."""
    cipher = Kang2021(hidden=True)
    with pytest.raises(UnsupportedImage, match="33x20x3, wanted sides of at most 32"):
        cipher.encrypt(np.zeros((33, 20, 3), np.uint8), KEY, NONCE)
    ciphertext = cipher.encrypt(SMALL[..., 0], KEY, NONCE)
    assert ciphertext.secret == b""
    assert abs(cipher.decrypt(ciphertext, KEY).astype(int) - SMALL[..., 0]).max() <= 1
