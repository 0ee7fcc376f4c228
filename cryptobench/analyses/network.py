"""Network: what a cipher that is a neural network does by itself, without the diffusion around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Artifact, planes, shape_difference, unsupported
from cryptobench.analyses.tools.networks import FLAT_LEVELS, NetworkCipher
from cryptobench.cipher import Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import global_entropy, peak_signal_noise_ratio
from cryptobench.metrics.contours import contour_correlation

__all__ = ["Network"]

_LARGEST_PERIOD = 16


@dataclass(frozen=True)
class Network(Analysis):
    """The network's ciphertext, before any diffusion; nothing is measured of ciphers without `NetworkCipher`.

    ``network_entropy`` and ``network_contours`` (mean over channels) are of the network's ciphertext.
    ``network_psnr`` is of the decoded image. ``disturbed_weights_psnr``: the decoder's weights changed by a relative
    amount (``parameter``); a key would not survive that, weights do. ``other_pair_psnr``: decoded with another trained
    pair. ``identical_intermediate``: share of one-bit changes of the plaintext that leave the network's ciphertext
    as it was; no diffusion without a nonce can tell such plaintexts apart. ``flat_values`` and
    ``flat_period``: distinct bytes, and the smallest period in pixels (0: none up to 16), inside the network's
    ciphertext of flat images.
    """

    name: ClassVar[str] = "network"
    title: ClassVar[str] = "The network alone"
    images: ClassVar[str] = "photographs"

    levels: tuple[float, ...] = (0.0001, 0.001, 0.01, 0.05, 0.2)
    changes: int = 24
    flat_side: int = 96

    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        cipher, image = experiment.bare_cipher, experiment.image
        if not isinstance(cipher, NetworkCipher):
            return
        encoded, shape = cipher.encode(image)
        yield Artifact("network", encoded)
        yield from self._ciphertext(cipher, image, encoded, shape)
        yield Measurement("training_minutes", cipher.trained_minutes(), unit="min")
        yield from self._weights(experiment, cipher, encoded, shape)
        yield self._identical(experiment, cipher, encoded)
        yield from self._flat(cipher, image)

    def _ciphertext(self, cipher: NetworkCipher, image: Image, encoded: Image, shape: bytes) -> Iterator[Measurement]:
        yield Measurement("network_entropy", global_entropy(encoded).value, unit="bit")
        yield self._contours(image, encoded)
        yield Measurement(
            "network_psnr", peak_signal_noise_ratio(image, cipher.decode(encoded, shape)).value, unit="dB"
        )

    def _contours(self, image: Image, encoded: Image) -> Measurement:
        same = encoded.shape == image.shape or image.shape[2:] == (3,)
        colour = image if same else np.repeat(np.atleast_3d(image)[..., :1], 3, 2)
        cut = encoded[: image.shape[0], : image.shape[1]]
        if problem := shape_difference(colour, cut):
            return unsupported("network_contours", problem)
        pairs = zip(planes(colour), planes(cut), strict=True)
        value = float(np.mean([contour_correlation(plain, cipher).value for (_, plain), (_, cipher) in pairs]))
        return Measurement("network_contours", value if np.isfinite(value) else None)

    def _weights(
        self, experiment: Experiment, cipher: NetworkCipher, encoded: Image, shape: bytes
    ) -> Iterator[Measurement]:
        for level in self.levels:
            decoded = cipher.decode_disturbed(encoded, shape, level, experiment.seed)
            psnr = peak_signal_noise_ratio(experiment.image, decoded).value
            yield Measurement("disturbed_weights_psnr", psnr, unit="dB", parameter=f"{level:g}")
        for pair in range(1, len(cipher.weights)):
            psnr = peak_signal_noise_ratio(experiment.image, cipher.decode(encoded, shape, pair)).value
            yield Measurement("other_pair_psnr", psnr, unit="dB", condition=cipher.weights[pair])

    def _identical(self, experiment: Experiment, cipher: NetworkCipher, encoded: Image) -> Measurement:
        generator = experiment.generator("network changes")
        same = 0
        for place in generator.integers(experiment.image.size, size=self.changes):
            changed = experiment.image.copy()
            changed.flat[place] ^= 1
            same += np.array_equal(cipher.encode(changed)[0], encoded)
        return Measurement("identical_intermediate", same / self.changes, unit="share")

    def _flat(self, cipher: NetworkCipher, image: Image) -> Iterator[Measurement]:
        for level in FLAT_LEVELS:
            flat = np.full((self.flat_side, self.flat_side, *image.shape[2:]), level, np.uint8)
            encoded = cipher.encode(flat)[0]
            inside = encoded[self.flat_side // 4 : -self.flat_side // 4, self.flat_side // 4 : -self.flat_side // 4]
            yield Measurement("flat_values", len(np.unique(inside)), parameter=str(level), unit="count")
            yield Measurement("flat_period", _period(inside), parameter=str(level), unit="pixel")


def _period(tile: Image) -> int:
    for period in range(1, _LARGEST_PERIOD + 1):
        if np.array_equal(tile[period:], tile[:-period]) and np.array_equal(tile[:, period:], tile[:, :-period]):
            return period
    return 0
