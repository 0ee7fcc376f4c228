"""A cipher by path that would end the process which loads it: one clear line, from whatever command is given it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import cryptobench as cb
from cryptobench.cipher import ContractError
from cryptobench.cli import main
from cryptobench.registry import RegistryError
from tests.forked import fork_preflights

HOSTILE = """
import os
from cryptobench import Card, Cipher, Encrypted, KeyField
AT_IMPORT
class Mine(Cipher):
    card = Card(name="mine", title="x", family="made", fidelity="A", key=(KeyField("key", 128),))

    def encrypt(self, image, key, nonce, *, secret=None):
        AT_ENCRYPTION
        return Encrypted(image ^ key[0], header=nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ key[0]
"""
ENDED = "mine: importing it ends the process: it ended with exit code 0 (mine.py, line 4)"
COMMANDS = {
    "attack": ("attack", "MINE", "--only", "determinism"),
    "encrypt": ("encrypt", "moon", "out.png", "--size", "8", "--cipher", "MINE"),
    "decrypt": ("decrypt", "in.npy", "out.png", "--key", "5a" * 16, "--cipher", "MINE"),
    "dump": ("dump", "MINE", "--bytes", "8"),
}


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """Writes a cipher with a line at import and one at encryption; its reference."""
    monkeypatch.chdir(tmp_path)
    fork_preflights(monkeypatch)

    def write(at_import="", at_encryption="pass"):
        text = HOSTILE.replace("AT_IMPORT", at_import).replace("AT_ENCRYPTION", at_encryption)
        (tmp_path / "mine.py").write_text(text)
        return f"{tmp_path / 'mine.py'}:Mine"

    return write


@pytest.mark.parametrize("verb", COMMANDS)
def test_no_command_is_ended(hostile, tmp_path, verb):
    """The same words as from `run`, exit code 2, nothing written."""
    mine = hostile("os._exit(0)")
    (tmp_path / "in.npy.json").write_text(
        '{"format": "cryptobench sidecar 1", "public": {"cipher": "mine", "cipher image shape": [8, 8], "header": ""},'
        ' "secret": {"per-message secret": ""}}'
    )
    result = CliRunner().invoke(main, [argument.replace("MINE", mine) for argument in COMMANDS[verb]])
    assert (result.exit_code, result.output) == (2, f"Error: {ENDED}\n")
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("at_encryption", "says"),
    [
        ("os._exit(0)", "mine: encrypting and decrypting small images ends the process: it ended with exit code 0"),
        ("image ^= 1", "mine: encrypt changes the image that it is given; copy the image first"),
        ("{}['s-box']", "mine: encrypt raised KeyError: 's-box'"),
    ],
)
def test_the_api_attacks_no_hostile_cipher(hostile, at_encryption, says):
    """`attack` of a path raises an error with the line that `run` says."""
    with pytest.raises(ContractError) as caught:
        cb.attack(hostile(at_encryption=at_encryption), only="determinism")
    assert str(caught.value).startswith(says)
    assert "(mine.py, line " in str(caught.value)


def test_without_a_card_the_reason_is_said(hostile, tmp_path):
    """A file that has no card to give a name is told by its path, as `run` does it."""
    hostile("raise RuntimeError('broken')")
    text = (tmp_path / "mine.py").read_text().replace('name="mine"', 'name="mi" + "ne"')
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(RegistryError, match=r"importing mine\.py failed: RuntimeError: broken \(mine\.py, line 4\)"):
        cb.attack(f"{tmp_path / 'mine.py'}:Mine", only="determinism")
