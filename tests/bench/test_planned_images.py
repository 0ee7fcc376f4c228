"""Ciphers that take no image as it is are measured on what they take, and tables say so."""

from __future__ import annotations

import pytest

from cryptobench.bench.measure import _image_of
from cryptobench.bench.plan import make_plan
from cryptobench.registry import load_cipher
from tests.bench.driving import settings_of_toys, toy


def _limited(tmp_path, limits: str, name: str = "limited"):
    """A file with a cipher whose card has these limits, and its reference."""
    path = tmp_path / f"{name}.py"
    path.write_text(f'''
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField


class Limited(Cipher):
    card = Card(name="{name}", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), {limits})

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ key[0], nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ key[0]
''')
    return f"{path}:Limited"


def _require_encrypted(cell) -> None:
    """A worker's image is the planned one, and the cell's cipher takes it."""
    image, digest = _image_of(cell)
    shape = (cell.height, cell.width) if cell.channels == 1 else (cell.height, cell.width, cell.channels)
    assert (image.shape, digest) == (shape, cell.image_hash)
    assert load_cipher(cell.cipher).encrypt(image, bytes(8), bytes(16)).image.shape == shape


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ("channels=(1,)", {"astronaut grey": (24, 24, 1), "coffee grey": (24, 36, 1), "camera": (24, 24, 1)}),
        ("square=True", {"astronaut": (24, 24, 3), "coffee 24x24 crop": (24, 24, 3), "camera": (24, 24, 1)}),
        (
            "channels=(1,), sides_multiple_of=16",
            {
                "astronaut grey 16x16 crop": (16, 16, 1), "coffee grey 16x32 crop": (16, 32, 1),
                "camera 16x16 crop": (16, 16, 1),
            },
        ),
    ],
)  # fmt: skip
def test_images_are_planned_as_the_card_wants(toy_settings, tmp_path, limits, labels) -> None:
    """Shape and label of each cell; an unlimited cipher beside it keeps its images."""
    images = ("astronaut", "coffee", "camera")
    settings = {"images": images, "size": 24}
    alone = make_plan(toy_settings({toy("Mean"): {}}, ciphers=(toy("Xor"),), **settings))
    both = make_plan(toy_settings({toy("Mean"): {}}, ciphers=(toy("Xor"), _limited(tmp_path, limits)), **settings))
    found = {cell.image_name: (cell.height, cell.width, cell.channels) for cell in both.cells[len(alone.cells) :]}
    assert found == labels
    assert [cell.image_hash for cell in both.cells[: len(alone.cells)]] == [cell.image_hash for cell in alone.cells]
    assert {image.title(24) for image in both.images} == {*images, *labels}
    for cell in both.cells[len(alone.cells) :]:
        _require_encrypted(cell)


def test_attacks_are_given_what_the_card_wants(toy_settings, tmp_path) -> None:
    """Grey, and sides that are multiples of 7."""
    plan = make_plan(
        toy_settings(
            {}, attacks={"known_pairs_regression": {"sides": [32]}, "affine_cca": {"sides": [32]}}, size=64,
            ciphers=(_limited(tmp_path, "channels=(1,), sides_multiple_of=7"),), images=("astronaut",),
        )
    )  # fmt: skip
    assert plan.cells
    assert {(cell.height, cell.width, cell.channels) for cell in plan.cells} == {(28, 28, 1), (63, 63, 1)}
    assert {cell.image_name for cell in plan.cells} == {"astronaut grey 28x28 crop", "astronaut grey 63x63 crop"}
    for cell in plan.cells:
        _require_encrypted(cell)


def test_a_file_does_not_stand_for_a_name(tmp_path, monkeypatch):
    """A file of the folder that is worked in, called like a built-in image, changes no run of that image."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "camera").write_bytes(b"no picture")
    cell = make_plan(settings_of_toys(images=("camera",))).cells[0]
    assert (cell.image, cell.image_name, cell.pixels) == ("camera", "camera", None)
