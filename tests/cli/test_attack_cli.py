"""`cryptobench attack` as people give it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from cryptobench.cli import main
from cryptobench.images import load_image, read_image
from cryptobench.registry import attack_names, load_attack

FOUR = "determinism,keystream_reuse,affine_gf2,affine_z256"


def attack(*arguments):
    return CliRunner().invoke(main, ["attack", *arguments])


def test_a_recovered_image_gives_exit_code_1():
    """The table names attack, model, outcome, queries and share."""
    result = attack("xor-pad", "--size", "16", "--only", FOUR)
    assert result.exit_code == 1, result.output
    line = next(line for line in result.output.splitlines() if line.startswith("keystream_reuse"))
    assert line.split()[:6] == ["keystream_reuse", "KPA", "none", "16x16x3", "recovered", "2"]
    assert "100.00%" in line
    assert "confidentiality: <= 0 of 5, falls to ciphertexts alone" in result.output
    assert "xor-pad is broken: keystream_reuse recovered all of the image" in result.output


def test_fixed_nonces_count_only_when_asked_for():
    """A stream cipher holds with fresh nonces; that fixed ones break it is printed, and counts with --nonce fixed."""
    both = attack("aes-256-ctr", "--size", "16", "--only", FOUR)
    assert both.exit_code == 0
    assert "fixed  16x16x3    recovered" in both.output
    assert attack("aes-256-ctr", "--size", "16", "--only", FOUR, "--nonce", "fixed").exit_code == 1
    fresh = attack("aes-256-ctr", "--size", "16", "--only", FOUR, "--nonce", "fresh")
    assert (fresh.exit_code, "fixed" in fresh.output) == (0, False)


def test_json_holds_everything():
    """Programs get numbers, not text, and the same ones for the same seed."""
    arguments = ("add-chain", "--size", "16", "--only", FOUR, "--seed", "4", "--json")
    found = json.loads(attack(*arguments).stdout)
    judged = found["judgements"]
    assert judged["confidentiality"]["at_most"] == judged["misuse"]["at_most"] == 2
    assert judged["confidentiality"]["level"] is None  # without the minimum set
    assert judged["confidentiality"]["by"] == ["affine_z256"]
    assert (judged["integrity"]["word"], judged["weak_keys"], found["unmet"]) == (None, False, [])
    by_name = {one["name"]: one for one in found["attacks"]}
    assert list(by_name) == ["determinism", "keystream_reuse", "affine_gf2", "affine_z256"]  # A1 to A4
    affine = by_name["affine_z256"]
    assert (affine["outcome"], affine["statistic"], affine["claims"]) == ("leak", 1.0, ["affine"])
    assert affine["queries"] == {"total": 4, "known": 0, "encryptions": 4, "decryptions": 0}
    again = json.loads(attack(*arguments).stdout)
    assert [one | {"seconds": 0} for one in found["attacks"]] == [one | {"seconds": 0} for one in again["attacks"]]


def test_rows_come_before_the_table():
    """Each outcome is said on standard error as it comes; the table has those that break most first."""
    result = attack("xor-pad", "--size", "16", "--only", FOUR)
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [f"  {name}" for name in FOUR.split(",")]
    assert "  keystream_reuse: recovered, 2 queries, 100.00% of the image" in result.stderr
    rows = result.stdout.splitlines()[3:7]
    assert [row.split()[0] for row in rows] == ["keystream_reuse", "determinism", "affine_gf2", "affine_z256"]
    assert "<1e-300" in rows[0]
    notes = result.stdout.splitlines()[8:12]
    assert notes[0] == "keystream_reuse: keystream samples equal in two messages; c = p XOR k"  # what its statistic is


def test_no_line_is_wide():
    """Long names and notes stand below the table, in lines of 120 characters; the table itself has less than 160."""
    only = "affine_cca,decryption_avalanche,near_target,known_pairs_regression,length_leak,determinism,equality_leak"
    result = attack("aes-256-ctr", "--size", "16", "--only", only, "--profile", "quick")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) < 160
    assert max(len(line) for line in lines if ": " in line) <= 120


def test_malleability_is_no_break():
    """An image that only chosen ciphertexts recover does not count; the outcome has a word of its own."""
    result = attack("aes-256-ctr", "--size", "16", "--only", "near_target,determinism", "--nonce", "fresh")
    assert result.exit_code == 0
    line = next(line for line in result.stdout.splitlines() if line.startswith("near_target"))
    assert line.split()[4] == "malleable"
    assert "integrity:       malleable: a changed ciphertext" in result.stdout
    assert "aes-256-ctr is malleable: by near_target, with 15 queries" in result.stdout.replace("\n    ", " ")


@pytest.mark.parametrize(
    ("require", "code", "line"),
    [
        ("integrity=malleable", 0, ""),
        ("integrity=rejects", 1, "required: integrity: rejects is wanted, the cipher has malleable (near_target)"),
        ("misuse=0", 1, "required: misuse: level 0 is wanted, the cipher has <= 0 (keystream_reuse)"),
    ],
)
def test_requirements_decide_the_exit_code(require, code, line):
    """What is required and not reached, or not known, is a line and exit code 1."""
    result = attack("aes-256-ctr", "--size", "16", "--only", "near_target,keystream_reuse", "--require", require)
    assert result.exit_code == code
    assert line in result.stdout


def test_a_required_level_replaces_the_break():
    """Who asks for confidentiality=0 accepts a broken cipher, if all of the minimum set has ended."""
    from cryptobench.attacks.judgements import MINIMUM_FRESH

    only = ("--only", ",".join(MINIMUM_FRESH), "--size", "8")
    assert attack("xor-pad", *only, "--require", "confidentiality=0").exit_code == 0
    result = attack("xor-pad", *only, "--require", "confidentiality=1", "--json")
    assert json.loads(result.stdout)["unmet"] == [
        "confidentiality: level 1 is wanted, the cipher has 0 (keystream_reuse)"
    ]
    assert result.exit_code == 1


def test_a_profile_sets_effort_and_size(monkeypatch):
    """Parameters and the challenge's side are the profile's; --size goes before it."""
    import cryptobench.attacking

    loaded = {}

    def load(name, **parameters):
        loaded[name] = parameters
        return load_attack(name, **parameters)

    monkeypatch.setattr(cryptobench.attacking, "load_attack", load)
    only = ("--only", "determinism,weak_keys", "--profile", "quick", "--json")
    monkeypatch.setattr(
        "cryptobench.attacking.here.Here.run", lambda here, job, challenge: sides.append(challenge.size) or []
    )
    sides = []
    attack("xor-pad", *only)
    attack("xor-pad", *only, "--size", "8")
    assert loaded == {"determinism": {}, "weak_keys": {"keys": 256, "bases": 1}}
    assert sides == [32, 32, 8, 8]


def test_a_slow_attack_is_ended(tmp_path):
    """With --timeout it fails, the others go on, and an attack of one's own comes back from the worker process."""
    (tmp_path / "slow.py").write_text(
        "import time\n"
        "from dataclasses import dataclass\n"
        "from cryptobench.attacks.base import Attack, AttackResult\n"
        "@dataclass(frozen=True)\n"
        "class Slow(Attack):\n"
        "    name, title, model = 'slow', 'Slow', 'CPA'\n"
        "    def run(self, oracle, generator):\n"
        "        time.sleep(600)\n"
        "class Fast(Slow):\n"
        "    name, title, model = 'fast', 'Fast', 'CPA'\n"
        "    def run(self, oracle, generator):\n"
        "        print('from the attack')\n"
        "        return AttackResult(statistic=0.5)\n"
    )
    file = tmp_path / "slow.py"
    result = attack("xor-pad", "--size", "8", "--only", f"{file}:Slow,{file}:Fast", "--timeout", "1.5", "--json")
    reports = {one["name"]: one for one in json.loads(result.stdout)["attacks"]}
    assert reports["slow"]["notes"] == "still running after 1.5 s; --timeout gives it longer"
    assert (reports["slow"]["outcome"], result.exit_code) == ("failed", 1)
    assert (reports["fast"]["outcome"], reports["fast"]["statistic"]) == ("holds", 0.5)
    assert "from the attack" in result.stderr


