import hashlib

import numpy as np
import pytest

from cryptobench.images import ImageError, image_hash, kind, label, labels, load_image, resolve, write_image
from cryptobench.images.builtin import PHOTOGRAPHS, STRESS
from cryptobench.images.references import is_name, pixels


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with pics/a.png (40x30), pics/b.bmp (grey 8x9) and no fetched sets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRYPTOBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "pics").mkdir()
    rng = np.random.default_rng(5)
    write_image("pics/b.bmp", rng.integers(0, 256, (8, 9), dtype=np.uint8))
    write_image("pics/a.png", rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    return tmp_path


def test_sets(folder):
    """Set names stand for their images, in order; "all" is the built-in ones while nothing is fetched."""
    assert resolve(["photographs"]) == list(PHOTOGRAPHS)
    assert resolve(["stress"]) == list(STRESS)
    assert resolve(["builtin"]) == resolve(["all"]) == resolve(["photographs", "stress"])


def test_mixture(folder):
    """Names, files and folders mix; order is kept and repeats are dropped."""
    assert resolve(["coffee", "pics", "pics/a.png", "coffee"]) == ["coffee", "pics/a.png", "pics/b.bmp"]
    assert resolve(["pics/"]) == ["pics/a.png", "pics/b.bmp"]
    assert resolve([]) == []


def test_single_string(folder):
    """A lone string is one reference, not a sequence of letters."""
    assert resolve("coffee") == ["coffee"]


def test_name_before_file(folder):
    """A built-in name wins over a file of that name; ./ reaches the file."""
    write_image("coffee.png", np.zeros((2, 2), np.uint8))
    (folder / "coffee.png").rename(folder / "coffee")
    assert load_image("coffee", 8).shape == (8, 12, 3)
    assert load_image("./coffee").shape == (2, 2)


@pytest.mark.parametrize(("name", "hint"), [("cofee", "coffee"), ("Kodak", "kodak"), ("photograph", "photographs")])
def test_nearest_name(folder, name, hint):
    """A misspelt name suggests the nearest one in one line."""
    with pytest.raises(ImageError, match=f"did you mean '{hint}'") as caught:
        resolve([name])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("reference", ["pics/none.png", "nowhere/", "none.tif"])
def test_missing_path(folder, reference):
    """What looks like a path is said not to exist."""
    with pytest.raises(ImageError, match=f"{reference} does not exist"):
        resolve([reference])


def test_set_not_fetched(folder):
    """A set that is not here says how to fetch it, as does one of its pictures."""
    for reference in ("kodak", "kodak/kodim01", "bsds500-val"):
        with pytest.raises(ImageError, match="cryptobench images fetch"):
            resolve([reference])
    with pytest.raises(ImageError, match="cryptobench images fetch kodak"):
        load_image("kodak/kodim01")


def test_load_needs_one_image(folder):
    """A set name or a folder is refused where one image is wanted."""
    with pytest.raises(ImageError, match="set of images"):
        load_image("stress")
    with pytest.raises(ImageError, match="folder"):
        load_image("pics")


def test_file_size(folder):
    """A file's longer side becomes the size; smaller files stay as they are."""
    assert load_image("pics/a.png", 20).shape == (15, 20, 3)
    assert load_image("pics/a.png", 400).shape == (30, 40, 3)
    assert load_image("pics/a.png").shape == (30, 40, 3)


def test_bad_size(folder):
    """A bad size is refused for every sort of reference."""
    for reference in ("coffee", "flat-black", "pics/a.png"):
        with pytest.raises(ImageError, match="wanted a positive number of pixels"):
            load_image(reference, 0)


def test_kind_and_label(folder):
    """Stress images have a kind of their own; a file's label is its stem."""
    assert [kind(r) for r in ("coffee", "impulse", "pics/a.png")] == ["photograph", "stress", "photograph"]
    assert [label(r) for r in ("coffee", "pics/a.png", "kodak/kodim01")] == ["coffee", "a", "kodak/kodim01"]
    assert label("pics/...png") == "...png"  # its stem would be the folder above


def test_names_are_no_paths(folder, monkeypatch):
    """Built-in images, sets and pictures of sets are names, whatever files lie here; paths of any form are none."""
    monkeypatch.chdir(folder)
    for name in ("coffee", "impulse", "stress", "all", "kodak", "bsds500-test", "kodak/kodim01"):
        assert is_name(name)
    (folder / "coffee").write_bytes(b"no picture")
    assert is_name("coffee")
    for path in ("a.png", "./coffee", "/etc", "", "kodak/../coffee", "kodak/a/b", "kodak/\0", "../kodak", str(folder)):
        assert not is_name(path)


def test_labels_never_clash(folder):
    """Files with the same stem, or named like a built-in image, keep their paths."""
    references = ["coffee", "x/coffee.png", "x/a.png", "y/a.png", "y/b.png"]
    assert labels(references) == ["coffee", "x/coffee.png", "x/a.png", "y/a.png", "b"]


def test_image_hash():
    """The hash is sha256 of shape, dtype and bytes, so a reshaped image hashes differently and a view the same."""
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert image_hash(image) == hashlib.sha256(b"(3, 4) |u1 " + bytes(range(12))).hexdigest()
    assert image_hash(image) != image_hash(image.reshape(4, 3))
    assert image_hash(image[:, ::-1]) == image_hash(image[:, ::-1].copy())
    assert image_hash(image) != image_hash(image.view(np.int8))


def test_grey_is_the_luminance():
    """Of a grey image it is the image itself."""
    colour = load_image("astronaut", 32)
    grey = pixels("astronaut", 32, True)
    assert (grey.shape, grey.dtype) == ((32, 32), np.uint8)
    wanted = 0.299 * colour[..., 0] + 0.587 * colour[..., 1] + 0.114 * colour[..., 2]
    assert np.abs(grey - wanted).max() <= 0.5 + 1e-9
    assert np.array_equal(pixels("camera", 32, True), load_image("camera", 32))
