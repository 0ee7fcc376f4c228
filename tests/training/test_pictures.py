"""Training pictures: read from folders, split without overlap."""

import numpy as np
import pytest

from cryptobench.images import ImageError, write_image
from cryptobench.primitives.learned.crops import PicturesError, PictureSet
from cryptobench.training.pictures import centre_crops, read_pictures, require_apart, require_scorable, split


def image(seed, height=9, width=12):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_folders_are_read_by_name_without_hidden_files(tmp_path):
    """Pictures come sorted by path, folder by folder; grey ones become colour; other files are passed over."""
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "a" / ".hidden").mkdir(parents=True)
    write_image(tmp_path / "b" / "deep" / "2.png", image(2))
    write_image(tmp_path / "b" / "9.png", image(9)[..., 0])
    write_image(tmp_path / "a" / "1.png", image(1))
    write_image(tmp_path / "a" / ".hidden" / "0.png", image(0))
    (tmp_path / "a" / "notes.txt").write_text("no picture")
    found = read_pictures([tmp_path / "b", tmp_path / "a"]).images
    assert [np.array_equal(a, b) for a, b in zip(found[1:], (image(2), image(1)), strict=True)] == [True, True]
    assert np.array_equal(found[0], np.repeat(image(9)[..., :1], 3, axis=2))


def test_missing_empty_and_damaged_are_named(tmp_path):
    """A folder that is not there or holds no picture, and a damaged picture, are distinguished in one line."""
    with pytest.raises(PicturesError, match="nowhere: no such folder"):
        read_pictures([tmp_path / "nowhere"])
    with pytest.raises(PicturesError, match=r"no pictures, wanted files ending in \.png"):
        read_pictures([tmp_path])
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ImageError, match=r"bad\.png"):
        read_pictures([tmp_path])


def test_more_pictures_than_memory_are_refused(tmp_path, monkeypatch):
    """The error comes before memory is full."""
    import psutil

    write_image(tmp_path / "1.png", image(1))
    nothing = psutil.virtual_memory()._replace(available=100)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: nothing)
    with pytest.raises(PicturesError, match="do not fit in memory"):
        read_pictures([tmp_path])


def test_the_split_is_by_content(tmp_path):
    """Order does not matter, copies fall on one side, the share is kept, and nothing is lost."""
    images = [image(seed) for seed in range(20)]
    train, held = split(PictureSet([*images, images[3], images[3]]), 0.2)
    again, held_again = split(PictureSet([images[3], images[3], *images[::-1]]), 0.2)
    assert len(held) == 4
    assert {i.tobytes() for i in held.images} == {i.tobytes() for i in held_again.images}
    assert len(train) == len(again) == 16 + 2 * (images[3].tobytes() not in {i.tobytes() for i in held.images})
    require_apart(train, held)


def test_a_single_picture_cannot_be_split():
    """Copies of one picture count as one."""
    with pytest.raises(PicturesError, match="two or more"):
        split(PictureSet([image(1), image(1)]), 0.5)


def test_training_on_held_out_pictures_is_refused():
    """The error counts them."""
    with pytest.raises(PicturesError, match="1 of the 2 held-out pictures"):
        require_apart(PictureSet([image(1), image(2)]), PictureSet([image(2), image(3)]))


def test_tiny_held_out_pictures_are_refused():
    """A picture that SSIM's window does not fit on is named by its size."""
    with pytest.raises(PicturesError, match="3x12, wanted sides of at least 7"):
        require_scorable(PictureSet([image(1), image(2, 3)]))


def test_crops_for_watching_are_the_middle():
    """At most so many, at most so large, from the middle."""
    crops = centre_crops(PictureSet([image(1), image(2, 5, 4), image(3)]), 2, 6).images
    assert [crop.shape for crop in crops] == [(6, 6, 3), (5, 4, 3)]
    assert np.array_equal(crops[0], image(1)[1:7, 3:9])
