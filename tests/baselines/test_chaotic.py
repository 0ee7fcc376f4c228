"""chen2004, hua2021 and zhang2015: known answers, and the weaknesses that they are kept for."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.chen2004 import Chen2004, cube_sides, key_schedule
from cryptobench.baselines.chaotic.hua2021 import Hua2021, seed_of_round
from cryptobench.baselines.chaotic.zhang2015 import Lattice, Zhang2015
from cryptobench.cipher import Cipher, CipherError, Encrypted, UnsupportedImage
from cryptobench.primitives.chaos.maps.basic import logistic_orbit, ltmm_orbit, ncml_neighbours
from tests.baselines.scheme_checks import NONCE, RAMP, flip_rates, flipped, one_flip_pairs

RNG = np.random.default_rng(1)
CIPHERS = [Chen2004(), Chen2004(rounds=4, alternate=True), Hua2021(), Zhang2015(), Zhang2015(rounds=2)]


def key_for(cipher: Cipher, label: str = "key") -> bytes:
    return hashlib.sha256(label.encode()).digest()[: cipher.card.key_bytes]


def enciphered(cipher: Cipher, image: np.ndarray, key: bytes) -> np.ndarray:
    return cipher.encrypt(image, key, NONCE).image


def npcr(a: np.ndarray, b: np.ndarray) -> float:
    return 100 * float((a != b).mean())


def uaci(a: np.ndarray, b: np.ndarray) -> float:
    return 100 * float(np.abs(a.astype(np.int16) - b).mean()) / 255


def changed(image: np.ndarray, index: int, mask: int) -> np.ndarray:
    other = image.copy()
    other.flat[index] ^= mask
    return other


def entropy(image: np.ndarray) -> float:
    share = np.bincount(image.ravel(), minlength=256) / image.size
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())


def identify(cipher: Cipher) -> str:
    return f"{cipher.card.name}-{cipher.rounds}"


@pytest.mark.parametrize(
    ("cipher", "prefix"), [(Chen2004(rounds=3), "cfd03e8267fc0dbd"), (Hua2021(rounds=2), "14d0fc25245d9fff")]
)
def test_ciphertext_of_the_ramp_is_that_of_an_independent_prototype(cipher: Cipher, prefix: str):
    """The SHA-256 of the cipher image starts as a separate implementation's does."""
    image = enciphered(cipher, RAMP, key_for(cipher, "cryptobench"))
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith(prefix)


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_a_single_sample_is_encrypted_or_refused(cipher: Cipher):
    """1 x 1 grey comes back, except from Hua's closed chain, which refuses it both ways."""
    pixel, key = np.array([[77]], np.uint8), key_for(cipher)
    if isinstance(cipher, Hua2021):
        with pytest.raises(UnsupportedImage, match="1 sample"):
            cipher.encrypt(pixel, key, NONCE)
        with pytest.raises(UnsupportedImage, match="1 sample"):
            cipher.decrypt(Encrypted(pixel), key)
    else:
        assert cipher.decrypt(cipher.encrypt(pixel, key, NONCE), key) == pixel


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_the_wrong_key_returns_noise(cipher: Cipher):
    """One flipped bit of this key gives a decryption unlike the image."""
    image, key = np.full((64, 64), 9, np.uint8), key_for(cipher)
    encrypted = cipher.encrypt(image, key, NONCE)
    assert npcr(cipher.decrypt(encrypted, flipped(key)), image) > 98


def test_chen_has_key_bits_that_do_nothing():
    """With k_ax = 0, so c = 20, flipping the last bit of k_bx leaves the ciphertext as it is."""
    key = bytes(2) + key_for(Chen2004())[2:]
    image = RNG.integers(0, 256, (64, 64), np.uint8)
    one, two = (enciphered(Chen2004(), image, k) for k in (key, flipped(key, 3)))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("scheme", [Chen2004, Hua2021, Zhang2015])
