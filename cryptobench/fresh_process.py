"""Decryption in a new Python process, which knows nothing but the key and the ciphertext."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.scratch import ScratchFolder

__all__ = ["answer", "decrypt_in_fresh_process"]

# The registry lies above this module: only the new process loads it.
_PROGRAM = (
    "import sys; from cryptobench.fresh_process import answer; from cryptobench.registry import load_cipher; "
    "answer(load_cipher(sys.argv[1]), *sys.argv[2:])"
)


def decrypt_in_fresh_process(
    reference: str, messages: Sequence[tuple[Encrypted, bytes]], timeout: float = 600
) -> list[Image | str]:
    """The image for each (ciphertext, key), or what went wrong, from one new process for all of them.

    ``reference`` is a cipher's name or ``path/to/file.py:ClassName``; ``timeout`` is in seconds. Raises
    RuntimeError, with the process's last line of output, if the process as a whole fails.
    """
    with ScratchFolder() as folder:
        question, answers = Path(folder, "messages.npz"), Path(folder, "images.npz")
        np.savez(question, allow_pickle=False, **_pack(messages))
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-c", _PROGRAM, reference, str(question), str(answers)],
                env=os.environ | {"PYTHONHASHSEED": "random"},
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the new process did not finish within {timeout:g} s") from None
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise RuntimeError(f"the new process ended with exit code {done.returncode}: {last}")
        with np.load(answers) as archive:
            return [_unpack_answer(archive, index) for index in range(len(messages))]


def _pack(messages: Sequence[tuple[Encrypted, bytes]]) -> dict[str, Image]:
    packed = {}
    for index, (encrypted, key) in enumerate(messages):
        packed[f"image {index}"] = encrypted.image
        for name, value in (("header", encrypted.header), ("secret", encrypted.secret), ("key", key)):
            packed[f"{name} {index}"] = np.frombuffer(value, np.uint8)
    return packed


def _unpack_answer(archive: np.lib.npyio.NpzFile, index: int) -> Image | str:
    return archive[f"image {index}"] if f"image {index}" in archive else str(archive[f"error {index}"])


def answer(cipher: Cipher, question: str, answer: str) -> None:
    """What the new process does: decrypt the messages in file ``question``, save images and errors in ``answer``."""
    answers = {}
    with np.load(question) as archive:
        for index in range(len(archive.files) // 4):
            header, secret, key = (archive[f"{name} {index}"].tobytes() for name in ("header", "secret", "key"))
            try:
                answers[f"image {index}"] = cipher.decrypt(Encrypted(archive[f"image {index}"], header, secret), key)
            except CipherError as error:
                answers[f"error {index}"] = np.array(str(error))
            except Exception as error:
                answers[f"error {index}"] = np.array(f"{type(error).__name__}: {error}")
    np.savez(answer, allow_pickle=False, **answers)
