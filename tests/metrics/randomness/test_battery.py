"""Limits, errors, planted defects, and the battery as a whole."""

import subprocess
import sys
from functools import lru_cache

import numpy as np
import pytest

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness import SequenceError, TooShort

MEGABIT = 125_000  # bytes

# The fewest bits that each test takes, by the standard (or, of the templates, five expected occurrences in a block).
FEWEST = {
    "frequency": 100,
    "block_frequency": 100,
    "runs": 100,
    "longest_run": 128,
    "rank": 38_912,
    "spectral": 1000,
    "non_overlapping_template": 20_544,
    "overlapping_template": 1_000_000,
    "universal": 387_840,
    "linear_complexity": 1_000_000,
    "serial": 64,
    "approximate_entropy": 128,
    "cumulative_sums": 100,
    "random_excursions": 1_000_000,
    "random_excursions_variant": 1_000_000,
}


@pytest.fixture(scope="module")
def megabit() -> np.ndarray:
    """A random megabit whose walk has enough cycles."""
    return np.random.default_rng(1).integers(0, 256, MEGABIT, dtype=np.uint8)


@pytest.mark.parametrize(("test", "fewest"), FEWEST.items())
def test_each_test_has_its_limit(test, fewest, megabit) -> None:
    """One bit below, the test names itself and what it needs; at the limit it runs."""
    with pytest.raises(TooShort, match=rf"^{test} needs at least {fewest}, not {fewest - 1} bits; use a longer"):
        getattr(randomness, test)(megabit, fewest - 1)
    assert getattr(randomness, test)(megabit, fewest).p_values.size


def test_too_few_cycles_are_named() -> None:
    """A long walk with few cycles has no excursions test, and the battery says why."""
    packed = np.full(MEGABIT, 0b11110110, np.uint8)
    with pytest.raises(TooShort, match="random_excursions needs at least 500 cycles, this walk of 1000000 bits has 1;"):
        randomness.random_excursions(packed)
    assert "500 cycles" in randomness.battery(packed).skipped["random_excursions_variant"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda bits: randomness.block_frequency(bits, block=19), "blocks of 20 to 1000000 bits, not 19"),
        (lambda bits: randomness.rank(bits, side=33), "2 to 32 rows, not 33"),
        (lambda bits: randomness.non_overlapping_template(bits, width=17), "2 to 16 bits and 1 to 100 blocks"),
        (lambda bits: randomness.overlapping_template(bits, width=65), "2 to 64 ones, not 65"),
        (lambda bits: randomness.universal(bits, block=5), "blocks of 6 to 16 bits, not 5"),
        (lambda bits: randomness.universal(bits, block=16), "at least 20971520, not 1000000"),
        (lambda bits: randomness.linear_complexity(bits, block=499), "500 to 5000 bits, not 499"),
        (lambda bits: randomness.serial(bits, width=17), "patterns of 3 to 16 bits, not 17"),
        (lambda bits: randomness.approximate_entropy(bits, width=14), "patterns of 1 to 13 bits, not 14"),
        (lambda bits: randomness.spectral(bits, variant="mended"), "'standard' or 'corrected', not 'mended'"),
    ],
)
def test_parameters_outside_the_limits_are_refused(call, said, megabit) -> None:
    """One line names the parameter's range and what was given."""
    with pytest.raises(SequenceError, match=said):
        call(megabit)


def test_short_sequences_get_no_verdict() -> None:
    """Below every limit the battery has no outcome, a reason for each test, and the verdict none."""
    found = randomness.battery(b"short")
    assert found.verdict() == "none"
    assert set(found.skipped) == set(randomness.TESTS) == set(FEWEST)
    assert not found.p_values()


def test_single_tests_and_battery_agree(megabit) -> None:
    """What the battery computes in shared passes each test gives alone."""
    found = randomness.battery(megabit)
    for test, outcome in found.standard.items():
        assert (randomness.TESTS[test](megabit).p_values == outcome.p_values).all(), test
    for test, outcome in found.corrected.items():
        assert outcome.variant == "corrected"
        assert randomness.CORRECTED[test](megabit, variant="corrected").p_value == outcome.p_value
        assert outcome.p_value != found.standard[test].p_value