@pytest.mark.parametrize("rounds", [0, -1, 2.0, True, "3"])
def test_rounds_are_a_positive_integer(scheme: type[Cipher], rounds: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        scheme(rounds=rounds)


@pytest.mark.parametrize("n", [1, 7, 8, 26, 27, 65536, 196608, 262144])
def test_chen_cubes_fill_the_sequence(n: int):
    """Sides fall, none is below 2, fewer than 8 pixels are left, and known sizes have known sides."""
    sides = cube_sides(n)
    assert 0 <= n - sum(side**3 for side in sides) < 8
    assert sides == sorted(sides, reverse=True)
    known = {65536: [40, 11, 5, 4, 2, 2], 196608: [58, 11, 5, 3, 2], 262144: [64], 8: [2], 7: []}
    assert sides == known.get(n, sides)


def test_chen_keeps_a_change_of_the_top_bit_in_the_top_bit():
    """Its XOR difference is 128 or nothing at every pixel: NPCR near 50 %, UACI its 128/255, as the paper's figures."""
    cipher = Chen2004()
    image, rates = RNG.integers(0, 256, (256, 256), np.uint8), []
    for trial in range(5):
        key = key_for(cipher, f"msb {trial}")
        one, two = enciphered(cipher, image, key), enciphered(cipher, changed(image, 1000, 128), key)
        assert set(np.unique(one ^ two)) == {0, 128}
        assert uaci(one, two) == pytest.approx(npcr(one, two) * 128 / 255)
        rates.append(npcr(one, two))
    assert np.mean(rates) == pytest.approx(50, abs=8)


def test_chen_never_carries_a_late_change_to_earlier_cubes():
    """The last pixel of 256 x 256 changes a few pixels at the end, after 4 rounds too; alternate scans mend that."""
    image = RNG.integers(0, 256, (256, 256), np.uint8)
    late = changed(image, image.size - 1, 1)
    key = key_for(Chen2004())
    forward, alternate = Chen2004(rounds=4), Chen2004(rounds=4, alternate=True)
    one, two = enciphered(forward, image, key), enciphered(forward, late, key)
    assert 0 < npcr(one, two) < 0.03
    assert np.array_equal(one.ravel()[:-16], two.ravel()[:-16])
    assert npcr(enciphered(alternate, image, key), enciphered(alternate, late, key)) > 99


def test_chen_encrypts_black_with_a_power_of_two_of_grey_levels():
    """After one round all pixels are S; after two or more the entropy is 8 bits less the zero bits that S ends in."""
    black, seen = np.zeros((128, 128, 3), np.uint8), set()
    for trial in range(150):
        key = key_for(Chen2004(), f"black {trial}")
        S = key_schedule(key).S
        zeros = (S & -S).bit_length() - 1 if S else 8
        if zeros in seen:
            continue
        seen.add(zeros)
        assert set(np.unique(enciphered(Chen2004(rounds=1), black, key))) == {S}
        for rounds in (2, 3, 5):
            assert entropy(enciphered(Chen2004(rounds=rounds), black, key)) == pytest.approx(8 - zeros, abs=0.02)
    assert {0, 1, 2, 3} <= seen


def test_one_round_of_chen_falls_to_four_chosen_plaintexts():
    """Two flat images give the key stream mod 128, two coordinate images the permutation: all pixels but one follow."""
    cipher, key, side = Chen2004(rounds=1), key_for(Chen2004(), "chosen"), 64
    rows, columns = np.indices((side, side), np.uint8)

    def steps(image: np.ndarray) -> np.ndarray:
        """phi xor (I + phi) at every pixel but the first, from one encryption."""
        c = enciphered(cipher, image, key).ravel()
        return c[1:] ^ c[:-1]

    candidates = np.arange(128, dtype=np.uint8)
    table = {tuple(phi ^ (np.array([85, 170], np.uint8) + phi)): phi for phi in candidates}
    assert len(table) == 128
    flat = [steps(np.full((side, side), value, np.uint8)) for value in (85, 170)]
    phi = np.array([table[pair] for pair in zip(*flat, strict=True)], np.uint8)
    row, column = ((phi ^ steps(image)) - phi for image in (rows, columns))

    image = RNG.integers(0, 256, (side, side), np.uint8)
    recovered = np.zeros_like(image)
    recovered[row, column] = (phi ^ steps(image)) - phi
    assert (recovered != image).sum() <= 1


def test_no_sampled_chen_key_has_a_short_key_stream():
    """300 keys: the start is no fixed point, and 20000 states of its logistic orbit are all different."""
    for trial in range(300):
        keys = key_schedule(key_for(Chen2004(), f"cycle {trial}"))
        assert 0 < keys.L < 1
        assert keys.L not in (0.5, 0.75)
        assert len(np.unique(logistic_orbit(keys.L, 4.0, 20_000))) == 20_000


@pytest.mark.parametrize("rounds", [1, 2, 8])
@pytest.mark.parametrize("shape", [(32, 32), (33, 47, 3)])
def test_hua_is_affine_over_the_integers_mod_256(rounds: int, shape: tuple[int, ...]):
    """E(a + b) = E(a) + E(b) - E(0) at every sample, for any number of rounds."""
    cipher, key = Hua2021(rounds=rounds), key_for(Hua2021())
    a, b = RNG.integers(0, 256, (2, *shape), np.uint8)
    zero = np.zeros(shape, np.uint8)
    of_sum, of_a, of_b, of_zero = (enciphered(cipher, image, key) for image in (a + b, a, b, zero))
    assert np.array_equal(of_sum, of_a + of_b - of_zero)


def test_every_key_bit_of_hua_changes_the_ciphertext():
    """Each of the 256 bits, flipped alone, changes over 99.35 % of 64 x 64 x 3 samples (mean 99.61)."""
    cipher, image = Hua2021(), RNG.integers(0, 256, (64, 64, 3), np.uint8)
    key = key_for(cipher)
    base, number = enciphered(cipher, image, key), int.from_bytes(key, "big")
    rates = [npcr(base, enciphered(cipher, image, (number ^ (1 << bit)).to_bytes(32, "big"))) for bit in range(256)]
    assert min(rates) > 99.35
    assert np.mean(rates) == pytest.approx(99.6094, abs=0.02)


def test_no_sampled_hua_key_falls_on_a_short_cycle():
    """200 keys, both rounds: 4096 states are all different, and spread over the interval."""
    x, y = np.empty((2, 4096))
    for trial in range(200):
        for r in range(2):
            ltmm_orbit(*seed_of_round(key_for(Hua2021(), f"cycle {trial}"), r), 200, x, y)
            assert len(np.unique(x)) == len(np.unique(y)) == 4096
            assert abs(x.mean() - 0.5) < 0.03


def test_zhang_diffuses_without_a_hash_of_the_plaintext():
    """One random LSB, 20 keys: mean NPCR 99.61 and UACI 33.46, so the sensitivity is the cipher's own."""
    rates, changes = flip_rates(one_flip_pairs(Zhang2015(), 20))
    assert rates.mean() == pytest.approx(99.6094, abs=0.05)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)


