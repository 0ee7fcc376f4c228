"""Programs as ciphers: what they are given, what they must answer, and what is said of those that do not."""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from cryptobench.adapters.program import ProgramCipher, ProgramError
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, record_stages
from cryptobench.registry import load_cipher
from cryptobench.report.tables.cost import _PROGRAM
from tests.adapters.programs import CARD, make_patient, write_calls, write_server

KEY, NONCE = bytes(range(16)), bytes(range(NONCE_BYTES))
IMAGE = np.arange(48, dtype=np.uint8).reshape(6, 8)
SHAPES = [(6, 8), (6, 8, 3), (6, 8, 1), (6, 8, 2), (1, 1)]


def living_in(folder: Path) -> list[psutil.Process]:
    """This process's children, and theirs, whose working folder is this one; those that have ended have none."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is one of these
            if one.cwd() == str(folder):
                found.append(one)
    return found


def starts(folder: Path) -> int:
    """How often the program was started."""
    return (folder / "starts").read_text().count("start")


@pytest.mark.parametrize(("write", "expected"), [(write_server, 1), (write_calls, 2 * len(SHAPES))])
def test_every_shape_is_decrypted(write: Callable[[Path], str], expected: int, tmp_path: Path) -> None:
    """A program that serves is started once for all calls, one that does not for each; images come back."""
    cipher = load_cipher(write(tmp_path))
    for shape in SHAPES:
        image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
        encrypted = cipher.encrypt(image, KEY, NONCE)
        assert encrypted.header == NONCE
        assert encrypted.image.shape == shape
        assert (encrypted.image != image).any()
        assert (cipher.decrypt(encrypted, KEY) == image).all()
    assert starts(tmp_path) == expected


FAULTS = {
    "hangs": ("time.sleep(9)", "", r"did not answer within 0\.3 s"),
    "crashes": ("os.kill(os.getpid(), 11)", "", r"was killed by SIGSEGV"),
    "fails": ("raise SystemError('no chaos')", "", r"ended with exit code 1: SystemError: no chaos"),
    "writes nothing": ("", "os.remove(cipher)", r"ended well, but wrote no file cipher\.npy"),
    "another size": ("", "open(cipher, 'wb').write(open(plain, 'rb').read().replace(b'6, 8), }', b'3, 8), }')[:-24])",
                     r"wrote a picture of 3x8, wanted 6x8 like the one"),
    "a JPEG": ("", "open(cipher, 'wb').write(b'\\xff\\xd8\\xff\\xe0')", r"wrote a JPEG, which loses samples"),
    "empty": ("", "open(cipher, 'wb')", r"wrote an empty file, wanted a PNG or a \.npy"),
    "no array": ("", "open(cipher, 'wb').write(b'\\x93NUMPY')", r"wrote a \.npy that is no uint8 array"),
    "a header": ("", "open(cipher + '.header', 'wb').write(b'abc')",
                 r'wrote a header of 3 bytes, wanted 0; set header_bytes = 3 above \[card\], or "any" if it varies'),
    "a secret": ("", "open(cipher + '.secret', 'wb').write(b'abc')",
                 r"wrote a secret of 3 bytes, and the card states secret_bits = 0"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", [write_server, write_calls])
def test_a_fault_is_one_line(write: Callable[..., str], fault: str, tmp_path: Path) -> None:
    """It names the cipher, the method, what the program did and its .toml; the next call is as good as a first one."""
    before, after, said = FAULTS[fault]
    once = "if os.path.exists('again'): pass\nelse:\n open('again', 'w')\n " + (before or "pass")
    after = after and f"if open('starts').read().count('start') == 1 and word == 'encrypt': {after}"
    cipher = load_cipher(write(tmp_path, once, after, f"seconds = {0.3 if fault == 'hangs' else 60}"))
    with pytest.raises(ProgramError, match=rf"^pad: encrypt: the program {said}.* \(pad\.toml\)$") as caught:
        cipher.encrypt(IMAGE, KEY, NONCE)
    assert "\n" not in str(caught.value)
    make_patient(cipher)
    if write is write_server and after:  # it goes on with the same fault
        return
    assert (cipher.decrypt(cipher.encrypt(IMAGE, KEY, NONCE), KEY) == IMAGE).all()


def test_words_beside_answers_are_refused(tmp_path: Path) -> None:
    """What is printed before the first answer is a greeting; later, only ok, or error and a reason, is an answer."""
    reference = write_server(tmp_path, "print('ans = 5')")
    cipher = load_cipher(reference)
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    with pytest.raises(ProgramError, match=r'decrypt: the program answered "ans = 5", wanted ok, or error and a'):
        cipher.decrypt(encrypted, KEY)


def test_a_picture_on_standard_output_is_told(tmp_path: Path) -> None:
    """A process a call that prints its picture is told to write it to the file; prints beside a file are nobody's."""
    cipher = load_cipher(write_calls(tmp_path, "", "print('here'); word == 'encrypt' and os.remove(cipher)"))
    with pytest.raises(ProgramError, match=r'printed "here" and wrote no picture; write it to the file that is named'):
        cipher.encrypt(IMAGE, KEY, NONCE)
    assert load_cipher(write_calls(tmp_path, "print('hello')")).encrypt(IMAGE, KEY, NONCE).image.shape == (6, 8)


