"""Randomness: ideal toys pass at their level, biased ones fail, and what cannot be measured says so."""

import numpy as np
import pytest

from cryptobench.analyses.randomness import Randomness, sequence_rows
from cryptobench.analyses.tools.distinct import modified_images
from cryptobench.cipher import CipherError, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.metrics.randomness import battery
from tests.analyses.statistical_toys import (
    Deterministic,
    Ideal,
    Identity,
    Refusing,
    Reshaping,
    Toy,
    card,
    one,
    photograph,
    pick,
    uniform,
)
from tests.analyses.statistical_toys import rows as table_of

SOURCES = ("distinct images", "distinct keys", "flat images")
SMALL = Randomness(sequences=4, bits=4096)


class Biased(Toy):
    """Uniform bytes, one in eight of which has its lowest bit set."""

    card = card("biased", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        noise = uniform(image.shape, key, image.tobytes())
        return Encrypted(noise | (uniform(image.shape, key, image.tobytes(), b"bias") < 32).astype(np.uint8))


class Recording(Deterministic):
    """Ideal, and remembers what it was asked to encrypt."""

    card = card("recording", secret_bits=64)

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bytes, bytes, bytes | None]] = []

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        self.asked.append((image.tobytes(), key, nonce, secret))
        return Encrypted(uniform(image.shape, key, nonce, image.tobytes()), secret=b"12345678")


