"""Many distinct images from one: all different, of its shape, and the original is left alone."""

import numpy as np
import pytest

from cryptobench.analyses.tools.distinct import flat_colours, flat_images, modified_images


@pytest.mark.parametrize("shape", [(12, 16), (1, 192), (33, 47, 3), (8, 8, 3)])
def test_modified_images_are_distinct_and_leave_the_original(shape) -> None:
    """A thousand modifications of even a flat image are all different, close to it, and of its shape."""
    image = np.full(shape, 128, np.uint8)
    images = modified_images(image, np.random.default_rng(1))
    made = [next(images) for _ in range(1000)]
    assert len({one.tobytes() for one in made}) == 1000
    assert all(one.shape == shape and one.dtype == np.uint8 and one.flags.c_contiguous for one in made)
    assert {int(value) for one in made for value in np.unique(one)} == {128, 129}
    assert (image == 128).all()


def test_flat_images_are_distinct_colours() -> None:
    """All 256 of a grey image; of a colour image as many as are asked for."""
    grey_values = [image[0, 0] for image in flat_images(np.zeros((3, 4), np.uint8), 256, np.random.default_rng(1))]
    assert sorted(grey_values) == list(range(256))
    coloured = list(flat_images(np.zeros((3, 4, 3), np.uint8), 500, np.random.default_rng(1)))
    assert len({image.tobytes() for image in coloured}) == 500
    assert all((image == image[0, 0]).all() for image in coloured)
    assert flat_colours(np.zeros((3, 4, 1), np.uint8)) == 256
    assert flat_colours(np.zeros((3, 4, 5), np.uint8)) == 256**3
    with pytest.raises(ValueError, match="wanted 257 distinct flat images, there are 256"):
        next(flat_images(np.zeros((3, 4), np.uint8), 257, np.random.default_rng(1)))
