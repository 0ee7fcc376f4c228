"""Key sensitivity: ideal toys pass, planted dead bits are the worst ones, rejections are no values.

Of lossy ciphers, what the decoder makes of noise is no leak, and what is left of the plaintext is one.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from cryptobench.analyses.key_sensitivity import KeySensitivity, SampledNull, lossy_nulls
from cryptobench.analyses.tools.key_bits import flip_bit
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import global_entropy, npcr, uaci
from tests.analyses.keyed_toys import (
    Feistel,
    KeylessSecret,
    Pad,
    Permutation,
    TaggedPad,
    TruncatedPad,
    card,
    photograph,
)

ENCRYPTION = ("key_npcr", "key_uaci", "key_avalanche")
DECRYPTION = ("wrong_key_psnr", "wrong_key_ssim", "wrong_key_correlation", "wrong_key_entropy")


def measure(cipher: Cipher, image: Image | None = None, bits: int = 0, seed: int = 1) -> list[Measurement]:
    experiment = Experiment(cipher, photograph() if image is None else image, seed)
    return list(KeySensitivity(bits=bits).measure(experiment))


def summaries(rows: list[Measurement]) -> dict[tuple[str, str], Measurement]:
    return {(row.metric, row.part): row for row in rows if row.trial is None}


def trials(rows: list[Measurement], metric: str) -> Iterator[Measurement]:
    return (row for row in rows if row.metric == metric and row.trial is not None)


def test_every_bit_is_a_trial_of_its_field() -> None:
    """64 trials a metric, numbered by key bit, with the field as part and summaries for whole key and fields."""
    rows = measure(TruncatedPad())
    for metric in (*ENCRYPTION, *DECRYPTION):
        assert [row.trial for row in trials(rows, metric)] == list(range(64))
        assert [row.part for row in trials(rows, metric)] == ["k0"] * 40 + ["k1"] * 24
        for summary in ("mean", "worst"):
            assert {part for m, part in summaries(rows) if m == f"{metric}_{summary}"} == {"", "k0", "k1"}


def test_trials_compare_the_right_and_flipped_key() -> None:
    """NPCR and UACI of bit 11 are those of the two ciphertexts, with a fixed nonce."""
    experiment = Experiment(Pad(), photograph(), 1)
    other = Pad().encrypt(experiment.image, flip_bit(experiment.key, 11), experiment.nonce).image
    rows = {row.metric: row for row in KeySensitivity().measure(experiment) if row.trial == 11}
    assert rows["key_npcr"].value == npcr(experiment.ciphertext.image, other).value
    assert rows["key_uaci"].value == uaci(experiment.ciphertext.image, other).value
    assert rows["key_uaci"].nonce == "fixed"


def test_the_per_message_secret_is_fixed() -> None:
    """A key that acts only through the per-message secret changes no sample of the ciphertext."""
    rows = measure(KeylessSecret(), bits=8)
    assert [row.value for row in trials(rows, "key_npcr")] == [0] * 8


@pytest.mark.parametrize("cipher", [Pad(), Feistel()])
def test_an_ideal_cipher_passes(cipher: Cipher) -> None:
    """Summaries of ideal toys fail about as often as alpha allows: over 8 seeds of 12 tests, at most 14 of 96."""
    verdicts = [row.verdict for seed in range(8) for row in summaries(measure(cipher, seed=seed)).values()]
    assert verdicts.count("pass") + verdicts.count("fail") == 96
    assert verdicts.count("fail") <= 14  # exceeded by Binomial(96, .05) with probability 1e-4


def test_dead_bits_are_the_worst() -> None:
    """A dead bit has NPCR 0, decrypts exactly, fails, and is named; the live field's summaries do not see it."""
    rows = summaries(measure(TruncatedPad()))
    assert (rows["key_npcr_worst", ""].value, rows["key_npcr_worst", ""].message) == (0, "bit 40")
    assert rows["key_npcr_worst", ""].p_value == 0
    assert rows["wrong_key_psnr_worst", ""].value == math.inf
    assert rows["wrong_key_ssim_worst", "k1"].value == pytest.approx(1)
    for metric in (*ENCRYPTION, "wrong_key_psnr", "wrong_key_correlation", "wrong_key_entropy"):
        for summary in ("mean", "worst"):
            assert rows[f"{metric}_{summary}", ""].verdict == "fail"
            assert rows[f"{metric}_{summary}", "k1"].verdict == "fail"
    assert rows["key_npcr_mean", "k0"].value == pytest.approx(99.6, abs=0.2)


def test_worst_is_the_most_dangerous_value() -> None:
    """Lowest NPCR and entropy, UACI and avalanche farthest from expected, highest PSNR, SSIM and correlation."""
    rows = measure(Pad())
    worst = {row.metric.removesuffix("_worst"): row.value for row in rows if row.metric.endswith("_worst")}
    values = {metric: [row.value for row in trials(rows, metric)] for metric in worst}
    for metric in ("key_npcr", "wrong_key_entropy"):
        assert worst[metric] == min(values[metric])  # type: ignore[type-var]
    for metric in ("wrong_key_psnr", "wrong_key_ssim", "wrong_key_correlation"):
        assert worst[metric] == max(values[metric])  # type: ignore[type-var]
    for metric, centre in (("key_uaci", 100 * 257 / 768), ("key_avalanche", 50.0)):
        assert worst[metric] == max(values[metric], key=lambda value: abs(value - centre))  # type: ignore