def test_refusals_are_cipher_errors(tmp_path: Path) -> None:
    """`error REASON`, and the exit code 3 with a reason on standard error, refuse; the server lives on."""
    refuse = "if word == 'decrypt':\n    print('error tag is wrong', flush=True)\n    continue"
    cipher = load_cipher(write_server(tmp_path, refuse))
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    for _ in range(2):
        with pytest.raises(CipherError, match=r"^pad: decrypt refuses it: tag is wrong$"):
            cipher.decrypt(encrypted, KEY)
    assert starts(tmp_path) == 1
    once = load_cipher(write_calls(tmp_path, "if word == 'decrypt': sys.stderr.write('tag is wrong'), sys.exit(3)"))
    with pytest.raises(CipherError, match=r"^pad: decrypt refuses it: tag is wrong$"):
        once.decrypt(encrypted, KEY)


def test_header_and_secret_travel_as_files(tmp_path: Path) -> None:
    """CIPHER.header and CIPHER.secret are written by encrypt, given to decrypt, and of the length that is stated."""
    lines = (
        "if word == 'encrypt':\n"
        "    given = open(cipher + '.secret', 'rb').read() if os.path.exists(cipher + '.secret') else b'12345678'\n"
        "    open(cipher + '.header', 'wb').write(b'abc'), open(cipher + '.secret', 'wb').write(given)\n"
        "else:\n"
        "    seen = open(cipher + '.header', 'rb').read() + open(cipher + '.secret', 'rb').read()\n"
        "    open('seen', 'wb').write(seen)"
    )
    cipher = load_cipher(write_server(tmp_path, lines, "", "header_bytes = 3", f"{CARD}secret_bits = 64\n"))
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    assert (encrypted.header, encrypted.secret) == (NONCE + b"abc", b"12345678")
    assert cipher.encrypt(IMAGE, KEY, NONCE, secret=b"87654321").secret == b"87654321"
    assert (cipher.decrypt(encrypted, KEY) == IMAGE).all()
    assert (tmp_path / "seen").read_bytes() == b"abc12345678"
    for header, secret, said in (
        (NONCE, b"12345678", "header has 16 bytes, wanted 19"), (NONCE + b"abc", b"1", "secret has 1 bytes, wanted 8"),
        (b"", b"12345678", "header has 0 bytes, wanted 19"),
    ):  # fmt: skip
        with pytest.raises(CipherError, match=said):
            cipher.decrypt(Encrypted(encrypted.image, header, secret), KEY)


def test_without_a_nonce_it_is_zero(tmp_path: Path) -> None:
    """A card that uses no nonce sends none: the header is empty, and the program is given zeros both times."""
    cipher = load_cipher(write_server(tmp_path, "", "", "", f"{CARD}uses_nonce = false\n"))
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    assert encrypted.header == b""
    assert (encrypted.image == cipher.encrypt(IMAGE, KEY, bytes(NONCE_BYTES)).image).all()
    assert (cipher.decrypt(encrypted, KEY) == IMAGE).all()


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    """What a shell would run is an argument like any other, and what is put in is not looked at again."""
    reference = write_calls(tmp_path, "open('given', 'w').write(sys.argv[6])")
    text = Path(reference).read_text().replace('"{nonce}"]', '"{nonce}", "$(touch bad); {key}{x}"]')
    Path(reference).write_text(text)
    load_cipher(reference).encrypt(IMAGE, KEY, NONCE)
    assert (tmp_path / "given").read_text() == f"$(touch bad); {KEY.hex()}{{x}}"
    assert not (tmp_path / "bad").exists()


