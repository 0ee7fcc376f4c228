"""Forks: the one in which a ciphertext is decrypted without what encryption left behind, and those a cipher makes."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import time
from typing import Any

from cryptobench.blame import described
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image

__all__ = ["OtherProcess", "ReturnedForks"]

_SECONDS = 20.0
_forks = 0


class OtherProcess:
    """A fork of this process, made before the cipher's first call, that decrypts one message.

    For a process that tries one cipher and has no threads of its own that matter. Where forks cannot be had, or the
    fork does not answer within 20 s, nothing is known: `decrypt` gives None.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._pid, self._open = 0, list[int]()
        if not hasattr(os, "fork"):
            return
        (question, self._ask), (self._answer, answer) = os.pipe(), os.pipe()
        self._open = [self._ask, self._answer]
        try:
            self._pid = os.fork()
        except Exception:  # no more processes, or warnings that the cipher has turned into errors
            return
        if not self._pid:
            try:
                os.close(self._ask)
                _answer(cipher, question, answer)
            finally:
                os._exit(0)
        os.close(question)
        os.close(answer)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image | str | None:
        """The image, or in a line what was raised."""
        if not self._pid:
            return None
        try:
            _send(self._ask, (encrypted.image, encrypted.header, encrypted.secret, key))
            image: Image | str = _receive(self._answer, time.monotonic() + _SECONDS)
            return image
        except Exception:  # it has died or hangs, or its pipes were closed
            return None

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            if self._pid:
                os.kill(self._pid, 9)
                os.waitpid(self._pid, 0)
        for descriptor in self._open:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _answer(cipher: Cipher, question: int, answer: int) -> None:
    image, header, secret, key = _receive(question)
    said: Any
    try:
        said = cipher.decrypt(Encrypted(image, header, secret), key)
    except CipherError as error:
        said = f"refuses it: {' '.join(str(error).split())}"
    except BaseException as error:
        said = described(error, cipher, "decrypt")
    _send(answer, said)


def _send(descriptor: int, content: object) -> None:
    """Write an object with its length before it: a child of the cipher's may hold the pipe open."""
    data = pickle.dumps(content)
    left = memoryview(len(data).to_bytes(8, "big") + data)
    while left:
        left = left[os.write(descriptor, left) :]


def _receive(descriptor: int, deadline: float | None = None) -> Any:
    """Read what `_send` writes; TimeoutError after the deadline, EOFError where nobody writes any more."""
    data, wanted = bytearray(), 8
    while len(data) < wanted:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            raise TimeoutError
        if not (some := os.read(descriptor, 1 << 16)):
            raise EOFError
        data += some
        if len(data) >= 8:
            wanted = 8 + int.from_bytes(data[:8], "big")
    return pickle.loads(bytes(data[8:]))


class ReturnedForks:
    """Ends the children that come back from a cipher's call which has forked: there is one caller, not two."""

    def __init__(self) -> None:
        self._pid, self._before = os.getpid(), _forks
        self._read, self._write = os.pipe()

    def end_if_one(self) -> None:
        """Do not return in a process that is not the one in which this object was made."""
        if os.getpid() != self._pid:
            try:
                os.write(self._write, b"1")
            finally:
                os._exit(1)

    def close(self) -> bool:
        """Whether there was one; a child is waited for, a little, where this process has forked at all."""
        try:
            return _forks > self._before and bool(select.select([self._read], [], [], 0.5)[0])
        except OSError:  # the cipher has closed it
            return False
        finally:
            for descriptor in (self._read, self._write):
                with contextlib.suppress(OSError):
                    os.close(descriptor)


def _count() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_parent=_count)