def test_zhang_needs_more_than_one_round():
    """After one round a change reaches about half of the image at best."""
    rates, _ = flip_rates(one_flip_pairs(Zhang2015(rounds=1), 10, shape=(96, 96)))
    assert rates.mean() < 90


def test_zhang_memory_blocks_do_not_show():
    """An image longer than one block of key stream comes back, and a flip in its first block reaches its last."""
    cipher, image = Zhang2015(), RNG.integers(0, 256, (100, 183), np.uint8)
    key = key_for(cipher)
    one, two = enciphered(cipher, image, key), enciphered(cipher, changed(image, 0, 1), key)
    assert np.array_equal(cipher.decrypt(Encrypted(one), key), image)
    assert npcr(one[-5:], two[-5:]) > 98


def repeats(lattice: Lattice) -> bool:
    """Whether the states of sites 1 to 8 together occur twice within 2048 steps: they are then in a cycle."""
    out = np.empty((2048, 8))
    lattice.run(out)
    return len(np.unique(out, axis=0)) < len(out)


def test_no_sampled_zhang_key_falls_on_a_short_cycle():
    """300 keys: no lattice state comes twice in 2048 steps after burn-in, and no two sites run in step."""
    for trial in range(300):
        lattice = Lattice.of(key_for(Zhang2015(), f"cycle {trial}"))
        assert not repeats(lattice)
        assert len(np.unique(lattice.x[1:])) == 8


def test_wider_zhang_parameters_would_give_weak_keys():
    """With mu down to 3.9, eps up to 0.2 and any p and q, some percent of keys end in a cycle of under 2048 steps."""
    weak = 0
    for _ in range(300):
        p, q = RNG.integers(1, 1001, 2).tolist()
        lattice = Lattice(RNG.uniform(0.05, 0.95, 9), RNG.uniform(3.9, 4), RNG.uniform(0.01, 0.2), p, q, 0)
        lattice.run(np.empty((500, 8)))
        weak += repeats(lattice)
    assert 0.005 < weak / 300 < 0.08


def test_every_site_of_every_zhang_lattice_is_coupled_to_two_others():
    """But site 0; where 9 divides p and q, as its key schedule never gives, all sites would stand alone."""
    own = np.arange(9)
    for trial in range(300):
        lattice = Lattice.of(key_for(Zhang2015(), f"coupled {trial}"))
        for neighbour in ncml_neighbours(9, lattice.p, lattice.q):
            assert np.array_equal(np.flatnonzero(neighbour == own), [0])
    assert all(np.array_equal(neighbour, own) for neighbour in ncml_neighbours(9, 18, 27))
