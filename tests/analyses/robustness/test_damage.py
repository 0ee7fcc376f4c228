"""Damages: the right share of the image, the right kind, and nothing else."""

import numpy as np
import pytest

from cryptobench.analyses.robustness.damage import DAMAGES, PLACED, CannotDamage, damage

LEVELS = {
    "occlusion corner": 0.25, "occlusion centre": 0.25, "lost rows": 0.125, "bit flips": 10, "salt and pepper": 0.05,
    "gaussian": 5, "speckle": 0.05, "jpeg": 75,
}  # fmt: skip


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(1, 255, shape, dtype=np.uint8)


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("shape", [(257, 263), (33, 47, 3), (1, 40), (16, 16, 1)])
def test_every_damage_takes_awkward_shapes(kind: str, shape: tuple[int, ...]) -> None:
    """The shape stays, the input is not modified, the same generator gives the same damage, and something changes."""
    image = noise(*shape)
    image.flags.writeable = False
    one, two = (damage(kind, LEVELS[kind], image, np.random.default_rng(1)) for _ in range(2))
    assert one.image.shape == shape
    assert one.image.dtype == np.uint8
    assert np.array_equal(one.image, two.image)
    assert not np.array_equal(one.image, image)


@pytest.mark.parametrize("kind", PLACED)
@pytest.mark.parametrize("shape", [(64, 64), (33, 47, 3), (1, 40)])
def test_the_mask_holds_all_damage(kind: str, shape: tuple[int, ...]) -> None:
    """Outside the mask nothing changes; inside, every pixel does (the image has no sample of 0)."""
    image = noise(*shape)
    damaged = damage(kind, LEVELS[kind], image, np.random.default_rng(1))
    changed = damaged.image != image
    assert damaged.mask is not None
    assert np.array_equal(damaged.mask, changed.any(axis=2) if image.ndim == 3 else changed)


@pytest.mark.parametrize("kind", [kind for kind in DAMAGES if kind not in PLACED])
def test_noise_has_no_place(kind: str) -> None:
    """Damage all over the image comes without a mask."""
    assert damage(kind, LEVELS[kind], noise(16, 16), np.random.default_rng(1)).mask is None


@pytest.mark.parametrize("share", [1 / 64, 1 / 16, 1 / 4, 1 / 2])
@pytest.mark.parametrize("place", ["corner", "centre"])
def test_occlusion_zeroes_its_share_of_the_area(share: float, place: str) -> None:
    """The zeroed rectangle has the asked area within half a column, the image's aspect ratio, and its place."""
    image = noise(256, 192, 3)
    damaged = damage(f"occlusion {place}", share, image, np.random.default_rng(1))
    rows, columns = (np.flatnonzero(damaged.mask.any(axis=axis)) for axis in (1, 0))  # type: ignore[union-attr]
    area = rows.size * columns.size
    assert abs(area - share * 256 * 192) <= 0.5 * rows.size
    assert rows.size / columns.size == pytest.approx(256 / 192, rel=0.02)
    assert np.all(damaged.image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] == 0)
    assert np.count_nonzero(damaged.image == 0) == 3 * area
    if place == "corner":
        assert (rows[0], columns[0]) == (0, 0)
    else:
        assert abs(rows[0] - (255 - rows[-1])) <= 1
        assert abs(columns[0] - (191 - columns[-1])) <= 1


@pytest.mark.parametrize(("share", "rows"), [(1 / 256, 1), (1 / 32, 8), (1e-6, 1), (1, 256)])
def test_whole_rows_are_lost(share: float, rows: int) -> None:
    """A share of the rows, at least one, is zeroed."""
    damaged = damage("lost rows", share, noise(256, 30), np.random.default_rng(1))
    assert np.count_nonzero((damaged.image == 0).all(axis=1)) == rows
    assert np.count_nonzero(damaged.image == 0) == rows * 30


@pytest.mark.parametrize("flips", [1, 10, 100, 800])
def test_exactly_so_many_bits_are_flipped(flips: int) -> None:
    """The Hamming distance is the level."""
    image = noise(10, 10)
    damaged = damage("bit flips", flips, image, np.random.default_rng(1)).image
    assert np.unpackbits(damaged ^ image).sum() == flips


def test_salt_and_pepper_changes_its_share_evenly() -> None:
    """A tenth of the samples becomes 0 or 255, about half of them each."""
    image = noise(200, 200)
    damaged = damage("salt and pepper", 0.1, image, np.random.default_rng(1)).image
    salt, pepper = np.count_nonzero(damaged == 255), np.count_nonzero(damaged == 0)
    assert salt + pepper == np.count_nonzero(damaged != image) == 4000
    assert abs(salt - 2000) < 4 * np.sqrt(1000)


def test_gaussian_noise_has_its_deviation_in_grey_levels() -> None:
    """On mid-grey, the error has mean 0 and standard deviation 10 (rounding adds 1/12 to the variance)."""
    error = damage("gaussian", 10, np.full((400, 400), 128, np.uint8), np.random.default_rng(1)).image - 128.0
    assert abs(error.mean()) < 4 * 10 / 400
    assert error.std() == pytest.approx(np.sqrt(100 + 1 / 12), rel=0.01)


def test_speckle_grows_with_the_sample() -> None:
    """The error's standard deviation is 0.05 times the sample, and black stays black."""
    for level in (60, 120):
        error = damage("speckle", 0.05, np.full((400, 400), level, np.uint8), np.random.default_rng(1)).image - level
        assert (error.astype(np.int8)).std() == pytest.approx(np.sqrt((0.05 * level) ** 2 + 1 / 12), rel=0.01)
    assert not damage("speckle", 0.5, np.zeros((9, 9), np.uint8), np.random.default_rng(1)).image.any()


def test_noise_is_clipped() -> None:
    """Noise does not wrap around from 255 to 0."""
    white = damage("gaussian", 5, np.full((50, 50), 255, np.uint8), np.random.default_rng(1)).image
    assert white.min() > 200


def test_jpeg_does_not_subsample_chroma() -> None:
    """At quality 100 even a noise image of three channels comes back within a few grey levels on average."""
    image = noise(64, 64, 3)
    error = np.abs(damage("jpeg", 100, image, np.random.default_rng(1)).image.astype(int) - image)
    assert 0 < error.mean() < 3


@pytest.mark.parametrize("channels", [2, 4])
def test_jpeg_refuses_other_channel_counts(channels: int) -> None:
    """JPEG takes 1 or 3 channels, and the message says so."""
    with pytest.raises(CannotDamage, match=f"has {channels} channels, JPEG takes 1 or 3"):
        damage("jpeg", 75, noise(8, 8, channels), np.random.default_rng(1))


def test_more_bits_than_there_are_cannot_be_flipped() -> None:
    """An image of 8 bits cannot lose 10."""
    with pytest.raises(CannotDamage, match="10 bits cannot be flipped in a cipher image of 8 bits"):
        damage("bit flips", 10, noise(1, 1), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("kind", "level"),
    [("occlusion corner", 0), ("occlusion centre", 1.5), ("lost rows", -1), ("salt and pepper", 2), ("bit flips", 0.5),
     ("jpeg", 0), ("jpeg", 101), ("fire", 1)],
)  # fmt: skip
def test_a_level_out_of_range_is_refused(kind: str, level: float) -> None:
    """The error says what is wanted."""
    with pytest.raises(ValueError, match="wanted"):
        damage(kind, level, noise(8, 8), np.random.default_rng(1))