def test_the_worst_p_value_is_corrected() -> None:
    """1 - (1 - p)^64 of the worst bit's own p-value."""
    rows = measure(Pad())
    single = min((row.value, row.p_value) for row in trials(rows, "key_npcr"))[1]  # type: ignore[type-var]
    worst = summaries(rows)["key_npcr_worst", ""]
    assert worst.p_value == pytest.approx(1 - (1 - single) ** 64)  # type: ignore[operator]


def test_rejected_ciphertexts_have_no_value() -> None:
    """The tagged toy rejects under a wrong tag key, and under a wrong pad key decrypts to noise."""
    rows = measure(TaggedPad())
    psnr = list(trials(rows, "wrong_key_psnr"))
    assert [(row.value, row.status, row.message) for row in psnr[32:]] == [(None, "ok", "rejected")] * 32
    assert all(row.value is not None for row in psnr[:32])
    table = summaries(rows)
    assert (table["wrong_key_psnr_mean", "k1"].value, table["wrong_key_psnr_mean", "k1"].message) == (None, "rejected")
    assert table["wrong_key_psnr_mean", ""].message == "32 of 64 bits: rejected"
    assert table["wrong_key_psnr_worst", ""].message.endswith("; 32 of 64 bits: rejected")


def test_keeping_the_histogram_fails_on_entropy() -> None:
    """The permutation toy decrypts, under a wrong key, to a picture with the plaintext's entropy."""
    rows = summaries(measure(Permutation()))
    assert rows["wrong_key_entropy_worst", ""].value == global_entropy(photograph()).value
    assert rows["wrong_key_entropy_worst", ""].verdict == "fail"


def test_few_bits_are_spread_over_the_key() -> None:
    """With bits=4 the trials are key bits 0, 21, 42 and 63."""
    rows = measure(Pad(), bits=4)
    assert [row.trial for row in trials(rows, "key_npcr")] == [0, 21, 42, 63]


@pytest.mark.parametrize("shape", [(257, 63), (1, 40), (33, 47, 3)])
def test_awkward_shapes_are_measured(shape: tuple[int, ...]) -> None:
    """Grey, thin and odd images give a full table."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    rows = measure(Pad(), image, bits=3)
    assert len(rows) == 3 * 7 + 14
    assert all(row.status == "ok" for row in rows)


def test_a_flat_plaintext_has_no_correlation() -> None:
    """The correlation rows are unsupported and say why, the others stay."""
    rows = measure(Pad(), np.zeros((32, 32), np.uint8), bits=2)
    assert {row.status for row in rows if "correlation" in row.metric} == {"unsupported"}
    assert {row.status for row in rows if "correlation" not in row.metric} == {"ok"}
    assert "flat" in summaries(rows)["wrong_key_correlation_mean", ""].message


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
    return {row.metric: row for row in rows if row.trial is None and row.part == ""}


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


def test_the_sign_of_a_correlation_is_tested() -> None:
    """A correlation of -0.5 among small ones is reported as 0.5 and is significant."""
    null = SampledNull(tuple(np.linspace(-0.1, 0.1, 24)), "high", absolute=True)
    result = null.one(-0.5, 0.05)
    assert result.value == 0.5
    assert result.p_value is not None
    assert result.p_value < 1e-4


class RefusingPad(SmoothPad):
    """Decrypts nothing."""

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("no")


def test_a_cipher_that_refuses_has_no_null() -> None:
    """An authenticated cipher rejects every wrong key, so nothing has to be judged."""
    assert lossy_nulls(Experiment(RefusingPad(), photograph(), 1)) == {}


class SlowPad(Pad):
    """A card that says so, with what sides it takes."""

    def __init__(self, **limits: object) -> None:
        super().__init__()
        self.card = replace(self.card, cost="slow", **limits)  # type: ignore[misc, arg-type]


def test_slow_ciphers_get_a_smaller_picture() -> None:
    """All rows are those of the central 64 x 64 pixels under the same key, and say 64; others say nothing."""
    image = np.random.default_rng(1).integers(0, 256, (100, 81, 3), np.uint8)
    rows = measure(SlowPad(), image, bits=2)
    experiment = Experiment(SlowPad(), image, 1)
    small = experiment.with_image(image[18:82, 8:72].copy())
    assert (small.key, small.nonce) == (experiment.key, experiment.nonce)
    one, other = small.ciphertext.image, Pad().encrypt(small.image, flip_bit(small.key, 0), small.nonce).image
    assert next(trials(rows, "key_npcr")).value == npcr(one, other).value
    assert {row.parameter for row in rows} == {"64"}
    assert {row.parameter for row in measure(Pad(), image, bits=2)} == {""}


@pytest.mark.parametrize(
    ("limits", "parameter"),
    [({"sides_multiple_of": 48}, "64"), ({"min_side": 80}, "64"), ({"min_side": 81}, "64"), ({"min_side": 100}, "")],
    ids=str,
)
def test_slow_ciphers_get_sides_they_take(limits: dict[str, object], parameter: str) -> None:
    """The nearest sides that the card allows, and an image that is no larger as it is."""
    image = np.random.default_rng(1).integers(0, 256, (100, 100), np.uint8)
    assert {row.parameter for row in measure(SlowPad(**limits), image, bits=2)} == {parameter}
    assert {row.parameter for row in measure(SlowPad(), image[:64, :50].copy(), bits=2)} == {""}
