import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from cryptobench.images import builtin_image, image_names, load_image
from cryptobench.images.builtin import PHOTOGRAPHS, STRESS, STRESS_SIDE, _wheel_folder


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_table_matches_files(name):
    """The static table's sizes and channels are those of the files in scikit-image's wheel."""
    photograph = PHOTOGRAPHS[name]
    with Pillow.open(_wheel_folder() / photograph.file) as picture:
        assert picture.size == (photograph.width, photograph.height)
        assert picture.format == "PNG"
        assert len(picture.getbands()) == photograph.channels
    assert load_image(name).shape[:2] == (photograph.height, photograph.width)


@pytest.mark.parametrize(
    ("name", "loader"), [("astronaut", data.astronaut), ("camera", data.camera), ("coffee", data.coffee)]
)
def test_native_pixels(name, loader):
    """At native size a photograph is scikit-image's own array."""
    np.testing.assert_array_equal(load_image(name), loader())


@pytest.mark.parametrize("size", [64, 101])
@pytest.mark.parametrize("name", [*PHOTOGRAPHS, *STRESS])
def test_asked_size(name, size):
    """Every image comes at the asked size as uint8; coffee alone keeps its 2:3 aspect."""
    image = load_image(name, size)
    channels = () if name in PHOTOGRAPHS and PHOTOGRAPHS[name].channels == 1 else (3,)
    assert image.shape == (size, round(1.5 * size) if name == "coffee" else size, *channels)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous


def test_stress_pixels():
    """The stress images are what their names say, in exact values."""
    side = 32
    assert (load_image("flat-black", side) == 0).all()
    assert (load_image("flat-white", side) == 255).all()
    impulse = load_image("impulse", side)
    assert impulse[16, 16].tolist() == [255, 255, 255]
    assert impulse.sum() == 3 * 255
    board = load_image("checkerboard", side)
    assert board[0, 0, 0] == 255
    assert board[0, 4, 0] == 0
    assert board[4, 4, 0] == 255
    assert (board == 255).mean() == 0.5
    gradient = load_image("gradient", 256)
    np.testing.assert_array_equal(gradient[7, :, 0], np.arange(256))
    np.testing.assert_array_equal(gradient[:, 7, 1], np.arange(256))
    assert gradient[0, 0, 2] == 0
    assert gradient[-1, -1, 2] == 255


@pytest.mark.parametrize("name", STRESS)
def test_stress_smallest(name):
    """A stress image of one pixel exists, and None asks for the native side."""
    assert load_image(name, 1).shape == (1, 1, 3)
    assert load_image(name).shape == (STRESS_SIDE, STRESS_SIDE, 3)


def test_copies():
    """Changing a loaded image does not change what is loaded next."""
    first = builtin_image("camera", 16)
    first[:] = 0
    assert builtin_image("camera", 16).any()


def test_names_are_unique_and_without_lena():
    """Names are unique, every kind is known, and Lena is not among them."""
    names = [name for name, _, _ in image_names()]
    assert len(set(names)) == len(names) == len(PHOTOGRAPHS) + len(STRESS)
    assert {kind for _, kind, _ in image_names()} == {"photograph", "stress"}
    assert not any("lena" in " ".join(entry).lower() for entry in image_names())


def test_light_import():
    """Importing the package and listing names loads no image library."""
    code = (
        "import sys, cryptobench.images as i; i.image_names(); i.set_names(); "
        "print([m for m in ('skimage', 'PIL', 'scipy', 'pooch', 'requests', 'platformdirs') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_no_download():
    """Every built-in image loads while all sockets are refused."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise RuntimeError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import cryptobench.images as i\n"
        "print(sum(i.load_image(name, 32).size > 0 for name, _, _ in i.image_names()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(found.stdout) == len(image_names())