class Shrinking(Toy):
    """The whole image for the first one seen, a quarter of each flat one."""

    card = card("shrinking", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        flat = image.min() == image.max()
        return Encrypted(uniform(image.shape, key, image.tobytes())[: len(image) // 4 if flat else None])


def test_every_source_has_its_rows_by_nonce_mode() -> None:
    """Three sources, fresh and fixed, and AES-256-CTR beside them; one row for each number, each of them only once."""
    table = table_of(SMALL, Ideal(), photograph(33, 47, 3))
    names = [(row.metric, row.part, row.statistic, row.condition, row.nonce) for row in table]
    assert len(set(names)) == len(names)
    by_source = {name[3:] for name in names}
    assert by_source == {(s, n) for s in SOURCES for n in ("fresh", "fixed")} | {("AES-256-CTR", "")}
    sizes = {source: sum(name[3:] == source for name in names) for source in by_source}
    assert len(set(sizes.values())) == 1
    assert all(row.status == "ok" and row.channel == "all" and row.trial is None for row in table)


def test_the_reference_depends_on_the_seed_alone() -> None:
    """AES's rows are the same beside every cipher and image, without p-value and verdict."""
    reference = [
        rows_of_aes(table_of(SMALL, toy, image, 5)) for toy, image in ((Ideal(), photo()), (Deterministic(), grey()))
    ]
    assert reference[0] == reference[1]
    assert reference[0] != rows_of_aes(table_of(SMALL, Ideal(), photo(), 6))
    assert {(row.verdict, row.p_value) for row in reference[0]} == {("none", None)}
    assert one(reference[0], "ent_entropy").value == pytest.approx(8, abs=0.2)


def photo() -> Image:
    return photograph(33, 47, 3)


def grey() -> Image:
    return photograph(32, 48)


def rows_of_aes(table):
    return [row for row in table if row.condition == "AES-256-CTR"]


def test_an_ideal_cipher_fails_at_its_level() -> None:
    """Over 60 seeds each verdict of an ideal cipher fails at most about one time in twenty."""
    analysis = Randomness(sequences=6, bits=8192)
    tables = [table_of(analysis, Deterministic(), grey(), seed) for seed in range(60)]
    found = [row for table in tables for row in table if row.verdict != "none"]
    for metric in sorted({row.metric for row in found}):
        verdicts = [row.verdict for row in found if row.metric == metric]
        limit = 0.05 * len(verdicts) + 4.5 * (0.05 * 0.95 * len(verdicts) * 2) ** 0.5
        assert verdicts.count("fail") <= limit, metric
    judged = [row.verdict for row in found if row.metric == "sp800_22_corrected_adjusted"]
    assert len(judged) == 180
    assert judged.count("fail") <= 20  # 9 at most on average; 20 one time in 10^4


def test_a_biased_cipher_fails_where_its_bias_shows() -> None:
    """A bit that leans to one fails the battery, bit plane 0 and the mean, from every source; plane 7 passes."""
    table = table_of(Randomness(sequences=10, bits=100_000), Biased(), photograph(128, 128))
    for source in SOURCES:
        assert one(table, "sp800_22_corrected_adjusted", condition=source).verdict == "fail"
        assert one(table, "sp800_22_adjusted", condition=source).verdict == "fail"
        frequency = one(table, "sp800_22_proportion", condition=source, part="frequency")
        assert (frequency.value, frequency.verdict) == (0.0, "fail")
        assert one(table, "bit_plane", condition=source, part="0").value == pytest.approx(0.5625, abs=0.01)
        assert one(table, "bit_plane", condition=source, part="0").verdict == "fail"
        assert one(table, "bit_plane", condition=source, part="7").p_value > 1e-4
        rejected = one(table, "sp800_22_rejected", condition=source)
        assert rejected.value > 2 * rejected.expected


def test_the_identity_fails_everything_on_flat_images() -> None:
    """Flat ciphertexts have no entropy: the byte statistics fail."""
    table = table_of(Randomness(sequences=60, bits=8192), Identity(), photo())
    for metric in ("sp800_22_adjusted", "ent_entropy", "ent_chi_square", "ent_serial_correlation"):
        assert one(table, metric, condition="flat images").verdict == "fail"
    assert one(table, "sp800_22_uniformity", condition="flat images", part="frequency").verdict == "fail"


def test_sources_vary_image_or_key_modes_the_nonce() -> None:
    """Distinct images and flat images keep the key, distinct keys the image; fixed keeps nonce and secret."""
    cipher = Recording()
    experiment = Experiment(cipher, photo(), 3)
    assert experiment.ciphertext.image.size
    assert not len(experiment.constant_places)  # from a few encryptions of its own
    first = cipher.asked[0]
    cipher.asked.clear()
    list(SMALL.measure(experiment))
    asked = cipher.asked
    assert len(asked) == 6 * SMALL.sequences
    parts = [asked[i : i + SMALL.sequences] for i in range(0, len(asked), SMALL.sequences)]
    for number, part in enumerate(parts):
        images, keys, nonces, secrets = (len(set(column)) for column in zip(*part, strict=True))
        assert (images, keys) == ((1, 4) if number % 3 == 1 else (4, 1))
        assert nonces == (4 if number < 3 else 1)
        assert secrets == 1
        assert part[0][3] == (None if number < 3 else b"12345678")
        assert (part[0][2] == first[2]) == (number >= 3)
    for flat in parts[2]:
        pixels = np.frombuffer(flat[0], np.uint8).reshape(-1, 3)
        assert (pixels == pixels[0]).all()


def test_sequences_are_windows_that_move_through_the_ciphertext() -> None:
    """Of 3 sequences the first is the ciphertext's start, the last its end, the second its middle."""
    noise = [np.random.default_rng(i).integers(0, 256, (10, 10), dtype=np.uint8) for i in range(3)]
    cut = list(Randomness(sequences=3, bits=160)._cut(iter(noise)))
    assert [c.tolist() for c in cut] == [
        n.ravel()[o : o + 20].tolist() for n, o in zip(noise, (0, 40, 80), strict=True)
    ]


def test_small_ciphertexts_are_joined() -> None:
    """A sequence longer than a ciphertext takes the next ones too, none of them twice."""
    noise = [np.random.default_rng(i).integers(0, 256, (5, 2, 1), dtype=np.uint8) for i in range(6)]
    first, second = Randomness(sequences=2, bits=200)._cut(iter(noise))
    stream = np.concatenate([n.ravel() for n in noise])
    assert first.tolist() == stream[:25].tolist()
    assert second.tolist() == stream[35:60].tolist()


def test_proportions_are_those_of_the_batteries() -> None:
    """The lowest share of accepted sequences of a test follows from the p-values of the sequences themselves."""
    analysis = Randomness(sequences=12, bits=8192)
    table = table_of(analysis, Identity(), photo(), 2)
    experiment = Experiment(Identity(), photo(), 2)
    images = modified_images(photo(), experiment.generator("randomness images"))
    spare = photo().size - 1024
    windows = [next(images).ravel()[spare * i // 11 :][:1024].copy() for i in range(12)]
    p_values = [battery(window).p_values() for window in windows]
    for test in ("frequency", "runs", "serial"):
        names = [name for name in p_values[0] if name.split()[0] == test]
        lowest = min(np.mean([p[name] >= 0.01 for p in p_values]) for name in names)
        row = one(table, "sp800_22_proportion", condition="distinct images", part=test, statistic="")
        assert row.value == pytest.approx(lowest)


def test_the_message_names_tests_without_long_sequences() -> None:
    """Excursions, which take enough returns to zero, are missed only where every sequence lacks them."""
    noise = list(np.random.default_rng(2).integers(0, 256, (6, 125_000), dtype=np.uint8))
    lacking = [bits for bits in noise if "random_excursions" in battery(bits).skipped]
    assert 0 < len(lacking) < 6
    for sequences, said in ((noise, ""), (lacking, "; too short for random_excursions, random_excursions_variant")):
        row = one(list(sequence_rows(sequences, 0.05)), "sp800_22_rejected")
        assert row.message.partition("takes 55 sequences")[2] == said


def test_short_sequences_of_an_ideal_source_pass() -> None:
    """1000 sequences of 128 bits: every verdict passes, P_T stays in its row, and what is not judged says why."""
    noise = np.random.default_rng(11).integers(0, 256, (1000, 16), dtype=np.uint8)
    table = list(sequence_rows(list(noise), 0.01))
    assert one(table, "sp800_22_adjusted").verdict == "pass"
    assert "serial: proportion and uniformity not judged" in one(table, "sp800_22_adjusted").message
    frequency = one(table, "sp800_22_uniformity", part="frequency", statistic="")
    assert frequency.value < 1e-10
    assert frequency.p_value > 0.01
    serial = one(table, "sp800_22_uniformity", part="serial", statistic="")
    assert (serial.verdict, serial.p_value) == ("none", None)
    assert serial.message.startswith("serial: proportion and uniformity not judged, its p-values on 128 bits")


def test_expected_rejections_are_binomial() -> None:
    """At 60 sequences the standard's interval rejects three failures and more: 2.24 % of statistics (SciPy's tail)."""
    from scipy.stats import binom

    table = table_of(Randomness(sequences=60, bits=2048), Deterministic(), grey())
    row = one(table, "sp800_22_rejected", condition="flat images")
    count = int(row.message.split(", ")[1].split()[0])
    chance = binom.sf(2, 60, 0.01)
    assert row.expected == pytest.approx(count * (chance + (1 - chance) * 1e-4), rel=1e-9)
    assert "too short for" in row.message


@pytest.mark.parametrize(
    ("shape", "bits", "said"),
    [
        ((16, 16), 1_000_000, "takes 489 ciphertexts of 256 bytes, wanted at most 64"),
        ((1, 40), 320, "an image of 40 samples has too few distinct forms"),
        ((1, 1), 128, "has too few distinct forms"),
    ],
)
def test_too_small_images_are_unsupported(shape, bits, said) -> None:
    """One row says what is wanted."""
    (row,) = table_of(Randomness(sequences=3, bits=bits), Deterministic(), photograph(*shape))
    assert (row.status, row.value) == ("unsupported", None)
    assert said in row.message


def test_too_few_flat_images_are_unsupported_alone() -> None:
    """Grey has 256 flat images: more are not to be had, and the other sources are measured all the same."""
    table = table_of(Randomness(sequences=300, bits=256), Deterministic(), grey())
    (row,) = [row for row in table if row.status != "ok"]
    assert (row.condition, row.status) == ("flat images", "unsupported")
    assert "300 distinct flat images are needed, there are 256" in row.message
    assert pick(table, "ent_entropy", condition="distinct keys")


def test_ciphertexts_of_any_size_serve() -> None:
    """A cipher image of another shape is cut like any other; one that shrinks too far for its source is unsupported."""
    assert pick(table_of(SMALL, Reshaping(), photo()), "ent_mean", condition="flat images", nonce="fixed")
    table = table_of(Randomness(sequences=200, bits=8 * 1536), Shrinking(), grey())
    (row,) = [row for row in table if row.status != "ok"]
    assert (row.condition, row.status) == ("flat images", "unsupported")
    assert "too few distinct images" in row.message


def test_a_refusal_is_a_failed_row() -> None:
    """A cipher that refuses some keys has failed rows for the sources that meet them, with its message."""
    table = next(
        table_of(SMALL, Refusing(), photo(), seed)
        for seed in range(20)
        if Experiment(Refusing(), photo(), seed).key[0] % 2 == 0
    )
    failed = [row for row in table if row.status == "failed"]
    assert {row.condition for row in failed} == {"distinct keys"}
    assert all("the key is odd" in row.message for row in failed)
    odd = next(seed for seed in range(20) if Experiment(Refusing(), photo(), seed).key[0] % 2)
    with pytest.raises(CipherError):
        table_of(SMALL, Refusing(), photo(), odd)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"sequences": 0}, "sequences is 0, wanted at least 1"),
        ({"bits": 1001}, "multiple of 8"),
        ({"bits": 64}, "from 128 to 100000000"),
        ({"bits": 800_000_000}, "from 128 to 100000000"),
    ],
)
def test_wrong_parameters_are_refused(parameters, said) -> None:
    """The error names what was given and what is wanted."""
    with pytest.raises(ValueError, match=said):
        Randomness(**parameters)
