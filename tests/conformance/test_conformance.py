"""Every registered cipher conforms, and a planted fault of each kind is found."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cryptobench.cipher import Encrypted
from cryptobench.cli.template import write_template
from cryptobench.conformance import answers, check_named, validate
from cryptobench.contract import find_breaches
from cryptobench.fresh_process import decrypt_in_fresh_process
from cryptobench.registry import cipher_names, load_cipher, read_card
from tests.conformance.faults import DECRYPT_START, DECRYPTED, ENCRYPT_START, FAULTS, Fault


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


def test_what_replaces_functions_fails_its_check(tmp_path: Path) -> None:
    """Builtins that the check itself needs are put back, and the line says who has replaced them."""
    path, isinstance_ = write_template("my_cipher", tmp_path), isinstance
    deed = "        if image.shape[0] == 257: __import__('builtins').isinstance = min\n"
    path.write_text(path.read_text().replace(ENCRYPT_START, deed + ENCRYPT_START))
    check = check_named(f"{path}:MyCipher", "round trip, 257x263", 60)
    assert isinstance is isinstance_
    assert not check.passed
    assert check.message.startswith("my_cipher: the cipher's code replaces isinstance, which changes what is measured")
    assert re.search(r" \(my_cipher\.py, line \d+\)$", check.message)
    assert check_named(f"{path}:MyCipher", "round trip, 64x64", 60).passed


def test_a_fault_of_the_check_blames_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check raises without the cipher is said, and is no failure of the cipher."""
    monkeypatch.setitem(answers.CHECKS, "determinism", lambda tested: str(np.zeros(0).max()))
    reference = f"{write_template('my_cipher', tmp_path)}:MyCipher"
    monkeypatch.setattr("cryptobench.blame._is_users", lambda file, own: file in own)  # this file is the harness here
    check = check_named(reference, "determinism", 60)
    assert check.passed
    assert check.message.startswith("not checked, for the check itself failed, not the cipher: ValueError: zero-size")


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "SystemExit", "GeneratorExit"])
def test_what_ends_processes_fails_a_check(tmp_path: Path, raised: str) -> None:
    """In the process of a check, which ignores Ctrl-C, an interrupt is the cipher's own."""
    path = write_template("my_cipher", tmp_path)
    path.write_text(path.read_text().replace(DECRYPT_START, f"        raise {raised}\n{DECRYPT_START}"))
    check = check_named(f"{path}:MyCipher", "round trip, 64x64", 60)
    assert not check.passed
    assert re.fullmatch(rf"{raised} \(my_cipher\.py, line \d+\)", check.message)
