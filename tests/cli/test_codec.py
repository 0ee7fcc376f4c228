import json
import os
from pathlib import Path

import numpy as np
import pytest

from cryptobench.card import Card, KeyField
from cryptobench.cipher import Cipher, CipherError, Encrypted
from cryptobench.cli.codec import CodecError, decrypt_file, encrypt_file, parse_key, read_sidecar, sidecar_path
from cryptobench.images import ImageError, load_image, read_image, write_image
from cryptobench.registry import load_cipher

KEY = bytes(range(32))


def made_card(name, **options):
    return Card(name=name, title=name, family="made", fidelity="A", key=(KeyField("key", 256),), **options)


class FourChannels(Cipher):
    """Answers with a cipher image of four channels, and a secret of its own."""

    card = made_card("four-channels", secret_bits=16)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(np.repeat(image[..., None] ^ key[0], 4, axis=2), header=nonce, secret=b"\x12\x34")

    def decrypt(self, encrypted, key):
        assert encrypted.secret == b"\x12\x34"
        return encrypted.image[..., 0] ^ np.uint8(key[0])


class OneChannel(FourChannels):
    """Answers with a cipher image of shape (H, W, 1)."""

    card = made_card("one-channel")

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image[..., None] ^ np.uint8(key[0]))

    def decrypt(self, encrypted, key):
        assert encrypted.image.ndim == 3
        return encrypted.image[..., 0] ^ np.uint8(key[0])


class Careless(FourChannels):
    """Fails with an error that is no CipherError."""

    card = made_card("careless")

    def encrypt(self, image, key, nonce, *, secret=None):
        raise IndexError("index 9 is out of bounds")


@pytest.fixture
def grey(tmp_path):
    """A grey picture file, 33x47."""
    path = tmp_path / "grey.png"
    write_image(path, np.random.default_rng(2).integers(0, 256, (33, 47), dtype=np.uint8))
    return str(path)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".ppm", ".npy"])
@pytest.mark.parametrize("cipher", ["aes-256-ctr", "chacha20-poly1305"])
def test_round_trip(tmp_path, cipher, suffix):
    """Through every lossless format, files alone give the plaintext back exactly, and the cipher image hides it."""
    out = tmp_path / f"out{suffix}"
    sidecar = encrypt_file("coffee", out, load_cipher(cipher), KEY, size=32)
    assert sidecar.shape == (32, 48, 3)
    assert len(sidecar.header) >= 16
    decrypt_file(out, tmp_path / "back.png", load_cipher(cipher), KEY)
    np.testing.assert_array_equal(read_image(tmp_path / "back.png"), load_image("coffee", 32))
    if suffix != ".npy":
        assert (read_image(out) != load_image("coffee", 32)).mean() > 0.9


def test_fresh_nonce(tmp_path, grey):
    """Encrypting the same file twice gives another header and another cipher image."""
    cipher = load_cipher("aes-256-ctr")
    first = encrypt_file(grey, tmp_path / "a.png", cipher, KEY)
    second = encrypt_file(grey, tmp_path / "b.png", cipher, KEY)
    assert first.header != second.header
    assert (read_image(tmp_path / "a.png") != read_image(tmp_path / "b.png")).mean() > 0.9


