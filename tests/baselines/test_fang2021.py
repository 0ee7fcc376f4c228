"""fang2021 against a plain reading of its steps, its GAN stream's bias, round trips, refusals and diffusion."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.learned.fang2021 import (
    Fang2021,
    KeyStream,
    dna_rows,
    from_blocks,
    gan_bytes,
    padded,
    to_blocks,
)
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.primitives.chaos.maps.flows import HyperLorenz
from cryptobench.primitives.learned.weights import WeightsError
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import NONCE, flip_rates, flipped, key_for, one_flip_pairs

RNG = np.random.default_rng(21)
CIPHER, H = Fang2021(), bytes(range(32))
SHAPES = [(1, 1), (1, 37), (263, 1), (16, 16), (257, 263), (33, 47, 3), (9, 31, 2), (16, 32, 1), (48, 16, 4)]


def plain_dna(p: int, k: int, w: int) -> int:
    """A sample under the rules d1, d2, d3 and the operation of ``w``, base by base."""
    a, b = plain.encode(p, w & 7), plain.encode(k, w >> 3 & 7)
    c = [x ^ y for x, y in zip(a, b, strict=True)] if w >> 9 else plain.plus(a, b)
    return plain.decode(c, w >> 6 & 7)


def plain_feistel(block: list[int], keys: list[int], box: list[int]) -> list[int]:
    left, right = block[:128], block[128:]
    for k in keys:
        t, f = right[-1], []
        for r in right:
            t = box[((r << k % 8 | r >> 8 - k % 8) + k + t) % 256]
            f.append(t)
        left, right = right, [a ^ b for a, b in zip(left, f, strict=True)]
    return left + right


def plain_chain(blocks: list[list[int]], keys: list[list[int]], box: list[int], start: list[int]) -> list[list[int]]:
    out, before = [], start
    for block, k in zip(blocks, keys, strict=True):
        before = plain_feistel([a ^ b for a, b in zip(block, before, strict=True)], k, box)
        out.append(before)
    return out


def test_ciphertext_is_that_of_the_plain_steps():
    """Blocks, permutation, chains and DNA coding on plain lists give the same bytes."""
    image = RNG.integers(0, 256, (20, 35, 3), np.uint8)
    key, N = key_for("plain"), 2 * 3 * 3
    s = KeyStream.of(CIPHER.generator(), key, H, N)
    box, starts, rounds = s.box.tolist(), s.starts.tolist(), s.rounds.tolist()
    whole = np.zeros((32, 48, 3), np.uint8)
    whole[:20, :35] = image
    cut = [
        whole[y : y + 16, x : x + 16, c].ravel().tolist()
        for y in range(0, 32, 16)
        for x in range(0, 48, 16)
        for c in range(3)
    ]
    blocks = plain_chain([cut[i] for i in s.order], rounds[0], box, starts[0])
    rules = s.rules.reshape(N, 16).tolist()
    blocks = [
        [plain_dna(p, k, rules[n][i // 16]) for i, (p, k) in enumerate(zip(blocks[n], s.dna[n].tolist(), strict=True))]
        for n in range(N)
    ]
    blocks = plain_chain(blocks[::-1], rounds[1][::-1], box, starts[1])[::-1]
    encrypted = CIPHER.encrypt(image, key, NONCE, secret=H)
    cipher = encrypted.image.reshape(2, 16, 3, 16, 3).transpose(0, 2, 4, 1, 3).reshape(N, 256)
    assert cipher.tolist() == blocks


def test_the_key_stream_is_read_in_its_order():
    """S-box and block order sort words of the system; key bytes are GAN bytes XORed with fresh bytes of it."""
    key, N = key_for("order"), 5
    s, orbit = KeyStream.of(CIPHER.generator(), key, H, N), HyperLorenz.of(key, H, "fang2021")
    assert s.box.tolist() == np.argsort(orbit.words(256) % 2**24, kind="stable").tolist()
    assert s.order.tolist() == np.argsort(orbit.words(N) % 2**24, kind="stable").tolist()
    assert s.starts.ravel().tolist() == orbit.bytes(512).tolist()
    assert s.rules.tolist() == (orbit.words(16 * N) % 1024).tolist()
    count = N * 264
    keys = gan_bytes(CIPHER.generator(), orbit, count) ^ orbit.bytes(count)
    assert np.concatenate([s.rounds.ravel(), s.dna.ravel()]).tolist() == keys.tolist()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """Random, black and white images; the cipher image has sides of multiples of 16."""
    key = key_for(shape)
    for image in (RNG.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        encrypted = CIPHER.encrypt(image, key, NONCE)
        assert encrypted.image.shape == padded(shape)
        assert np.array_equal(CIPHER.decrypt(encrypted, key), image)
        assert np.array_equal(from_blocks(to_blocks(image), padded(shape))[: shape[0], : shape[1]], image)


def test_the_dna_stage_is_undone():
    """For every rule and both operations."""
    blocks, keys = RNG.integers(0, 256, (2, 64, 256), np.uint8)
    rules = np.arange(1024, dtype=np.uint16)
    assert np.array_equal(dna_rows(dna_rows(blocks, keys, rules, False), keys, rules, True), blocks)


def test_whitening_hides_the_gan_stream_s_bias():
    """Of 2^20 raw bytes entropy is 7.5 to 7.75 bits, where the card says 7.68; of the key bytes it is above 7.9997."""

    def entropy(data: np.ndarray) -> float:
        share = np.bincount(data.ravel(), minlength=256) / data.size
        return float(-(share[share > 0] * np.log2(share[share > 0])).sum())

    orbit = HyperLorenz.of(key_for("raw"), b"", "fang2021")
    raw = gan_bytes(CIPHER.generator(), orbit, 1 << 20)
    assert 7.5 < entropy(raw) < 7.75
    assert entropy(raw ^ orbit.bytes(len(raw))) > 7.9997


@pytest.mark.parametrize("fixed_secret", [False, True])
def test_diffusion_is_complete(fixed_secret: bool):
    """One flipped bit: mean NPCR 99.61 and UACI 33.46 over 20 keys, under one hash too."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, mask=None, fixed_secret=fixed_secret))
    assert rates.mean() == pytest.approx(99.6094, abs=0.05)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)


