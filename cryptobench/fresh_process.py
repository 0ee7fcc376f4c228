"""Decryption in a new Python process, which knows nothing but the key and the ciphertext.

On Linux the process is forked from one that has loaded NumPy and numba and nothing else, see `fresh_process_server`;
elsewhere, and where that cannot be had, Python is started anew.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench import fresh_process_server
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.core_time import add_core_seconds
from cryptobench.scratch import ScratchFolder

__all__ = ["answer", "decrypt_in_fresh_process", "keep_environment"]

# The registry lies above this module: only the new process loads it.
_PROGRAM = (
    "import sys; from cryptobench.fresh_process import answer; from cryptobench.registry import load_cipher; "
    "answer(load_cipher(sys.argv[1]), *sys.argv[2:])"
)
_ONE_THREAD = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# Variables that Python and the libraries read once, as they start: with others of these it takes another server.
_READ_AT_START = (
    "BLIS", "CUDA", "GLIBC", "GOMP", "KMP", "LANG", "LC_", "LD_", "LLVM", "MALLOC", "MKL", "NPY", "NUMBA", "NUMPY",
    "OMP", "OPENBLAS", "PYTHON", "PYTORCH", "TORCH", "TZ", "VIRTUAL_ENV",
)  # fmt: skip
_START_SECONDS = 120.0
_GRACE_SECONDS = 10.0
_LAST_WORDS = 1 << 16
_kept: dict[str, str] | None = None
_server: _Server | None = None
_serves = sys.platform == "linux" and hasattr(os, "pidfd_open")
_lock = threading.Lock()


def keep_environment() -> None:
    """From now on new processes have the environment variables of this moment, whatever ciphers set in this process."""
    global _kept
    _kept = dict(os.environ)


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
        arguments, end = (reference, str(question), str(answers)), time.monotonic() + timeout
        environment = (dict(os.environ) if _kept is None else _kept) | {"PYTHONHASHSEED": "random"}
        ended = _forked(arguments, environment, Path(folder, "output"), timeout)
        code, output = ended if ended is not None else _started(arguments, environment, _left(end))
        if code is None:
            raise RuntimeError(f"the new process did not finish within {timeout:g} s")
        if code:
            last = (output.strip().splitlines() or ["no output"])[-1]
            raise RuntimeError(f"the new process ended with exit code {code}: {last}")
        with np.load(answers) as archive:
            return [_unpack_answer(archive, index) for index in range(len(messages))]


def _started(arguments: Sequence[str], environment: Mapping[str, str], timeout: float) -> tuple[int | None, str]:
    """Exit code, None if it took too long, and output of a Python that is started anew."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _PROGRAM, *arguments],
            env=environment, capture_output=True, text=True, errors="replace", timeout=timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stderr


def _forked(
    arguments: Sequence[str], environment: Mapping[str, str], output: Path, timeout: float
) -> tuple[int | None, str] | None:
    """The same of a process that this one's server forks; None if it has no server that works.

    The server's own start, where it has to be started, counts towards ``timeout``.
    """
    global _server, _serves
    end = time.monotonic() + timeout
    request = {
        "program": _PROGRAM, "arguments": arguments, "environment": environment, "folder": _folder(),
        "output": str(output),
    }  # fmt: skip
    with _lock:
        for _ in range(2 * _serves):  # it may have been killed
            if _server is None or not _server.fits(environment):
                _stop()
                try:
                    _server = _Server(environment, min(_START_SECONDS, _left(end)))
                except (OSError, ValueError):
                    if not _left(end):  # which says nothing about the server
                        return None, ""
                    break
            try:
                ended = _server.ask(request | {"seconds": _left(end)}, _left(end) + _GRACE_SECONDS)
            except (OSError, ValueError):
                _stop()
                continue
            add_core_seconds(ended["core_seconds"])
            with contextlib.suppress(OSError), output.open("rb") as written:
                written.seek(max(0, output.stat().st_size - _LAST_WORDS))
                return ended["code"], written.read().decode(errors="replace")
            return ended["code"], ""
        _serves = False
    return None


def _left(end: float) -> float:
    return max(0.0, end - time.monotonic())


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:  # it has been deleted
        return os.sep


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


class _Server:
    """The process that forks, of this process alone; OSError or ValueError if it is none."""

    def __init__(self, environment: Mapping[str, str], seconds: float) -> None:
        self._read, self._owner, self._come = _read_at_start(environment), os.getpid(), b""
        self._popen = subprocess.Popen(
            [sys.executable, "-P", str(Path(fresh_process_server.__file__))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env={**environment, **_ONE_THREAD},
        )  # fmt: skip
        try:
            if not self._answer(seconds)["ready"]:
                raise ValueError("its libraries have started threads")
        except BaseException:
            self.close()
            raise

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether this process may ask it for one with that environment."""
        return self._owner == os.getpid() and self._read == _read_at_start(environment) and self._popen.poll() is None

    def ask(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """How the process ended that it has forked."""
        assert self._popen.stdin is not None
        line = memoryview(json.dumps(request).encode() + b"\n")
        while line:
            line = line[self._popen.stdin.write(line) :]
        return self._answer(seconds)

    def close(self) -> None:
        """End it, unless it is another process's."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                pipe.close()
        if self._owner == os.getpid():
            self._popen.kill()
            self._popen.wait()

    def _answer(self, seconds: float) -> dict[str, Any]:
        assert self._popen.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._come:
            if not select.select([self._popen.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            some = os.read(self._popen.stdout.fileno(), 1 << 16)
            if not some:
                raise ConnectionError
            self._come += some
        line, _, self._come = self._come.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _stop() -> None:
    global _server
    if _server is not None:
        _server.close()
    _server = None


atexit.register(_stop)


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
