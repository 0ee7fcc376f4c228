import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow

from cryptobench.images import ImageError, read_image, write_image
from cryptobench.images.files import picture_files

RNG = np.random.default_rng(3)
SHAPES = [(257, 263), (1, 9), (9, 1), (33, 47, 3), (1, 1, 3)]


def noise(shape, dtype=np.uint8):
    return RNG.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def error_line(path):
    """The message of the error that reading gives; it must be one line that names the file."""
    with pytest.raises(ImageError) as caught:
        read_image(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".tif", ".tiff", ".bmp", ".ppm"])
@pytest.mark.parametrize("shape", SHAPES)
def test_round_trip(tmp_path, shape, suffix):
    """Every lossless format gives back exactly the pixels and the shape that were written."""
    image = noise(shape)
    write_image(tmp_path / f"x{suffix}", image)
    np.testing.assert_array_equal(read_image(tmp_path / f"x{suffix}"), image)


def test_flat_grey_stays_grey(tmp_path):
    """A flat grey picture comes back as (H, W) from every format, BMP's palette included."""
    for suffix in (".png", ".bmp", ".pgm", ".tif"):
        write_image(tmp_path / f"x{suffix}", np.zeros((4, 5), np.uint8))
        assert read_image(tmp_path / f"x{suffix}").shape == (4, 5)


def test_one_channel_is_written_as_grey(tmp_path):
    """(H, W, 1) is written as grey."""
    image = noise((6, 7, 1))
    write_image(tmp_path / "x.png", image)
    np.testing.assert_array_equal(read_image(tmp_path / "x.png"), image[..., 0])


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".ppm", ".jpg"])
def test_truncated(tmp_path, suffix, keep):
    """A file cut short is refused, never filled up with grey."""
    path = tmp_path / f"x{suffix}"
    Pillow.fromarray(noise((64, 64, 3))).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    error_line(path)


def test_a_truncated_file_says_what_to_do(tmp_path):
    """The line names the file and says to get it again."""
    path = tmp_path / "x.png"
    write_image(path, noise((64, 64)))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ImageError, match=r"x\.png: .*incomplete or damaged: copy or download it again"):
        read_image(path)


def test_damaged_png(tmp_path):
    """A PNG with a flipped byte in its pixel data is refused."""
    path = tmp_path / "x.png"
    write_image(path, noise((64, 64)))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    error_line(path)


def test_palette_becomes_rgb(tmp_path):
    """A palette picture gives its colours, also with a palette that is opaque throughout."""
    indices = noise((5, 6)) % 3
    colours = np.array([[10, 20, 30], [200, 0, 7], [0, 255, 1]], np.uint8)
    picture = Pillow.fromarray(indices)
    picture.putpalette(colours.tobytes())
    picture.save(tmp_path / "p.png")
    picture.save(tmp_path / "opaque.png", transparency=bytes([255, 255, 255]))
    picture.save(tmp_path / "clear.png", transparency=bytes([255, 0, 255]))
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), colours[indices])
    np.testing.assert_array_equal(read_image(tmp_path / "opaque.png"), colours[indices])
    assert "transparent" in error_line(tmp_path / "clear.png")


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha(tmp_path, mode):
    """An opaque alpha channel is dropped; one pixel that is not opaque is refused."""
    bands = len(mode)
    image = noise((5, 6, bands))
    image[..., -1] = 255
    Pillow.fromarray(image).save(tmp_path / "opaque.png")
    wanted = image[..., :3] if mode == "RGBA" else image[..., 0]
    np.testing.assert_array_equal(read_image(tmp_path / "opaque.png"), wanted)
    image[2, 3, -1] = 254
    Pillow.fromarray(image).save(tmp_path / "clear.png")
    assert "flatten it first" in error_line(tmp_path / "clear.png")


def test_one_bit(tmp_path):
    """A 1-bit picture becomes 0 and 255."""
    bits = noise((9, 11)) % 2
    for suffix in (".png", ".tif", ".bmp", ".pgm"):
        Pillow.fromarray(bits * 255).convert("1").save(tmp_path / f"x{suffix}")
        np.testing.assert_array_equal(read_image(tmp_path / f"x{suffix}"), bits * 255)


