"""What a file stores beside, or in place of, 8-bit grey or RGB, and the lines that convert it."""

import shlex
import subprocess
import sys
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from cryptobench.images import ImageError, read_image
from cryptobench.images.stored import compression_with_loss, require_no_dicom, tiff_tags

RNG = np.random.default_rng(3)


def noise(shape, dtype=np.uint8):
    return RNG.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def refusal(path):
    """The message with which reading fails: one line, which names the file."""
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def converted(path, mark="8bit", suffix=".png"):
    """What the line in the refusal makes of the file, read again."""
    program = shlex.split(refusal(path).partition("python -c ")[2])[0]
    exec(compile(program, "line", "exec"), {})
    return read_image(path.with_name(f"{path.stem}-{mark}{suffix}"))


def sixteen_bit_png(samples):
    """A PNG of 16 bits a sample from (H, W, C) uint16, by hand, as Pillow cannot write colour ones."""

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    height, width, channels = samples.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([16, kind, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize(
    ("samples", "photometric", "extra", "tags"),
    [
        (2, "minisblack", None, "SamplesPerPixel 2, ExtraSamples 0"),
        (4, "minisblack", None, "SamplesPerPixel 4, ExtraSamples 0 0 0"),
        (4, "rgb", ["unspecified"], "SamplesPerPixel 4, ExtraSamples 0"),
        (5, "rgb", None, "SamplesPerPixel 5, ExtraSamples 0 0"),
    ],
)
def test_extra_samples_of_tiff_are_refused(tmp_path, samples, photometric, extra, tags, planes):
    """Interleaved or in planes, the tags are named, and the line keeps the first sample or the first three."""
    image, path = noise((6, 7, samples)), tmp_path / "x.tif"
    stored = image if planes == "contig" else np.moveaxis(image, 2, 0)
    tifffile.imwrite(path, stored, photometric=photometric, planarconfig=planes, extrasamples=extra)
    assert f"(TIFF tags {tags})" in refusal(path)
    kept, mark = (image[..., :3], "rgb") if samples > 2 else (image[..., 0], "minisblack")
    np.testing.assert_array_equal(converted(path, mark, ".tif"), kept)


@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_rgb_and_opaque_rgba_tiff_are_read(tmp_path, planes):
    """Three samples are read in full; a fourth is alpha as in a PNG: dropped if opaque, else refused."""
    image = noise((6, 7, 4))
    image[..., 3] = 255
    for name, samples in (("rgb", 3), ("rgba", 4)):
        stored = image[..., :samples] if planes == "contig" else np.moveaxis(image[..., :samples], 2, 0)
        tifffile.imwrite(tmp_path / f"{name}.tif", stored, photometric="rgb", planarconfig=planes)
        np.testing.assert_array_equal(read_image(tmp_path / f"{name}.tif"), image[..., :3])
    image[2, 3, 3] = 254
    stored = image if planes == "contig" else np.moveaxis(image, 2, 0)
    tifffile.imwrite(tmp_path / "clear.tif", stored, photometric="rgb", planarconfig=planes)
    assert "flatten it first" in refusal(tmp_path / "clear.tif")


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("shape", [(6, 7), (6, 7, 3)])
def test_signed_samples_are_refused(tmp_path, shape, big):
    """Signed bytes are no unsigned ones: the line adds 128 to each."""
    image, path = noise(shape).view(np.int8), tmp_path / "x.tif"
    tifffile.imwrite(path, image, photometric="rgb" if len(shape) == 3 else "minisblack", bigtiff=big)
    assert "signed samples (TIFF tag SampleFormat 2)" in refusal(path)
    np.testing.assert_array_equal(converted(path), (image.astype(int) + 128).astype(np.uint8))


def test_volumes_thumbnails_complex_numbers_are_refused(tmp_path):
    """Slices, a raw file's preview and imaginary parts would be dropped unseen."""
    tifffile.imwrite(
        tmp_path / "v.tif", noise((16, 16, 16)), photometric="minisblack", volumetric=True, tile=(16, 16, 16)
    )
    tifffile.imwrite(tmp_path / "raw.tif", noise((6, 7)), subfiletype=1)
    tifffile.imwrite(tmp_path / "c.tif", noise((6, 7)).astype(np.complex64))
    assert "16 slices (TIFF tag ImageDepth)" in refusal(tmp_path / "v.tif")
    assert "TIFF tag NewSubfileType 1" in refusal(tmp_path / "raw.tif")
    assert "TIFF tag SampleFormat 6" in refusal(tmp_path / "c.tif")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_line_converts_sixteen_bit_png(tmp_path, channels):
    """The line gives the file that a division by 257 gives, to within one."""
    samples, path = noise((5, 6, channels), np.uint16), tmp_path / "it's $x.png"
    if channels in (2, 4):
        samples[..., -1] = 65535
    path.write_bytes(sixteen_bit_png(samples))
    colours = samples[..., : 3 if channels > 2 else 1]
    assert np.abs(converted(path).reshape(colours.shape) - colours / 257).max() <= 1


@pytest.mark.parametrize("name", ["grey.pgm", "rgb.ppm", "grey.tif", "rgb.tif"])
def test_line_converts_sixteen_bit_files(tmp_path, name):
    """PGM, PPM and TIFF of 16 bits too: 65535 becomes 255."""
    path, shape = tmp_path / name, (5, 6) if "grey" in name else (5, 6, 3)
    image = noise(shape, np.uint16)
    image.flat[0] = 65535
    if path.suffix == ".tif":
        tifffile.imwrite(path, image, photometric="rgb" if len(shape) == 3 else "minisblack")
    else:
        kind = b"P5" if len(shape) == 2 else b"P6"
        path.write_bytes(kind + b" 6 5 65535\n" + image.astype(">u2").tobytes())
    assert "16 bits a sample" in refusal(path)
    found = converted(path)
    assert found.flat[0] == 255
    assert np.abs(found - image / 257).max() <= 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16, np.uint32])