def test_one_wrong_key_or_secret_bit_gives_noise():
    """The decryption agrees with the flat plaintext in 0.4 % of samples."""
    image, key = np.full((96, 96, 3), 77, np.uint8), key_for("right")
    e = CIPHER.encrypt(image, key, NONCE)
    for place in (0, -1):
        wrong = Encrypted(e.image, e.header, flipped(e.secret, place))
        for plaintext in (CIPHER.decrypt(e, flipped(key, place)), CIPHER.decrypt(wrong, key)):
            assert (plaintext == image).mean() == pytest.approx(1 / 256, abs=0.003)


def test_flat_images_encrypt_to_noise():
    """Black and white use all 256 values about equally: chi-square of 255 degrees below 350 (p = 1e-4)."""
    for value in (0, 255):
        image = CIPHER.encrypt(np.full((128, 128, 3), value, np.uint8), key_for("flat"), NONCE).image
        assert ((np.bincount(image.ravel(), minlength=256) - 192) ** 2 / 192).sum() < 350


def test_any_bytes_of_the_right_shape_decrypt():
    """To an image of the header's shape; a changed ciphertext byte spoils at most three blocks."""
    image, key = RNG.integers(0, 256, (80, 90, 3), np.uint8), key_for("any")
    e = CIPHER.encrypt(image, key, NONCE)
    assert CIPHER.decrypt(Encrypted(RNG.integers(0, 256, e.image.shape, np.uint8), e.header, e.secret), key).shape == (
        80,
        90,
        3,
    )
    damaged = e.image.copy()
    damaged[40, 40, 1] ^= 1
    wrong = CIPHER.decrypt(Encrypted(damaged, e.header, e.secret), key) != image
    assert 0 < wrong.sum() <= 3 * 256


def test_what_does_not_fit_is_refused():
    """Header, secret and shape of the cipher image, each in a line that says what is wanted."""
    image, key = RNG.integers(0, 256, (20, 20), np.uint8), key_for("fit")
    e = CIPHER.encrypt(image, key, NONCE)
    for header in (b"", e.header[:-1], e.header + b"x"):
        with pytest.raises(CipherError, match=f"header has {len(header)} bytes, wanted 12"):
            CIPHER.decrypt(Encrypted(e.image, header, e.secret), key)
    with pytest.raises(CipherError, match="secret is 31 bytes, wanted 32"):
        CIPHER.decrypt(Encrypted(e.image, e.header, e.secret[1:]), key)
    with pytest.raises(CipherError, match="secret is 3 bytes, wanted 32"):
        CIPHER.encrypt(image, key, NONCE, secret=b"abc")
    with pytest.raises(CipherError, match="cipher image is 16x32, but its header is of an image of 20x20"):
        CIPHER.decrypt(Encrypted(e.image[:16], e.header, e.secret), key)
    with pytest.raises(CipherError, match="header is of an image of 0 x 20 pixels"):
        CIPHER.decrypt(Encrypted(e.image, bytes(4) + e.header[4:], e.secret), key)


def test_missing_weights_name_the_command(tmp_path):
    """A subclass with its own weights looks beside its own file."""

    class Mine(Fang2021):
        weights = (str(tmp_path / "mine.safetensors"),)

    with pytest.raises(WeightsError, match=r"mine\.json: no such file; .* cryptobench train fang2021"):
        Mine().encrypt(np.zeros((1, 1), np.uint8), bytes(32), NONCE)


def test_presets_are_recipes():
    """The shipped one is "cpu"; another name is refused."""
    assert Fang2021.recipe("cpu").steps == 2000
    assert Fang2021.recipe("paper").steps > 2000
    with pytest.raises(CipherError, match="no preset 'fast'"):
        Fang2021.recipe("fast")


def test_the_shipped_generator_is_the_recorded_one():
    """SHA-256 of a chunk from zero latents: a change of weights or arithmetic shows here before the vectors."""
    chunk = CIPHER.generator()(np.zeros((1, 64), np.int8))
    assert chunk.shape == (1, 1024)
    assert hashlib.sha256(chunk.tobytes()).hexdigest()[:16] == "f8af6a2126b54345"
