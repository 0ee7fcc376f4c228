"""The ``.toml`` of a program: what it says, what is wrong with it in one line, and that reading it runs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cryptobench.adapters.program_file import ProgramFileError, read_program_file
from cryptobench.check.baseline_run import is_cipher
from cryptobench.cipher import CipherError
from cryptobench.conformance.card import check_card
from cryptobench.conformance.cipher_under_test import CipherUnderTest
from cryptobench.contract import find_breaches
from cryptobench.preflight import preflights
from cryptobench.references import absolute, reference_of
from cryptobench.registry import (
    RegistryError,
    code_version,
    literal_card,
    load_analysis,
    load_attack,
    load_cipher,
    locate,
)
from cryptobench.task import run_task
from cryptobench.testing.security import _reference_or_instance
from tests.adapters.programs import CARD, make_patient, write_calls, write_server

SERVE = 'serve = ["./pad"]\n'


def test_it_says_card_and_commands(tmp_path: Path) -> None:
    """The card is one like any other, and its files are those that the commands name, and all functions of MATLAB."""
    for name in ("serve.m", "logistic.m", "other.txt"):
        (tmp_path / name).write_text("")
    path = tmp_path / "mine.toml"
    path.write_text(
        'serve = ["octave-cli", "serve.m", "--quiet"]\nseconds = 5\nchanges_size = true\nheader_bytes = "any"\n'
        + CARD.replace("bits = 128", 'bits = 64, meaning = "x0" }, { name = "mu", bits = 64')
        + 'channels = [1]\nsquare = true\nmax_side = 512\ndeviations = ["none"]\nfiles = ["other.txt"]\nyear = 2020\n'
    )
    file = read_program_file(path)
    assert (file.seconds, file.pictures, file.changes_size, file.header_bytes) == (5.0, "png", True, None)
    assert file.card.files == ("other.txt", "logistic.m", "serve.m")
    assert (file.card.channels, file.card.square, file.card.max_side, file.card.year) == ((1,), True, 512, 2020)
    assert [(field.name, field.bits, field.meaning) for field in file.card.key] == [("key", 64, "x0"), ("mu", 64, "")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("serve = [", r"the file is damaged \(Invalid value \(at end of document\)\); `cryptobench new"),
        ("", r'there is no command, wanted serve = \["\./my_cipher"\], or both'),
        (f'encrypt = ["a", "{{plain}}", "{{cipher}}"]{CARD}', "there is encrypt, wanted serve"),
        (f'{SERVE}decrypt = ["a"]{CARD}', "there is decrypt and serve, wanted serve"),
        (f'serve = "./pad --loud"{CARD}', r"serve is './pad --loud', wanted a list of texts such as serve = \["),
        (f"serve = [1]{CARD}", r"serve is '\[1\]', wanted a list of texts"),
        (f"serve = []{CARD}", r"serve is '\[\]', wanted a list of texts"),
        (f'serve = ["a", "{{key}}"]{CARD}', r"serve has \{key\}: requests come by standard input, a line each"),
        (f'encrypt = ["a", "{{plain}}"]\ndecrypt = ["a"]{CARD}', r"encrypt has no argument \{cipher\}"),
        (SERVE, r"there is no \[card\], wanted one with name, title, family, fidelity and key"),
        (f"{SERVE}second = 3{CARD}", "second is not known there; did you mean 'seconds'?"),
        (f"{SERVE}channels = [1]{CARD}", r"channels is not known there; it belongs below \[card\]"),
        (f"{SERVE}seconds = 0{CARD}", "seconds is 0, wanted a number from 0"),
        (f"{SERVE}pictures = 'jpg'{CARD}", "pictures is 'jpg', wanted \"png\" or \"npy\""),
        (f"{SERVE}changes_size = 1{CARD}", "changes_size is 1, wanted true or false"),
        (f"{SERVE}header_bytes = -1{CARD}", "header_bytes is -1, wanted a number of bytes"),
        (f"{SERVE}{CARD}chanels = [1]", "the card has no 'chanels'; did you mean 'channels'?"),
        (f"{SERVE}{CARD}year = true", "the card's year is 'True', wanted a whole number"),
        (f"{SERVE}{CARD}square = 1", "the card's square is '1', wanted true or false"),
        (f"{SERVE}{CARD}channels = 1", "the card's channels is '1', wanted a list"),
        (SERVE + CARD.replace('title = "A pad"', ""), "the card has no title"),
        (SERVE + CARD.replace('fidelity = "A"', 'fidelity = "Z"'), "fidelity 'Z', wanted A, B or C"),
        (SERVE + CARD.replace("bits = 128", "bits = 127"), "key fields add up to 127 bits, wanted a multiple of 8"),
        (SERVE + CARD.replace("bits = 128", "bytes = 16"), "the card's key has .*, wanted key = "),
        (SERVE + CARD.replace('name = "key"', "name = 5"), "the card's key has .*, wanted key = "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    """What was given, what is wanted; the registry puts the reference before it."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ProgramFileError, match=said) as caught:
        read_program_file(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(RegistryError, match=f"^{path}: .*{said}"):
        load_cipher(str(path))


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("./gone", '"./gone" is not there; build it first'),
        ("./plain", '"./plain" is no program that may be run; chmod'),
        ("plain", '"plain" is no program on the PATH; write "./plain" for the file beside mine.toml'),
        ("no-such-program", '"no-such-program" is no program on the PATH; install it'),
    ],
)
def test_a_missing_program_is_told_early(program: str, said: str, tmp_path: Path) -> None:
    """Loading it says so; its card can be shown nevertheless."""
    (tmp_path / "plain").write_text("")
    path = tmp_path / "mine.toml"
    path.write_text(f'serve = ["{program}"]{CARD}')
    with pytest.raises(RegistryError, match=f"^{path}: {said}"):
        load_cipher(str(path))
    assert literal_card(str(path))


