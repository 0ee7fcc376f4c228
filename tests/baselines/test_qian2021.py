"""qian2021: an independent prototype's ciphertexts, a plain reading of the steps, and what the structure gives away."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.chaotic.qian2021 import Qian2021, Sizes, cat_power, cube_targets, key_schedule, keystream
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.metrics import global_entropy, npcr
from cryptobench.primitives.chaos.maps.three_dimensional import logistic3d_orbit
from tests.attacks.keyed_toys import photograph
from tests.baselines.plain_chaos import flat
from tests.baselines.scheme_checks import NONCE, changed, digest, flipped, key_for

RNG = np.random.default_rng(21)
CIPHER = Qian2021()
KEY, OTHER = hashlib.shake_256(b"cryptobench").digest(26), b"\xff" * 16


def ramp(*shape: int) -> np.ndarray:
    return (np.arange(math.prod(shape)) % 251).astype(np.uint8).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "side", "first", "whole"),
    [
        ((16, 12, 3), 16, "dc81544017edc449e31e13c1b6d0b016", "28a303b157d7229c"),
        ((16, 12), 15, "9b53ea1df839e9793c66cc406cc2ccec", "c6e848ff143a36ce"),
        ((7, 5, 3), 7, "cda33cfbd23c387a8c7a036d6c821c95", "a459ce68f4c2c8a8"),
        ((64, 48, 3), 56, "8e3af8ccb0ff6ccfd5a306d2c2275f5f", "8c37b8c40c236b49"),
    ],
)
def test_golden_ciphertexts(shape: tuple[int, ...], side: int, first: str, whole: str):
    """Size, first bytes and SHA-256 are those of an independent prototype."""
    image = CIPHER.encrypt(ramp(*shape), KEY, bytes(range(16))).image
    assert image.shape == (side, side, *shape[2:])
    assert (image.tobytes()[:16].hex(), digest(image)) == (first, whole)


def plain_encrypt(image: np.ndarray, key: bytes, nonce: bytes) -> np.ndarray:
    """The steps one by one, in plain integers and floats, for an (H, W, C) image."""
    H, W, C = image.shape
    bits = f"{int.from_bytes(key, 'big'):0208b}"
    s = [0.1 + 0.8 * ((int(bits[i : i + 48], 2) + 0.5) / 2**48) for i in (0, 48, 96)]
    t = int(bits[144:148], 2) + 1
    ax, ay, az, bx, by, bz = (int(bits[i : i + 10], 2) for i in range(148, 208, 10))
    A = [
        [1 + ax * az * by, az, ay + ax * az + ax * ay * az * by],
        [
            bz + ax * by + ax * az * by * bz,
            az * bz + 1,
            ay * bz + ax * ay * az * by * bz + ax * az * bz + ax * ay * by + ax,
        ],
        [ax * bx * by + by, bx, ax * ay * bx * by + ax * bx + ay * by + 1],
    ]
    masked = [[] for _ in range(C)]
    for column in range(W):
        for row in range(H):
            x, y, z = s
            s = [
                3.77 * u * (1 - u) + 0.0157 * (v * v) * u + 0.0125 * (w * w * w)
                for u, v, w in ((x, y, z), (y, z, x), (z, x, y))
            ]
            for p in range(C):
                masked[p].append(int(image[row, column, p]) ^ math.floor(1e14 * s[p % 3] + 0.5) % 256)
    N = next(n for n in range(1, 99) if n**3 >= H * W * C)
    M = next(m for m in range(1, 99) if C * m * m >= N**3)
    filling = list(hashlib.shake_256(b"qian2021" + key + nonce).digest(C * M * M - H * W * C))
    head = N**3 - H * W * C
    sequence, cube = filling[:head] + flat(masked[::-1]), {}
    for place, sample in enumerate(sequence):
        cell = [place % N + 1, place // N % N + 1, place // N**2 + 1]
        for _ in range(t):
            cell = [sum(a * c for a, c in zip(row, cell, strict=True)) % N for row in A]
        cube[tuple(cell)] = sample
    layers = [cube[i, j, k] for k in reversed(range(N)) for j in range(N) for i in range(N)]
    out, sequence = np.empty((M, M, C), np.uint8), filling[head:] + layers
    for place, sample in enumerate(sequence):
        out[place % M, place // M % M, place // M**2] = sample
    return out


@pytest.mark.parametrize("shape", [(5, 4, 3), (3, 7), (1, 1), (2, 3, 4), (1, 9, 2)])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...]):
    """The same bytes for a random key and nonce; a grey image is one plane."""
    image, key, nonce = RNG.integers(0, 256, shape, np.uint8), RNG.bytes(26), RNG.bytes(16)
    expected = plain_encrypt(image.reshape(*shape[:2], -1), key, nonce)
    found = CIPHER.encrypt(image, key, nonce)
    assert np.array_equal(found.image, expected.reshape(expected.shape[: len(shape)]))
    assert found.header == shape[0].to_bytes(4, "big") + shape[1].to_bytes(4, "big")


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (1, 7), (1, 263), (257, 263), (33, 47, 3), (5, 1, 1), (31, 8, 4)])
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """Random, black and white images of awkward shapes."""
    for image in (RNG.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        image.flags.writeable = False
        assert np.array_equal(CIPHER.decrypt(CIPHER.encrypt(image, KEY, NONCE), KEY), image)


@pytest.mark.parametrize(
    ("shape", "N", "M", "filled"),
    [((256, 256, 3), 59, 262, 9324), ((512, 512, 3), 93, 518, 18540), ((16, 12, 3), 9, 16, 192), ((1, 1, 1), 1, 1, 0)],
)
def test_cube_and_cuboid_are_the_smallest(shape: tuple[int, int, int], N: int, M: int, filled: int):
    """Known sides, and how many bytes fill them."""
    sizes = Sizes.of(*shape)
    assert (sizes.N, sizes.M, sum(sizes.fillings)) == (N, M, filled)


def test_cat_map_permutes_under_every_key():
    """500 keys, sides 1 to 100: det A^t is 1 mod N; up to side 25 the table is a permutation."""
    for trial in range(500):
        keys, N = key_schedule(key_for(trial, 26)), 1 + trial % 100
        power = cat_power(keys.t, keys.cat, N)
        a, b, c = power.tolist()
        assert (np.dot(a, np.cross(b, c)) - 1) % N == 0
        if N <= 25:
            assert np.array_equal(np.sort(cube_targets(keys.t, keys.cat, N)), np.arange(N**3))


def test_cube_keys_fall_into_large_classes():
    """The last cell goes to the first under every key; fields N apart, and t a period apart, are one key."""
    for trial in range(20):
        keys = key_schedule(key_for(trial, 26))
        assert cube_targets(keys.t, keys.cat, 11)[-1] == 0
        folded = [value % 11 for value in keys.cat]
        assert np.array_equal(cube_targets(keys.t, folded, 11), cube_targets(keys.t, keys.cat, 11))


def test_fixed_nonce_changes_one_sample():
    """NPCR is 1/N^2 of the cuboid: no diffusion."""
    image = RNG.integers(0, 256, (9, 8, 3), np.uint8)
    one = CIPHER.encrypt(image, KEY, NONCE).image
    for index in range(image.size):
        two = CIPHER.encrypt(changed(image, index, 1), KEY, NONCE).image
        assert ((one ^ two)[one != two]).tolist() == [1]


def test_fresh_nonce_changes_the_filling_alone():
    """At 256x256x3, two encryptions of one image agree in 95.5 % of samples."""
    image = photograph(256, 256, 3)
    one, two = (CIPHER.encrypt(image, KEY, nonce).image for nonce in (NONCE, OTHER))
    assert npcr(one, two).value == pytest.approx(100 * 9324 / 205932 * 255 / 256, abs=0.05)
    assert global_entropy(one).value > 7.999
    full = ramp(64, 64)  # 16^3 samples
    assert np.array_equal(CIPHER.encrypt(full, KEY, NONCE).image, CIPHER.encrypt(full, KEY, OTHER).image)


@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_permutation_attack_recovers_the_image(mode: str):
    """Zeros and the two digits of a sample's index, nonces fresh or fixed."""
    run = attack_target(Permutation(), CIPHER, photograph(64, 48, 3), mode=mode)
    assert run.outcome == "recovered"
    assert run.score.share > 0.97
    assert run.queries.total == 3


