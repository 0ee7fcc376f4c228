"""Training crops: a pure function of seed and step, from pictures of any size."""

import numpy as np
import pytest
import torch

from cryptobench.primitives.learned.crops import PicturesError, PictureSet, crop_batch


def image(height, width, channels=3, seed=0):
    shape = (height, width, channels) if channels else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_a_batch_depends_on_seed_and_step_alone():
    """The same seed and step give the same crops; another seed or step gives others."""
    pictures = PictureSet([image(33, 47), image(64, 20, seed=1)])
    first = crop_batch(pictures, 1, 7, 4, 16)
    assert torch.equal(first, crop_batch(pictures, 1, 7, 4, 16))
    assert not torch.equal(first, crop_batch(pictures, 1, 8, 4, 16))
    assert not torch.equal(first, crop_batch(pictures, 2, 7, 4, 16))
    assert first.shape == (4, 3, 16, 16)
    assert first.is_contiguous(memory_format=torch.channels_last)


def test_crops_are_picture_parts_with_dither():
    """Undone scaling gives pixels that occur in the picture, in one of the eight orientations of a place there."""
    picture = image(9, 11)
    crops = (crop_batch(PictureSet([picture]), 3, 0, 6, 8).permute(0, 2, 3, 1).numpy() + 1) * 127.5
    levels = np.rint(crops)
    assert 0.3 < np.abs(crops - levels).max() <= 0.5 + 1e-3
    parts = [picture[t : t + 8, x : x + 8].astype(float) for t in range(2) for x in range(4)]
    turned = [np.rot90(f, k) for part in parts for f in (part, part[:, ::-1]) for k in range(4)]
    for crop in levels:
        # A dither of exactly half a level may round to the neighbour.
        assert min(np.abs(crop - candidate).max() for candidate in turned) <= 1
    assert len({crop.tobytes() for crop in levels}) > 1


def test_a_share_of_the_crops_is_grey():
    """At 1 all of them, BT.601 luma to within the dither; at 0.3 some 60 of 200; at 0 the former crops."""
    pictures = PictureSet([image(9, 11)])
    colour = crop_batch(pictures, 3, 0, 6, 8)
    assert torch.equal(colour, crop_batch(pictures, 3, 0, 6, 8, grey=0))
    levels = np.rint((crop_batch(pictures, 3, 0, 6, 8, grey=1).numpy() + 1) * 127.5)
    assert np.ptp(levels, axis=1).max() <= 1  # a dither of exactly half a level may round to the neighbour
    first = np.rint((colour[0].numpy() + 1) * 127.5)
    assert np.abs(levels[0] - np.tensordot([0.299, 0.587, 0.114], first, 1)).max() <= 1 + 1  # and each dither
    batch = crop_batch(pictures, 5, 0, 200, 4, grey=0.3).numpy()
    assert abs((np.ptp(batch, axis=1).max((1, 2)) < 3 / 127.5).sum() - 60) <= 26


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 50, 3), (50, 3, 0), (5, 5, 1)])
def test_small_and_grey_pictures_are_filled_up(shape):
    """A picture below the crop's side is mirrored until it is large enough; grey gets three equal channels."""
    pictures = PictureSet([image(*shape)])
    batch = crop_batch(pictures, 1, 1, 2, 16)
    assert batch.shape == (2, 3, 16, 16)
    assert pictures.images[0].shape == (*shape[:2], 3)
    assert {int(v) for v in np.rint((batch.numpy() + 1) * 127.5).ravel()} <= {
        int(v) + d for v in pictures.images[0].ravel() for d in (-1, 0, 1)
    }


def test_the_hash_is_of_pixels_in_order():
    """Another pixel, shape or order gives another hash."""
    a, b = image(4, 6), image(4, 6, seed=1)
    hashes = {PictureSet(images).sha256 for images in ([a, b], [b, a], [a], [a.reshape(6, 4, 3)], [a ^ 1])}
    assert len(hashes) == 5
    assert PictureSet([a, b]).sha256 == PictureSet([a.copy(), b.copy()]).sha256


@pytest.mark.parametrize("images", [[], [np.zeros((4, 4, 4), np.uint8)], [np.zeros((4, 4))], [np.zeros((0, 4, 3))]])
def test_what_is_no_picture_is_refused(images):
    """No pictures, four channels, floats and empty arrays raise PicturesError that says what is wanted."""
    with pytest.raises(PicturesError, match=r"folder/x: .*wanted"):
        PictureSet(images, "folder/x")
