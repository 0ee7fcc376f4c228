"""The lossless form: nothing is lost at any size, its bytes are whole-number arithmetic, and damage shows."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from cryptobench.cipher import CipherError, Encrypted, UnsupportedImage
from cryptobench.images import builtin_image
from cryptobench.metrics import global_entropy
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes, pwlcm_streams
from cryptobench.primitives.learned.weights import WeightsError, load_manifest
from cryptobench.proposed.lossless import DenseResNetXorLossless
from cryptobench.registry import load_cipher
from tests.primitives.learned.inference.lifting_reference import lifting

NAMES = ("dense-resnet-xor-lossless", "dense-resnet-xor-lossless-core", "dense-resnet-xor-sealed")
NONCE = bytes(range(16))


def key_of(cipher, seed=1):
    return np.random.default_rng(seed).bytes(cipher.card.key_bytes)


def arrays_of(name):
    stored = load_file(DenseResNetXorLossless.weight_file(0))
    return {key.removeprefix(f"{name}."): one for key, one in stored.items() if key.startswith(f"{name}.")}


@pytest.fixture(params=NAMES)
def cipher(request):
    return load_cipher(request.param)


@pytest.mark.parametrize("shape", [(33, 47, 3), (64, 64), (1, 1, 3), (7, 1), (2, 9, 1), (1, 1)])
def test_any_size_comes_back_exactly(cipher, shape):
    """Odd, tiny, grey and colour images; the cipher image has the image's own shape."""
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    encrypted = cipher.encrypt(image, key_of(cipher), NONCE)
    assert encrypted.image.shape == shape
    assert np.array_equal(cipher.decrypt(encrypted, key_of(cipher)), image)


def test_a_photograph_comes_back_exactly(cipher):
    """In colour and in grey, and the ciphertext is as good as noise."""
    image = builtin_image("astronaut", 128)
    for one in (image, image[..., 1]):
        encrypted = cipher.encrypt(one, key_of(cipher), NONCE)
        assert np.array_equal(cipher.decrypt(encrypted, key_of(cipher)), one)
        assert global_entropy(encrypted.image).value > 7.98


def test_the_ciphertext_is_network_and_two_chains():
    """The network in plain integers, then both chains in plain Python, under the streams k1 and k2."""
    image = builtin_image("astronaut", 16)
    cipher = load_cipher("dense-resnet-xor-lossless")
    recipe, key = cipher.recipe("cpu"), key_of(cipher)
    for one, name in ((image, "encoder"), (image[..., :1], "grey")):
        data = lifting(one, recipe.lifting_size(name), arrays_of(name)).ravel().tolist()
        k1, k2 = pwlcm_streams(key, NONCE, ("k1", "k2"), len(data))
        start, end = pwlcm_bytes(key, NONCE, "iv", 2).tolist()
        for stream, last, order in ((k1, start, range(len(data))), (k2, end, range(len(data) - 1, -1, -1))):
            for place in order:
                data[place] = last = data[place] ^ int(stream[place]) ^ last
        assert cipher.encrypt(one, key, NONCE).image.ravel().tolist() == data


def test_the_core_is_the_network_alone():
    """The key's byte selects a pair; another pair decrypts nothing."""
    image, core = builtin_image("coffee", 64), load_cipher("dense-resnet-xor-lossless-core")
    encrypted = core.encrypt(image, b"\0", NONCE)
    recipe = core.recipe("cpu")
    assert np.array_equal(encrypted.image, lifting(image, recipe.lifting_size("encoder"), arrays_of("encoder")))
    assert np.array_equal(core.decrypt(encrypted, b"\2"), image)
    assert np.mean(core.decrypt(encrypted, b"\1") == image) < 0.02


def test_damage_becomes_noise_around_its_place():
    """One changed byte of ciphertext changes a hundred samples near it, and none further than the network's reach."""
    cipher = load_cipher("dense-resnet-xor-lossless")
    key, image = key_of(cipher), builtin_image("astronaut", 128)
    encrypted = cipher.encrypt(image, key, NONCE)
    damaged = encrypted.image.copy()
    damaged[64, 64, 1] ^= 16
    wrong = (cipher.decrypt(Encrypted(damaged, encrypted.header), key) != image).any(2)
    rows, columns = np.nonzero(wrong)
    assert wrong.sum() > 100
    assert max(abs(rows - 64).max(), abs(columns - 64).max()) <= 18


def test_disturbed_weights_do_not_decrypt():
    """Weights changed by a fifth; by a ten thousandth, few whole numbers change, and the picture can be seen."""
    core, image = load_cipher("dense-resnet-xor-lossless-core"), builtin_image("astronaut", 64)
    encoded, shape = core.encode(image)
    assert np.mean(core.decode_disturbed(encoded, shape, 0.2, 1) == image) < 0.05
    assert core.decode_disturbed(encoded[..., 0], core.encode(image[..., 0])[1], 1e-4, 1).shape == (64, 64)


def test_bad_input_is_refused_in_one_line(cipher):
    """Four channels, a header of another cipher, another shape and a secret that there is none of are named."""
    key = key_of(cipher)
    with pytest.raises(UnsupportedImage, match="1 or 3 channel"):
        cipher.encrypt(np.zeros((4, 4, 4), np.uint8), key, NONCE)
    encrypted = cipher.encrypt(np.zeros((4, 6, 3), np.uint8), key, NONCE)
    for bad in (
        Encrypted(encrypted.image, b"short"),
        Encrypted(encrypted.image, encrypted.header, b"secret"),
        Encrypted(encrypted.image[:2], encrypted.header),
        Encrypted(encrypted.image[..., 0], encrypted.header),
        Encrypted(encrypted.image, b"\xff" * len(encrypted.header)),
    ):
        with pytest.raises(CipherError, match=cipher.card.name):
            cipher.decrypt(bad, key)


def test_manifests_say_how_they_were_trained():
    """Each pair from its own seed to the end, with held-out scores and the licence of the pictures; small files."""
    files = [DenseResNetXorLossless.weight_file(pair) for pair in (0, 1)]
    manifests = [load_manifest(file) for file in files]
    assert len({manifest.seed for manifest in manifests}) == 2
    for file, manifest in zip(files, manifests, strict=True):
        assert file.stat().st_size < 100_000
        assert manifest.scores["entropy"] >= 7.99
        assert manifest.scores["entropy_grey"] >= 7.99
        assert manifest.steps == manifest.recipe["steps"]
        assert "BSDS500" in manifest.licence
        assert manifest.data["held_out"]["pictures"] == 150


def test_weights_of_another_network_are_refused(tmp_path):
    """Those of the lossy cipher, in one line that says how to train others."""

    class Other(DenseResNetXorLossless):
        weights = (str(tmp_path / "other.safetensors"),)

    for suffix in (".safetensors", ".json"):
        source = DenseResNetXorLossless.weight_file(0).with_name(f"dense-resnet-xor-1{suffix}")
        (tmp_path / f"other{suffix}").write_bytes(source.read_bytes())
    with pytest.raises(WeightsError, match=r"weights of another network .* cryptobench train"):
        Other().encode(np.zeros((4, 4, 3), np.uint8))
