"""chen2020-cs: its cipher stage against plain Python, quality on photographs, shapes, refusals, what the code hides."""

import math

import numpy as np
import pytest

from cryptobench.baselines.learned.chen2020_cs import Chen2020Cs, KeyStream, slide_rows, sum_chain, sum_unchain
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.images import load_image
from cryptobench.metrics import peak_signal_noise_ratio
from cryptobench.primitives.chaos.maps.cloud import cloud_logistic_orbit
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import NONCE, flip_rates, flipped, key_for, one_flip_pairs

RNG = np.random.default_rng(20)
CIPHER, H = Chen2020Cs(), bytes(range(32))
RECORDED = {"astronaut": 22.02, "coffee": 24.63, "chelsea": 29.86, "camera": 32.18}  # dB, with the shipped weights


def photograph(side: int) -> np.ndarray:
    return load_image("astronaut", side)


def plain_cipher(q: np.ndarray, key: bytes, session: bytes) -> np.ndarray:
    """Slides and sums in Python's integers, from the orbit of the primitive."""
    height, width = q.shape
    Ex, Ey, En, He, nu, mu, z, s, c1, c2 = plain.uniforms(key, session, "chen2020-cs", 10)
    ranges = ((Ex, 0.5, 1), (Ey, 0.5, 1), (En, 0.1, 0.2), (He, 0.01, 0.02), (nu, 3.99, 4), (mu, 3.99, 4))
    orbit = np.empty(1000 + height + width + q.size)
    cloud_logistic_orbit(np.array([z, s]), np.array([plain.between(*r) for r in ranges]), orbit)
    states = orbit[1000:].tolist()
    rows, columns, values = states[:height], states[height : height + width], states[height + width :]
    q = np.stack([np.roll(row, math.floor(r * width)) for row, r in zip(q, rows, strict=True)])
    q = np.stack([np.roll(column, math.floor(r * height)) for column, r in zip(q.T, columns, strict=True)], axis=1)
    data = q.ravel().tolist()
    words = [plain.word(x) for x in values]
    for order, shift, start in ((range(q.size), 0, c1), (range(q.size - 1, -1, -1), 8, c2)):
        previous = int(256 * start)
        for i in order:
            data[i] = previous = (data[i] + (words[i] >> shift) + previous) % 256
    return np.array(data, np.uint8).reshape(q.shape)


@pytest.mark.parametrize("shape", [(20, 40, 3), (40, 20), (1, 1, 1)], ids=str)
def test_cipher_stage_is_that_of_plain_steps(shape: tuple[int, ...]):
    """On the code of the networks the same bytes as an implementation in plain Python."""
    image, key = RNG.integers(0, 256, shape, np.uint8), key_for(shape)
    code, header = CIPHER.encode(image)
    encrypted = CIPHER.encrypt(image, key, NONCE, secret=H)
    assert encrypted.header == header
    assert np.array_equal(encrypted.image, plain_cipher(code[..., 0], key, H))


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (24, 24), (7, 13)], ids=str)
def test_slides_and_sums_are_undone(shape: tuple[int, int]):
    """For shifts from 0 to the width, and on any bytes."""
    q, shifts = RNG.integers(0, 256, shape, np.uint8), RNG.integers(0, shape[1], shape[0])
    assert np.array_equal(slide_rows(slide_rows(q, shifts), shape[1] - shifts), q)
    k = RNG.integers(0, 256, q.size, np.uint8)
    assert np.array_equal(sum_unchain(sum_chain(q.ravel(), k, 200), k, 200), q.ravel())


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (66, 33), (33, 47, 3), (67, 71), (20, 20, 1), (34, 66, 3)], ids=str)
def test_ciphertexts_of_any_size_are_smaller(shape: tuple[int, ...]):
    """24 x 24 bytes for each block of 33 x 33 pixels, grey or colour; decryption has the plaintext's shape."""
    image, key = RNG.integers(0, 256, shape, np.uint8), key_for(shape)
    encrypted = CIPHER.encrypt(image, key, NONCE)
    assert encrypted.image.shape == (24 * math.ceil(shape[0] / 33), 24 * math.ceil(shape[1] / 33))
    assert len(encrypted.header) == 9
    assert len(encrypted.secret) == 32
    assert CIPHER.decrypt(encrypted, key).shape == shape


def test_photographs_come_back_blurred_but_right():
    """Four of scikit-image's at 99 pixels: PSNR within half a decibel of what was recorded with these weights."""
    for name, recorded in RECORDED.items():
        image, key = load_image(name, 99), key_for(name)
        decrypted = CIPHER.decrypt(CIPHER.encrypt(image, key, NONCE), key)
        assert peak_signal_noise_ratio(image, decrypted).value == pytest.approx(recorded, abs=0.5), name


def test_decryption_is_of_the_code_itself():
    """The cipher stage loses nothing: what is decoded is exactly the code."""
    image, key = photograph(99), key_for("exact")
    code, header = CIPHER.encode(image)
    assert np.array_equal(CIPHER.decrypt(CIPHER.encrypt(image, key, NONCE), key), CIPHER.decode(code, header))


