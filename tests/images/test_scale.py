import numpy as np
import pytest

from cryptobench.images import ImageError
from cryptobench.images.scale import centre_square, fit_longer_side, fit_shorter_side, require_size, resized


def stripes(side):
    """Columns alternating 0 and 255: the finest pattern there is."""
    return np.tile(np.array([0, 255], np.uint8), (side, side // 2))


def test_anti_aliasing():
    """Stripes too fine for the small size become the mean grey, not stripes of another width."""
    small = resized(stripes(256), 32, 32)
    assert np.abs(small.astype(int) - 127.5).max() < 4


@pytest.mark.parametrize("value", [0, 1, 127, 128, 254, 255])
@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 9), (257, 263)])
def test_flat_stays_flat(value, shape):
    """A flat image keeps its value exactly at every size: rounding adds no bias."""
    image = np.full(shape, value, np.uint8)
    for size in ((5, 7), (64, 64), (1, 1)):
        assert (resized(image, *size) == value).all()


def test_same_size_is_untouched():
    """An image that has the size already keeps every pixel."""
    image = np.random.default_rng(1).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resized(image, 33, 47), image)


def test_centre_square():
    """The square is the middle, by hand: columns 2 to 4 of 7, and 1 of 4 rows is cut below."""
    image = np.arange(21, dtype=np.uint8).reshape(3, 7)
    np.testing.assert_array_equal(centre_square(image), image[:, 2:5])
    assert centre_square(np.zeros((4, 3, 3), np.uint8)).shape == (3, 3, 3)


@pytest.mark.parametrize(
    ("shape", "size", "wanted"),
    [((100, 200), 50, (25, 50)), ((200, 100, 3), 50, (50, 25, 3)), ((30, 20), 50, (30, 20)), ((1, 1000), 10, (1, 10))],
)
def test_longer_side(shape, size, wanted):
    """The longer side becomes the size with the aspect kept; nothing is enlarged and no side vanishes."""
    assert fit_longer_side(np.zeros(shape, np.uint8), size).shape == wanted


def test_shorter_side():
    """The shorter side becomes the size, larger than it was too."""
    assert fit_shorter_side(np.zeros((40, 60), np.uint8), 80).shape == (80, 120)


@pytest.mark.parametrize("size", [0, -1, 2.5, "64", True])
def test_bad_size(size):
    """A size that is no positive whole number is named in the error."""
    with pytest.raises(ImageError, match="wanted a positive number of pixels"):
        require_size(size)
