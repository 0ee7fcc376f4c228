"""Recordings: steps, planes, the free code, and headers that do not fit."""

import struct

import numpy as np
import pytest

from cryptobench.cipher import CipherError
from cryptobench.primitives.optics.recording import (
    Recorded,
    read_codes,
    read_field,
    record_field,
    require_bits,
    signed_codes,
    signed_values,
    write_codes,
)

RNG = np.random.default_rng(7)


def some_field(channels: int = 3) -> np.ndarray:
    shape = (channels, 5, 7)
    return (RNG.normal(size=shape) + 1j * RNG.normal(size=shape)).astype(np.complex64)


@pytest.mark.parametrize(("bits", "planes"), [(8, 2), (16, 4)])
def test_recording_is_within_half_a_step(bits: int, planes: int):
    """Steps are scale / (2^(bits - 1) - 1); planes and header have the sizes stated; nothing has code 0."""
    field = some_field()
    image, header = record_field(field, 3, bits)
    assert image.shape == (5, 7, 3 * planes)
    assert image.dtype == np.uint8
    assert len(header) == 18
    back, axes = read_field("x", image, header, bits)
    assert axes == 3
    step = max(abs(field.real).max(), abs(field.imag).max()) / (2 ** (bits - 1) - 1)
    assert max(abs((back - field).real).max(), abs((back - field).imag).max()) <= step / 2 * 1.01
    assert read_codes(image, bits).min() >= 1


def test_planes_are_real_imaginary_then_lower_bytes():
    """At 16 bits: three planes of real parts' higher bytes, three of imaginary parts', then the lower bytes."""
    field = some_field()
    image, _ = record_field(field, 3, 16)
    scale = max(abs(field.real).max(), abs(field.imag).max())
    for plane, part in ((1, field[1].real), (5, field[2].imag)):
        code = 256 * image[..., plane].astype(int) + image[..., plane + 6]
        assert abs((code - 32768) * scale / 32767 - part).max() < scale / 32767


@pytest.mark.parametrize("bits", [8, 16])
def test_a_black_pixel_was_not_recorded(bits: int):
    """All planes 0 at a pixel are read as no light there; the rest is as it was."""
    field = some_field()
    image, header = record_field(field, 3, bits)
    whole, _ = read_field("x", image, header, bits)
    image[2, 3] = 0
    occluded, _ = read_field("x", image, header, bits)
    assert not occluded[:, 2, 3].any()
    occluded[:, 2, 3] = whole[:, 2, 3]
    assert np.array_equal(occluded, whole)


def test_no_light_at_all_is_recorded():
    """A field of zeros has scale 0 and comes back as zeros."""
    image, header = record_field(np.zeros((1, 2, 3), np.complex64), 2, 8)
    assert not read_field("x", image, header, 8)[0].any()


def test_extremes_have_the_outermost_codes():
    """-scale, 0 and scale are 1, 128 and 255, and back."""
    values = np.array([-2.5, 0, 2.5], np.float32)
    codes = signed_codes(values, 2.5, 8)
    assert codes.tolist() == [1, 128, 255]
    assert signed_values(codes, 2.5, 8).tolist() == values.tolist()


def test_codes_and_bytes_are_one_another():
    """Higher bytes first; every 16-bit integer survives."""
    codes = np.arange(65536, dtype=np.uint16).reshape(64, 1024)
    written = write_codes(codes, 16)
    assert written.shape == (64, 2048)
    assert (written[3, 5], written[3, 1029]) == divmod(int(codes[3, 5]), 256)
    assert np.array_equal(read_codes(written, 16), codes)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "header has 0 bytes, wanted the 18"),
        (Recorded(16, 3, 5, 7, 1.0).pack(), "16 bits, wanted 8"),
        (Recorded(8, 4, 5, 7, 1.0).pack(), "4 axes"),
        (Recorded(8, 3, 0, 7, 1.0).pack(), "0x7"),
        (Recorded(8, 3, 5, 8, 1.0).pack(), r"wanted 5x8"),
        (Recorded(8, 2, 5, 7, 1.0).pack(), "3 channels, wanted 1"),
        (Recorded(8, 3, 5, 7, float("nan")).pack(), "scale nan"),
        (Recorded(8, 3, 5, 7, float("inf")).pack(), "scale inf"),
        (Recorded(8, 3, 5, 7, -1.0).pack(), "scale -1"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: bytes, message: str):
    """One line that names what is wrong."""
    image, _ = record_field(some_field(), 3, 8)
    with pytest.raises(CipherError, match=message):
        read_field("x", image, header, 8)


@pytest.mark.parametrize("bits", [0, 7, True, "8", 32])
def test_only_8_and_16_bits_are_known(bits: object):
    """Anything else is refused."""
    with pytest.raises(CipherError, match="wanted 8 or 16"):
        require_bits("x", bits)  # type: ignore[arg-type]


def test_a_header_is_what_it_says():
    """Bits, axes, height and width, big-endian, then the scale as a double."""
    assert Recorded(8, 2, 257, 263, 1.5).pack() == struct.pack(">BBIId", 8, 2, 257, 263, 1.5)
