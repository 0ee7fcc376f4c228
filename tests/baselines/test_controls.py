"""Each control has the defect that its card states, and scores as it should on the usual metrics."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cryptobench.baselines.controls._parts import permutation
from cryptobench.baselines.controls.add_chain import AddChain
from cryptobench.baselines.controls.aes_256_ecb import Aes256Ecb
from cryptobench.baselines.controls.arnold_cat import ArnoldCat
from cryptobench.baselines.controls.caesar import Caesar
from cryptobench.baselines.controls.channelwise import Channelwise
from cryptobench.baselines.controls.permutation_only import PermutationOnly
from cryptobench.baselines.controls.permutation_xor import PermutationXor
from cryptobench.baselines.controls.sum_ctr import SumCtr
from cryptobench.baselines.controls.truncated_key import TruncatedKey
from cryptobench.baselines.controls.xor_chain import XorChain
from cryptobench.baselines.controls.xor_pad import XorPad
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image, record_stages

NONCE = bytes(16)
NPCR, UACI = 100 * 255 / 256, 100 * 257 / 768  # means over pairs of independent uniform images, in %
COLOUR = (128, 96, 3)


def photograph(shape: tuple[int, ...] = COLOUR) -> Image:
    """Smooth waves with noise on top."""
    rows, columns = np.indices(shape[:2]) / 9
    waves = [np.sin(rows + c) * np.cos(columns - c) for c in range(shape[2] if len(shape) == 3 else 1)]
    noise = np.random.default_rng(1).integers(0, 9, shape)
    return (120 + 100 * np.stack(waves, axis=-1).reshape(shape) + noise).astype(np.uint8)


def random_image(seed: int, shape: tuple[int, ...] = COLOUR) -> Image:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def key_of(cipher: Cipher, seed: int = 0) -> bytes:
    return np.random.default_rng(seed).bytes(cipher.card.key_bytes)


def encrypt(cipher: Cipher, image: Image, seed: int = 0) -> Image:
    return cipher.encrypt(image, key_of(cipher, seed), NONCE).image


def differential(cipher: Cipher, image: Image, change: int, trials: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """NPCR and UACI in %, by trial: each with its own key, the first and last sample and random ones XORed."""
    positions = [0, image.size - 1, *np.random.default_rng(2).integers(0, image.size, trials - 2)]
    npcr, uaci = [], []
    for seed, position in enumerate(positions):
        changed = image.copy()
        changed.reshape(-1)[position] ^= change
        one, two = (encrypt(cipher, plain, seed).astype(np.int16) for plain in (image, changed))
        npcr.append(100 * np.mean(one != two))
        uaci.append(100 * np.mean(np.abs(one - two)) / 255)
    return np.array(npcr), np.array(uaci)


def critical_values(size: int) -> tuple[float, float, float]:
    """Wu, Noonan and Agaian 2011 at level 0.05: lower NPCR limit, lower and upper UACI limit, in %."""
    npcr = 100 * (255 / 256 - 1.6448536 * np.sqrt(255 / 256**2 / size))
    half = 100 * 1.9599640 * np.sqrt(257 * (255**2 + 2 * 255 + 3) / (18 * 256**2 * 255 * size))
    return npcr, UACI - half, UACI + half


@pytest.mark.parametrize(("cipher", "change"), [(AddChain(), 1), (SumCtr(), 1), (SumCtr(), 128)])
def test_insecure_ciphers_score_perfect_npcr_and_uaci(cipher: Cipher, change: int) -> None:
    """add-chain (lowest bit) and sum-ctr (any bit) pass the published critical values as an ideal cipher does.

    Of 40 independent trials at level 0.05 an ideal cipher passes fewer than 33 with probability 0.0007.
    """
    npcr, uaci = differential(cipher, photograph(), change)
    lowest, low, high = critical_values(photograph().size)
    assert np.sum(npcr > lowest) >= 33
    assert np.sum((uaci > low) & (uaci < high)) >= 33
    assert npcr.mean() == pytest.approx(NPCR, abs=0.03)
    assert uaci.mean() == pytest.approx(UACI, abs=0.1)


@pytest.mark.parametrize("change", [1, 128])
def test_insecure_ciphers_have_perfect_histograms(change: int) -> None:
    """add-chain and sum-ctr give a flat histogram even for a flat image: chi-square below its 0.1 % point."""
    for cipher in (AddChain(), SumCtr()):
        counts = np.bincount(encrypt(cipher, np.full(COLOUR, change, np.uint8)).ravel(), minlength=256)
        expected = np.prod(COLOUR) / 256
        assert ((counts - expected) ** 2 / expected).sum() < 330.52


def test_add_chain_is_affine_over_integers_mod_256() -> None:
    """E(a + b) = E(a) + E(b) - E(0) in every sample."""
    a, b, zero = random_image(1), random_image(2), np.zeros(COLOUR, np.uint8)
    cipher = AddChain()
    assert np.array_equal(encrypt(cipher, a + b), encrypt(cipher, a) + encrypt(cipher, b) - encrypt(cipher, zero))


def test_add_chain_falls_to_three_chosen_ciphertexts() -> None:
    """D(c + r) - D(r) + D(0) is the image of c, without the key."""
    cipher, key, secret_image = AddChain(), key_of(AddChain()), photograph()
    target, shift = encrypt(cipher, secret_image), random_image(3)

    def decrypt(image: Image) -> Image:
        return cipher.decrypt(Encrypted(image), key)

    assert np.array_equal(decrypt(target + shift) - decrypt(shift) + decrypt(np.zeros_like(target)), secret_image)


def test_add_chain_cannot_spread_a_flipped_highest_bit() -> None:
    """128 times anything is 0 or 128 mod 256: NPCR 50 and UACI 25."""
    npcr, uaci = differential(AddChain(), photograph(), 128)
    assert npcr.mean() == pytest.approx(50, abs=0.5)
    assert uaci.mean() == pytest.approx(100 * 64 / 255, abs=0.3)


def test_xor_chain_changes_half_of_samples_by_one() -> None:
    """A lowest bit stays in its bit plane: NPCR 50, UACI 50 / 255."""
    npcr, uaci = differential(XorChain(), photograph(), 1)
    assert npcr.mean() == pytest.approx(50, abs=0.5)
    assert uaci.mean() == pytest.approx(50 / 255, abs=0.01)


def test_xor_chain_is_affine_over_bits() -> None:
    """E(a ^ b) = E(a) ^ E(b) ^ E(0) in every bit, and E(a + b) is nothing of the kind."""
    a, b, zero = random_image(1), random_image(2), np.zeros(COLOUR, np.uint8)
    cipher = XorChain()
    assert np.array_equal(encrypt(cipher, a ^ b), encrypt(cipher, a) ^ encrypt(cipher, b) ^ encrypt(cipher, zero))
    assert np.mean(encrypt(cipher, a + b) == encrypt(cipher, a) + encrypt(cipher, b) - encrypt(cipher, zero)) < 0.1


def test_sum_ctr_has_256_keystreams() -> None:
    """Images with equal sums share a keystream; the 256 sums give 256 different ones."""
    cipher = SumCtr()
    streams = set()
    for value in range(256):
        image = np.zeros((64, 64), np.uint8)
        image[10, 20] = value
        streams.add((encrypt(cipher, image) ^ image).tobytes())
    assert len(streams) == 256
    other = random_image(5, (64, 64))
    assert (encrypt(cipher, other) ^ other).tobytes() in streams
    assert cipher.encrypt(other, key_of(cipher), NONCE).header == bytes([int(other.sum()) % 256])


@pytest.mark.parametrize("cipher", [Caesar(), ArnoldCat(), PermutationOnly()], ids=lambda cipher: cipher.card.name)
def test_histogram_shape_is_kept(cipher: Cipher) -> None:
    """Shifting or moving samples leaves the sorted counts of grey levels as they were."""
    image = photograph((64, 64, 3))
    assert sorted(Counter(encrypt(cipher, image).ravel()).values()) == sorted(Counter(image.ravel()).values())


def test_arnold_cat_follows_the_map() -> None:
    """One iteration with a = b = 1 sends (x, y) to (x + y, x + 2 y) mod N, and the origin never moves."""
    image = random_image(6, (101, 101))
    moved = ArnoldCat().encrypt(image, bytes([0, 1, 0, 1, 0]), NONCE).image
    assert all(moved[(x + y) % 101, (x + 2 * y) % 101] == image[x, y] for x in range(101) for y in range(101))
    assert all(encrypt(ArnoldCat(), image, seed)[0, 0] == image[0, 0] for seed in range(20))


def test_arnold_cat_repeats() -> None:
    """Two passes of t and u iterations are one pass of t + u."""
    image = random_image(6, (64, 64))
    parameters = bytes([1, 7, 2, 9])
    twice = image
    for iterations in (5, 8):
        twice = ArnoldCat().encrypt(twice, parameters + bytes([iterations - 1]), NONCE).image
    assert np.array_equal(twice, ArnoldCat().encrypt(image, parameters + bytes([12]), NONCE).image)


def test_arnold_cat_refuses_what_is_not_square() -> None:
    """Both ways, naming the shape."""
    with pytest.raises(CipherError, match=r"33x47x3.*square"):
        ArnoldCat().encrypt(np.zeros((33, 47, 3), np.uint8), bytes(5), NONCE)
    with pytest.raises(CipherError, match=r"33x47.*square"):
        ArnoldCat().decrypt(Encrypted(np.zeros((33, 47, 3), np.uint8)), bytes(5))


def test_xor_pad_is_the_same_for_every_image() -> None:
    """The XOR of two ciphertexts is the XOR of the two images."""
    a, b = photograph(), random_image(7)
    assert np.array_equal(encrypt(XorPad(), a) ^ encrypt(XorPad(), b), a ^ b)


def test_permutation_xor_moves_single_samples() -> None:
    """One changed sample changes one sample by as much, at a place that the sample's value does not alter."""
    image = photograph()
    changed = image.copy()
    changed[5, 6, 1] ^= 0x81
    difference = encrypt(PermutationXor(), image) ^ encrypt(PermutationXor(), changed)
    assert np.count_nonzero(difference) == 1
    assert difference.max() == 0x81
    assert not np.array_equal(np.nonzero(difference), [[5], [6], [1]])


