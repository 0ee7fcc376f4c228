"""One switch for how learned ciphers run their networks: by our own kernels, or by a library, behind `+fast`."""

from importlib.util import find_spec

import numpy as np
import pytest

from cryptobench.bench.plan import make_plan
from cryptobench.bench.settings import settings
from cryptobench.cipher import Image
from cryptobench.metrics import peak_signal_noise_ratio
from cryptobench.primitives.learned import requirement
from cryptobench.registry import RegistryError, code_version, load_cipher, read_card, reference_of

needs_library = pytest.mark.skipif(
    find_spec("openvino") is None, reason='needs OpenVINO: pip install "cryptobench[fast]"'
)


@pytest.fixture(scope="module")
def picture() -> Image:
    """A smooth one with an edge, 64 pixels a side."""
    y, x = np.mgrid[:64, :64]
    planes = [128 + 50 * np.sin(x / (5 + c)) + 40 * np.cos(y / (7 + c)) - 60 * (x > 40) for c in range(3)]
    return np.clip(np.stack(planes, 2), 0, 255).astype(np.uint8)


@needs_library
@pytest.mark.parametrize("name", ["dense-resnet-xor", "deepedn", "cyclegan-avalanche", "chen2020-cs"])
def test_ways_decrypt_one_another(name, picture):
    """Four ways to encrypt and decrypt: the proposed cipher loses quality in bfloat16, others next to nothing."""
    ways = {way: load_cipher(name, inference=way) for way in ("portable", "fast")}
    key = bytes(range(ways["fast"].card.key_bytes))
    sent = {way: cipher.encrypt(picture, key, bytes(16)) for way, cipher in ways.items()}
    found = {(a, b): peak_signal_noise_ratio(picture, ways[b].decrypt(sent[a], key)).value for a in ways for b in ways}
    best = found.pop(("portable", "portable"))
    assert min(found.values()) > (38 if name == "dense-resnet-xor" else best - 0.6)


@needs_library
def test_fast_cipher_has_a_name_of_its_own():
    """Its rows in tables can be told apart; workers load it by its reference."""
    fast = load_cipher("deepedn", inference="fast")
    assert fast.card.name == load_cipher("deepedn+fast").card.name == read_card("deepedn+fast").name == "deepedn+fast"
    assert "OpenVINO" in fast.card.deviations[-1]
    again = load_cipher(reference_of(fast))
    assert again.card == fast.card
    assert "+" not in reference_of(load_cipher("deepedn"))
    assert code_version("cipher", "deepedn+fast") != code_version("cipher", "deepedn")
    wanted = settings("quick", ciphers=("deepedn", "deepedn+fast"), images=("camera",), size=32, analyses=["entropy"])
    assert [cell.cipher_name for cell in make_plan(wanted).cells] == ["deepedn", "deepedn+fast"]


@needs_library
def test_networks_of_one_form_refuse():
    """Whole numbers, and ciphers without a network."""
    for name, why in (("dense-resnet-xor-lossless", "one form only"), ("aes-256-ctr", "no network")):
        with pytest.raises(RegistryError, match=rf"^{name}: .*{why}[^\n]*$"):
            load_cipher(f"{name}+fast")


def test_missing_library_is_one_line(monkeypatch):
    """What needs it, and what to install."""
    monkeypatch.setattr(requirement, "find_spec", lambda name: None)
    line = r'^deepedn, run fast, needs OpenVINO, which is not installed: pip install "cryptobench\[fast\]"$'
    with pytest.raises(RegistryError, match=line):
        load_cipher("deepedn+fast")


def test_unknown_ways_are_named():
    """What was given and what is wanted."""
    with pytest.raises(RegistryError, match="inference is 'quick', wanted 'fast' or 'portable'"):
        load_cipher("deepedn", inference="quick")
