"""Timing: complete rows, consistent numbers, and nothing cut silently; no assertion on absolute times."""

import time

import numpy as np
import pytest

from cryptobench.analyses.timing import Timing, fitted_exponent, tiled
from cryptobench.cipher import Cipher, Encrypted, Image, stage
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.analyses.keyed_toys import Pad, PickyPad, photograph

QUICK = {"runs": 5, "warmups": 1, "sides": (24, 48, 96), "scaling_runs": 3}
Rows = dict[tuple[str, str, str], Measurement]


class Staged(Pad):
    """Marks two stages, one of which sleeps."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("nap"):
            time.sleep(0.002)
        with stage("pad"):
            return super().encrypt(image, key, nonce)


class Hungry(Pad):
    """Needs a megabyte for each of the pad's 48 rows."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        rows = np.ones((image.shape[0], 2**20), np.uint8)
        return super().encrypt(image ^ (rows[0, 0] - 1), key, nonce)


def measure(cipher: Cipher, **parameters: object) -> Rows:
    found = Timing(**(QUICK | parameters)).measure(Experiment(cipher, photograph(), 1))  # type: ignore[arg-type]
    return {(row.metric, row.variant, row.direction): row for row in found}


def value(rows: Rows, metric: str, variant: str = "", direction: str = "") -> float:
    number = rows[metric, variant, direction].value
    assert number is not None
    return number


@pytest.fixture(scope="module")
def pad() -> Rows:
    return measure(Pad())


def test_times_come_with_quartiles(pad: Rows) -> None:
    """Each time, whole and by side, has 0 < q25 <= median <= q75, in seconds."""
    whole = [(f"{name}_time", "") for name in ("key_setup", "encrypt", "decrypt", "reference")]
    scaled = [(f"{name}_time", str(side)) for name in ("encrypt", "decrypt") for side in (24, 48, 96)]
    for metric, direction in whole + scaled:
        low, middle, high = (value(pad, metric, variant, direction) for variant in ("q25", "median", "q75"))
        assert 0 < low <= middle <= high
        assert pad[metric, "median", direction].unit == "s"
        assert "budget" not in pad[metric, "median", direction].message


def test_throughput_and_ratio_follow_from_the_medians(pad: Rows) -> None:
    """MB/s is 9216 plaintext bytes over the median time; the ratio is to AES-256-CTR's median."""
    for name in ("encrypt", "decrypt"):
        median = value(pad, f"{name}_time", "median")
        assert value(pad, f"{name}_throughput") == pytest.approx(9216 / median / 1e6)
        assert value(pad, f"{name}_ratio") == pytest.approx(median / value(pad, "reference_time", "median"))


def test_the_fitted_exponent_is_that_of_the_medians(pad: Rows) -> None:
    """The exponent row agrees with numpy's fit of log time against log samples."""
    sizes = np.array([24, 48, 96]) ** 2 * 3
    times = [value(pad, "encrypt_time", "median", str(side)) for side in (24, 48, 96)]
    slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    assert value(pad, "encrypt_exponent") == pytest.approx(slope)


def test_the_smallest_image_is_named(pad: Rows) -> None:
    """Key set-up is timed on 1x1 pixels, or on the first size that the cipher takes."""
    assert pad["key_setup_time", "median", ""].message == "1x1 pixels"


def test_stages_are_timed_by_name() -> None:
    """A stage that sleeps for 2 ms takes most of the time; a cipher without stages has no such row."""
    rows = measure(Staged())
    assert value(rows, "stage_time", "nap") >= 0.002
    assert value(rows, "stage_time", "nap") > value(rows, "stage_time", "pad")
    assert value(rows, "key_setup_time", "median") >= 0.002


def test_no_stage_no_row(pad: Rows) -> None:
    """A cipher that marks no stage has no stage_time."""
    assert not [key for key in pad if key[0] == "stage_time"]


def test_a_spent_budget_is_said() -> None:
    """Without time, one of five runs is made and larger sides are left out, each with a message."""
    rows = measure(Staged(), budget=0.0)
    assert rows["encrypt_time", "median", ""].message == "1 of 5 runs: time budget of 0 s"
    assert rows["encrypt_ratio", "", ""].message == "1 of 5 runs: time budget of 0 s"
    skipped = rows["encrypt_time", "median", "96"]
    assert (skipped.value, skipped.status, skipped.message) == (None, "ok", "not measured: time budget of 0 s")
    assert rows["encrypt_exponent", "", ""].value is None
    assert rows["stage_time", "nap", ""].message == "1 of 3 runs: time budget of 0 s"


def test_a_size_that_the_cipher_refuses_is_unsupported() -> None:
    """The picky toy refuses a side of 40 and is timed on 24 and 48."""
    found = Timing(**(QUICK | {"sides": (24, 40, 48)})).measure(  # type: ignore[arg-type]
        Experiment(PickyPad(), photograph(48, 72), 1)
    )
    rows = {(row.metric, row.variant, row.direction): row for row in found}
    refused = rows["decrypt_time", "median", "40"]
    assert (refused.value, refused.status) == (None, "unsupported")
    assert "wanted sides divisible by 24" in refused.message
    assert rows["encrypt_exponent", "", ""].message == "2 sizes"
    assert rows["key_setup_time", "median", ""].message == "48x72 pixels"


def test_peak_memory_sees_a_hungry_cipher(pad: Rows) -> None:
    """48 MB held during encryption are counted, and a plain pad needs far less."""
    assert value(measure(Hungry()), "peak_memory") == pytest.approx(48 * 2**20, rel=0.1)
    assert value(pad, "peak_memory") < 2**20


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.3])
def test_the_exponent_of_a_power_law_is_found(exponent: float) -> None:
    """Times 3e-9 N^k give k; one size gives nothing."""
    sizes = [100, 1000, 5000]
    assert fitted_exponent(sizes, [3e-9 * n**exponent for n in sizes]) == pytest.approx(exponent)
    assert fitted_exponent([100], [1.0]) is None


@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 9), (300, 20, 1)])
@pytest.mark.parametrize("side", [5, 64])
def test_tiling_repeats_and_cuts(shape: tuple[int, ...], side: int) -> None:
    """Pixel (r, c) of the tiled image is pixel (r mod H, c mod W), with the same channels."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    rows, columns = np.mgrid[:side, :side]
    assert np.array_equal(tiled(image, side), image[rows % shape[0], columns % shape[1]])
