"""The programs that `cryptobench new --language` writes: built, run, and compared with one reference."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.ciphers import Cipher as StreamCipher
from cryptography.hazmat.primitives.ciphers import algorithms

from cryptobench.adapters.program import ProgramCipher
from cryptobench.cipher import Image
from cryptobench.cli import main
from cryptobench.cli.program_template import LANGUAGES, build_command, write_program
from cryptobench.conformance.cipher_under_test import CipherUnderTest, damaged
from cryptobench.registry import literal_card, load_cipher

NEEDS = {"c": "cc", "cpp": "c++", "matlab": "octave-cli"}
KEY, NONCE = bytes(range(32)), bytes(range(50, 62)) + bytes(4)  # with a last word of 0 it is RFC 8439's ChaCha20


@pytest.fixture(scope="module", params=LANGUAGES)
def cipher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ProgramCipher:
    """The example of each language, built if it must be; skipped where the language is not installed."""
    language = request.param
    if shutil.which(NEEDS[language]) is None:
        pytest.skip(f"{NEEDS[language]} is not installed")
    folder = tmp_path_factory.mktemp(language)
    toml = write_program("swirl", language, folder)[0]
    if build := build_command(language, toml):
        subprocess.run([*build.split(), "-Wall", "-Wextra", "-Werror", "-O0"], check=True)
    found = load_cipher(str(toml))
    assert isinstance(found, ProgramCipher)
    return found


def reference(image: Image, order: Literal["C", "F"]) -> Image:
    """The cipher image of an independent ChaCha20: four bytes a sample order them, one more masks each."""
    samples = image.ravel(order=order)
    chacha = StreamCipher(algorithms.ChaCha20(KEY, bytes(4) + NONCE[:12]), None)
    stream = chacha.encryptor().update(bytes(5 * image.size))
    words, mask = np.frombuffer(stream[: 4 * image.size], "<u4"), np.frombuffer(stream[4 * image.size :], np.uint8)
    made: Image = (samples[np.argsort(words, kind="stable")] ^ mask).reshape(image.shape, order=order)
    return made


IMAGES: dict[str, Callable[[], Image]] = {
    "grey": lambda: np.random.default_rng(1).integers(0, 256, (23, 41), np.uint8),
    "colour": lambda: np.random.default_rng(2).integers(0, 256, (12, 31, 3), np.uint8),
    "row": lambda: np.arange(37, dtype=np.uint8)[None],
    "sample": lambda: np.full((1, 1), 200, np.uint8),
    "black": lambda: np.zeros((16, 16), np.uint8),
    "white": lambda: np.full((16, 16, 3), 255, np.uint8),
    "flat colour": lambda: np.full((16, 16, 3), (9, 9, 9), np.uint8),
    "two levels": lambda: np.where(np.indices((16, 16)).sum(0) % 2, 255, 0).astype(np.uint8),
    "few colours": lambda: np.array([(1, 2, 3), (4, 5, 6)], np.uint8)[np.indices((16, 16)).sum(0) % 2],
}


def test_every_picture_is_as_the_reference(cipher: ProgramCipher) -> None:
    """Libraries that write pictures as they see fit lose nothing: black ones, grey ones in colour, few colours."""
    order: Literal["C", "F"] = "F" if cipher.program.serve[0] == "octave-cli" else "C"
    for name, make in IMAGES.items():
        image = make()
        encrypted = cipher.encrypt(image, KEY, NONCE)
        assert (encrypted.image == reference(image, order)).all(), name
        assert (cipher.decrypt(encrypted, KEY) == image).all(), name


def test_every_nonce_byte_counts(cipher: ProgramCipher) -> None:
    """The last word too, which RFC 8439 has no place for."""
    image = IMAGES["grey"]()
    nonces = [NONCE[:place] + b"\xff" + NONCE[place + 1 :] for place in (0, 5, 15)]
    assert len({cipher.encrypt(image, KEY, nonce).image.tobytes() for nonce in nonces}) == 3


def test_damaged_ciphertexts_are_answered(cipher: ProgramCipher) -> None:
    """Whatever is done to a ciphertext, an image or a refusal comes back, and the program lives on."""
    tested = CipherUnderTest(cipher)
    for _, ciphertext in damaged(tested.encrypted):
        if ciphertext.header == tested.encrypted.header:
            assert cipher.decrypt(ciphertext, tested.key).size == ciphertext.image.size
    assert (tested.decrypt(tested.encrypted) == tested.home).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_and_card_have_the_name(language: str, tmp_path: Path) -> None:
    """The command names what it wrote and what to do next; nothing of the template's own name is left."""
    result = CliRunner().invoke(main, ["new", "chaos-2", "--language", language, "--folder", str(tmp_path)])
    toml = tmp_path / "chaos_2.toml"
    assert result.exit_code == 0
    assert result.output.startswith(f"wrote {toml}, ")
    assert f"  cryptobench validate {toml}\n" in result.output
    assert (f" -o {toml.with_suffix('')} " in result.output) == (language != "matlab")
    card = literal_card(str(toml))
    assert card is not None
    assert card.name == "chaos_2"
    assert {name for name in card.files if "." in name} == {p.name for p in tmp_path.glob("*.m")}
    for path in tmp_path.iterdir():
        assert "my_cipher" not in path.read_text()
        assert max(map(len, path.read_text().splitlines())) <= 120


@pytest.mark.parametrize("name", ["1st", "a b", "_x", "", "é", "../up", "x" * 60])
def test_names_of_no_function_are_refused(name: str, tmp_path: Path) -> None:
    """MATLAB and C take letters, digits and underscores, a letter first."""
    with pytest.raises(ValueError, match="cannot name a cipher; wanted letters, digits and underscores"):
        write_program(name, "matlab", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """If one of the files is there, none is written."""
    (tmp_path / "mine_serve.m").write_text("precious")
    with pytest.raises(FileExistsError, match=r"mine_serve\.m exists already"):
        write_program("mine", "matlab", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine_serve.m"]
    with pytest.raises(NotADirectoryError, match="nowhere is no folder"):
        write_program("mine", "c", tmp_path / "nowhere")


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither the file that did not fit nor those before it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))  # the .toml fits
    try:
        with pytest.raises(OSError, match="File too large"):
            write_program("mine", "c", tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