def test_references_lead_to_it_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, relative or absolute, is a cipher's; instances and classes give the path; nothing is started."""
    reference = write_server(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert absolute("pad.toml") == reference
    assert locate("cipher", "pad.toml").file == Path(reference)
    cipher = load_cipher("pad.toml")
    assert reference_of(cipher) == reference_of(type(cipher)) == reference
    assert cipher.card == literal_card("pad.toml")
    assert not (tmp_path / "starts").exists()
    with pytest.raises(RegistryError, match=r"pad\.toml: a program may be a cipher, wanted path/to/file\.py:ClassN"):
        load_attack("pad.toml")
    with pytest.raises(RegistryError, match=r"there is no file gone\.toml"):
        load_cipher("gone.toml")
    with pytest.raises(RegistryError, match="cannot be constructed"):
        load_cipher("pad.toml", rounds=3)


def test_the_digest_covers_what_runs(tmp_path: Path) -> None:
    """It changes with the .toml, the program and the files of the card, not with the folder or what lies beside."""
    home = tmp_path / "home"
    home.mkdir()
    reference = write_server(home, card=f'{CARD}files = ["table.bin", "maps"]\n')
    (home / "table.bin").write_bytes(b"1")
    (home / "maps").mkdir()
    (home / "maps" / "one").write_bytes(b"1")
    seen = [code_version("cipher", reference)]
    (home / "beside.txt").write_text("nothing")
    moved = shutil.copytree(home, tmp_path / "moved")
    assert code_version("cipher", reference) == code_version("cipher", str(moved / "pad.toml")) == seen[0]
    for name in ("table.bin", "maps/one", "pad", "pad.toml"):
        with (home / name).open("a") as file:
            file.write("\n")
        seen.append(code_version("cipher", reference))
    assert len(set(seen)) == 5


def test_it_is_tried_in_a_process(tmp_path: Path) -> None:
    """Before a run: its files count by content, and it is timed."""
    reference = write_server(tmp_path)
    trial = preflights([reference])[reference]
    assert (trial.breaches, trial.fate) == ((), "")
    assert trial.seconds is not None
    assert {Path(path).name for path, _ in trial.files} == {"pad", "pad.toml"}
    assert trial.static == code_version("cipher", reference)


def test_breaches_are_lines(tmp_path: Path) -> None:
    """A hang ends with the time of one call, and a program that draws by chance is told what it must not do."""
    hangs = load_cipher(write_calls(tmp_path, "time.sleep(60)", "", "seconds = 0.2"))
    assert find_breaches(hangs) == ["pad: encrypt: the program did not answer within 0.2 s (pad.toml)"]
    draws = load_cipher(write_server(tmp_path, "nonce = os.urandom(16).hex()"))
    assert "pad: equal input gave different output: encrypt was called twice" in find_breaches(draws)[0]


def test_every_command_takes_it(tmp_path: Path) -> None:
    """Comparisons tell it from a run's folder, security tests find it beside their file, checks take instances."""
    reference = write_server(tmp_path)
    assert is_cipher(reference)
    assert is_cipher("gone.toml")  # what is wrong with it is said where it is loaded
    assert _reference_or_instance("pad.toml", tmp_path) == reference
    assert CipherUnderTest(load_cipher(reference)).reference == reference
    assert check_card(CipherUnderTest(reference)) == "128 key bits in 1 field"


def test_only_its_cell_fails(tmp_path: Path) -> None:
    """A program that hangs on one image is measured on the next ones."""
    lines = "if b'(24, ' in open(plain, 'rb').read(90): time.sleep(60)"
    cipher = load_cipher(write_server(tmp_path, lines, "", "seconds = 0.3"))
    found = []
    for side in (24, 16, 32):
        image = np.random.default_rng(1).integers(0, 256, (side, side), np.uint8)
        found.append(run_task(load_analysis("entropy"), cipher, image, 1))
        make_patient(cipher)
    assert [one.status for one in found] == ["failed", "ok", "ok"]
    assert "pad: encrypt: the program did not answer within 0.3 s (pad.toml)" in str(found[0].error)


def test_temporary_folders_with_spaces_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line of a request is split at its spaces."""
    (tmp_path / "a b").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "a b"))
    with pytest.raises(CipherError, match="has a space in its name; set TMPDIR"):
        load_cipher(write_server(tmp_path)).encrypt(np.zeros((2, 2), np.uint8), bytes(16), bytes(16))
