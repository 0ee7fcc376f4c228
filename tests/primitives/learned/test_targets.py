"""Target domains: uniform bytes, and amplitudes of double random phase encoding."""

import numpy as np
import pytest
import torch

from cryptobench.images import load_image
from cryptobench.primitives.learned.adversarial import drpe_amplitude, sample, uniform_noise
from cryptobench.primitives.learned.inference.forward import to_tensor


def _bytes(batch):
    levels = ((batch + 1) * 127.5).numpy()
    assert np.abs(levels - np.rint(levels)).max() < 1e-3
    return np.rint(levels).astype(int)


def _entropy(values):
    share = np.bincount(values.ravel(), minlength=256) / values.size
    return -(share[share > 0] * np.log2(share[share > 0])).sum()


def test_noise_is_uniform_over_the_256_bytes():
    """All bytes occur, evenly: chi-square in its 99.9 % interval, entropy above 7.998."""
    torch.manual_seed(1)
    values = _bytes(uniform_noise(torch.empty(1, 3, 256, 256)))
    counts = np.bincount(values.ravel(), minlength=256)
    assert counts.min() > 0
    assert 187 < ((counts - values.size / 256) ** 2 / (values.size / 256)).sum() < 336
    assert _entropy(values) > 7.998


def test_drpe_amplitude_is_rayleigh():
    """On a photograph: mean square kept, mean of sqrt(pi/4) of its root, entropy near 7.1 bits, no correlation."""
    torch.manual_seed(1)
    picture = to_tensor(load_image("astronaut", 256))
    values = _bytes(drpe_amplitude(picture))
    amplitude = values * 1.7 / 255
    energy = float(((picture + 1) / 2).square().mean())
    assert (amplitude**2).mean() == pytest.approx(energy, rel=0.01)
    root = np.sqrt((amplitude**2).mean((2, 3)))
    assert amplitude.mean((2, 3)) / root == pytest.approx(np.full(root.shape, np.sqrt(np.pi / 4)), rel=0.01)
    assert 6.95 < _entropy(values) < 7.25
    assert abs(np.corrcoef(values[..., 1:].ravel(), values[..., :-1].ravel())[0, 1]) < 0.06


def test_drpe_is_decoded_by_the_inverse_phases():
    """The complex field that the amplitude is of comes back to the image: the encoding in numpy, with its own masks."""
    generator = np.random.default_rng(0)
    f = generator.random((16, 24))
    n, b = generator.random((2, 16, 24))
    field = np.fft.ifft2(np.fft.fft2(f * np.exp(2j * np.pi * n)) * np.exp(2j * np.pi * b))
    assert np.abs(np.fft.ifft2(np.fft.fft2(field) * np.exp(-2j * np.pi * b))) == pytest.approx(f)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        masks = torch.rand(1, 1, 16, 24), torch.rand(1, 1, 16, 24)
        torch.manual_seed(0)
        ours = drpe_amplitude(torch.from_numpy(f * 2 - 1).float()[None, None])
    n, b = (mask.numpy()[0, 0].astype(float) for mask in masks)
    field = np.fft.ifft2(np.fft.fft2(f * np.exp(2j * np.pi * n)) * np.exp(2j * np.pi * b))
    expected = np.rint(np.minimum(np.abs(field) / 1.7, 1) * 255)
    assert np.abs(_bytes(ours)[0, 0] - expected).max() <= 1


def test_brightness_is_kept_in_the_amplitude():
    """The scale is fixed, so a picture half as bright has an amplitude half as large."""
    torch.manual_seed(0)
    bright = _bytes(drpe_amplitude(torch.full((1, 1, 64, 64), 0.2))).mean()
    torch.manual_seed(0)
    dark = _bytes(drpe_amplitude(torch.full((1, 1, 64, 64), -0.4))).mean()
    assert dark / bright == pytest.approx(0.5, abs=0.01)


def test_an_unknown_domain_is_refused():
    """The message names the domains that there are."""
    with pytest.raises(ValueError, match="'noise' and 'drpe'"):
        sample("arnold", torch.zeros(1, 3, 8, 8))
