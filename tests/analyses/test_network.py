"""The network analysis, on a toy network whose ciphertext is known."""

import numpy as np
import pytest

from cryptobench.analyses.network import Network
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics.contours import contour_correlation
from cryptobench.registry import load_cipher
from tests.analyses.statistical_toys import Ideal, photograph


class Tiles(Ideal):
    """Adds a 2x2 tile to the image; decoding with disturbed weights is off by 100 times the level."""

    weights = ("one", "two")

    def _tile(self, shape):
        tile = np.array([[3, 7], [11, 100]], np.uint8)[..., None]
        return np.tile(tile, (-(-shape[0] // 2), -(-shape[1] // 2), 3))[: shape[0], : shape[1]]

    def trained_minutes(self, pair=0):
        return 7.5

    def encode(self, image, pair=0):
        colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, 2)
        return (colour & 0xFE) + self._tile(colour.shape), bytes([image.ndim])

    def decode(self, encoded, shape, pair=0):
        plain = encoded - self._tile(encoded.shape) if pair == 0 else encoded
        return plain if shape[0] == 3 else np.ascontiguousarray(plain[..., 0])

    def decode_disturbed(self, encoded, shape, relative, seed, pair=0):
        off = int(100 * relative)
        return np.clip(self.decode(encoded, shape).astype(int) - off, 0, 255).astype(np.uint8)


def measured(cipher, image):
    found = [row for row in Network().measure(Experiment(cipher, image, 1)) if isinstance(row, Measurement)]
    return {(row.metric, row.condition or row.parameter): row.value for row in found}


@pytest.mark.parametrize("shape", [(60, 63, 3), (60, 63)])
def test_a_lossy_tile_network_is_described(shape):
    """Lost low bits show as PSNR and as identical intermediates, the tile as period 2 and four values when flat."""
    image = photograph(*shape)
    found = measured(Tiles(), image)
    assert found["network_psnr", ""] == pytest.approx(51.1, abs=0.5)
    assert found["identical_intermediate", ""] == 1.0
    assert found["training_minutes", ""] == 7.5
    assert found["flat_period", "128"] == 2
    assert found["flat_values", "0"] == 4
    assert found["disturbed_weights_psnr", "0.0001"] == found["network_psnr", ""]
    assert found["disturbed_weights_psnr", "0.2"] < 23
    assert found["other_pair_psnr", "two"] < 20
    encoded = Tiles().encode(image)[0]
    channels = [
        contour_correlation(np.ascontiguousarray(image[..., c] if image.ndim == 3 else image), encoded[..., c].copy())
        for c in range(3)
    ]
    assert found["network_contours", ""] == pytest.approx(np.mean([result.value for result in channels]))


def test_other_ciphers_are_left_alone():
    """A cipher without networks gives no rows at all."""
    assert list(Network().measure(Experiment(Ideal(), photograph(16, 16), 1))) == []


def test_a_grey_network_is_measured_on_its_plane():
    """A network that leaves a grey image grey has its contours compared with that one plane, not with three."""
    cipher, image = load_cipher("dense-resnet-xor-lossless-core"), photograph(60, 63)
    found = measured(cipher, image)
    encoded = cipher.encode(image)[0]
    assert encoded.shape == image.shape
    assert found["network_contours", ""] == pytest.approx(contour_correlation(image, encoded).value)
    assert found["network_psnr", ""] == float("inf")