def test_line_scales_numbers_of_no_range(tmp_path, dtype):
    """Where no range is given, the smallest value becomes 0 and the largest 255."""
    path, image = tmp_path / "x.tif", np.linspace(-3, 9, 42).reshape(6, 7).astype(dtype)
    tifffile.imwrite(path, image if dtype != np.uint32 else noise((6, 7)).astype(dtype))
    found = converted(path)
    assert (found.min(), found.max()) == (0, 255)
    if np.dtype(dtype).kind == "f":
        assert np.abs(found.ravel() - np.linspace(0, 255, 42)).max() < 0.6


def test_the_line_runs_in_a_shell(tmp_path):
    """As it stands in the message, pasted whole, with a quote in the file's name."""
    path = tmp_path / "it's.tif"
    tifffile.imwrite(path, noise((6, 7), np.uint16))
    line = refusal(path).partition(": python")[2]
    subprocess.run(f'"{sys.executable}"{line}', shell=True, check=True)
    assert read_image(tmp_path / "it's-8bit.png").shape == (6, 7)


DICOMS = {
    "whole": (bytes(128) + b"DICM" + bytes(99), False),
    "x.DCM": (b"old", True),
    "IM0002": (b"\x08\0\x05\0CS\x0a\0ISO_IR 100" + bytes(99), True),
    "IM0003": (b"\x02\0\x10\0UI\x12\0" + bytes(99), True),
}


@pytest.mark.parametrize("name", DICOMS)
def test_dicom_is_refused_with_its_line(tmp_path, name):
    """By its content whatever its name, by its name, and without a preamble, which pydicom reads when forced to."""
    content, forced = DICOMS[name]
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert "is a DICOM file" in message
    assert f'{name}"{", force=True" if forced else ""}).pixel_array' in message
    compile(shlex.split(message.partition("python -c ")[2])[0], "line", "exec")
    (tmp_path / "short.png").write_bytes(b"DICM")
    require_no_dicom(tmp_path / "short.png")


@pytest.mark.parametrize("shape", [(6, 7), (6, 7, 3)])
def test_big_endian_bigtiffs_are_refused_with_their_line(tmp_path, shape):
    """Pillow takes them for no picture at all; what the line saves is read, sample by sample."""
    image = noise(shape)
    kind = "rgb" if len(shape) == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "x.tif", image, photometric=kind, bigtiff=True, byteorder=">")
    assert "is a big-endian BigTIFF" in refusal(tmp_path / "x.tif")
    assert (converted(tmp_path / "x.tif", "little", ".tif") == image).all()


def test_tags_of_what_is_no_tiff(tmp_path):
    """Other files have none, and neither has a TIFF cut off in its directory."""
    Pillow.fromarray(noise((6, 7))).save(tmp_path / "x.png")
    tifffile.imwrite(tmp_path / "x.tif", noise((6, 7)))
    (tmp_path / "cut.tif").write_bytes((tmp_path / "x.tif").read_bytes()[:20])
    assert tiff_tags(tmp_path / "x.png") == tiff_tags(tmp_path / "cut.tif") == {}
    assert tiff_tags(tmp_path / "x.tif")[258] == (8,)


@pytest.mark.parametrize(
    ("name", "options", "wanted"),
    [
        ("x.jpg", {}, "JPEG"), ("x.webp", {}, "WebP"), ("x.webp", {"lossless": True}, ""), ("x.png", {}, ""),
        ("x.gif", {}, ""), ("x.tif", {"compression": "jpeg"}, "JPEG"), ("x.tif", {"compression": "tiff_lzw"}, ""),
        ("x.webp", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}, "WebP"),
    ],
)  # fmt: skip
def test_lossy_compression_is_known_by_content(tmp_path, name, options, wanted):
    """The file's name plays no part."""
    Pillow.fromarray(noise((16, 16, 3))).save(tmp_path / name, **options)
    (tmp_path / name).rename(tmp_path / "renamed.png")
    assert compression_with_loss(tmp_path / "renamed.png") == wanted


@pytest.mark.parametrize("name", ["x.gif", "x.png"])
@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (noise((48, 48, 3)), "256-colour"),
        (noise((16, 16, 3)), ""),
        (noise((48, 48)), ""),
        (noise((48, 48, 3)) // 128 * 255, ""),
    ],
    ids=["noise", "few pixels", "grey", "eight colours"],
)
def test_full_palettes_have_lost_colours(tmp_path, name, image, wanted):
    """2304 random pixels have more colours than a palette; 256 pixels, grey ones and eight colours fit into one."""
    Pillow.fromarray(image).convert("RGB").quantize(256).save(tmp_path / name)
    assert compression_with_loss(tmp_path / name) == wanted