def test_its_folder_is_private_and_forgets(tmp_path: Path) -> None:
    """Nobody else may look into it, and decryption finds nothing of the encryption before it but what it is given."""
    look = (
        "folder = os.path.dirname(plain)\n"
        "open('saw', 'a').write(f'{sorted(os.listdir(folder))} {os.stat(folder).st_mode & 0o777:o};')"
    )
    cipher = load_cipher(write_server(tmp_path, look))
    cipher.decrypt(cipher.encrypt(IMAGE, KEY, NONCE), KEY)
    assert (tmp_path / "saw").read_text() == "['plain.npy'] 700;['cipher.npy'] 700;"


def test_a_dead_server_is_started_again(tmp_path: Path) -> None:
    """Between two calls it may end as it likes."""
    cipher = load_cipher(write_server(tmp_path))
    assert isinstance(cipher, ProgramCipher)
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    for child in living_in(tmp_path):
        child.kill()
        child.wait()
    assert (cipher.decrypt(encrypted, KEY) == IMAGE).all()
    assert starts(tmp_path) == 2


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_server_ends_with_its_cipher(stubborn: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the object goes, so do the process, whatever it does, and those that it has started."""
    monkeypatch.setattr("cryptobench.adapters.processes._GOODBYE_SECONDS", 0.1)
    more = "import subprocess; subprocess.Popen(['sleep', '60'])" if stubborn else ""
    reference = write_server(tmp_path, more, "", "")
    if stubborn:
        text = (tmp_path / "pad").read_text()
        (tmp_path / "pad").write_text(f"{text}\ntime.sleep(60)\n")
    cipher = load_cipher(reference)
    cipher.encrypt(IMAGE, KEY, NONCE)
    mine = living_in(tmp_path)
    assert len(mine) == 1 + stubborn
    del cipher
    gc.collect()
    assert not [one for one in mine if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_copies_and_forks_have_their_own_program(tmp_path: Path) -> None:
    """A copy, an object that was pickled, and a fork start one of their own, and leave the first one's alone."""
    cipher = load_cipher(write_server(tmp_path))
    encrypted = cipher.encrypt(IMAGE, KEY, NONCE)
    for other in (copy.deepcopy(cipher), pickle.loads(pickle.dumps(cipher))):
        assert (other.decrypt(encrypted, KEY) == IMAGE).all()
    if not (pid := os.fork()):
        os._exit(int((cipher.decrypt(encrypted, KEY) != IMAGE).any()))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert (cipher.decrypt(encrypted, KEY) == IMAGE).all()
    assert starts(tmp_path) == 4


def test_its_time_is_shown_apart(tmp_path: Path) -> None:
    """Stages say what the pictures take, what the start takes, and what the program takes."""
    cipher = load_cipher(write_server(tmp_path, "time.sleep(0.05)"))
    with record_stages() as first:
        cipher.encrypt(IMAGE, KEY, NONCE)
    with record_stages() as second:
        cipher.encrypt(IMAGE, KEY, NONCE)
    assert set(first) == {"pictures", "start of the program", "program"}
    assert set(second) == {"pictures", "program"}
    assert second["program"] >= 0.05


def test_noise_on_standard_error_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that complains without end is ended, before it has filled the disk."""
    monkeypatch.setattr("cryptobench.adapters.processes._MOST_COMPLAINED", 1000)
    cipher = load_cipher(write_server(tmp_path, "while True: sys.stderr.write('no ' * 100); time.sleep(0.01)"))
    began = time.monotonic()
    with pytest.raises(ProgramError, match="wrote more than 0 MiB to standard error"):
        cipher.encrypt(IMAGE, KEY, NONCE)
    assert time.monotonic() - began < 50


def test_its_note_is_what_tables_look_for(tmp_path: Path) -> None:
    """The mark that timing writes begins as the table of times expects, and says whether each call is a start."""
    for write, said in ((write_server, "of pictures"), (write_calls, "of its start and of pictures")):
        note = type(load_cipher(write(tmp_path))).timing_note  # type: ignore[attr-defined]
        assert note.startswith(_PROGRAM)
        assert said in note
