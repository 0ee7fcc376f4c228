"""Robustness and traceability: stream, permutation and wide-block toys behave as theory says."""

import math

import numpy as np
import pytest

from cryptobench.analyses.base import Artifact
from cryptobench.analyses.robustness.analysis import PICTURES, Robustness
from cryptobench.analyses.tools.key_nulls import random_psnr
from cryptobench.cipher import Cipher, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.analyses.keyed_toys import Expanding, Feistel, Pad, Permutation, PermutedPad, TaggedPad, photograph

NOTHING: dict[str, tuple[float, ...]] = dict.fromkeys(
    ("occlusion", "lost_rows", "bit_flips", "salt_and_pepper", "gaussian", "speckle", "jpeg"), ()
)
TRACES = ("trace_auc", "trace_energy", "trace_auc_blind", "trace_energy_blind")
Rows = dict[tuple[str, str, str], Measurement]


def measure(cipher: Cipher, image: Image | None = None, seed: int = 1, **levels: tuple[float, ...]) -> Rows:
    experiment = Experiment(cipher, photograph(96, 128) if image is None else image, seed)
    found = Robustness(**(NOTHING | levels)).measure(experiment)  # type: ignore[arg-type]
    return {(row.metric, kind_of(row), row.parameter): row for row in found if isinstance(row, Measurement)}


def kind_of(row: Measurement) -> str:
    """The kind of damage with its place, as levels are given: "occlusion corner"."""
    return f"{row.condition} {row.place}".rstrip()


def value(rows: Rows, metric: str, kind: str, level: str) -> float:
    number = rows[metric, kind, level].value
    assert number is not None
    return number


def test_permuted_pad_loses_decibels_with_the_damaged_share() -> None:
    """A share f of random samples at random places: PSNR_random - 10 log10 f, for occlusion, rows and noise."""
    image = photograph(96, 128)
    shares = (1 / 64, 1 / 16, 1 / 4, 1 / 2)
    rows = measure(PermutedPad(), image, occlusion=shares, salt_and_pepper=(0.05, 0.25), lost_rows=(0.125,))
    cases = [(f"occlusion {place}", share) for place in ("corner", "centre") for share in shares]
    for kind, share in [*cases, ("salt and pepper", 0.05), ("salt and pepper", 0.25), ("lost rows", 0.125)]:
        law = random_psnr(image) - 10 * math.log10(share)
        # relative deviation of the error energy of f N samples is about 1 / sqrt(f N)
        slack = 4 * 10 / math.log(10) / math.sqrt(share * image.size)
        assert value(rows, "damaged_psnr", kind, f"{share:g}") == pytest.approx(law, abs=slack + 0.05)


def test_permutation_without_a_pad_shows_black_samples() -> None:
    """Occluded samples decrypt to 0 at random places: the error energy is f times the picture's."""
    image = photograph(96, 128)
    energy = float(np.mean(image.astype(float) ** 2))
    rows = measure(Permutation(), image, occlusion=(0.25,))
    law = 10 * math.log10(255**2 / (0.25 * energy))
    assert value(rows, "damaged_psnr", "occlusion corner", "0.25") == pytest.approx(law, abs=0.15)


def test_noise_passes_through_a_permutation_unchanged() -> None:
    """Gaussian noise of sigma 5 on a picture away from black and white leaves 10 log10(255^2 / (25 + 1/12)) dB."""
    image = photograph(96, 128).clip(40, 215)
    rows = measure(Permutation(), image, gaussian=(5,))
    law = 10 * math.log10(255**2 / (25 + 1 / 12))
    assert value(rows, "damaged_psnr", "gaussian", "5") == pytest.approx(law, abs=0.1)


def test_a_pad_gives_a_stream_ciphers_values() -> None:
    """Astronaut at 256x256, fixed pad: PSNR measured beforehand with other code, agreeing within half a decibel."""
    from skimage import data, transform

    picture = transform.resize(data.astronaut(), (256, 256), anti_aliasing=True)
    image = np.rint(picture * 255).astype(np.uint8)
    reference = {
        "salt and pepper": {"0.01": 27.6, "0.05": 20.4, "0.1": 17.3}, "gaussian": {"1": 26.3, "5": 19.5},
        "jpeg": {"100": 28.5, "95": 20.2, "75": 13.9},
    }  # fmt: skip
    rows = measure(Pad(), image, salt_and_pepper=(0.01, 0.05, 0.1), gaussian=(1, 5), jpeg=(100, 95, 75))
    for kind, levels in reference.items():
        for level, psnr in levels.items():
            assert value(rows, "damaged_psnr", kind, level) == pytest.approx(psnr, abs=0.5)


def test_damage_stays_where_it_is_on_a_pad() -> None:
    """Error and damage coincide, the noise alone nearly gives it away, and only the damaged share changes."""
    rows = measure(Pad(), occlusion=(1 / 16, 1 / 4), bit_flips=(10,), lost_rows=(1 / 32,))
    for kind, level in (
        ("occlusion corner", "0.25"), ("occlusion centre", "0.0625"), ("bit flips", "10"), ("lost rows", "0.03125"),
    ):  # fmt: skip
        area = rows["trace_energy_blind", kind, level].expected
        assert value(rows, "trace_auc", kind, level) == pytest.approx(1, abs=1e-3)
        assert value(rows, "trace_energy", kind, level) == 1
        assert value(rows, "damage_spread", kind, level) == pytest.approx(area, rel=0.01)
    for place, level in (("corner", "0.25"), ("centre", "0.0625")):
        assert value(rows, "trace_auc_blind", f"occlusion {place}", level) > 0.99
        assert value(rows, "trace_energy_blind", f"occlusion {place}", level) > 0.85


