"""Key sensitivity: ideal toys pass, planted dead bits are the worst ones, rejections are told apart."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from cryptobench.analyses.key_sensitivity import KeySensitivity
from cryptobench.analyses.tools.key_bits import flip_bit
from cryptobench.cipher import Cipher, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import global_entropy, npcr, uaci
from tests.analyses.keyed_toys import Feistel, KeylessSecret, Pad, Permutation, TaggedPad, TruncatedPad, photograph

ENCRYPTION = ("key_npcr", "key_uaci", "key_avalanche")
DECRYPTION = ("wrong_key_psnr", "wrong_key_ssim", "wrong_key_correlation", "wrong_key_entropy")


def measure(cipher: Cipher, image: Image | None = None, bits: int = 0, seed: int = 1) -> list[Measurement]:
    experiment = Experiment(cipher, photograph() if image is None else image, seed)
    return list(KeySensitivity(bits=bits).measure(experiment))


def summaries(rows: list[Measurement]) -> dict[tuple[str, str], Measurement]:
    return {(row.metric, row.variant): row for row in rows if row.trial is None}


def trials(rows: list[Measurement], metric: str) -> Iterator[Measurement]:
    return (row for row in rows if row.metric == metric and row.trial is not None)


def test_every_key_bit_is_a_trial_of_its_field() -> None:
    """64 trials a metric, numbered by key bit, with the field as variant and summaries for whole key and fields."""
    rows = measure(TruncatedPad())
    for metric in (*ENCRYPTION, *DECRYPTION):
        assert [row.trial for row in trials(rows, metric)] == list(range(64))
        assert [row.variant for row in trials(rows, metric)] == ["k0"] * 40 + ["k1"] * 24
        for summary in ("mean", "worst"):
            assert {v for m, v in summaries(rows) if m == f"{metric}_{summary}"} == {"", "k0", "k1"}


def test_trials_are_the_metrics_between_right_and_flipped_key() -> None:
    """NPCR and UACI of bit 11 are those of the two ciphertexts, with the nonce held still."""
    experiment = Experiment(Pad(), photograph(), 1)
    other = Pad().encrypt(experiment.image, flip_bit(experiment.key, 11), experiment.nonce).image
    rows = {row.metric: row for row in KeySensitivity().measure(experiment) if row.trial == 11}
    assert rows["key_npcr"].value == npcr(experiment.ciphertext.image, other).value
    assert rows["key_uaci"].value == uaci(experiment.ciphertext.image, other).value
    assert rows["key_uaci"].nonce == "fixed"


def test_the_per_message_secret_is_held_still() -> None:
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


def test_the_worst_p_value_is_corrected_for_the_number_of_bits() -> None:
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


def test_a_cipher_that_keeps_the_histogram_fails_on_entropy() -> None:
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