@pytest.mark.parametrize(("mode", "suffix"), [("CMYK", ".jpg"), ("CMYK", ".tif"), ("LAB", ".tif")])
def test_other_colour_spaces(tmp_path, mode, suffix):
    """Colour spaces other than grey and RGB are refused by name."""
    Pillow.new(mode, (4, 5)).save(tmp_path / f"x{suffix}")
    assert mode in error_line(tmp_path / f"x{suffix}")


def test_frames(tmp_path):
    """A file of several frames is refused."""
    first, second = Pillow.fromarray(noise((4, 5))), Pillow.fromarray(noise((4, 5)))
    first.save(tmp_path / "x.tif", save_all=True, append_images=[second])
    assert "2 frames" in error_line(tmp_path / "x.tif")


def test_phone_photograph(tmp_path):
    """A JPEG that carries a second picture, as phones write them (MPO), gives its first."""
    grey = np.full((16, 24), 70, np.uint8)
    Pillow.fromarray(grey).save(tmp_path / "x.mpo", save_all=True, append_images=[Pillow.fromarray(grey * 2)])
    (tmp_path / "x.mpo").rename(tmp_path / "x.jpg")
    np.testing.assert_array_equal(read_image(tmp_path / "x.jpg"), grey)


def test_orientation(tmp_path):
    """A JPEG with EXIF orientation 6 is turned a quarter clockwise, as viewers show it."""
    ramp = np.tile(np.linspace(0, 255, 48).astype(np.uint8), (16, 1))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(ramp).save(tmp_path / "x.jpg", exif=exif, quality=95)
    turned = read_image(tmp_path / "x.jpg")
    assert turned.shape == (48, 16)
    assert np.abs(turned.astype(int) - np.rot90(ramp, -1)).max() < 12


def test_no_picture(tmp_path):
    """A text file, an empty file, a missing file and a folder each say what they are."""
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    assert "no picture" in error_line(tmp_path / "text.png")
    assert "is empty" in error_line(tmp_path / "empty.png")
    assert "does not exist" in error_line(tmp_path / "missing.png")
    assert "folder" in error_line(tmp_path / "folder.png")


def test_a_pipe_is_refused_at_once(tmp_path):
    """Nobody writes to it: opening it would wait without end."""
    os.mkfifo(tmp_path / "pipe.png")
    assert "pipe or a device" in error_line(tmp_path / "pipe.png")


def test_other_format_under_a_picture_name(tmp_path):
    """An icon that is called .png is refused, as no icon is taken."""
    Pillow.fromarray(noise((16, 16))).save(tmp_path / "x.ico")
    (tmp_path / "x.ico").rename(tmp_path / "x.png")
    assert "no picture" in error_line(tmp_path / "x.png")


def test_gif_is_read(tmp_path):
    """A GIF of one frame gives its palette's colours, a grey one stays grey, a transparent one is refused."""
    indices = noise((5, 6)) % 3
    colours = np.array([[10, 20, 30], [200, 0, 7], [0, 255, 1]], np.uint8)
    picture = Pillow.fromarray(indices)
    picture.putpalette(colours.tobytes())
    picture.save(tmp_path / "x.gif")
    picture.save(tmp_path / "clear.GIF", transparency=1)
    Pillow.fromarray(noise((7, 5))).save(tmp_path / "grey.gif")
    np.testing.assert_array_equal(read_image(tmp_path / "x.gif"), colours[indices])
    assert read_image(tmp_path / "grey.gif").shape == (7, 5)
    assert "transparent" in error_line(tmp_path / "clear.GIF")


