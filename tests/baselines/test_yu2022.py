"""yu2022: the halftone comes back, its mask is a key, and half of the key is none to the receiver."""

import numpy as np
import pytest

from cryptobench.baselines.optical.yu2022 import NEAR, Yu2022, clear, covers, halftone, sample_plane, settle
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.images import load_image
from cryptobench.primitives.optics.visual import overlaid, settled

KEY, OTHER, NONCE = bytes(range(32)), bytes(range(32, 64)), bytes(16)
IMAGE = load_image("astronaut", 64)[:48, :40].copy()
CIPHER = Yu2022()
ENCRYPTED = CIPHER.encrypt(IMAGE, KEY, NONCE)


def bit_errors(encrypted: Encrypted, key: bytes) -> float:
    return float(np.mean(CIPHER.recover(encrypted, key) != halftone(IMAGE)))


def test_the_halftone_comes_back_to_the_last_bit():
    """Bit error rate 0, from 8-bit intensities."""
    assert bit_errors(ENCRYPTED, KEY) == 0


def test_the_mask_is_the_only_key():
    """A wrong mask leaves near half of the bits wrong; the other half of the key is not needed for decryption."""
    assert bit_errors(ENCRYPTED, OTHER[:16] + KEY[16:]) > 0.35
    assert bit_errors(ENCRYPTED, KEY[:16] + OTHER[16:]) == 0


def test_sample_is_two_shares_amplitude_and_phase():
    """Values 0, 1 and i only; the overlay is their imaginary part, whatever the common phase."""
    secret = halftone(IMAGE)
    o = sample_plane(secret, KEY)
    assert set(np.unique(o)) == {0, 1, 1j}
    for phase in (0, 0.7, 2, -3):
        assert np.array_equal(overlaid(clear(o * np.exp(1j * phase).astype(np.complex64))), secret)


def test_each_share_shows_its_cover():
    """The share of clear sub-pixels follows rings in one and stripes in the other."""
    one, two = covers(48, 40)
    o = sample_plane(halftone(IMAGE), KEY)[0]
    lit = (o != 0).reshape(48, 2, 40, 2).sum(axis=(1, 3))
    assert np.array_equal(lit, 1 + one)
    assert one.std() > 0.3 < two.std()


def test_ciphertexts_are_many_times_the_picture():
    """4 x 4 frames of 64 x 64 for 48 x 40 pixels: 34 bytes a pixel, and the card says it is no image."""
    assert ENCRYPTED.image.shape == (4 * 64, 4 * 64, 3)
    assert "diffraction patterns" in CIPHER.card.not_an_image


def test_lost_frames_cost_some_bits():
    """One of the 16 frames of each channel black: none, since others overlap it; half of them: some, not all."""
    damaged = ENCRYPTED.image.copy()
    damaged[64:128, 64:128] = 0
    assert bit_errors(Encrypted(damaged, ENCRYPTED.header), KEY) < 0.01
    damaged[:128] = 0
    assert 0.02 < bit_errors(Encrypted(damaged, ENCRYPTED.header), KEY) < 0.4


def test_what_is_lost_is_lost_by_halftoning():
    """The decrypted picture is the smoothed halftone: about 20 dB, and no bits make it better."""
    eight, sixteen = (
        np.mean((cipher.decrypt(cipher.encrypt(IMAGE, KEY, NONCE), KEY).astype(float) - IMAGE) ** 2)
        for cipher in (CIPHER, Yu2022(bits=16))
    )
    assert eight == sixteen
    assert 15 < 10 * np.log10(255**2 / eight) < 30


def test_values_near_the_three_are_set():
    """To 0, to the channel's phase or to i times it; the others are left and counted, and too many go on."""
    phase = np.exp(0.7j).astype(np.complex64)
    exact = sample_plane(halftone(IMAGE), KEY) * phase
    errors = np.random.default_rng(3).normal(0, 0.05, (2, *exact.shape))
    o = (exact + errors[0] + 1j * errors[1]).astype(np.complex64)
    o[:, 0, 0] = 0.5 * (1 + 1j) * phase
    assert settled(o, np.full(3, phase), NEAR) == 3
    assert abs(o - exact)[:, 1:].max() < 1e-6
    assert abs(o[:, 0, 0] - 0.5 * (1 + 1j) * phase).max() < 1e-6
    assert not settle(np.full((1, 8, 8), 0.5, np.complex64))
    assert settle(exact.astype(np.complex64).copy())


def test_right_keys_need_fewer_rounds():
    """What four rounds give is what twenty give: they end when sub-pixels are settled. A wrong key runs them all."""
    four, twenty = (Yu2022(rounds=rounds).recover(ENCRYPTED, KEY) for rounds in (4, 20))
    assert np.array_equal(four, twenty)
    four, five = (Yu2022(rounds=rounds).recover(ENCRYPTED, OTHER) for rounds in (4, 5))
    assert not np.array_equal(four, five)


def test_noisy_intensities_lose_few_bits():
    """Noise of 6 levels: below 0.4 % of the bits; 1.2 % without settling, by the same rounds."""
    noise = np.rint(np.random.default_rng(5).normal(0, 6, ENCRYPTED.image.shape))
    noisy = np.clip(ENCRYPTED.image + noise, 0, 255).astype(np.uint8)
    assert bit_errors(Encrypted(noisy, ENCRYPTED.header), KEY) < 0.004


@pytest.mark.parametrize("value", [0, 255])
def test_flat_secrets_determine_the_common_phase(value: int):
    """All black and all white, where lit sub-pixels are all 1, or mostly i."""
    image = np.full((16, 21), value, np.uint8)
    assert (CIPHER.decrypt(CIPHER.encrypt(image, KEY, NONCE), KEY) == value).all()


@pytest.mark.parametrize("rounds", [0, -1, True, 2.0])
def test_rounds_are_a_positive_number(rounds: object):
    """Anything else is refused."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        Yu2022(rounds=rounds)  # type: ignore[arg-type]
