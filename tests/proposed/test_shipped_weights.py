"""The weights that are shipped give the quality that was recorded, on pictures that they were not trained on."""

import numpy as np
import pytest

from cryptobench.images import builtin_image
from cryptobench.metrics import global_entropy, peak_signal_noise_ratio, structural_similarity
from cryptobench.primitives.learned.weights import load_manifest
from cryptobench.proposed.core import DenseResNetXorCore
from cryptobench.registry import load_cipher

# PSNR in dB and SSIM of the first pair, at 256 pixels, measured when it was trained.
RECORDED = {
    "astronaut": (50.22, 0.9995), "coffee": (46.59, 0.9987), "chelsea": (64.13, 0.9999), "motorcycle": (43.21, 0.9974),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_quality_is_as_recorded(name):
    """PSNR within 0.1 dB, SSIM within 0.002; the intermediate ciphertext has the entropy that was trained for."""
    image = builtin_image(name, 256)
    core = load_cipher("dense-resnet-xor-core")
    encrypted = core.encrypt(image, b"\0", bytes(16))
    decrypted = core.decrypt(encrypted, b"\0")
    psnr, ssim = RECORDED[name]
    assert peak_signal_noise_ratio(image, decrypted).value == pytest.approx(psnr, abs=0.1)
    assert structural_similarity(image, decrypted).value == pytest.approx(ssim, abs=0.0005)
    assert global_entropy(encrypted.image).value > 7.985


def test_another_pair_decrypts_nothing():
    """Two pairs trained apart have different ciphertexts, and neither decrypts the other's."""
    image = builtin_image("astronaut", 128)
    core = load_cipher("dense-resnet-xor-core")
    first, second = (core.encrypt(image, key, bytes(16)) for key in (b"\0", b"\1"))
    assert np.mean(first.image != second.image) > 0.9
    assert peak_signal_noise_ratio(image, core.decrypt(first, b"\1")).value < 12


def test_manifests_say_how_they_were_trained():
    """Each pair was trained from its own seed to the end, and has held-out scores and the licence of the pictures."""
    manifests = [load_manifest(DenseResNetXorCore.weight_file(pair)) for pair in (0, 1)]
    assert len({manifest.seed for manifest in manifests}) == 2
    for manifest in manifests:
        assert manifest.scores["psnr"] >= 59
        assert manifest.scores["psnr_min"] >= 48
        assert manifest.scores["ssim"] >= 0.9995
        assert manifest.scores["entropy"] >= 7.985
        settings = {"recipe": "statistics", **DenseResNetXorCore.recipe("cpu").settings()}
        assert {"grey": 0.0, **manifest.recipe} == settings  # that setting came later
        assert manifest.steps == manifest.recipe["steps"]
        assert "BSDS500" in manifest.licence
        assert manifest.data["held_out"]["pictures"] == 150
