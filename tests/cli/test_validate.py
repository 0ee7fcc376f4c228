"""`cryptobench validate`: a check that hangs or ends its process costs itself, and nothing else."""

from __future__ import annotations

import json

import psutil
import pytest
from click.testing import CliRunner

from cryptobench.cli import main

SOUND = """
import os, sys, time
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

class Mine(Cipher):
    card = Card(name="mine", title="x", family="made", fidelity="A", key=(KeyField("key", 8),), uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        AT_ENCRYPTION
        return Encrypted(image ^ key[0])

    def decrypt(self, encrypted, key):
        AT_DECRYPTION
        return encrypted.image ^ key[0]
"""


@pytest.fixture
def validate(tmp_path):
    """Validates a cipher that is sound but for a line each at encryption and at decryption: code, checks by name."""

    def run(encryption="pass", decryption="pass", *, head=""):
        path = tmp_path / "mine.py"
        path.write_text(head + SOUND.replace("AT_ENCRYPTION", encryption).replace("AT_DECRYPTION", decryption))
        # Long enough for a new process to begin on a busy machine.
        result = CliRunner().invoke(main, ["validate", f"{path}:Mine", "--timeout", "10", "--json"])
        return result.exit_code, {check["name"]: check for check in json.loads(result.stdout)}

    return run


def test_a_check_out_of_time_fails_alone(validate):
    """One line says for how long it ran, and which option gives it longer."""
    code, checks = validate("if image.shape == (1, 37): time.sleep(600)")
    assert code == 1
    failed = {name: check["message"] for name, check in checks.items() if not check["passed"]}
    late = "still running after 10 s; --timeout gives it longer"
    assert failed == {"round trip, 1x37": late, "fresh process": late}
    assert len(checks) > 15


def test_a_hanging_new_process_ends_with_its_check(validate, tmp_path):
    """It is given a little less time than the check, so that no process is left behind."""
    code, checks = validate(decryption="if 'fresh_process' in ' '.join(sys.orig_argv): time.sleep(600)")
    failed = {name: check["message"] for name, check in checks.items() if not check["passed"]}
    assert (code, list(failed)) == (1, ["fresh process"])
    assert "the new process did not finish within" in failed["fresh process"]
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert [line for line in lines if str(tmp_path) in line] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [("os._exit(3)", "the worker process ended with exit code 3"), ("sys.exit(4)", "SystemExit: 4 (mine.py, line")],
)
def test_a_check_that_ends_its_process_fails_alone(validate, line, says):
    """By a crash, or by the exit that scripts use."""
    code, checks = validate(f"if image.shape == (1, 1): {line}")
    failed = {name: check["message"] for name, check in checks.items() if not check["passed"]}
    assert (code, set(failed)) == (1, {"round trip, 1x1", "fresh process"})
    assert says in failed["round trip, 1x1"]


def test_a_file_that_hangs_is_one_failure(validate):
    """Nothing else is tried."""
    code, checks = validate(head="import time\ntime.sleep(600)\n")
    assert (code, list(checks)) == (1, ["loading"])
    assert checks["loading"]["message"].startswith("still running after 10 s")


def test_a_sound_cipher_passes(validate):
    """The toy of these tests, without a fault."""
    code, checks = validate()
    assert code == 0, checks
    assert all(check["passed"] for check in checks.values())
