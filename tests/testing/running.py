"""What tests of the plug-in share: a cipher with a planted defect, and how to start pytest with the plug-in."""

from __future__ import annotations

from importlib.metadata import entry_points

import numba

# pytester forgets modules that a test imported first, and numba cannot be imported twice in one process.
import cryptobench.bench.run
import cryptobench.conformance
import cryptobench.results.verdicts
import cryptobench.task  # noqa: F401
from cryptobench.registry import analysis_names, attack_names, load_analysis, load_attack

__all__ = ["PLUGIN", "WEAK"]

numba.njit(lambda: 0)()  # a first compilation imports the rest of numba
for _name in analysis_names():
    load_analysis(_name)
for _name in attack_names():
    load_attack(_name)

_MODULE = "cryptobench.testing.plugin"
_INSTALLED = any(point.value == _MODULE for point in entry_points(group="pytest11"))
# Hypothesis, which no test here needs, would be imported anew in each run.
PLUGIN = ("-p", "no:hypothesispytest") + (() if _INSTALLED else ("-p", _MODULE))

WEAK = '''
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

class Weak(Cipher):
    """XOR with one key byte, or, with ``sound``, with a keystream that depends on key and nonce."""

    card = Card(name="weak", title="t", family="mine", fidelity="A", key=(KeyField("k", 128),))

    def __init__(self, sound=False):
        self.sound = sound

    def pad(self, shape, key, nonce):
        if not self.sound:
            return np.uint8(key[0])
        return np.random.default_rng(list(key + nonce)).integers(0, 256, shape, np.uint8)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self.pad(image.shape, key, nonce), header=nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ self.pad(encrypted.image.shape, key, encrypted.header)
'''