def test_sidecar_separates_public_and_secret(tmp_path, grey):
    """The sidecar labels the header public and the per-message secret secret, and says it is not for production."""
    encrypt_file(grey, tmp_path / "x.npy", FourChannels(), KEY)
    content = json.loads((tmp_path / "x.npy.json").read_text())
    assert content["secret"] == {"per-message secret": "1234"}
    assert set(content["public"]) == {"cipher", "cipher image shape", "header"}
    assert "not for production" in content["notice"]
    assert read_sidecar(tmp_path / "x.npy.json").shape == (33, 47, 4)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_sidecar_with_secret_is_private(tmp_path, grey, monkeypatch):
    """It has mode 0600 from its creation on, in place of a public one too; a public sidecar is as the umask says."""
    made, open_file = [], os.open

    def watched(path, flags, mode=0o777, **options):
        made.append((Path(path).name, mode))
        return open_file(path, flags, mode, **options)

    before = os.umask(0)
    try:
        (tmp_path / "x.npy").touch()
        (tmp_path / "x.npy.json").write_text("old")
        (tmp_path / f".x.npy.json.{os.getpid()}.part.json").write_text("left by a killed process")
        monkeypatch.setattr(os, "open", watched)
        encrypt_file(grey, tmp_path / "x.npy", FourChannels(), KEY, force=True)
        encrypt_file(grey, tmp_path / "y.png", OneChannel(), KEY)
    finally:
        os.umask(before)
    assert made == [(f".x.npy.json.{os.getpid()}.part.json", 0o600)]
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.name != "grey.png"}
    assert modes == {"x.npy": 0o666, "x.npy.json": 0o600, "y.png": 0o666, "y.png.json": 0o666}


def test_odd_channel_count(tmp_path, grey):
    """A cipher image that a picture cannot hold is refused with .npy as the way out, and .npy holds it."""
    with pytest.raises(CodecError, match=r"\(33, 47, 4\).*\.npy holds any shape"):
        encrypt_file(grey, tmp_path / "x.png", FourChannels(), KEY)
    assert [file.name for file in tmp_path.iterdir()] == ["grey.png"]
    encrypt_file(grey, tmp_path / "x.npy", FourChannels(), KEY)
    back = decrypt_file(tmp_path / "x.npy", tmp_path / "back.png", FourChannels(), KEY)
    np.testing.assert_array_equal(back, read_image(grey))


def test_single_channel_axis_survives(tmp_path, grey):
    """A cipher image of shape (H, W, 1) comes back in that shape through a grey PNG."""
    encrypt_file(grey, tmp_path / "x.png", OneChannel(), KEY)
    np.testing.assert_array_equal(
        decrypt_file(tmp_path / "x.png", tmp_path / "back.png", OneChannel(), KEY), read_image(grey)
    )


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".webp", ".gif", ""])
def test_lossy_output(tmp_path, grey, suffix):
    """A cipher image is never written to a lossy or unknown format."""
    with pytest.raises(ImageError, match=r"use a name ending in \.png .* or \.npy$"):
        encrypt_file(grey, tmp_path / f"x{suffix}", load_cipher("aes-256-ctr"), KEY)
    assert [file.name for file in tmp_path.iterdir()] == ["grey.png"]


def test_existing_output(tmp_path, grey):
    """An existing output or sidecar is kept without force, and replaced with it."""
    cipher = load_cipher("aes-256-ctr")
    for name in ("x.png", "x.png.json"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(CodecError, match=f"{name} exists already"):
            encrypt_file(grey, tmp_path / "x.png", cipher, KEY)
        assert (tmp_path / name).read_text() == "mine"
        encrypt_file(grey, tmp_path / "x.png", cipher, KEY, force=True)
        assert read_image(tmp_path / "x.png").shape == (33, 47)
        (tmp_path / "x.png").unlink()
        (tmp_path / "x.png.json").unlink()


def test_input_as_output(tmp_path, grey):
    """The input is never overwritten, force or not."""
    before = read_image(grey)
    with pytest.raises(CodecError, match="is the input itself"):
        encrypt_file(grey, grey, load_cipher("aes-256-ctr"), KEY, force=True)
    np.testing.assert_array_equal(read_image(grey), before)


def test_missing_folder(tmp_path, grey):
    """An output folder that does not exist is named."""
    with pytest.raises(CodecError, match="there is no folder"):
        encrypt_file(grey, tmp_path / "none" / "x.png", load_cipher("aes-256-ctr"), KEY)


def test_wrong_key_is_rejected_and_writes_nothing(tmp_path, grey):
    """An authenticated cipher rejects a wrong key, and no output appears."""
    cipher = load_cipher("chacha20-poly1305")
    encrypt_file(grey, tmp_path / "x.png", cipher, KEY)
    with pytest.raises(CipherError, match="rejected"):
        decrypt_file(tmp_path / "x.png", tmp_path / "back.png", cipher, bytes(32))
    assert not (tmp_path / "back.png").exists()


def test_sidecar_of_another_cipher(tmp_path, grey):
    """A sidecar is held against the cipher."""
    encrypt_file(grey, tmp_path / "x.png", load_cipher("aes-256-ctr"), KEY)
    with pytest.raises(CodecError, match="is for cipher 'aes-256-ctr', not 'chacha20-poly1305'"):
        decrypt_file(tmp_path / "x.png", tmp_path / "back.png", load_cipher("chacha20-poly1305"), KEY)


def test_sidecar_of_another_image(tmp_path, grey):
    """A sidecar with another shape is refused."""
    cipher = load_cipher("aes-256-ctr")
    encrypt_file(grey, tmp_path / "x.png", cipher, KEY)
    encrypt_file("camera", tmp_path / "y.png", cipher, KEY, size=16)
    with pytest.raises(CodecError, match="do not belong together"):
        decrypt_file(tmp_path / "x.png", tmp_path / "b.png", cipher, KEY, sidecar=sidecar_path(tmp_path / "y.png"))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": "other"}', '{"public": {"header": "zz"}, "secret": {}}', "\udcff"]
)
def test_damaged_sidecar(tmp_path, text):
    """A damaged or foreign sidecar is one clear line."""
    path = tmp_path / "x.png.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CodecError, match=r"json is damaged .*needs the sidecar that"):
        read_sidecar(path)


