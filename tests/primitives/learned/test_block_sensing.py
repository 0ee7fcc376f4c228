"""Learned compressed sensing of blocks: shapes, independence of blocks, and a moment of training."""

import numpy as np
import pytest
import torch

from cryptobench.primitives.learned.block_sensing import SensingRecipe
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.sensing_networks import BlockDecoder, BlockEncoder
from cryptobench.primitives.learned.sizes import CODES, DecoderSize, EncoderSize
from cryptobench.primitives.learned.training import Training


@pytest.mark.parametrize("rate", CODES)
def test_codes_have_the_size_of_the_rate(rate: float):
    """2 x 3 blocks to their codes side by side and back; the code's share of the block's bytes is the rate."""
    networks = SensingRecipe(rate=rate).networks()
    a, b = CODES[rate]
    code = networks["encoder"](torch.zeros(1, 3, 66, 99))
    assert code.shape == (1, 1, 2 * a, 3 * b)
    assert networks["decoder"](code).shape == (1, 3, 66, 99)
    assert a * b / 33**2 / 3 == pytest.approx(rate, rel=0.3)


def test_the_matrix_has_the_published_number_of_weights():
    """576 x 3267 for a code of 24 x 24; 38.7 thousand weights compress."""
    assert BlockDecoder(DecoderSize(24, 24)).colours.weight.numel() == 1_881_792
    assert sum(weight.numel() for weight in BlockEncoder(EncoderSize(24, 24)).parameters()) == 38_721


def test_blocks_do_not_see_one_another():
    """The code of an image of many blocks is that of its blocks alone, more than a batch of them included."""
    torch.manual_seed(1)
    encoder, decoder = BlockEncoder(EncoderSize(3, 3)), BlockDecoder(DecoderSize(3, 3))
    image = torch.rand(1, 3, 9 * 33, 8 * 33) * 2 - 1
    with torch.inference_mode():
        codes = encoder(image)
        alone = encoder(image[:, :, 7 * 33 : 8 * 33, 5 * 33 : 6 * 33])
        assert codes[:, :, 21:24, 15:18] == pytest.approx(alone, abs=1e-5)
        rebuilt = decoder(codes)[:, :, 7 * 33 : 8 * 33, 5 * 33 : 6 * 33]
        assert rebuilt == pytest.approx(decoder(alone), abs=1e-5)


def test_training_lowers_the_error():
    """Of smooth pictures at the lowest rate, in fifty steps: PSNR gains a decibel."""
    rows, columns = np.mgrid[:60, :60]
    pictures = PictureSet([np.stack([4 * rows, 4 * columns, 2 * (rows + columns)], -1).astype(np.uint8)])
    training = Training(SensingRecipe(steps=50, rate=0.003, blocks=2, learning_rate=1e-2), pictures, 1)
    errors: list[float] = []
    before = training.score(pictures)["psnr"]
    training.run(lambda progress: errors.append(progress.losses["error"]))
    after = training.score(pictures)
    assert after["psnr"] > before + 1
    assert after["psnr_min"] == after["psnr"]  # one picture
    assert len(errors) == 1


def test_an_unknown_rate_is_refused():
    """In one line that lists the known ones."""
    with pytest.raises(ValueError, match=r"rate is 0\.5, wanted one of 0\.18, 0\.08"):
        SensingRecipe(rate=0.5).networks()
