"""Pictures that go to programs and come back: nothing is lost, and what is no such picture is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as pillow

from cryptobench.adapters.pictures import PictureError, ending, read_picture, write_picture


@pytest.mark.parametrize("pictures", ["png", "npy"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 1), (5, 7, 2), (5, 7, 4), (1, 1)])
def test_every_shape_comes_back(shape: tuple[int, ...], pictures: str, tmp_path: Path) -> None:
    """Grey and RGB as PNG, other numbers of channels as .npy, or all of them so."""
    image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    path = tmp_path / f"x{ending(shape, pictures)}"
    write_picture(path, image)
    assert path.suffix == (".npy" if pictures == "npy" or shape[2:] in ((2,), (4,)) else ".png")
    assert (read_picture(path, shape, False) == image).all()


@pytest.mark.parametrize("mode", ["P", "1", "L"])
def test_colours_without_colour_stay_colour(mode: str, tmp_path: Path) -> None:
    """Libraries write equal channels as grey, black and white or a palette; beside an RGB image it is RGB."""
    samples = np.where(np.indices((4, 6)).sum(0) % 2, 255, 0).astype(np.uint8)
    pillow.fromarray(np.repeat(samples[..., None], 3, 2)).convert(mode).save(tmp_path / "x.png")
    assert (read_picture(tmp_path / "x.png", (4, 6, 3), False) == samples[..., None]).all()
    assert (read_picture(tmp_path / "x.png", (4, 6), False) == samples).all()


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (pillow.fromarray(np.zeros((4, 6), np.uint16)), "wrote a PNG with 16 bits a sample, wanted 8 bits"),
        (pillow.new("RGBA", (6, 4)), "wrote a PNG with an alpha channel"),
        (pillow.new("LA", (6, 4)), "wrote a PNG with an alpha channel"),
        (pillow.new("L", (6, 5)), "wrote a picture of 5x6, wanted 4x6 like the one that it was given; do not resize"),
        (pillow.new("RGB", (6, 4), "red"), "wrote a picture of 4x6x3, wanted 4x6 like"),
    ],
)
def test_other_pictures_are_refused(image: pillow.Image, said: str, tmp_path: Path) -> None:
    """More bits, alpha, other sides, colour beside grey."""
    image.save(tmp_path / "x.png")
    with pytest.raises(PictureError, match=said):
        read_picture(tmp_path / "x.png", (4, 6), False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", r"wrote a PNG that cannot be read"),
        (b"BM12", "wrote a BMP, wanted a PNG"),
        (b"hello", "wrote 5 bytes that are no picture"),
        (b"P5 1 1 255 a", "wrote a PGM, wanted a PNG"),
    ],
)
def test_other_files_are_refused(content: bytes, said: str, tmp_path: Path) -> None:
    """By their first bytes, whatever they are called."""
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(PictureError, match=said):
        read_picture(tmp_path / "x.png", (4, 6), False)


def test_cut_pictures_and_giants_are_refused(tmp_path: Path) -> None:
    """A PNG that is cut off, and one that says that it is larger than wanted, which is not unpacked."""
    write_picture(tmp_path / "x.png", np.random.default_rng(1).integers(0, 256, (40, 60), np.uint8))
    content = (tmp_path / "x.png").read_bytes()
    (tmp_path / "x.png").write_bytes(content[:900])
    with pytest.raises(PictureError, match="wrote a PNG that cannot be read"):
        read_picture(tmp_path / "x.png", (40, 60), False)
    pillow.new("1", (9000, 9000)).save(tmp_path / "y.png")
    with pytest.raises(PictureError, match="wrote a picture of 9000x9000, wanted 4x6"):
        read_picture(tmp_path / "y.png", (4, 6), False)


def test_another_size_passes_where_stated(tmp_path: Path) -> None:
    """A scheme that expands says `changes_size = true`."""
    write_picture(tmp_path / "x.png", np.ones((9, 9, 3), np.uint8))
    assert read_picture(tmp_path / "x.png", (4, 6), True).shape == (9, 9, 3)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, or a link to a device that never ends."""
    (tmp_path / "x.png").mkdir()
    (tmp_path / "y.png").symlink_to("/dev/zero")
    for name in ("x.png", "y.png"):
        with pytest.raises(PictureError, match=rf"^wrote no picture: {name} is no file; write one picture there$"):
            read_picture(tmp_path / name, (4, 6), False)