def test_ecb_repeats_blocks_of_a_flat_image() -> None:
    """All 16-byte blocks of a flat image's ciphertext are equal, and a change stays in its block."""
    flat = np.full((64, 64), 9, np.uint8)
    encrypted = encrypt(Aes256Ecb(), flat)
    assert len(np.unique(encrypted.reshape(-1, 16), axis=0)) == 1
    flat[0, 3] ^= 1
    changed = np.flatnonzero(encrypt(Aes256Ecb(), flat) != encrypted)
    assert 10 <= changed.size <= 16
    assert changed.max() < 16


def test_ecb_gives_the_nist_vector() -> None:
    """AES-256-ECB reproduces NIST SP 800-38A, F.1.5, first block."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    image = np.frombuffer(bytes.fromhex("6bc1bee22e409f96e93d7e117393172a"), np.uint8).reshape(4, 4)
    encrypted = Aes256Ecb().encrypt(image, key, NONCE)
    assert encrypted.image.tobytes().hex() == "f3eed1bdb5d2a03c064b5a7e3db181f8"
    assert encrypted.header == b""


@pytest.mark.parametrize(("shape", "rest"), [((1, 1), 15), ((257, 263), 9), ((4, 4), 0), ((33, 47, 3), 3)])
def test_ecb_header_has_the_last_block_s_rest(shape: tuple[int, ...], rest: int) -> None:
    """Any size decrypts exactly, with up to 15 header bytes; another number of them is refused."""
    cipher, image = Aes256Ecb(), random_image(8, shape)
    encrypted = cipher.encrypt(image, key_of(cipher), NONCE)
    assert (encrypted.image.shape, len(encrypted.header)) == (shape, rest)
    assert np.array_equal(cipher.decrypt(encrypted, key_of(cipher)), image)
    with pytest.raises(CipherError, match=f"wanted the {rest}"):
        cipher.decrypt(Encrypted(encrypted.image, encrypted.header + b"x"), key_of(cipher))


def test_channelwise_changes_stay_in_their_channel() -> None:
    """The matrix of changed shares, changed channel by reached channel, is diagonal with 99.6 % on it."""
    image = photograph((128, 128, 3))
    encrypted = encrypt(Channelwise(), image)
    for channel in range(3):
        changed = image.copy()
        changed[77, 5, channel] ^= 1
        reach = np.mean(encrypt(Channelwise(), changed) != encrypted, axis=(0, 1))
        for reached in range(3):
            assert reach[reached] == (pytest.approx(0.9961, abs=0.003) if reached == channel else 0)


def test_channelwise_channels_have_their_own_keystreams() -> None:
    """Equal channels encrypt to unrelated ones."""
    encrypted = encrypt(Channelwise(), np.repeat(photograph((64, 64))[..., None], 3, axis=2))
    assert np.mean(encrypted[..., 0] == encrypted[..., 1]) < 0.02
    assert np.mean(encrypted[..., 1] == encrypted[..., 2]) < 0.02


def test_truncated_key_reads_half_of_its_key() -> None:
    """Of 256 key bits the first 128 change the ciphertext and the others do nothing."""
    cipher, image, key = TruncatedKey(), photograph((16, 16)), key_of(TruncatedKey())
    encrypted = cipher.encrypt(image, key, NONCE)
    for bit in range(256):
        flipped = (int.from_bytes(key, "big") ^ (1 << (255 - bit))).to_bytes(32, "big")
        other = cipher.encrypt(image, flipped, NONCE)
        same = np.array_equal(other.image, encrypted.image) and other.header == encrypted.header
        assert same == (bit >= 128), bit


def test_truncated_key_is_sound_otherwise() -> None:
    """One flipped bit changes the whole ciphertext."""
    npcr, uaci = differential(TruncatedKey(), photograph(), 1, trials=20)
    assert npcr.mean() == pytest.approx(NPCR, abs=0.03)
    assert uaci.mean() == pytest.approx(UACI, abs=0.1)


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 70001])
def test_permutation_is_one(size: int) -> None:
    """Every index occurs once."""
    assert np.array_equal(np.sort(permutation(bytes(32), size)), np.arange(size))


def test_permutations_are_uniform() -> None:
    """Over 6000 keys the 6 orders of three things occur equally often: chi-square below its 0.1 % point, 20.52."""
    counts = Counter(tuple(permutation(seed.to_bytes(32, "big"), 3)) for seed in range(6000))
    assert len(counts) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 20.52


def test_permutation_is_the_same_everywhere() -> None:
    """Its first places are those of a plain-Python shuffle with the same words."""
    from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    key, size = bytes(range(32)), 500
    stream = BlockCipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(4 * size))
    order = list(range(size))
    for last in range(size - 1, 0, -1):
        chosen = int.from_bytes(stream[4 * last : 4 * last + 4], "little") * (last + 1) >> 32
        order[last], order[chosen] = order[chosen], order[last]
    assert permutation(key, size).tolist() == order


def test_stages_are_marked() -> None:
    """The chains tell permutation, keystream and diffusion apart."""
    with record_stages() as seconds:
        encrypt(AddChain(), photograph())
    assert set(seconds) == {"permutation", "keystream", "diffusion"}
