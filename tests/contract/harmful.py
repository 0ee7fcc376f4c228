"""One toy for each harm that a cipher can do to the process, and the line that says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from typing import ClassVar

import numpy as np

from cryptobench.cipher import Cipher
from tests.contract.toys import Toy


class Elsewhere(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        os.chdir("/")
        return super().encrypt(image, key, nonce)


class ClearsEnvironment(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        os.environ.clear()
        return super().encrypt(image, key, nonce)


class SetsAlarm(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        signal.alarm(500)
        return super().encrypt(image, key, nonce)


class StrictNumpy(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        np.seterr(all="raise")
        return super().encrypt(image, key, nonce)


class StrictWarnings(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        warnings.simplefilter("error")
        return super().encrypt(image, key, nonce)


class Shallow(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        sys.setrecursionlimit(sys.getrecursionlimit() - 1)
        return super().encrypt(image, key, nonce)


class LeavesThreads(Toy):
    end: ClassVar[threading.Event] = threading.Event()

    def encrypt(self, image, key, nonce, *, secret=None):
        threading.Thread(target=self.end.wait, daemon=True).start()
        return super().encrypt(image, key, nonce)


class Forks(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        os.fork()
        return super().encrypt(image, key, nonce)


CALLS = "encrypt or decrypt"
HARMFUL: dict[type[Cipher], str] = {
    Elsewhere: rf"{CALLS} leaves the process in the folder /; name files by Path\(__file__\)\.parent, .*",
    ClearsEnvironment: rf"{CALLS} deletes the environment variable \w+ and \d+ more; .* os\.environ\.copy\(\)",
    SetsAlarm: rf"{CALLS} leaves an alarm set, which ends the process; signal\.alarm\(0\) .*",
    StrictNumpy: rf"{CALLS} leaves np\.seterr so that other code raises; with np\.errstate\(\.\.\.\): around .*",
    StrictWarnings: rf"{CALLS} leaves warnings that raise; with warnings\.catch_warnings\(\): around .*",
    Shallow: rf"{CALLS} leaves the recursion limit at \d+; sys\.setrecursionlimit may only raise it",
    LeavesThreads: r"encrypt leaves a thread behind at each call; join\(\) it, or keep one pool of threads",
    Forks: rf"{CALLS} forks, and both processes come back; the child has to end with os\._exit",
}