@pytest.mark.parametrize(
    ("cipher", "image"),
    [
        (Feistel(), photograph(96, 128)),
        (PermutedPad(), np.random.default_rng(8).integers(100, 140, (96, 128, 3), dtype=np.uint8)),
    ],
)
def test_scattered_damage_cannot_be_located(cipher: Cipher, image: Image) -> None:
    """With full diffusion on any picture, and with permutation on one that is everywhere alike, scores are as expected.

    Over 16 keys the mean distance from the expected value is within 4 standard errors, and never large.
    """
    runs = [measure(cipher, image, seed, occlusion=(1 / 4,)) for seed in range(16)]
    for metric in TRACES:
        for kind in ("occlusion corner", "occlusion centre"):
            rows = [run[metric, kind, "0.25"] for run in runs]
            errors = np.array([row.value - row.expected for row in rows])  # type: ignore[operator]
            assert abs(errors.mean()) < 4 * errors.std(ddof=1) / 4
            assert np.abs(errors).max() < 0.15


def test_expected_traces_know_the_brightness_of_the_picture() -> None:
    """Where the occluded corner is white and the rest grey, even a random decryption errs more there."""
    image = np.full((64, 64), 128, np.uint8)
    image[:32, :32] = 255
    rows = measure(Pad(), image, occlusion=(1 / 4,))
    auc, energy = (rows[metric, "occlusion corner", "0.25"].expected for metric in ("trace_auc", "trace_energy"))
    # P(|255 - U| > |128 - V|) = 1 - E|128 - V| / 255 = 0.75, nearly; (p - U)^2 is on average 21717.5 and 5461.5
    assert auc == pytest.approx(0.75, abs=0.02)
    assert energy == pytest.approx(21717.5 / (21717.5 + 3 * 5461.5), abs=1e-6)


def test_one_flipped_bit_ruins_a_wide_block_cipher() -> None:
    """Every pixel changes, and the PSNR is that of a random image, which is the value expected of an ideal cipher."""
    image = photograph(96, 128)
    rows = measure(Feistel(), image, bit_flips=(1,))
    psnr = rows["damaged_psnr", "bit flips", "1"]
    assert psnr.expected == random_psnr(image)
    assert psnr.value == pytest.approx(random_psnr(image), abs=0.1)
    assert value(rows, "damage_spread", "bit flips", "1") > 0.999


def test_an_authenticated_cipher_rejects() -> None:
    """All rows of all damages have no value, status ok and the message "rejected"."""
    rows = measure(TaggedPad(), occlusion=(0.25,), gaussian=(5,), jpeg=(75,))
    assert len(rows) == 2 * 7 + 2 * 2
    assert {(row.value, row.status, row.message) for row in rows.values()} == {(None, "ok", "rejected")}


def test_another_shape_has_no_mask_on_the_plaintext() -> None:
    """PSNR and spread are measured, the traces are unsupported and say why."""
    rows = measure(Expanding(), occlusion=(0.25,))
    for metric in TRACES:
        row = rows[metric, "occlusion corner", "0.25"]
        assert (row.value, row.status) == (None, "unsupported")
        assert "(96, 256, 3)" in row.message
    assert value(rows, "damaged_psnr", "occlusion corner", "0.25") > 0
    assert 0 < value(rows, "damage_spread", "occlusion corner", "0.25") < 1


def test_damage_that_is_impossible_is_unsupported() -> None:
    """JPEG of four channels is a row that says why."""
    rows = measure(Pad(), photograph(20, 20, 4), jpeg=(75,))
    assert {row.status for row in rows.values()} == {"unsupported"}
    assert "JPEG takes 1 or 3" in rows["damaged_psnr", "jpeg", "75"].message


def test_damage_without_effect_has_no_energy() -> None:
    """A cipher that ignores its ciphertext returns the plaintext: no error, energy undefined, chance-level AUC."""

    class Deaf(Pad):
        def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
            return photograph(96, 128)

    rows = measure(Deaf(), occlusion=(0.25,))
    energy = rows["trace_energy", "occlusion corner", "0.25"]
    assert (energy.value, energy.status, energy.message) == (None, "ok", "no error anywhere")
    assert value(rows, "trace_auc", "occlusion corner", "0.25") == 0.5
    assert value(rows, "damaged_psnr", "occlusion corner", "0.25") == math.inf


@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 40), (57, 63)])
def test_the_standard_levels_fit_awkward_shapes(shape: tuple[int, ...]) -> None:
    """All eight kinds at all levels give rows, and a picture of each chosen damage with its recovery."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    found = list(Robustness().measure(Experiment(Pad(), image, 1)))
    rows = [row for row in found if isinstance(row, Measurement)]
    assert {row.status for row in rows} == {"ok"}
    assert {(row.condition, row.place) for row in rows if row.place} == {("occlusion", p) for p in ("corner", "centre")}
    assert len({(row.condition, row.place, row.parameter) for row in rows}) == 8 + 3 + 3 + 5 + 4 + 3 + 3
    names = [item.name for item in found if isinstance(item, Artifact)]
    assert sorted(names) == sorted(f"{what} {v} {lv:g}" for v, lv in PICTURES for what in ("damaged", "recovered"))


def test_equal_seeds_give_equal_damage() -> None:
    """Two measurements of one experiment are the same, those of another seed are not."""
    one, two = (measure(Pad(), salt_and_pepper=(0.05,), gaussian=(5,)) for _ in range(2))
    assert one == two
    experiment = Experiment(Pad(), photograph(96, 128), 2)
    other = [
        row for row in Robustness(**(NOTHING | {"gaussian": (5.0,)})).measure(experiment)  # type: ignore[arg-type]
        if isinstance(row, Measurement)
    ]  # fmt: skip
    assert other[0].value != one["damaged_psnr", "gaussian", "5"].value
