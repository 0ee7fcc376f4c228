"""wang2022-dnn: recorded values, how well it decrypts, and what its network lets through."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.learned import wang2022_dnn
from cryptobench.baselines.learned.wang2022_dnn import Parameters, Wang2022Dnn, Wang2022Dnn8Bit, parameters
from cryptobench.cipher import Cipher, CipherError, Encrypted, record_stages
from cryptobench.images import load_image
from cryptobench.metrics import global_entropy
from cryptobench.primitives.learned.dct_network import LEAST, Dct, blocks_of
from cryptobench.registry import load_attack
from tests.baselines.scheme_checks import NONCE, changed, digest, flipped, share_changed

KEY = hashlib.shake_256(b"cryptobench").digest(24)
EXAMPLE = Parameters(0.3, 0.4, 3.99, 3.99)  # the paper's
SMALL: dict[str, Any] = {"sides": (8, 12, 13)}
RNG = np.random.default_rng(2022)


def ramp(*shape: int) -> np.ndarray:
    counted: np.ndarray = np.arange(np.prod(shape)) % 251
    return counted.astype(np.uint8).reshape(shape)


def smooth(height: int = 64, width: int = 64) -> np.ndarray:
    i, j = np.arange(height)[:, None], np.arange(width)[None, :]
    waves: np.ndarray = 127.5 + 60 * np.sin(i / 9) + 50 * np.cos(j / 7 + i / 31)
    return np.floor(waves + 0.5).astype(np.uint8)


def picture(name: str) -> np.ndarray:
    """128 x 128 grey, (128, 128)."""
    image = load_image(name, 128)
    return image if image.ndim == 2 else np.floor(image.mean(axis=2) + 0.5).astype(np.uint8)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


def decrypted_psnr(cipher: Cipher, image: np.ndarray, key: bytes = KEY) -> float:
    return psnr(cipher.decrypt(cipher.encrypt(image, KEY, NONCE), key), image)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key gives the paper's example numbers."""
    monkeypatch.setattr(wang2022_dnn, "parameters", lambda key: EXAMPLE)


@pytest.mark.parametrize(
    ("shape", "options", "wanted", "first", "sha"),
    [
        ((16, 12, 3), {}, (200, 100, 3), "7e7c7c8f93889e95946c6d6e7777756f", "b747d5b046b54a88"),
        ((16, 12, 3), {"bits": 8}, (100, 100, 3), "7e7c7c8f93889e95946c6d6e7777756f", "a00bdf268e704884"),
        ((70, 130), {}, (400, 300), "749c9a6468685b6db7a6996176775d35", "b719d39112dc31f7"),
        ((16, 12, 3), {"reading": "frame"}, (200, 100, 3), "686353859086807f826a6b61a7a3a374", "586fb0a47b340e66"),
    ],
    ids=str,
)
def test_ciphertexts_are_those_of_another_program(
    shape: tuple[int, ...], options: dict[str, Any], wanted: tuple[int, ...], first: str, sha: str
) -> None:
    """Shape, first bytes and hash, as an independent prototype gave them for a counting image."""
    encrypted = Wang2022Dnn(**options).encrypt(ramp(*shape), KEY, NONCE)
    assert encrypted.image.shape == wanted
    assert encrypted.image.tobytes()[:16].hex() == first
    assert digest(encrypted.image) == sha
    assert encrypted.header == shape[0].to_bytes(4, "big") + shape[1].to_bytes(4, "big")


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("image", "reading", "first", "sha"),
    [
        (ramp(16, 12, 3), "flat", "848380a39fa2a79ca289847e8181809b", "dc6ba92c1b3a5094"),
        (smooth(), "flat", "7ebc9e739396527b7144765f96ab7b73", "eeca097059585974"),
        (smooth(), "frame", "b1b35e80a8b5b38e5a98b7a9524cbc5b", "7e3f122aec95ab79"),
    ],
    ids=["ramp", "smooth", "smooth in a frame"],
)
def test_the_papers_example_key_agrees(image: np.ndarray, reading: str, first: str, sha: str) -> None:
    """r = 0.3 and 0.4, mu = 3.99 twice, in both readings."""
    cipher_image = Wang2022Dnn(reading=reading).encrypt(image, KEY, NONCE).image
    assert (cipher_image.tobytes()[:16].hex(), digest(cipher_image)) == (first, sha)


