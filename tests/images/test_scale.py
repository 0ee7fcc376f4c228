import hashlib
import time

import numpy as np
import pytest
from skimage.transform import resize

from cryptobench.images import ImageError, builtin_image, image_hash, image_names
from cryptobench.images.scale import centre_square, fit_longer_side, fit_shorter_side, require_size, resized


def stripes(side):
    """Columns alternating 0 and 255: the finest pattern there is."""
    return np.tile(np.array([0, 255], np.uint8), (side, side // 2))


@pytest.mark.parametrize(("side", "small"), [(256, 32), (252, 42), (1100, 44)])
@pytest.mark.parametrize("fewer", [0, 1, 2])
def test_anti_aliasing(side, small, fewer):
    """Stripes too fine for the small size become the mean grey, not one of their two values, in either way of scaling.

    Where the factor is even and no column is missing, each small pixel lies between a dark and a bright one, and
    reading these two gives grey too; with one or two columns less, reading without smoothing gives stripes.
    """
    image = stripes(side)[:, : side - fewer]
    for turned in (image, np.ascontiguousarray(image.T)):
        assert np.abs(resized(turned, small, small).astype(int) - 127.5).max() < 4


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


def photograph(height, width):
    """A smooth picture in colour with grain, as cameras give."""
    rng = np.random.default_rng(4)
    rows, columns = np.mgrid[:height, :width]
    waves = [127 + 90 * np.sin(rows / 37 + k) * np.cos(columns / (23 + 9 * k)) for k in range(3)]
    return np.clip(np.stack(waves, axis=2) + rng.normal(0, 6, (height, width, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("height", "width"), [(192, 256), (131, 175), (820, 1093), (1000, 1333)])
def test_large_pictures_scale_as_small_ones(height, width):
    """The quick way of pictures of more than a million pixels gives scikit-image's values, to the last bit."""
    image = photograph(1050, 1400)
    wanted = resize(image, (height, width, 3), order=1, mode="reflect", anti_aliasing=True)
    np.testing.assert_array_equal(resized(image, height, width), (np.clip(wanted, 0, 1) * 255 + 0.5).astype(np.uint8))


def test_long_and_flat_pictures_scale_too():
    """A strip of one channel, up to the last sample; what is flat stays flat."""
    rows = photograph(5, 250_000)[..., 0]
    wanted = resize(rows, (1, 2500), order=1, mode="reflect", anti_aliasing=True)
    np.testing.assert_array_equal(resized(rows, 1, 2500), (wanted * 255 + 0.5).astype(np.uint8))
    flat = np.full((1100, 1000), 201, np.uint8)
    assert (resized(flat, 7, 5) == 201).all()


def test_twelve_megapixels_scale_in_a_second():
    """In seconds of this thread alone, at the sides of attacks and of runs."""
    image = np.broadcast_to(photograph(1, 4000), (3000, 4000, 3)).copy()
    for size in (32, 256, 512):
        start = time.thread_time()
        assert fit_longer_side(image, size).shape == (round(0.75 * size), size, 3)
        assert time.thread_time() - start < 1


def test_built_in_images_keep_their_pixels():
    """All of them at two sizes, by one digest: numbers of earlier runs stand."""
    digest = hashlib.sha256()
    for name, _, _ in image_names():
        for size in (64, 256):
            digest.update(image_hash(builtin_image(name, size)).encode())
    assert digest.hexdigest() == "afee57cdd3950ad03f727d601bf425d40d376ed3319c3800f6cd344b4a9209cf"
