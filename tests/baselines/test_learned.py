"""What every learned baseline does, whatever its weights: shapes, header, refusals, and the twin's equal losses."""

import numpy as np
import pytest

from cryptobench.baselines.learned.cyclegan_avalanche import (
    CycleGanAvalanche,
    CycleGanAvalancheCore,
    CycleGanAvalancheLite,
)
from cryptobench.baselines.learned.cyclegan_optical import CycleGanOptical, CycleGanOpticalLite
from cryptobench.baselines.learned.deepedn import DeepEdn, DeepEdnLite
from cryptobench.baselines.learned.scrambling_aae import ScramblingAae, ScramblingAaeLite
from cryptobench.cipher import CipherError, Encrypted, UnsupportedImage
from cryptobench.primitives.learned.sizes import CycleGanSize, DenseResNetSize
from cryptobench.primitives.learned.weights import WeightsError
from tests.baselines.scheme_checks import NONCE
from tests.baselines.tiny_weights import with_tiny_weights

PAIRS = [
    (DeepEdn, DeepEdnLite),
    (CycleGanOptical, CycleGanOpticalLite),
    (ScramblingAae, ScramblingAaeLite),
]
ALL = [*(cipher for pair in PAIRS for cipher in pair), CycleGanAvalanche, CycleGanAvalancheCore, CycleGanAvalancheLite]
SHAPES = [(5, 5), (33, 47, 3), (16, 17, 1)]


def _image(*shape):
    return np.random.default_rng(shape[0]).integers(0, 256, shape, np.uint8)


@pytest.fixture(scope="module", params=ALL, ids=lambda cipher: cipher.card.name)
def cipher(request, tmp_path_factory):
    return with_tiny_weights(request.param, tmp_path_factory.mktemp("weights"))()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_any_shape_comes_back_as_it_was(cipher, shape):
    """Odd sizes, one row of blocks, grey in two or three dimensions: shape and type are kept, and calls repeat."""
    image, key = _image(*shape), bytes(cipher.card.key_bytes)
    encrypted = cipher.encrypt(image, key, NONCE)
    multiple = cipher.multiple
    assert encrypted.image.shape == (shape[0] + -shape[0] % multiple, shape[1] + -shape[1] % multiple, 3)
    assert not encrypted.secret
    decrypted = cipher.decrypt(encrypted, key)
    assert decrypted.shape == image.shape
    assert decrypted.dtype == np.uint8
    again = cipher.encrypt(image, key, NONCE)
    assert np.array_equal(again.image, encrypted.image)
    assert again.header == encrypted.header


def test_a_header_of_another_cipher_is_refused(cipher):
    """A header that is too short, and one of another size, each give one line that says so."""
    key = bytes(cipher.card.key_bytes)
    encrypted = cipher.encrypt(_image(8, 8, 3), key, NONCE)
    with pytest.raises(CipherError, match="wanted"):
        cipher.decrypt(Encrypted(encrypted.image, encrypted.header[:-1]), key)
    with pytest.raises(CipherError, match="its header is of a 8x8 image"):
        cipher.decrypt(Encrypted(_image(16, 8, 3), encrypted.header), key)


def test_small_images_are_refused_only_where_needed(cipher):
    """The CycleGAN's trunk needs two samples to normalise, so five pixels; the dense ResNet takes a single pixel."""
    key = bytes(cipher.card.key_bytes)
    if cipher.card.min_side == 1:
        assert cipher.decrypt(cipher.encrypt(_image(1, 1, 3), key, NONCE), key).shape == (1, 1, 3)
    else:
        with pytest.raises(UnsupportedImage, match="sides of at least 5"):
            cipher.encrypt(_image(4, 9, 3), key, NONCE)


@pytest.mark.parametrize(("own", "lite"), PAIRS, ids=lambda cipher: cipher.card.name)
def test_the_lite_twin_differs_in_its_networks_only(own, lite):
    """Losses and target domain are the same field by field; the backbones are CycleGAN's and the proposed one."""
    a, b = own.recipe("cpu"), lite.recipe("cpu")
    losses = ("objective", "domain", "both_cycles", "encryption_weight", "decryption_weight", "variation_weight")
    assert [getattr(a, name) for name in losses] == [getattr(b, name) for name in losses]
    assert isinstance(a.size("encoder"), CycleGanSize)
    assert isinstance(b.size("encoder"), DenseResNetSize)
    assert (own.multiple, lite.multiple) == (a.multiple, b.multiple)
    assert own.card.family == lite.card.family == "learned"
    assert not own.card.lossless
    assert not lite.card.lossless


@pytest.mark.parametrize("scheme", ALL, ids=lambda cipher: cipher.card.name)
def test_missing_weights_name_the_training_command(scheme):
    """A file that is not there is named, with the training command."""

    class Missing(scheme):
        weights = ("absent-1",)

    with pytest.raises(WeightsError, match=r"absent-1\.json: no such file; .*cryptobench train .*") as caught:
        Missing().encrypt(_image(8, 8, 3), bytes(scheme.card.key_bytes), NONCE)
    assert "\n" not in str(caught.value)


def test_an_unknown_preset_is_refused():
    """The message names the presets that there are."""
    for scheme in ALL:
        with pytest.raises(CipherError, match="cpu and paper"):
            scheme.recipe("gpu")