def test_the_second_class_has_eight_bits() -> None:
    """`wang2022-dnn-8bit` is the same network."""
    one, two = (c.encrypt(ramp(5, 4, 3), KEY, NONCE) for c in (Wang2022Dnn(bits=8), Wang2022Dnn8Bit()))
    assert np.array_equal(one.image, two.image)
    assert one.header == two.header


def test_key_fields_are_48_bits_each() -> None:
    """Zeros and ones in each field, the most significant byte first."""
    assert parameters(bytes(24)) == pytest.approx((2**-49, 2**-49, 3.57, 3.57), abs=1e-14)
    key = b"\x80" + bytes(5) + b"\xff" * 6 + bytes(5) + b"\x01" + b"\xff" * 6
    wanted = (0.5 + 2**-49, 1 - 2**-49, 3.57 + 0.43 * 1.5 * 2**-48, 4 - 0.43 * 2**-49)
    assert parameters(key) == pytest.approx(wanted, abs=1e-15)


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("image", "options", "wanted"),
    [
        ("smooth", {"steps": 50}, 34.59),
        ("smooth", {"steps": 100}, 35.24),
        ("smooth", {}, 37.54),
        ("smooth", {"bits": 8}, 31.92),
        ("smooth", {"reading": "frame"}, 29.61),
        ("camera", {}, 30.19),
        ("camera", {"bits": 8}, 28.26),
        ("astronaut", {"steps": 100}, 29.10),
    ],
)
def test_decryption_is_as_good_as_measured(image: str, options: dict[str, Any], wanted: float) -> None:
    """PSNR by steps and bits of an independent prototype, in both readings."""
    cipher = Wang2022Dnn(**options)
    assert decrypted_psnr(cipher, smooth() if image == "smooth" else picture(image)) == pytest.approx(wanted, abs=0.1)


