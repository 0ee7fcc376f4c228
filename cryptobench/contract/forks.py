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
        self._pid = 0
        if not hasattr(os, "fork"):
            return
        (question, self._ask), (self._answer, answer) = os.pipe(), os.pipe()
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
        content = bytearray()
        try:
            with open(self._ask, "wb") as ask:  # noqa: PTH123
                ask.write(pickle.dumps((encrypted.image, encrypted.header, encrypted.secret, key)))
            end = time.monotonic() + _SECONDS
            while select.select([self._answer], [], [], max(0.0, end - time.monotonic()))[0]:
                if not (some := os.read(self._answer, 1 << 16)):
                    image: Image | str = pickle.loads(bytes(content))
                    return image
                content += some
        except Exception:  # it has died, or its pipes were closed
            pass
        return None


def _answer(cipher: Cipher, question: int, answer: int) -> None:
    with open(question, "rb") as asked:
        image, header, secret, key = pickle.loads(asked.read())
    said: Any
    try:
        said = cipher.decrypt(Encrypted(image, header, secret), key)
    except CipherError as error:
        said = f"refuses it: {' '.join(str(error).split())}"
    except BaseException as error:
        said = described(error, cipher, "decrypt")
    with open(answer, "wb") as out:
        out.write(pickle.dumps(said))


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