def test_other_parameters_after_a_shared_pass(megabit) -> None:
    """A prepared sequence gives any later question the answer of a fresh one."""
    bits = randomness.as_bits(megabit)
    for width in (16, 9, 3, 14):
        assert randomness.serial(bits, width=width).p_values == pytest.approx(
            randomness.serial(megabit, width=width).p_values
        )
    for block in (500, 1000, 500):
        assert randomness.linear_complexity(bits, block=block).p_value == pytest.approx(
            randomness.linear_complexity(megabit, block=block).p_value
        )
    for width, blocks in ((9, 8), (10, 8), (9, 4)):
        one = randomness.non_overlapping_template(bits, width=width, blocks=blocks)
        other = randomness.non_overlapping_template(megabit, width=width, blocks=blocks)
        assert (one.p_values == other.p_values).all()


def test_threads_change_nothing(megabit) -> None:
    """Several workers give the same p-values in the same order."""
    sequences = [np.roll(megabit, shift)[:30_000] for shift in range(6)]
    one, two = randomness.batteries(sequences), randomness.batteries(sequences, workers=2)
    assert [found.p_values() for found in one] == [found.p_values() for found in two]


@lru_cache(maxsize=1)
def defects() -> dict[str, tuple[str, np.ndarray]]:
    """Planted defects: the test that is there to find each, and the bits."""
    generator = np.random.default_rng(2)
    n = 8 * MEGABIT
    uniform = generator.integers(0, 2, n, dtype=np.uint8)

    biased = (generator.random(n) < 0.503).astype(np.uint8)
    patchy = (generator.random(n) < np.repeat(generator.choice([0.45, 0.55], n // 128 + 1), 128)[:n]).astype(np.uint8)
    sticky = np.cumsum(generator.random(n) < 0.497).astype(np.uint8) & 1
    broken_runs = uniform.copy()
    for run in range(9, n, 10):  # no run of ones reaches ten
        broken_runs[run] = 0
    matrices = uniform[: n // 1024 * 1024].reshape(-1, 32, 32).copy()
    matrices[:, 5] = matrices[:, 3] ^ matrices[:, 4]
    low_rank = np.concatenate([matrices.ravel(), uniform[matrices.size :]])
    echo = uniform.copy()
    echo[1000:] = np.where(generator.random(n - 1000) < 0.3, echo[:-1000], echo[1000:])
    register = np.zeros(n, np.uint8)
    register[:89] = uniform[:89]
    for k in range(89, n, 38):  # x^89 + x^38 + 1
        register[k : k + 38] = register[k - 89 : k - 89 + 38][: n - k] ^ register[k - 38 : k][: n - k]
    templates = uniform.copy()
    for start in range(0, n - 9, 2000):
        templates[start : start + 9] = [0, 0, 0, 0, 0, 0, 0, 0, 1]
    ones = uniform.copy()
    for start in range(0, n - 40, 4000):
        ones[start : start + 13] = 1
    chained = uniform.copy()
    chained[15::16] = chained[0 : n - 15 : 16]
    drifting = uniform.copy()
    drifting[: n // 4] |= (generator.random(n // 4) < 0.03).astype(np.uint8)
    drifting[n // 4 : n // 2] &= (generator.random(n // 4) >= 0.03).astype(np.uint8)
    return {
        "biased": ("frequency", biased),
        "patchy": ("block_frequency", patchy),
        "sticky": ("runs", sticky),
        "no long runs": ("longest_run", broken_runs),
        "dependent rows": ("rank", low_rank),
        "echo": ("spectral", echo),
        "shift register": ("linear_complexity", register),
        "planted template": ("non_overlapping_template", templates),
        "planted ones": ("overlapping_template", ones),
        "copied bit": ("serial", chained),
        "drift": ("cumulative_sums", drifting),
    }


DEFECTS = (
    "biased",
    "patchy",
    "sticky",
    "no long runs",
    "dependent rows",
    "echo",
    "shift register",
    "planted template",
    "planted ones",
    "copied bit",
    "drift",
)


@pytest.mark.parametrize("defect", DEFECTS)
def test_planted_defects_are_found(defect) -> None:
    """Each defect fails the test that is there for it, in a battery that fails."""
    test, bits = defects()[defect]
    found = randomness.battery(np.packbits(bits))
    assert found.standard[test].verdict() == "fail"
    assert found.standard[test].p_value < 1e-6
    assert found.verdict() == "fail"
    assert found.verdict("corrected") == "fail"


def test_compressible_blocks_are_found() -> None:
    """Blocks that return sooner than chance would have it fail the universal test."""
    generator = np.random.default_rng(4)
    blocks = generator.integers(0, 128, 142_857, dtype=np.uint8)
    again = generator.random(blocks.size) < 0.02
    again[:5] = False
    blocks[again] = blocks[np.flatnonzero(again) - 5]
    bits = np.unpackbits(blocks[:, None], axis=1)[:, 1:].ravel()
    assert randomness.universal(np.packbits(bits), bits.size).p_value < 1e-6


def test_excess_visits_are_found() -> None:
    """A walk that is drawn to zero has the wrong number of visits to the states around it."""
    generator = np.random.default_rng(5)
    draws, walk, bits = generator.random(1_000_000), 0, np.empty(1_000_000, np.uint8)
    for i, draw in enumerate(draws):
        bits[i] = draw < (0.5 if abs(walk) < 2 else 0.45 if walk > 0 else 0.55)
        walk += 1 if bits[i] else -1
    packed = np.packbits(bits)
    assert randomness.random_excursions(packed).p_value < 1e-6
    assert randomness.random_excursions_variant(packed).p_value < 1e-6


def test_metrics_do_not_import_the_battery() -> None:
    """`import cryptobench.metrics` leaves the battery alone."""
    script = "import sys, cryptobench.metrics; print([m for m in sys.modules if 'randomness' in m])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unpacked_bits_are_warned_about() -> None:
    """Samples that are all 0 or 1 are 8 bits each, with a warning; bits=True takes one bit of each, as packed ones."""
    bits = np.random.default_rng(9).integers(0, 2, 4001, dtype=np.uint8)
    for samples in (bits, bits.tobytes()):
        with pytest.warns(UserWarning, match="each is taken as 8 bits; use bits=True"):
            assert randomness.battery(samples).n == 8 * 4001
    expected = randomness.battery(np.packbits(bits), 4001).p_values()
    for samples in (bits, bits.astype(bool), bits.astype(np.int64), bits.tobytes()):
        found = randomness.battery(samples, bits=True)
        assert found.n == 4001
        assert found.p_values() == expected
    assert (
        randomness.battery(bits, 1000, bits=True).p_values() == randomness.battery(np.packbits(bits), 1000).p_values()
    )


@pytest.mark.filterwarnings("error")
def test_only_samples_of_zero_and_one_warn() -> None:
    """Bytes with other values, packed bits and many sequences at once say nothing."""
    noise = np.random.default_rng(10).integers(0, 256, 100, dtype=np.uint8)
    randomness.battery(noise)
    randomness.battery(randomness.as_bits(noise & 1))
    randomness.batteries([noise & 1])


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.array([0, 1, 2], np.uint8), "values 0 and 1, not 2; leave it out for packed bytes"),
        (np.array([0, -1]), "takes values 0 and 1, not -1"),
        (np.zeros((2, 2), np.uint8), "not uint8 of shape \\(2, 2\\); use array.ravel"),
        (np.zeros(4), "not float64 of shape"),
        (b"", "0 samples hold as many bits"),
    ],
)
def test_what_are_no_bits_is_refused(samples, said) -> None:
    """bits=True wants whole numbers 0 and 1 in one dimension."""
    with pytest.raises(SequenceError, match=said):
        randomness.battery(samples, bits=True)
