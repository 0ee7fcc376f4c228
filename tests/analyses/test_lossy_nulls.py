"""Wrong keys of lossy ciphers: what the decoder makes of noise is no leak; what is left of the plaintext is."""

import numpy as np
import pytest
from scipy.stats import binom

from cryptobench.analyses.key_sensitivity import KeySensitivity, SampledNull, lossy_nulls
from cryptobench.cipher import Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.analyses.keyed_toys import Pad, card, photograph

WRONG_KEY = ("wrong_key_psnr", "wrong_key_correlation", "wrong_key_entropy")


class SmoothPad(Pad):
    """A pad whose decryption is halved in contrast and averaged over pairs of rows: lossy, and never uniform."""

    card = card("smooth-pad", lossless=False)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        decrypted = super().decrypt(encrypted, key).astype(np.uint16)
        return (64 + (decrypted + np.roll(decrypted, 1, 0)) // 4).astype(np.uint8)


class LeakySmoothPad(SmoothPad):
    """Under a wrong key a tenth of the plaintext's contrast is left, since that much of the pad has another key."""

    card = card("leaky-smooth-pad", lossless=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encrypted = super().encrypt(image, key, nonce, secret=secret)
        encrypted.image[::10] = image[::10]
        return encrypted

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        decrypted = super().decrypt(encrypted, key)
        decrypted[::10] = encrypted.image[::10]
        return decrypted


def means(cipher: Pad, seed: int, bits: int = 4) -> dict[str, Measurement]:
    rows = KeySensitivity(bits=bits).measure(Experiment(cipher, photograph(), seed))
    return {row.metric: row for row in rows if row.trial is None and row.variant == ""}


def test_a_smooth_decoder_is_no_leak() -> None:
    """Over 100 seeds the worst bit and the mean fail as often as the level says, within the binomial interval."""
    fails = dict.fromkeys((f"{metric}_{kind}" for metric in WRONG_KEY for kind in ("mean", "worst")), 0)
    for seed in range(100):
        rows = means(SmoothPad(), seed)
        for metric in fails:
            fails[metric] += rows[metric].verdict == "fail"
    assert max(fails.values()) <= binom.ppf(0.9999, 100, 0.05), fails
    assert sum(fails.values()) > 0, "a test that never fails has no level"


def test_what_is_left_of_the_plaintext_fails() -> None:
    """PSNR and correlation are too high where a tenth of the rows is not hidden."""
    rows = means(LeakySmoothPad(), 1)
    for metric in WRONG_KEY[:2]:
        assert rows[f"{metric}_mean"].verdict == rows[f"{metric}_worst"].verdict == "fail"


def test_means_have_the_t_distribution() -> None:
    """Against scipy's two-sample variance by hand: 5 known values, 2 new ones, 4 degrees of freedom."""
    null = SampledNull((1.0, 2.0, 3.0, 4.0, 5.0), "high")
    result = null.mean([6.0, 7.0], 0.05)
    assert result.value == 6.5
    assert result.expected == 3.0
    # s^2 = 2.5, t = 3.5 / sqrt(2.5 * 0.7) = 2.6458; upper tail of t with 4 degrees there
    assert result.p_value == pytest.approx(0.0286, abs=1e-4)
    assert result.high == pytest.approx(3 + 2.13185 * np.sqrt(2.5 * 0.7), abs=1e-4)


def test_the_sign_of_a_correlation_is_tested_and_its_size_reported() -> None:
    """A correlation of -0.5 among small ones is reported as 0.5 and is significant."""
    null = SampledNull(tuple(np.linspace(-0.1, 0.1, 24)), "high", absolute=True)
    result = null.one(-0.5, 0.05)
    assert result.value == 0.5
    assert result.p_value is not None
    assert result.p_value < 1e-4


class Refusing(SmoothPad):
    """Decrypts nothing."""

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        from cryptobench.cipher import CipherError

        raise CipherError("no")


def test_a_cipher_that_refuses_has_no_null() -> None:
    """An authenticated cipher rejects every wrong key, so nothing has to be judged."""
    assert lossy_nulls(Experiment(Refusing(), photograph(), 1)) == {}
