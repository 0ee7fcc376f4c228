"""`cryptobench validate`: a check that hangs or ends its process costs itself, and nothing else."""

from __future__ import annotations

import json

import psutil
import pytest
from click.testing import CliRunner

from cryptobench.bench import worker
from cryptobench.cli import main
from cryptobench.contract import find_breaches
from cryptobench.preflight import Preflight, preflights
from cryptobench.registry import literal_card, load_cipher
from tests.forked import fork_preflights

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
def validate(tmp_path, monkeypatch):
    """Validates a cipher that is sound but for a line each at encryption and at decryption: code, checks by name."""

    fork_preflights(monkeypatch, examined=False)

    def run(encryption="pass", decryption="pass", *, head="", seconds=10):
        path = tmp_path / "mine.py"
        path.write_text(head + SOUND.replace("AT_ENCRYPTION", encryption).replace("AT_DECRYPTION", decryption))
        # Long enough for a new process to begin on a busy machine.
        result = CliRunner().invoke(main, ["validate", f"{path}:Mine", "--timeout", str(seconds), "--json"])
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
    new = "sys.orig_argv[1] == '-P' and 'fresh_process' in ' '.join(sys.orig_argv)"  # and not pytest of such a file
    code, checks = validate(decryption=f"if {new}: time.sleep(600)")
    failed = {name: check["message"] for name, check in checks.items() if not check["passed"]}
    assert (code, list(failed)) == (1, ["fresh process"]), failed
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
    assert (code, set(failed)) == (1, {"round trip, 1x1", "fresh process"}), failed
    assert says in failed["round trip, 1x1"]


def test_a_file_that_hangs_is_one_failure(validate):
    """Nothing else is tried."""
    code, checks = validate(head="import time\ntime.sleep(600)\n", seconds=3)
    assert (code, list(checks)) == (1, ["loading"])
    late = "mine: importing it takes more than 3 s (mine.py, line 2); --timeout gives it longer"
    assert checks["loading"]["message"] == late


def test_a_sound_cipher_passes(validate):
    """The toy of these tests, without a fault."""
    code, checks = validate()
    assert code == 0, checks
    assert all(check["passed"] for check in checks.values())


@pytest.fixture
def no_worker(monkeypatch):
    """A worker process that is started is a failure of the test."""
    monkeypatch.setattr(worker, "WorkerProcess", None)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize(
    ("where", "line", "name"), [("head", "exit_(0)", "loading"), ("encryption", "exit_(0)", "contract")]
)
def test_a_cipher_that_ends_processes_is_one_line(validate, tmp_path, where, line, name):
    """At import or at encryption: no check is made, and the words are those of `run`, with the user's line."""
    head = "from os import _exit as exit_\n"
    code, checks = validate(head=head + line) if where == "head" else validate(line, head=head)
    (breach,) = preflights([f"{tmp_path / 'mine.py'}:Mine"], jobs=1)[f"{tmp_path / 'mine.py'}:Mine"].breaches
    assert (code, {name: check["message"] for name, check in checks.items()}) == (1, {name: breach})
    assert "ends the process: it ended with exit code 0" in breach


@pytest.mark.usefixtures("no_worker")
def test_a_cipher_that_replaces_functions_is_one_line(tmp_path, monkeypatch):
    """The line of its trial, once; no check is made in a process that it has changed."""
    breach = "mine: the cipher's code replaces len (mine.py, line 3)"
    path = tmp_path / "mine.py"
    path.write_text(SOUND)
    harmed = Preflight(reference=f"{path}:Mine", breaches=(breach,), harmful=True)
    monkeypatch.setattr("cryptobench.preflight.preflights", lambda references, **_: {references[0]: harmed})
    result = CliRunner().invoke(main, ["validate", f"{path}:Mine"])
    assert (result.exit_code, result.output.splitlines()[0]) == (1, f"FAIL  loading: {breach}")
    assert result.output.count("FAIL") == 1


class Here:
    """Stands for a worker process, in this one."""

    def __init__(self, limits):
        pass

    def call(self, function, *arguments):
        return function(*arguments)

    def stop(self):
        pass


def test_a_breach_is_said_once(tmp_path, monkeypatch):
    """Checks that fail for the same reason are counted; the others are made, and the trial is not made again."""
    monkeypatch.setattr(worker, "WorkerProcess", Here)
    monkeypatch.setattr("cryptobench.conformance.require_kept", None)
    path = tmp_path / "mine.py"
    path.write_text(SOUND.replace("AT_ENCRYPTION", "image = image / 1").replace("AT_DECRYPTION", "pass"))
    path.write_text(path.read_text().replace("Encrypted(image ^ key[0])", "Encrypted(image, header='text')"))
    (breach, *_) = find_breaches(load_cipher(f"{path}:Mine"))
    broken = Preflight(reference=f"{path}:Mine", card=literal_card(f"{path}:Mine"), breaches=(breach,))
    monkeypatch.setattr("cryptobench.preflight.preflights", lambda references, **_: {references[0]: broken})
    result = CliRunner().invoke(main, ["validate", f"{path}:Mine"])
    lines = [line for line in result.output.splitlines() if "returned float64, wanted uint8" in line]
    assert (result.exit_code, len(lines)) == (1, len({line.partition("; ")[2] for line in lines}))
    assert lines[0].startswith("FAIL  contract and 1")
    assert lines[0].endswith(" (mine.py, line 11)")
    assert "ok    wrong dtype" in result.output


@pytest.mark.parametrize(("cost", "seconds"), [("slow", 1e-6), ("normal", 10.0), ("normal", 1e-6)])
def test_validate_advises_on_the_cost(tmp_path, monkeypatch, cost, seconds):
    """One line on standard error, by the trial; the checks, their JSON and the exit code are what they were."""
    monkeypatch.setattr(worker, "WorkerProcess", Here)
    monkeypatch.setattr("cryptobench.conformance.check_names", lambda reference: ["contract"])
    path = tmp_path / "mine.py"
    path.write_text(SOUND.replace('family="made"', f'family="made", cost="{cost}"').replace("AT_", "pass  # "))
    trial = Preflight(reference=f"{path}:Mine", card=literal_card(f"{path}:Mine"), seconds=seconds, samples=12288)
    monkeypatch.setattr("cryptobench.preflight.preflights", lambda references, **_: {references[0]: trial})
    result = CliRunner().invoke(main, ["validate", f"{path}:Mine", "--json"])
    assert (result.exit_code, len(json.loads(result.stdout))) == (0, 1)
    assert ('cost="slow"' in result.stderr) == ((cost == "slow") != (seconds > 1)), result.stderr