def test_black_image_shows_the_key_stream():
    """Without the filling, its bytes are those of the key stream in another order."""
    image = np.zeros((8, 8), np.uint8)  # 4^3 samples: nothing is filled
    K = keystream(*key_schedule(KEY).state, 64)
    assert sorted(CIPHER.encrypt(image, KEY, NONCE).image.ravel().tolist()) == sorted(K[0].tolist())


def test_equal_starts_give_equal_streams():
    """x0 = y0 = z0 are weak keys: the three planes of a colour image are XORed with one sequence."""
    K = keystream(*key_schedule(3 * b"sixsix" + KEY[18:]).state, 500)
    assert np.array_equal(K[0], K[1])
    assert np.array_equal(K[0], K[2])


@pytest.mark.parametrize("place", range(18))
def test_a_wrong_state_bit_garbles_everything(place: int):
    """One bit of x0, y0 or z0: 1 of 256 samples is right by chance."""
    image = np.full((64, 48, 3), 77, np.uint8)
    wrong = CIPHER.decrypt(CIPHER.encrypt(image, KEY, NONCE), flipped(KEY, place))
    assert (wrong == image).mean() == pytest.approx(1 / 256, abs=0.006)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "header has 0 bytes, wanted the 8"),
        (bytes(9), "header has 9 bytes, wanted the 8"),
        (bytes(8), "says 0x0 pixels .* wanted another header"),
        (b"\xff" * 8, "says 4294967295x4294967295 pixels .* wanted another header"),
        (bytes([0, 0, 0, 16, 0, 0, 0, 9]), "says 16x9 pixels and the cipher image is 16x16, wanted 14x14"),
    ],
)
def test_headers_that_do_not_fit_are_refused(header: bytes, message: str):
    """Before any memory is taken for what they claim."""
    encrypted = CIPHER.encrypt(ramp(16, 12, 3), KEY, NONCE)
    with pytest.raises(CipherError, match=message):
        CIPHER.decrypt(Encrypted(encrypted.image, header), KEY)


def test_a_secret_is_refused():
    """Both ways: the scheme has none."""
    encrypted = CIPHER.encrypt(ramp(4, 4), KEY, NONCE)
    with pytest.raises(CipherError, match="secret has 1 bytes, wanted none"):
        CIPHER.decrypt(Encrypted(encrypted.image, encrypted.header, b"x"), KEY)
    with pytest.raises(CipherError, match="secret has 1 bytes, wanted none"):
        CIPHER.encrypt(ramp(4, 4), KEY, NONCE, secret=b"x")


def test_no_sampled_key_falls_on_a_short_cycle():
    """100 keys: 3000 states are all different, and stay in the unit cube."""
    out = np.empty((3000, 3))
    for trial in range(100):
        state = np.array(key_schedule(key_for(trial, 26)).state)
        assert ((state > 0.1) & (state < 0.9)).all()
        logistic3d_orbit(state, 3.77, 0.0157, 0.0125, out)
        assert len(np.unique(out[:, 0])) == 3000
        assert 0 < out.min() <= out.max() < 1