def test_recovered_images_are_saved(tmp_path):
    """--save writes what attackers have, and nothing where they have nothing."""
    attack("xor-pad", "--size", "16", "--only", FOUR, "--save", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["keystream_reuse none.png"]
    assert np.array_equal(read_image(tmp_path / "keystream_reuse none.png"), load_image("astronaut", 16))


def test_attacks_too_small_for_a_cipher_do_not_apply():
    """The others go on; what such an attack would say is not known, and no failure."""
    result = attack("kumar2022", "--only", "determinism,codebook", "--nonce", "fresh", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    reports = {one["name"]: one for one in found["attacks"]}
    assert (reports["determinism"]["outcome"], reports["codebook"]["outcome"]) == ("leak", "n/a")
    assert reports["codebook"]["notes"].startswith("it attacks 32 pixels a side: kumar2022: image is 32x32x1, wanted")
    assert "codebook" in found["judgements"]["confidentiality"]["missing"]


def test_an_attack_of_ones_own(tmp_path):
    """path/to/file.py:ClassName works, and an attack that fails is said to and counts."""
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "from cryptobench.attacks.base import Attack\n"
        "@dataclass(frozen=True)\n"
        "class Mine(Attack):\n"
        "    name, title, model = 'mine', 'Mine', 'CPA'\n"
        "    def run(self, oracle, generator):\n"
        "        return 1 / 0\n"
    )
    result = attack("xor-pad", "--size", "16", "--only", f"{tmp_path}/mine.py:Mine")
    assert result.exit_code == 1
    assert "failed" in result.output
    assert "ZeroDivisionError: division by zero" in result.output


def test_attacks_run_on_one_thread(tmp_path):
    """So that times do not depend on what else the machine does."""
    pytest.importorskip("torch")
    (tmp_path / "threads.py").write_text(
        "from dataclasses import dataclass\n"
        "from cryptobench.attacks.base import Attack, AttackResult\n"
        "import torch\n"
        "@dataclass(frozen=True)\n"
        "class Threads(Attack):\n"
        "    name, title, model = 'threads', 'Threads', 'CPA'\n"
        "    def run(self, oracle, generator):\n"
        "        return AttackResult(statistic=float(torch.get_num_threads()))\n"
    )
    command = "from cryptobench.cli import main; main()"
    arguments = ["attack", "xor-pad", "--size", "8", "--only", f"{tmp_path}/threads.py:Threads", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.endswith("NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments], capture_output=True, text=True, check=True, env=environment
    )
    assert json.loads(done.stdout)["attacks"][0]["statistic"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["xor-pad", "--require", "security=5"], "'security=5' names no judgement; wanted such as"),
        (["xor-pad", "--require", ""], "it asks for nothing; give such as confidentiality=5"),
        (["xor-pat"], "unknown cipher 'xor-pat'; did you mean 'xor-pad'?"),
        (["xor-pad", "--only", "determinsm"], "unknown attack 'determinsm'; did you mean 'determinism'?"),
        (["xor-pad", "--image", "astronout"], "astronout"),
        (
            ["kumar2022", "--size", "32", "--only", "determinism"],
            "wanted sides of at least 64; choose another image or size",
        ),
        (
            ["aes-256-ctr", "--only", "determinism", "--nonce", "fixed"],
            "none of these attacks applies to",
        ),
    ],
)
def test_wrong_arguments_are_one_clear_line(arguments, message):
    """What was given, what there is instead; no traceback."""
    result = attack(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.splitlines()) == 1


def test_a_square_cipher_attacks_a_crop():
    """A picture that is not square is cut for a scheme that takes square ones only."""
    result = attack("arnold-cat", "--image", "coffee", "--size", "16", "--only", "determinism")
    assert "16x16" in result.output
    assert "choose another image" not in result.output


def test_list_attacks_names_every_attack():
    """With a line on each."""
    rows = json.loads(CliRunner().invoke(main, ["list", "attacks", "--json"]).output)
    assert [row["name"] for row in rows] == attack_names()
    assert all(row["what it tries"] for row in rows)
