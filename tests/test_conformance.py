"""Every registered cipher conforms, and a planted fault of each kind is found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cryptobench.cipher import Encrypted
from cryptobench.cli.template import write_template
from cryptobench.conformance import answers, check_named, validate
from cryptobench.conformance.cipher_under_test import fixed_bytes
from cryptobench.contract import find_breaches
from cryptobench.fresh_process import decrypt_in_fresh_process
from cryptobench.registry import cipher_names, load_cipher, read_card

# A process that has imported libraries, but no cipher, and forks a new process for each request: one import of numba
# and torch instead of 70. The new process knows as little as one that starts from nothing.
FORKS = """
import os, signal, sys, traceback
import numba, torch
from cryptobench.contract import find_breaches
from cryptobench.fresh_process import answer
from cryptobench.registry import load_cipher
for line in sys.stdin:
    child = os.fork()
    if not child:
        signal.alarm(600)
        try:
            reference, question, answers = line.rstrip("\\n").split("\\t")
            answer(load_cipher(reference), question, answers)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def forks() -> Iterator[subprocess.Popen[str]]:
    """The process that forks; it has another salt of Python's hashes than this one."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", FORKS], env=os.environ | {"PYTHONHASHSEED": "random"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip
        yield server


@pytest.fixture
def forked_processes(forks: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """New processes are forks of one that has imported no cipher, where the operating system forks safely."""
    if sys.platform != "linux":
        return

    def run(arguments: list[str], **_: Any) -> SimpleNamespace:
        assert forks.stdin is not None
        assert forks.stdout is not None
        forks.stdin.write("\t".join(arguments[-3:]) + "\n")  # the cipher's name, the messages, the answers
        forks.stdin.flush()
        return SimpleNamespace(returncode=int(forks.stdout.readline()), stderr="see the process's own output")

    stand_in = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr("cryptobench.fresh_process.subprocess", stand_in)


@pytest.mark.usefixtures("forked_processes")
@pytest.mark.parametrize("name", cipher_names())
def test_registered_ciphers_conform(name: str) -> None:
    """Every check passes, by the name that the cipher is registered under.

    The identity has no wrong key, and a key that only selects one of two trained pairs of networks hardly has one.
    """
    failed = {f"{check.name}: {check.message}" for check in validate(name) if not check.passed}
    keyless = {"wrong key: a wrong key decrypts the image"}
    if name == "identity":
        assert failed == keyless
    elif read_card(name).key[0].name == "pair":
        assert failed <= keyless
    else:
        assert failed == set()


def test_an_instance_is_checked_like_its_name() -> None:
    """The same checks with the same outcome."""
    by_name = [(check.name, check.passed, check.message) for check in validate("aes-256-siv")]
    assert [(check.name, check.passed, check.message) for check in validate(load_cipher("aes-256-siv"))] == by_name


@dataclass(frozen=True)
class Fault:
    """A change to the template (each old text by its new one), the checks that must fail, and what one of them says."""

    name: str
    changes: dict[str, str]
    fails: set[str]
    says: str


ENCRYPT_START = '        with stage("permutation"):  # stages are timed apart\n'
DECRYPT_START = "        image = encrypted.image\n"
DECRYPTED = "return restored.reshape(image.shape)"
SECRET_RETURNED = {
    'fidelity="A"': 'fidelity="A", secret_bits=256',
    "header=nonce)": "header=nonce, secret=secret)",
}
FAULTS = [
    Fault(
        "encrypt modifies its input",
        {ENCRYPT_START: "        image[0, 0] ^= 1\n" + ENCRYPT_START},
        {"input not modified"},
        "encrypt changes the image",
    ),
    Fault(
        "decrypt modifies its input",
        {DECRYPT_START: DECRYPT_START + "        encrypted.image[0, 0] ^= 1\n"},
        {"input not modified"},
        "decrypt changes the cipher image",
    ),
    Fault(
        "needs a writable image",
        {ENCRYPT_START: "        image += 0\n" + ENCRYPT_START},
        {"input not modified"},
        "a read-only image: raised ValueError",
    ),
    Fault(
        "random on every call",
        {ENCRYPT_START: "        nonce = np.random.default_rng().bytes(16)\n" + ENCRYPT_START},
        {"determinism"},
        "a second call gives another cipher image",
    ),
    Fault(
        "differs by instance",
        {
            "    def encrypt(": "    made = 0\n\n    def __init__(self) -> None:\n        MyCipher.made += 1\n"
            "        self.number = MyCipher.made\n\n    def encrypt(",
            ENCRYPT_START: "        nonce = bytes([self.number]) * 16\n" + ENCRYPT_START,
        },
        {"determinism"},
        "a second instance gives another cipher image",
    ),
    Fault(
        "remembers what decryption needs",
        {
            ENCRYPT_START: "        MyCipher.last = nonce\n" + ENCRYPT_START,
            "header=nonce)": "header=bytes(16))",
            "+ encrypted.header,": "+ MyCipher.last,",
        },
        {"fresh process"},
        "AttributeError",
    ),
    Fault(
        "depends on Python's salted hash",
        {"hashlib.shake_256(seed)": "hashlib.shake_256(seed + bytes([hash('salt') % 256, hash('pepper') % 256]))"},
        {"fresh process"},
        "what a new process decrypts differs in",
    ),
    Fault(
        "returns floats",
        {DECRYPTED: "return restored.reshape(image.shape) / 1.0"},
        {"round trip, 64x64", "fresh process"},
        "my_cipher: decrypt returned float64, wanted uint8 (values 0 to 255); np.rint(image).astype(np.uint8)",
    ),
    Fault(
        "loses an axis",
        {DECRYPTED: "return restored.reshape(image.shape[:2] if image.shape[2:] == (1,) else image.shape)"},
        {"round trip, 20x20x1", "fresh process"},
        "is 20x20, wanted 20x20x1",
    ),
    Fault(
        "loses the lowest bit and says that it does not",
        {DECRYPTED: "return restored.reshape(image.shape) & 254"},
        {"round trip, 64x64", "fresh process"},
        "samples, and the card says lossless=True",
    ),
    Fault(
        "lossy beyond use",
        {'fidelity="A"': 'fidelity="A", lossless=False', DECRYPTED: "return 255 - restored.reshape(image.shape)"},
        {"round trip, 64x64", "fresh process"},
        "is no nearer to the plaintext than a flat image of its mean grey is",
    ),
    Fault(
        "crashes on an odd shape",
        {ENCRYPT_START: "        image[1, 1]\n" + ENCRYPT_START},
        {"round trip, 1x37", "round trip, 37x1", "round trip, 1x1", "fresh process"},
        "IndexError: index 1 is out of bounds for axis 0 with size 1 (my_cipher.py, line",
    ),
    Fault(
        "refuses without saying what",
        {ENCRYPT_START: "        if image.shape[1] % 2:\n            raise CipherError('bad image')\n" + ENCRYPT_START},
        {"round trip, 33x47x3"},
        "refuses with 'bad image'; make that one line that names the 33x47x3 given",
    ),
    Fault(
        "refuses what its card allows",
        {
            'fidelity="A"': 'fidelity="A", min_side=65',
            ENCRYPT_START: "        if len(image) % 64:\n            raise CipherError('wanted 64')\n" + ENCRYPT_START,
        },
        {"round trip, 65x65", "fresh process"},
        "refuses an image within the limits that the card states",
    ),
    Fault(
        "ignores its key",
        {"shake_256(seed)": "shake_256(seed[16:])"},
        {"wrong key"},
        "a wrong key decrypts the image",
    ),
    Fault(
        "wrong key raises",
        {DECRYPT_START: DECRYPT_START + f"        assert key[0] != {fixed_bytes('wrong key', 1)[0]}, 'no such key'\n"},
        {"wrong key"},
        "a wrong key: raised AssertionError",
    ),
    Fault(
        "raises ValueError on damage",
        {"raise CipherError": "raise ValueError"},
        {"damaged ciphertext"},
        "a header one byte short: raised ValueError",
    ),
    Fault(
        "trusts the size of the cipher image",
        {DECRYPT_START: DECRYPT_START + "        image[63, 63]\n        image = image[:64, :64]\n"},
        {"damaged ciphertext"},
        "a lost last row: raised IndexError",
    ),
    Fault(
        "claims authentication",
        {'fidelity="A"': 'fidelity="A", authenticated=True'},
        {"wrong key", "damaged ciphertext"},
        "authenticated=True, but a changed first byte goes unnoticed",
    ),
    Fault(
        "denies its nonce",
        {'fidelity="A"': 'fidelity="A", uses_nonce=False'},
        {"nonce"},
        "uses_nonce=False, but another nonce gives another cipher image",
    ),
    Fault(
        "claims a nonce",
        {ENCRYPT_START: "        nonce = bytes(16)\n" + ENCRYPT_START},
        {"nonce"},
        "uses_nonce=True, but another nonce gives the same cipher image",
    ),
    Fault(
        "claims a secret",
        {'fidelity="A"': 'fidelity="A", secret_bits=256'},
        {"fixed secret"},
        "secret_bits=256, but encrypt returns no secret",
    ),
    Fault(
        "hides a secret",
        {"header=nonce)": "header=nonce, secret=b'0123456789abcdef')"},
        {"fixed secret"},
        "secret_bits=0, but the secret has 16 bytes",
    ),
    Fault(
        "ignores the secret that it is given",
        SECRET_RETURNED | {ENCRYPT_START: "        secret = hashlib.sha256(image).digest()\n" + ENCRYPT_START},
        {"fixed secret"},
        "encrypt with a given secret returns another secret",
    ),
    Fault(
        "takes a secret of any length",
        SECRET_RETURNED
        | {ENCRYPT_START: "        secret = secret or hashlib.sha256(image).digest()\n" + ENCRYPT_START},
        {"fixed secret"},
        "encrypt with a secret one byte short was taken",
    ),
    Fault(
        "unchecked arguments",
        {"\n\ndef _keystream": "\n\nMyCipher.encrypt = MyCipher.encrypt.__wrapped__\n"
         "MyCipher.decrypt = MyCipher.decrypt.__wrapped__\n\n\ndef _keystream"},
        {"wrong key length", "wrong nonce length", "wrong dtype", "wrong dimensions"},
        "encrypt with a key of 31 bytes was taken",
    ),
    Fault(
        "DOI as an address",
        {'fidelity="A"': 'fidelity="A", doi="https://doi.org/10.1000/182"'},
        {"card"},
        "wanted the form 10.1234/abcd",
    ),
    Fault("silent about its choices", {'fidelity="A"': 'fidelity="B"'}, {"card"}, "there are no deviations"),
    Fault("control without a defect", {'family="mine"': 'family="control"'}, {"card"}, "must state the defect"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_faults_are_found(tmp_path: Path, fault: Fault) -> None:
    """A fault planted in the template, which conforms, fails the checks that it should, and one says why."""
    path = write_template("my_cipher", tmp_path)
    source = path.read_text()
    for old, new in fault.changes.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    path.write_text(source)
    checks = [check_named(f"{path}:MyCipher", name, 60) for name in sorted(fault.fails)]
    failed = {check.name: check.message for check in checks if not check.passed}
    assert set(failed) == fault.fails
    assert any(fault.says in failed[name] for name in fault.fails), failed
    assert all("\n" not in message for message in failed.values())


def test_a_lossy_cipher_that_says_so_conforms(tmp_path: Path) -> None:
    """Losing the lowest bit is reported as a PSNR."""
    path = write_template("my_cipher", tmp_path)
    source = path.read_text().replace('fidelity="A"', 'fidelity="A", lossless=False')
    path.write_text(source.replace(DECRYPTED, "return restored.reshape(image.shape) & 254"))
    checks = {check.name: check for check in validate(f"{path}:MyCipher")}
    assert all(check.passed for check in checks.values())
    # Half of the samples lose one grey level: mean squared error 1/2.
    assert checks["round trip, 64x64"].message.startswith("PSNR 51.")


def test_each_check_is_announced_before_it_begins() -> None:
    """So that a cipher that hangs is seen to hang, and where."""
    announced: list[str] = []
    assert [check.name for check in validate("caesar", announced.append)] == announced


@pytest.mark.parametrize(
    ("limits", "home"),
    [
        ("channels=(3,)", "64x64x3"),
        ("min_side=100", "100x100"),
        ("max_side=20", "20x20"),
        ("sides_multiple_of=6", "66x66"),
    ],
)
def test_limits_on_the_card_are_respected(tmp_path: Path, limits: str, home: str) -> None:
    """A limited cipher conforms: the first image lies within its limits, others are refused."""
    path = write_template("my_cipher", tmp_path)
    path.write_text(path.read_text().replace('fidelity="A"', f'fidelity="A", {limits}'))
    checks = validate(f"{path}:MyCipher")
    assert all(check.passed for check in checks)
    round_trips = [check for check in checks if check.name.startswith("round trip")]
    assert (round_trips[0].name, round_trips[0].message) == (f"round trip, {home}", "exact")
    assert any(check.message.startswith("refused: my_cipher: image is") for check in round_trips)


def test_a_dead_or_hanging_process_is_reported(tmp_path: Path) -> None:
    """A process that ends early gives its exit code, one that hangs the time it was given."""
    message = [(Encrypted(np.zeros((2, 2), np.uint8), bytes(16)), bytes(32))]
    for number, (body, timeout, says) in enumerate(
        [("__import__('os')._exit(3)", 60, "exit code 3"), ("__import__('time').sleep(60)", 2, "within 2 s")]
    ):
        path = write_template(f"bad_{number}", tmp_path)
        path.write_text(path.read_text().replace(DECRYPT_START, f"        {body}\n{DECRYPT_START}"))
        with pytest.raises(RuntimeError, match=says):
            decrypt_in_fresh_process(f"{path}:Bad{number}", message, timeout)


def test_a_breach_has_the_words_of_a_run(tmp_path: Path) -> None:
    """The check "contract" fails with the line that `cryptobench run` says."""
    path = write_template("my_cipher", tmp_path)
    path.write_text(path.read_text().replace(DECRYPTED, "return restored.reshape(image.shape) / 1.0"))
    check = check_named(f"{path}:MyCipher", "contract", 60)
    assert (check.passed, [check.message]) == (False, find_breaches(load_cipher(f"{path}:MyCipher")))


def test_a_fault_of_the_check_blames_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check raises without the cipher is said, and is no failure of the cipher."""
    monkeypatch.setitem(answers.CHECKS, "determinism", lambda tested: str(np.zeros(0).max()))
    reference = f"{write_template('my_cipher', tmp_path)}:MyCipher"
    monkeypatch.setattr("cryptobench.blame._is_users", lambda file, own: file in own)  # this file is the harness here
    check = check_named(reference, "determinism", 60)
    assert check.passed
    assert check.message.startswith("not checked, for the check itself failed, not the cipher: ValueError: zero-size")
