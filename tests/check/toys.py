"""A toy product cipher whose every part can be weakened, and runs of it on a tiny image."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.avalanche import Avalanche
from cryptobench.analyses.base import Analysis
from cryptobench.analyses.correlation import Correlation
from cryptobench.analyses.differential.analysis import Differential
from cryptobench.analyses.entropy import Entropy
from cryptobench.analyses.histogram import Histogram
from cryptobench.analyses.key_sensitivity import KeySensitivity
from cryptobench.analyses.keyspace import Keyspace
from cryptobench.analyses.quality import Quality
from cryptobench.analyses.timing import Timing
from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.base import Attack
from cryptobench.attacks.keystream.keystream_reuse import KeystreamReuse
from cryptobench.attacks.leakage.determinism import Determinism
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField
from cryptobench.images import load_image
from cryptobench.measurement import frame
from cryptobench.results.run import RunData
from cryptobench.task import SharedExperiments, run_task

ANALYSES: tuple[Analysis, ...] = (
    Histogram(), Entropy(), Correlation(), Differential(trials=20), Avalanche(trials=12),
    Keyspace(keys=1, side=8), KeySensitivity(bits=6), Quality(),
)  # fmt: skip
ATTACKS: tuple[Attack, ...] = (Determinism(), KeystreamReuse(), AffineGf2())
TIMING = Timing(runs=3, warmups=1, sides=(), scaling_runs=1, budget=2.0)
SIDE = 12


@dataclass(frozen=True)
class Parts:
    """What the toy is built of. ``directions`` are those of the chain in each round, "f" forward and "b" backward."""

    rounds: int = 2
    permuted: bool = True
    directions: str = "f"
    mixing: bool = True
    chain: str = "s-box"
    key_bytes: int = 3
    used_key_bytes: int = 3
    nonce: bool = True
    leak: int = 0
    lost_bits: int = 0
    bias: float = 0.0
    delay: float = 0.0


def toy(**parts: Any) -> Cipher:
    """The toy with other parts than usual; all of them are called ``toy``."""
    chosen = Parts(**parts)
    card = Card(
        name="toy", title="toy", family="toy", fidelity="A", key=(KeyField("key", 8 * chosen.key_bytes),),
        lossless=not chosen.lost_bits,
    )  # fmt: skip
    cipher: Cipher = type("Toy", (_Toy,), {"card": card, "parts": chosen})()
    return cipher


class _Toy(Cipher):
    """Rounds of: permutation of all samples, then c_i = S[p_i + c_(i-1) + k_i] one way or both; then a pad."""

    card = Card(name="toy", title="toy", family="toy", fidelity="A", key=(KeyField("key", 24),))
    parts = Parts()

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if self.parts.delay:
            time.sleep(self.parts.delay)
        samples = (image >> self.parts.lost_bits << self.parts.lost_bits).ravel()
        for label, places in self._steps(image.shape, key, nonce):
            if label == "permutation":
                samples = samples[places]
                continue
            for run in self._runs(image.shape):
                indices = run[::-1] if label[0] == "b" else run
                samples = samples.copy()
                samples[indices] = self._chain(samples[indices], places[indices], self._table(key, nonce))
        pad = self._pad(image.size, key, nonce)
        leak = hashlib.sha256(image.tobytes()).digest()[: self.parts.leak]
        return Encrypted((samples ^ pad).reshape(image.shape), header=nonce + leak)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        shape, nonce = encrypted.image.shape, encrypted.header[:16]
        samples = encrypted.image.ravel() ^ self._pad(encrypted.image.size, key, nonce)
        for label, places in reversed(list(self._steps(shape, key, nonce))):
            if label == "permutation":
                samples = samples[np.argsort(places)]
                continue
            for run in self._runs(shape):
                indices = run[::-1] if label[0] == "b" else run
                samples = samples.copy()
                samples[indices] = self._unchain(samples[indices], places[indices], self._table(key, nonce))
        return samples.reshape(shape)

    def _steps(self, shape: tuple[int, ...], key: bytes, nonce: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
        size = int(np.prod(shape))
        for number in range(self.parts.rounds):
            if self.parts.permuted:
                words = np.frombuffer(self._bytes(f"permutation {number}", 4 * size, key, nonce), np.uint32)
                yield "permutation", np.argsort(words, kind="stable")
            for way in self.parts.directions:
                label = f"{way}{number}"
                yield label, np.frombuffer(self._bytes(label, size, key, nonce), np.uint8)

    def _runs(self, shape: tuple[int, ...]) -> list[NDArray[np.intp]]:
        """The samples that one chain goes through: all, or those of one channel."""
        size = int(np.prod(shape))
        channels = 1 if self.parts.mixing or len(shape) == 2 else shape[2]
        return [np.arange(channel, size, channels) for channel in range(channels)]

    def _chain(self, samples: NDArray[np.uint8], pad: NDArray[np.uint8], table: bytes) -> NDArray[np.uint8]:
        if self.parts.chain == "xor":
            return np.bitwise_xor.accumulate(samples ^ pad)
        out, last = bytearray(len(samples)), 0
        for index, (sample, mask) in enumerate(zip(samples.tolist(), pad.tolist(), strict=True)):
            out[index] = last = table[sample + last + mask & 255]
        return np.frombuffer(bytes(out), np.uint8)

    def _unchain(self, samples: NDArray[np.uint8], pad: NDArray[np.uint8], table: bytes) -> NDArray[np.uint8]:
        before = np.concatenate([np.zeros(1, np.uint8), samples[:-1]])
        if self.parts.chain == "xor":
            return samples ^ before ^ pad
        inverse = np.argsort(np.frombuffer(table, np.uint8)).astype(np.uint8)
        return inverse[samples] - before - pad

    def _table(self, key: bytes, nonce: bytes) -> bytes:
        words = np.frombuffer(self._bytes("table", 1024, key, nonce), np.uint32)
        return np.argsort(words, kind="stable").astype(np.uint8).tobytes()

    def _pad(self, size: int, key: bytes, nonce: bytes) -> NDArray[np.uint8]:
        """A keystream; with ``bias``, a share of its bytes has the most significant bit cleared."""
        pad = np.frombuffer(self._bytes("pad", size, key, nonce), np.uint8)
        chosen = np.frombuffer(self._bytes("bias", size, key, nonce), np.uint8) < 256 * self.parts.bias
        return np.where(chosen, pad & 127, pad).astype(np.uint8)

    def _bytes(self, label: str, count: int, key: bytes, nonce: bytes) -> bytes:
        seed = key[: self.parts.used_key_bytes] + (nonce if self.parts.nonce else b"")
        return hashlib.shake_256(label.encode() + b"|" + seed).digest(count)


@lru_cache(maxsize=1)
def picture() -> Image:
    """A tiny colour photograph."""
    return load_image("astronaut", SIDE)


def measured(cipher: Cipher, seed: int, *, timing: bool = False) -> RunData:
    """A run of one cipher on the tiny picture, in this process; with ``timing`` of its speed alone."""
    image, shared = picture(), SharedExperiments()
    rows: list[dict[str, Any]] = []
    for task in (TIMING,) if timing else (*ANALYSES, *ATTACKS):
        result = run_task(task, cipher, image, seed, label="astronaut", shared=shared)
        if result.error is not None:
            raise result.error
        cell = {
            "cipher": cipher.card.name, "family": "toy", "fidelity": "A", "image": "astronaut", "height": SIDE,
            "width": SIDE, "channels": 3, "analysis": f"{'attack:' if isinstance(task, Attack) else ''}{task.name}",
            "seed": seed, "seconds": 0.0,
        }  # fmt: skip
        rows.extend(measurement.row() | cell for measurement in result.measurements)
    return RunData(Path("toy"), frame(rows))