@pytest.mark.usefixtures("example")
def test_real_numbers_would_decrypt_no_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs as they are, without a threshold but for float64's own noise: 37.40 dB, where 16 bits give 37.54."""
    monkeypatch.setitem(LEAST, 16, 1e-9)
    cipher, image = Wang2022Dnn(), smooth()
    x = cipher.inputs(cipher.outputs(image, KEY), KEY)
    assert psnr(np.floor(255 * x.reshape(64, 64) + 0.5), image) == pytest.approx(37.40, abs=0.1)


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("bits", [8, 16])
def test_rounding_noise_is_no_output(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every positive number taken for an output, as in the paper, costs more than 10 dB."""
    monkeypatch.setitem(LEAST, bits, 0.0)
    assert decrypted_psnr(Wang2022Dnn(bits=bits), smooth()) < 21


def papers_solvers(first: Dct, second: Dct, z: np.ndarray, steps: int) -> np.ndarray:
    """FISTA for the second layer, AD-LPMM for the first, as the paper has them: blocks (B, n) from z = atanh y."""
    x2 = momentum = np.zeros((len(z), second.n))
    t = 1.0
    for _ in range(100):
        moved = np.maximum(momentum - second.adjoint(second.apply(momentum) - z) / second.squared_norm, 0)
        following = (1 + np.sqrt(1 + 4 * t * t)) / 2
        momentum, x2, t = moved + (t - 1) / following * (moved - x2), moved, following
    on, rho, lam = x2 > LEAST[16], 1e-4, 0.01
    x, eta = np.full((len(z), first.n), 0.5), first.squared_norm + 0.1
    w, b, u = first.apply(x), np.zeros_like(x2), np.zeros_like(x2)
    for _ in range(steps):
        residual = np.where(on, w - x2, rho * (w - b - u))
        x = np.maximum(x - (first.adjoint(residual) + lam) / eta, 0)
        w = first.apply(x)
        b = np.where(on, 0, -np.maximum(u - w, 0))
        u = np.where(on, 0, u + b - w)
    return x


@pytest.mark.usefixtures("example")
def test_the_papers_solvers_stop_earlier() -> None:
    """500 steps of AD-LPMM on the same outputs: 28.5 dB, where our descent has 37.5 in 300."""
    cipher, image = Wang2022Dnn(), smooth()
    order1, order2 = cipher.orders(KEY)
    z = np.empty((1, 10000))
    z[:, order2] = np.arctanh(np.round((cipher.outputs(image, KEY) + 1) * 32767.5) / 32767.5 - 1)
    unsorted = np.argsort(order1)
    first, second = cipher.first, cipher.second

    class Sorted:
        """The first layer with its rows in the key's order, as the second layer's input has them."""

        n, m, squared_norm = first.n, first.m, first.squared_norm

        def apply(self, x: np.ndarray) -> np.ndarray:
            return first.apply(x)[:, order1]

        def adjoint(self, w: np.ndarray) -> np.ndarray:
            return first.adjoint(w[:, unsorted].copy())

    x = papers_solvers(Sorted(), second, z, 500)  # type: ignore[arg-type]
    assert psnr(np.clip(np.floor(255 * x.reshape(64, 64) + 0.5), 0, 255), image) == pytest.approx(28.50, abs=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (9, 1), (3, 17, 3), (8, 8, 1), (16, 9, 4)], ids=str)
@pytest.mark.parametrize("bits", [8, 16])
def test_any_shape_comes_back(shape: tuple[int, ...], bits: int) -> None:
    """Shape and type, at a small network; a flat image is found but for a few grey levels."""
    cipher = Wang2022Dnn(bits=bits, **SMALL)
    image = np.full(shape, 90, np.uint8)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    tiles = (-(-shape[0] // 8) * 13 * bits // 8, -(-shape[1] // 8) * 13, *shape[2:])
    assert encrypted.image.shape == tiles
    back = cipher.decrypt(encrypted, KEY)
    assert back.shape == shape
    assert back.dtype == np.uint8
    assert abs(back.astype(int) - 90).mean() < 12


def test_every_cipher_image_decrypts() -> None:
    """Black, white and noise: y is clipped before the inverse of tanh."""
    for value in (np.zeros((26, 13)), np.full((26, 13), 255), RNG.integers(0, 256, (26, 13))):
        back = Wang2022Dnn(**SMALL).decrypt(Encrypted(value.astype(np.uint8), bytes([0, 0, 0, 8, 0, 0, 0, 5])), KEY)
        assert back.shape == (8, 5)


def test_headers_that_do_not_fit_are_refused() -> None:
    """Too short, of another size, of no pixels; and a secret: one line each."""
    cipher = Wang2022Dnn(**SMALL)
    image = np.zeros((26, 13), np.uint8)
    for header, says in [
        (b"", "header has 0 bytes, wanted 8"),
        (bytes([0, 0, 0, 9, 0, 0, 0, 8]), "cipher image is 26x13, but its header is of an image of 9x8"),
        (bytes(8), "its header is of an image of 0x0"),
        (b"\xff" * 8, "its header is of an image of 4294967295x4294967295"),
    ]:
        with pytest.raises(CipherError, match=says):
            cipher.decrypt(Encrypted(image, header), KEY)
    with pytest.raises(CipherError, match="secret has 1 bytes"):
        cipher.encrypt(image, KEY, NONCE, secret=b"x")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"bits": 12}, "bits is 12, wanted 8 or 16"),
        ({"reading": "round"}, "reading is 'round', wanted flat or frame"),
        ({"sides": (8, 8, 9)}, "sides is .*, wanted three whole numbers, each above the one before"),
        ({"steps": 0}, "wanted an integer of at least 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], says: str) -> None:
    """When the cipher is made."""
    with pytest.raises(CipherError, match=says):
        Wang2022Dnn(**options)


def test_a_wrong_field_gives_no_picture() -> None:
    """The least bit of each key field, one at a time: below 8 dB."""
    cipher = Wang2022Dnn(steps=50)
    for place in (5, 11, 17, 23):
        assert decrypted_psnr(cipher, smooth(), flipped(KEY, place)) < 8


def test_brightness_passes_through() -> None:
    """Half an image has exactly half of every atanh y."""
    cipher, image = Wang2022Dnn(**SMALL), 2 * RNG.integers(0, 128, (8, 8), np.uint8)
    whole, half = (np.arctanh(cipher.outputs(one, KEY)) for one in (image, image // 2))
    assert abs(whole / 2 - half).max() < 1e-14


def test_blocks_are_independent() -> None:
    """A changed sample changes its own tile only, and equal blocks have equal tiles."""
    cipher, image = Wang2022Dnn(**SMALL), np.tile(RNG.integers(0, 256, (8, 8), np.uint8), (2, 3))
    tiles = blocks_of(cipher.encrypt(image, KEY, NONCE).image[:26], 13)
    assert (tiles == tiles[0]).all()
    image[9, 20] ^= 128
    differs = blocks_of(cipher.encrypt(image, KEY, NONCE).image[:26], 13) != tiles
    assert differs.any(axis=1).tolist() == [False] * 5 + [True]


def test_black_blocks_show_under_every_key() -> None:
    """Bytes 128 and 0, or 128 at 8 bits."""
    black = np.zeros((9, 9), np.uint8)
    for key in (KEY, bytes(24)):
        assert set(Wang2022Dnn(**SMALL).encrypt(black, key, NONCE).image.ravel().tolist()) == {128, 0}
        assert set(Wang2022Dnn8Bit(**SMALL).encrypt(black, key, NONCE).image.ravel().tolist()) == {128}


def test_bytes_are_unevenly_frequent() -> None:
    """Entropies of 7.34 bit at 8 bits, of 7.35 for high and 7.995 for low bytes at 16, where noise has 7.995 to 8."""
    image = picture("camera")
    cipher_image = Wang2022Dnn().encrypt(image, KEY, NONCE).image
    planes = (Wang2022Dnn(bits=8).encrypt(image, KEY, NONCE).image, *np.split(cipher_image, 2))
    found = [float(global_entropy(np.ascontiguousarray(plane)).value) for plane in planes]
    assert found == pytest.approx([7.34, 7.35, 7.995], abs=0.06)


def test_a_changed_sample_changes_little() -> None:
    """NPCR 0.05 % at 8 bits and 7 % at 16, where the paper prints 99.98 %."""
    image = picture("camera")
    for bits, wanted in ((8, 0.052), (16, 6.9)):
        rates = []
        for place in RNG.integers(0, image.size, 8).tolist():
            images = (image, changed(image, place, 1))
            rates.append(share_changed(*(Wang2022Dnn(bits=bits).encrypt(each, KEY, NONCE).image for each in images)))
        assert np.mean(rates) == pytest.approx(wanted, rel=0.3)


def test_mirrored_starts_are_one_key() -> None:
    """r and 1 - r give one orbit but for rounding, which grows: the first orders of a short orbit agree."""
    key = KEY[:6]
    mirrored = bytes(255 - byte for byte in key)
    orders = [Wang2022Dnn(sides=(2, 3, 4)).orders(start + KEY[6:])[0] for start in (key, mirrored)]
    assert orders[0].tolist() == orders[1].tolist()


def test_periodic_windows_are_weak() -> None:
    """mu = 3.83 has period three: a third of the rows comes before the next, whatever the start."""
    mu = int((3.83 - 3.57) / 0.43 * 2**48).to_bytes(6, "big")
    for start in (KEY[:6], KEY[6:12]):
        order = Wang2022Dnn().orders(start + KEY[6:12] + mu + KEY[18:])[0]
        late = order[order >= 300] % 3
        assert (np.diff(late) != 0).sum() < 5


def test_stages_are_timed() -> None:
    """Both ways."""
    cipher = Wang2022Dnn(**SMALL)
    with record_stages() as there:
        encrypted = cipher.encrypt(smooth(8, 8), KEY, NONCE)
    with record_stages() as back:
        cipher.decrypt(encrypted, KEY)
    assert set(there) == {"keystream", "network", "recording"}
    assert set(back) == {"keystream", "network", "descent", "recording"}


@pytest.mark.parametrize("attack", ["superposition", "locality", "block_repetition"])
def test_attacks_on_structure_see_it(attack: str) -> None:
    """Sums, blocks and repetitions of an image show in its ciphertext."""
    image = np.ascontiguousarray(picture("camera")[40:72, 40:72])
    run = attack_target(load_attack(attack), Wang2022Dnn(**SMALL), image)
    assert run.outcome == "leak", run.result