def test_fresh_secret_gives_an_independent_ciphertext():
    """A flipped low bit of a photograph: mean NPCR 99.61 and UACI 33.46, of the compressed ciphertext."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, image=photograph(132)))
    assert rates.mean() == pytest.approx(99.6094, abs=0.06)
    assert changes.mean() == pytest.approx(33.4635, abs=0.25)


def test_under_one_hash_some_changes_leave_no_trace():
    """The rounded code is the same for both images in some of 20 trials, and the ciphertext with it; in others not."""
    pairs = list(one_flip_pairs(CIPHER, 20, image=photograph(132), fixed_secret=True))
    same = [np.array_equal(one, two) for one, two in pairs]
    assert 2 <= sum(same) <= 18
    rates, _ = flip_rates(pair for pair, equal in zip(pairs, same, strict=True) if not equal)
    assert np.median(rates) > 95


def test_one_wrong_key_or_secret_bit_gives_noise():
    """The decrypted picture is no nearer to the photograph than mean grey is."""
    image, key = photograph(99), key_for("right")
    e = CIPHER.encrypt(image, key, NONCE)
    flat = 10 * math.log10(255**2 / np.var(image.astype(float)))
    for place in (0, -1):
        wrong = Encrypted(e.image, e.header, flipped(e.secret, place))
        for plaintext in (CIPHER.decrypt(e, flipped(key, place)), CIPHER.decrypt(wrong, key)):
            assert peak_signal_noise_ratio(image, plaintext).value < flat


def test_any_bytes_of_the_right_shape_decrypt():
    """To an image of the header's shape; a changed ciphertext byte spoils at most three blocks."""
    image, key = photograph(132), key_for("any")
    e = CIPHER.encrypt(image, key, NONCE)
    noise = Encrypted(RNG.integers(0, 256, e.image.shape, np.uint8), e.header, e.secret)
    whole = CIPHER.decrypt(e, key)
    assert CIPHER.decrypt(noise, key).shape == whole.shape
    damaged = e.image.copy()
    damaged[40, 40] ^= 1
    differs = (CIPHER.decrypt(Encrypted(damaged, e.header, e.secret), key) != whole).any(axis=2)
    assert 0 < differs.reshape(4, 33, 4, 33).any(axis=(1, 3)).sum() <= 3


def test_flat_images_encrypt_to_noise():
    """Black and white, 25 blocks: chi-square of 255 degrees below 350 (p = 1e-4)."""
    for value in (0, 255):
        image = CIPHER.encrypt(np.full((165, 165), value, np.uint8), key_for("flat"), NONCE).image
        expected = image.size / 256
        assert ((np.bincount(image.ravel(), minlength=256) - expected) ** 2 / expected).sum() < 350


def test_no_sampled_key_has_a_stuck_stream():
    """40 keys: both streams of 16384 bytes are even and differ from one another."""
    for trial in range(40):
        keys = KeyStream.of(key_for(trial), H, 128, 128).keys
        for stream in keys:
            assert ((np.bincount(stream, minlength=256) - 64) ** 2 / 64).sum() < 380
        assert (keys[0] == keys[1]).mean() == pytest.approx(1 / 256, abs=0.004)


def test_what_does_not_fit_is_refused():
    """Header, secret, axes and shape of the cipher image, and two channels."""
    image, key = RNG.integers(0, 256, (20, 40), np.uint8), key_for("fit")
    e = CIPHER.encrypt(image, key, NONCE)
    for header in (b"", e.header[:-1], e.header + b"x"):
        with pytest.raises(CipherError, match=f"header has {len(header)} bytes for the shape, wanted 9"):
            CIPHER.decrypt(Encrypted(e.image, header, e.secret), key)
    with pytest.raises(CipherError, match="secret is 31 bytes, wanted 32"):
        CIPHER.decrypt(Encrypted(e.image, e.header, e.secret[1:]), key)
    with pytest.raises(CipherError, match="secret is 3 bytes, wanted 32"):
        CIPHER.encrypt(image, key, NONCE, secret=b"abc")
    with pytest.raises(CipherError, match="cipher image has 3 axes, wanted 2"):
        CIPHER.decrypt(Encrypted(e.image[..., None], e.header, e.secret), key)
    with pytest.raises(CipherError, match="cipher image is 24x24x1, but its header is of a 20x40 image"):
        CIPHER.decrypt(Encrypted(e.image[:, :24], e.header, e.secret), key)
    with pytest.raises(CipherError, match="wanted 1 or 3 channel"):
        CIPHER.encrypt(np.zeros((20, 20, 2), np.uint8), key, NONCE)


def test_presets_are_recipes():
    """The shipped one is "cpu", of rate 0.18; another name is refused."""
    assert Chen2020Cs.recipe("cpu").rate == 0.18
    assert Chen2020Cs.recipe("paper").steps > Chen2020Cs.recipe("cpu").steps
    with pytest.raises(CipherError, match="no preset 'fast'"):
        Chen2020Cs.recipe("fast")