def test_missing_sidecar(tmp_path, grey):
    """A missing sidecar is named."""
    with pytest.raises(CodecError, match=r"grey\.png\.json is missing"):
        decrypt_file(grey, tmp_path / "x.png", load_cipher("aes-256-ctr"), KEY)


def test_damaged_array(tmp_path, grey):
    """A .npy that is damaged, of another dtype or a pickle is refused; nothing in it is run."""
    encrypt_file(grey, tmp_path / "x.npy", FourChannels(), KEY)
    whole = (tmp_path / "x.npy").read_bytes()
    for data in (whole[:100], b"", b"text"):
        (tmp_path / "x.npy").write_bytes(data)
        with pytest.raises(ImageError, match=r"x\.npy is no uint8 array, or it is damaged"):
            decrypt_file(tmp_path / "x.npy", tmp_path / "back.png", FourChannels(), KEY)
    for array in (np.zeros((33, 47, 4)), np.array([None])):
        np.save(tmp_path / "x.npy", array, allow_pickle=True)
        with pytest.raises(ImageError, match=r"x\.npy"):
            decrypt_file(tmp_path / "x.npy", tmp_path / "back.png", FourChannels(), KEY)


def test_cipher_that_fails(tmp_path, grey):
    """Whatever a cipher raises becomes one line with the cipher's name and the cause kept."""
    with pytest.raises(CodecError, match="careless: encrypt failed: IndexError: index 9") as caught:
        encrypt_file(grey, tmp_path / "x.png", Careless(), KEY)
    assert isinstance(caught.value.__cause__, IndexError)


def test_a_failure_of_many_lines_becomes_one(tmp_path, grey):
    """A cipher's own message is put on one line."""

    class Talkative(FourChannels):
        card = made_card("talkative")

        def encrypt(self, image, key, nonce, *, secret=None):
            raise RuntimeError("first\nsecond")

    with pytest.raises(CodecError, match=r"RuntimeError: first second$"):
        encrypt_file(grey, tmp_path / "x.png", Talkative(), KEY)


def test_key_in_hex():
    """A key is hex of the right length, white space aside; else the length wanted is said."""
    assert parse_key("00 01\n02ff\n", 4, "made") == b"\0\1\2\xff"
    with pytest.raises(CodecError, match="the key has 3 bytes, made wants 4"):
        parse_key("000102", 4, "made")
    for text in ("xyz", "0", "é"):
        with pytest.raises(CodecError, match="no hex, wanted 8 of the digits"):
            parse_key(text, 4, "made")
