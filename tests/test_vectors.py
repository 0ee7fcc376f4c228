"""Recorded ciphertexts: files of tests/vectors have one schema, and every cipher still gives the recorded hashes.

An image is a recipe: {"shape", "constant"} is flat, {"shape", "modulus"} counts 0, 1, 2, ... mod ``modulus``.
``portable`` marks ciphers whose arithmetic is restricted to integers and to + - * / sqrt floor on float64, in a fixed
order: their hashes hold on every machine. Others, such as those with Fourier transforms, may differ in the last bit
before they round: of them the first bytes of an 8-bit cipher image are recorded, and one level off is the same.
A portable cipher that decrypts with loss has the hash of the decrypted image too: ``decrypted``.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cryptobench import Encrypted, load_cipher
from cryptobench.registry import cipher_names, read_card

FILES = sorted((Path(__file__).parent / "vectors").glob("*.json"))
FIELDS = {"key": str, "nonce": str, "secret": str, "image": dict, "options": dict}
ANSWER = {True: "sha256", False: "first_bytes"}


def build_image(recipe: dict[str, Any]) -> np.ndarray:
    """The uint8 image that a recipe describes."""
    shape = tuple(recipe["shape"])
    if "constant" in recipe:
        return np.full(shape, recipe["constant"], np.uint8)
    return (np.arange(np.prod(shape)) % recipe["modulus"]).astype(np.uint8).reshape(shape)


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


PORTABLE = [path for path in FILES if load(path)["portable"]]
OTHERS = [path for path in FILES if not load(path)["portable"]]


def test_there_are_vectors():
    """The folder is found; an empty one would pass every other test here."""
    assert {"chen2004", "hua2021", "zhang2015"} <= {path.stem for path in FILES}


def test_networks_have_vectors():
    """Every cipher with networks; only those whose layers are Fourier transforms have no portable ones."""
    learned = {name for name in cipher_names() if read_card(name).family in ("learned", "proposed")}
    assert learned <= {path.stem for path in FILES}
    assert {path.stem for path in OTHERS} & learned == {"wang2022-dnn", "wang2022-dnn-8bit"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vector_file_follows_the_schema(path: Path):
    """Name, portability and a list of vectors with exactly the known fields, in lower-case hex of the right length."""
    content = load(path)
    assert set(content) == {"cipher", "portable", "vectors"}
    assert content["cipher"] == path.stem
    assert content["vectors"]
    card = load_cipher(path.stem).card
    lossy = {"decrypted": str} if content["portable"] and not card.lossless else {}
    for vector in content["vectors"]:
        answers = {ANSWER[content["portable"]]: str} | lossy
        assert {name: type(value) for name, value in vector.items()} == FIELDS | answers
        assert len(bytes.fromhex(vector["key"])) == card.key_bytes
        assert len(bytes.fromhex(vector["nonce"])) == 16
        answer = vector[ANSWER[content["portable"]]]
        assert len(bytes.fromhex(answer)) == (32 if content["portable"] else 128)
        assert answer == answer.lower()
        assert set(vector["image"]) in ({"shape", "constant"}, {"shape", "modulus"})


@pytest.mark.parametrize("path", PORTABLE, ids=lambda path: path.stem)
def test_ciphertexts_are_the_recorded_ones(path: Path):
    """Same key, nonce, image and options: same SHA-256 of the cipher image; decryption returns the image, or what was
    recorded of a cipher that loses something.
    """
    for vector in load(path)["vectors"]:
        cipher = load_cipher(path.stem, **vector["options"])
        image, key = build_image(vector["image"]), bytes.fromhex(vector["key"])
        secret = bytes.fromhex(vector["secret"]) or None
        encrypted = cipher.encrypt(image, key, bytes.fromhex(vector["nonce"]), secret=secret)
        assert hashlib.sha256(encrypted.image.tobytes()).hexdigest() == vector["sha256"]
        decrypted = cipher.decrypt(Encrypted(encrypted.image, encrypted.header, encrypted.secret), key)
        assert decrypted.shape == image.shape
        if "decrypted" in vector:
            assert hashlib.sha256(decrypted.tobytes()).hexdigest() == vector["decrypted"]
        else:
            assert np.array_equal(decrypted, image)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_first_bytes_are_the_recorded_ones(path: Path):
    """Same key, nonce, image and options: the first 128 bytes of the cipher image, within one level."""
    for vector in load(path)["vectors"]:
        cipher = load_cipher(path.stem, **vector["options"])
        image, key = build_image(vector["image"]), bytes.fromhex(vector["key"])
        found = cipher.encrypt(image, key, bytes.fromhex(vector["nonce"])).image.ravel()[:128].astype(int)
        assert abs(found - np.frombuffer(bytes.fromhex(vector["first_bytes"]), np.uint8)).max() <= 1