def test_webp_is_read(tmp_path):
    """A WebP without loss gives the pixels that were written; one with transparent pixels is refused."""
    image = noise((5, 6, 4))
    Pillow.fromarray(image[..., :3]).save(tmp_path / "x.webp", lossless=True)
    Pillow.fromarray(image).save(tmp_path / "clear.WebP", lossless=True)
    np.testing.assert_array_equal(read_image(tmp_path / "x.webp"), image[..., :3])
    assert "transparent" in error_line(tmp_path / "clear.WebP")


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_animations_are_refused(tmp_path, suffix):
    """An animated GIF, WebP or PNG is no single picture."""
    first, second = Pillow.fromarray(noise((4, 5))), Pillow.fromarray(noise((4, 5)))
    first.save(tmp_path / f"x{suffix}", save_all=True, append_images=[second])
    assert "2 frames, wanted one picture" in error_line(tmp_path / f"x{suffix}")


def test_folder(tmp_path):
    """A folder gives its pictures sorted, without hidden, foreign and nested ones; an empty one is refused."""
    for name in ("b.png", "a.ppm", "c.JPG", ".hidden.png", "notes.txt", "d.TIF", "e.gif", "f.webp"):
        (tmp_path / name).touch()
    (tmp_path / "deep.png").mkdir()
    assert [file.name for file in picture_files(tmp_path)] == ["a.ppm", "b.png", "c.JPG", "d.TIF", "e.gif", "f.webp"]
    with pytest.raises(ImageError, match="holds no picture"):
        picture_files(tmp_path / "deep.png")


def test_a_folder_hides_no_broken_link(tmp_path):
    """A link that leads nowhere and a DICOM file are not left out unseen; reading them says what they are."""
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "b.dcm").touch()
    assert [file.name for file in picture_files(tmp_path)] == ["a.png", "b.dcm"]
    assert "is a link to a file that is not there" in error_line(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp", ".gif", ""])
def test_lossy_endings_are_refused(tmp_path, suffix):
    """A lossy or unknown ending is refused with the endings that are not."""
    with pytest.raises(ImageError, match=r"use a name ending in \.png"):
        write_image(tmp_path / f"x{suffix}", noise((4, 5)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "image", [noise((4, 5, 2)), noise((4, 5, 4)), noise((4, 5)).astype(float), noise((0, 5)), noise(5)]
)
def test_unwritable_arrays(tmp_path, image):
    """Channel counts other than 1 and 3, other dtypes, empty and flat arrays are refused."""
    with pytest.raises(ImageError, match=r"holds \(H, W\) or \(H, W, 3\) uint8"):
        write_image(tmp_path / "x.png", image)


def test_colour_pgm(tmp_path):
    """Colour in a .pgm is refused."""
    with pytest.raises(ImageError, match="grey only"):
        write_image(tmp_path / "x.pgm", noise((4, 5, 3)))


def test_no_folder(tmp_path):
    """A folder that does not exist is one clear line."""
    with pytest.raises(ImageError, match="No such file or directory"):
        write_image(tmp_path / "missing" / "x.png", noise((4, 5)))


def test_full_disk_keeps_the_old_file(tmp_path):
    """Where the system refuses the bytes, the old file is whole, nothing else is left, and the error is one line."""
    write_image(tmp_path / "x.png", np.zeros((4, 5), np.uint8))
    code = (
        "import resource, sys, numpy as np\n"
        "from cryptobench.images import ImageError, write_image\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_image(sys.argv[1], np.random.default_rng(0).integers(0, 256, (99, 99, 3), dtype=np.uint8))\n"
        "except ImageError as error: print(error)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.png")], capture_output=True, text=True, check=True
    )
    assert found.stdout == f"cannot write {tmp_path / 'x.png'}: File too large\n"
    assert [file.name for file in tmp_path.iterdir()] == ["x.png"]
    assert not read_image(tmp_path / "x.png").any()


@pytest.mark.parametrize("image", [[[1, 2]], Pillow.new("L", (2, 2)), np.ma.masked_less(noise((4, 5)), 9)])
def test_what_is_no_array_is_not_written(tmp_path, image):
    """A list, a picture or a masked array is refused with the line that converts it."""
    with pytest.raises(ImageError, match=r"it holds uint8 arrays, not .*; (pass np\.|masked samples)"):
        write_image(tmp_path / "x.png", image)
    assert list(tmp_path.iterdir()) == []
