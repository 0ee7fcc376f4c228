"""Small programs that encrypt pictures, and some that misbehave, each with its ``.toml``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from cryptobench.adapters.program import ProgramCipher
from cryptobench.cipher import Cipher

__all__ = ["CARD", "make_patient", "write_calls", "write_server"]

CARD = """
[card]
name = "pad"
title = "A pad"
family = "mine"
fidelity = "A"
key = [{ name = "key", bits = 128 }]
"""
_WORK = (
    f"#!{sys.executable} -S"
    + """
import hashlib, os, sys, time
open("starts", "a").write("start\\n")

def work(word, plain, cipher, key, nonce):
    source, target = (plain, cipher) if word == "encrypt" else (cipher, plain)
    content = open(source, "rb").read()
    start = content.index(b"\\n") + 1
    mask = hashlib.shake_256(bytes.fromhex(key + nonce)).digest(len(content) - start)
    open(target, "wb").write(content[:start] + bytes(one ^ other for one, other in zip(content[start:], mask)))
"""
)
_SERVE = """
for line in sys.stdin:
    word, plain, cipher, key, nonce = line.split()
{before}
    work(word, plain, cipher, key, nonce)
{after}
    print("ok", flush=True)
"""
_ONCE = """
word, plain, cipher, key, nonce = sys.argv[1:6]
{before}
work(word, plain, cipher, key, nonce)
{after}
"""


def write_server(folder: Path, before: str = "", after: str = "", top: str = "", card: str = CARD) -> str:
    """A cipher that serves; ``before`` and ``after`` are lines that its program runs around each request."""
    lines = _SERVE.format(before=_indented(before), after=_indented(after))
    _write(folder / "pad", _WORK + lines)
    return _write(folder / "pad.toml", f'serve = ["./pad"]\npictures = "npy"\n{top}\n{card}')


def write_calls(folder: Path, before: str = "", after: str = "", top: str = "", card: str = CARD) -> str:
    """The same as a process a call."""
    _write(folder / "pad", _WORK + _ONCE.format(before=before, after=after))
    commands = "\n".join(
        f'{word} = ["./pad", "{word}", "{{plain}}", "{{cipher}}", "{{key}}", "{{nonce}}"]'
        for word in ("encrypt", "decrypt")
    )
    return _write(folder / "pad.toml", f'{commands}\npictures = "npy"\n{top}\n{card}')


def make_patient(cipher: Cipher) -> None:
    """Let calls take a minute from now on: a busy machine may start a program slowly."""
    assert isinstance(cipher, ProgramCipher)
    type(cipher).program = replace(cipher.program, seconds=60.0)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" for line in lines.splitlines())


def _write(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)
