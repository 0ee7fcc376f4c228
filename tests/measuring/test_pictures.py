"""Pictures that belong together, and one clear line for those that do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from cryptobench.images import ImageError, write_image
from cryptobench.measuring.pictures import loaded, picture_set
from tests.measuring.ciphered import experiment, under


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Holds a plaintext and its cipher image, in colour and grey."""
    monkeypatch.chdir(tmp_path)
    for name, shape in (("colour", (32, 30, 3)), ("grey", (32, 30))):
        run = experiment(*shape)
        write_image(f"{name}.png", run.image)
        write_image(f"{name}_enc.png", run.ciphertext.image)
    return tmp_path


def given(**pictures: Any) -> Any:
    roles = dict.fromkeys(("plain", "cipher", "changed", "other_key", "wrong_key", "decrypted", "damaged"))
    return loaded(roles | pictures, pairs=None, table=None)


def test_paths_and_arrays_are_read_alike(folder: Path) -> None:
    """As text, as Path, as array, with a channel axis of one; the name is the plaintext's file name."""
    (of_files,) = given(plain="grey.png", cipher=Path("grey_enc.png"))
    plain, cipher = of_files.plain.image, of_files.cipher.image
    (of_arrays,) = given(plain=plain[..., None], cipher=cipher)
    assert of_files.name == "grey"
    assert np.array_equal(of_arrays.plain.image, plain)
    assert of_arrays.plain.image.shape == (32, 30)


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ({"plain": "grey.png", "cipher": "gone.png"}, "gone.png does not exist"),
        ({"plain": "grey.png", "cipher": "small.png"}, "small.png is grey (16x16), wanted equal sizes; a "
         "cipher image of another size than its plaintext is measured alone: cryptobench measure small.png"),
        ({"plain": "colour.png", "cipher": "grey_enc.png"}, "wanted both grey or both in colour; convert the"),
        ({"plain": "grey.png", "cipher": "rgb.png"}, "the channels of rgb.png are equal: save it as grey"),
        ({"plain": "grey.png", "cipher": "deep.png"}, "deep.png has 16 bits a sample, wanted 8; convert it"),
        ({"plain": "grey.png", "cipher": "cut.png"}, "the file is incomplete or damaged"),
        ({"plain": "grey.png", "cipher": "grey.png"}, "are the same picture; give the plaintext and then its cipher"),
        ({"plain": "grey.png", "cipher": "grey_enc.png", "changed": "grey.png"}, "say nothing about diffusion"),
        ({"plain": "grey.png", "cipher": "grey_enc.png", "changed": "pixel.png"}, "in 1 of 960 samples: it is the"),
        ({"plain": "grey.png", "cipher": "grey_enc.png", "changed": "small.png"}, "encrypt a plaintext of"),
        ({"plain": "grey.png", "cipher": "grey_enc.png", "wrong_key": "small.png"}, "crop it as the cipher does"),
        ({"cipher": "grey_enc.png", "decrypted": "grey.png"}, "is compared with the plaintext; give that too"),
        ({"plain": "grey.png", "cipher": "grey_enc.png", "decrypted": ["grey.png"] * 2}, "2 pictures are what the"),
        ({"plain": np.zeros((4, 4)), "cipher": "grey_enc.png"}, "float64 of shape (4, 4), wanted a path or a uint8"),
        ({"plain": "grey.png"}, "wanted one of: a cipher image, pairs, or a table"),
    ],
)  # fmt: skip
def test_pictures_that_do_not_fit_are_refused(folder: Path, pictures: dict[str, Any], said: str) -> None:
    """One line: what was given, what is wanted, what to do."""
    grey = np.asarray(Pillow.open("grey.png"))
    write_image("small.png", grey[:16, :16])
    write_image("rgb.png", np.repeat(grey[..., None], 3, axis=2))
    changed = grey.copy()
    changed[3, 4] ^= 1
    write_image("pixel.png", changed)
    Pillow.fromarray(grey.astype(np.uint16) * 257).save("deep.png")
    Path("cut.png").write_bytes(Path("colour_enc.png").read_bytes()[:600])
    with pytest.raises(ImageError) as caught:
        given(**pictures)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "lost"),
    [
        ("enc.jpg", {"quality": 95}, "JPEG"),
        ("enc.webp", {"quality": 90}, "WebP"),
        ("enc.webp", {"lossless": True}, ""),
        ("enc.gif", {}, "256-colour"),
        ("enc.bmp", {}, ""),
    ],
)
def test_lossy_cipher_images_are_recognised(folder: Path, name: str, options: dict[str, Any], lost: str) -> None:
    """JPEG, lossy WebP and palettes, by the file's content."""
    picture = Pillow.open("colour_enc.png")
    if name.endswith(".gif"):
        picture = picture.convert("P", palette=Pillow.Palette.ADAPTIVE)
    picture.save(name, **options)
    assert picture_set("a", {"plain": ["colour.png"], "cipher": [name]}).cipher.lost == lost


def test_lossy_plaintexts_are_nothing_to_say(folder: Path) -> None:
    """What was encrypted is what the file holds."""
    Pillow.open("colour.png").save("colour.jpg")
    (pictures,) = given(plain="colour.jpg", cipher="colour_enc.png")
    assert pictures.plain.lost == ""


def test_further_cipher_images_may_be_lossy_too(folder: Path) -> None:
    """Those of a changed plaintext and of another key are looked at as well."""
    run = experiment(32, 30, 3)
    Pillow.fromarray(under(run, run.random_key("x"))).save("other.jpg")
    (pictures,) = given(plain="colour.png", cipher="colour_enc.png", other_key=["other.jpg"])
    assert [one.lost for one in pictures.cipher_images] == ["", "JPEG"]
