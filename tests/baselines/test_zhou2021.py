"""zhou2021 against a plain reading of the authors' program, and what follows from its structure."""

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest

from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.chaotic.zhou2021 import Numbers, Zhou2021, column_bytes, key_numbers, orders, session_numbers
from cryptobench.cipher import Encrypted
from cryptobench.primitives.chaos.elementary import sine
from tests.attacks.keyed_toys import photograph
from tests.baselines.plain_chaos import planes_of
from tests.baselines.plain_zhou2021 import cat_map, encrypt
from tests.baselines.scheme_checks import NONCE, changed, digest, flipped

RNG = np.random.default_rng(2021)
CIPHER, CORRECTED = Zhou2021(), Zhou2021(corrected=True)
KEY, SECRET = hashlib.shake_256(b"cryptobench").digest(84), bytes(range(32))
EXAMPLE = Numbers(
    3.764864654565236, 1.598741258692525, 17.589465464565456, 0.192417345678913, 0.556712345678916, 0.932112345678123,
    0.786545641346986, 0.253456749812345, 0.598745498583658, 37.857334516296548, 17.346265259595841, 0.265916526436985,
    0.695234546969854, 0.387368565654668,
)  # fmt: skip


def ramp(*shape: int) -> np.ndarray:
    return (np.arange(math.prod(shape)) % 251).astype(np.uint8).reshape(shape)


@pytest.mark.parametrize(("sin", "known"), [(math.sin, "acea4169404efa15"), (sine, "b3751cfed6ebb96f")])
def test_plain_reading_is_the_authors_program(sin: Callable[[float], float], known: str):
    """With the published example key it gives the bytes of the authors' functions, compiled with the C sine."""
    assert digest(encrypt(ramp(16, 12, 3), EXAMPLE, None, sin)) == known


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1), (3, 4, 2)])
@pytest.mark.parametrize("secret", [None, SECRET], ids=["own secret", "given secret"])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...], secret: bytes | None):
    """The same bytes, base by base."""
    image, key = RNG.integers(0, 256, shape, np.uint8), RNG.bytes(84)
    expected = encrypt(image, key_numbers(key), secret, sine)
    assert np.array_equal(CIPHER.encrypt(image, key, NONCE, secret=secret).image, expected)


@pytest.mark.parametrize(
    ("shape", "first", "whole"),
    [
        ((16, 12, 3), "3c18769222a44b9feb56e8ca9bf38e4e", "d9a68723e0d67b97"),
        ((16, 12), "5f297ca33c47305d8bc337b4d57b7c30", "6a018f823fee63d2"),
        ((7, 5, 3), "be3a67c2559e8bad402e499e33f2063f", "d7d08d471ee6f721"),
        ((40, 33, 2), "259cab7678e5c59ff9ae8aa81c3e11ef", "47cf6a4423eb1d21"),
    ],
)
def test_golden_ciphertexts(shape: tuple[int, ...], first: str, whole: str):
    """First bytes and SHA-256 of an independent prototype's."""
    image = CIPHER.encrypt(ramp(*shape), KEY, NONCE).image
    assert (image.tobytes()[:16].hex(), digest(image)) == (first, whole)


def test_golden_session_orders_and_columns():
    """Numbers on the way to the first golden ciphertext."""
    secret = CIPHER.encrypt(ramp(16, 12, 3), KEY, NONCE).secret
    p = session_numbers(key_numbers(KEY), secret, False)
    assert secret.hex()[:16] == "dd32884be05f90e2"
    assert p.std_a == 3.1989498610009424
    assert (p.std_k, p.cat_x, p.hsm_a) == (0.03884418486584629, 0.22519756917507827, 44.852115884115236)
    assert p.log_x == 0.9306702850756938
    rows, columns = orders(p, 16, 36)
    assert rows.tolist() == [11, 6, 5, 4, 13, 2, 3, 0, 14, 1, 15, 9, 12, 7, 10, 8]
    assert columns[:8].tolist() == [30, 4, 13, 24, 2, 14, 10, 12]
    W, kinds = column_bytes(p, 16, 36, False)
    assert kinds[:12].tolist() == [1, 1, 1, 2, 1, 1, 2, 0, 1, 0, 0, 1]
    assert W[0, :3].tolist() == [number % 256 for number in (15817333556543, 16910884891275, 69630087114208)]
    assert (W[0, :8] % 8).tolist() == [7, 3, 0, 1, 0, 0, 4, 7]


@pytest.mark.parametrize("shape", [(9, 12), (8, 5, 3), (3, 4, 4)])
def test_fixed_hash_changes_one_sample(shape: tuple[int, ...]):
    """NPCR is 1/N wherever the change is: there is no chaining. Half a byte changes half of a byte."""
    image = RNG.integers(0, 256, shape, np.uint8)
    one = CIPHER.encrypt(image, KEY, NONCE, secret=SECRET).image
    for index in range(image.size):
        mask = (0x0B, 0xB0)[index % 2]
        two = CIPHER.encrypt(changed(image, index, mask), KEY, NONCE, secret=SECRET).image
        assert (one != two).sum() == 1
        assert (one ^ two).max() & (0xF0, 0x0F)[index % 2] == 0


def test_rows_and_columns_stay_together():
    """A row of the planes becomes a row and a column a column: (H! W!) of (H W)! orders."""
    image = RNG.integers(0, 128, (9, 7, 3), np.uint8)
    one = planes_of(CIPHER.encrypt(image, KEY, NONCE, secret=SECRET).image)
    for place in (np.s_[4, :, :], np.s_[:, 2, 1]):
        other = image.copy()
        other[place] ^= 0x80
        moved = one != planes_of(CIPHER.encrypt(other, KEY, NONCE, secret=SECRET).image)
        lines = moved.any(axis=1), moved.any(axis=0)
        assert moved.sum() == max(line.sum() for line in lines) == (21 if moved.sum() > 9 else 9)
        assert min(line.sum() for line in lines) == 1


def test_substitution_tables_recover_under_fixed_hash():
    """256 flat images and two of the orders give every sample; with its own hash each image has other tables."""
    target = photograph(16, 12, 3)
    fixed, fresh = (attack_target(SubstitutionTables(), CIPHER, target, mode=mode) for mode in ("fixed", "fresh"))
    assert (fixed.outcome, fixed.score.share, fixed.queries.total) == ("recovered", 1.0, 258)
    assert fresh.outcome == "holds"


def test_eighteen_chosen_images_decrypt_another():
    """Under one hash, 16 flat images give the tables of all half bytes; a row and a column image give the orders."""

    def ask(image: np.ndarray) -> np.ndarray:
        return planes_of(CIPHER.encrypt(image, KEY, NONCE, secret=SECRET).image)

    def halves(planes: np.ndarray) -> np.ndarray:
        return np.stack([planes >> 4, planes & 15])

    shape = (16, 12, 3)
    tables = np.stack([halves(ask(np.full(shape, 17 * v, np.uint8))) for v in range(16)], axis=-1)
    inverse = np.argsort(tables, axis=-1)

    def read(planes: np.ndarray) -> np.ndarray:
        high, low = np.take_along_axis(inverse, halves(planes)[..., None].astype(int), axis=-1)[..., 0]
        return 16 * high + low

    row = np.broadcast_to(np.arange(16, dtype=np.uint8)[:, None, None], shape)
    column = np.broadcast_to(np.arange(36, dtype=np.uint8).reshape(3, 12).T, shape)
    rows, columns = read(ask(row)), read(ask(column))
    secret = photograph(*shape)
    recovered = np.empty((16, 36), np.uint8)
    recovered[rows, columns] = read(ask(secret))
    assert np.array_equal(recovered, planes_of(secret))


def test_cat_map_columns_obey_a_recurrence():
    """S[t+3] = 8 S[t+2] - 6 S[t+1] + S[t] modulo 1 for the sum of coordinates, to 1e-13: no chaos to be seen."""
    S = 3 * np.array(cat_map(0.31, 0.57, 0.83, 1000))
    rest = S[3:] - 8 * S[2:-1] + 6 * S[1:-2] - S[:-3]
    assert np.abs(rest - np.rint(rest)).max() < 1e-13


def test_fourteen_numbers_are_thirteen():
    """t off every number but cat_y and 14 t onto it: all session numbers but cat_y stay, which nothing else uses."""
    k = Numbers(*(round(number * 2**20) / 2**20 for number in EXAMPLE))
    t = 2.0**-12
    other = Numbers(*(number - t for number in k))._replace(cat_y=k.cat_y + 14 * t)
    p, q = (session_numbers(numbers, SECRET, False) for numbers in (k, other))
    assert p._replace(cat_y=0.0) == q._replace(cat_y=0.0)
    assert p.cat_y != q.cat_y
    (W, kinds), (V, others) = (column_bytes(numbers, 5, 9, False) for numbers in (p, q))
    assert np.array_equal(W, V)
    assert np.array_equal(kinds, others)


def test_two_key_bits_are_dead():
    """The lowest two of cat_y, the fifth of 14 fields of 48 bits; the next one changes most samples."""
    image = RNG.integers(0, 256, (8, 3, 3), np.uint8)
    one = CIPHER.encrypt(image, KEY, NONCE).image
    shares = []
    for bit in (1, 2, 4):
        key = bytearray(KEY)
        key[29] ^= bit
        shares.append((CIPHER.encrypt(image, bytes(key), NONCE).image != one).mean())
    assert shares[:2] == [0, 0]
    assert shares[2] > 0.5


def test_slips_are_kept_and_corrected():
    """b0 and b1 weigh the same, std_k is below 1 and cat_y moves nothing by itself; ``corrected`` mends all three."""
    k, swap = key_numbers(KEY), bytearray(SECRET)
    swap[20], swap[21] = SECRET[21], SECRET[20]
    large = k._replace(std_k=3.7, log_x=0.2)
    for corrected in (False, True):
        p, q = (session_numbers(k, bytes(h), corrected) for h in (SECRET, swap))
        assert (p == q) is not corrected
        assert (session_numbers(large, SECRET, corrected).std_k > 3) is corrected
        W, V = (column_bytes(one, 6, 12, corrected)[0] for one in (p, p._replace(cat_y=p.cat_y / 2)))
        assert np.array_equal(W, V) is not corrected
    image = ramp(6, 4, 3)
    encrypted = CORRECTED.encrypt(image, KEY, NONCE)
    assert (encrypted.image != CIPHER.encrypt(image, KEY, NONCE).image).mean() > 0.9
    assert np.array_equal(CORRECTED.decrypt(encrypted, KEY), image)


@pytest.mark.parametrize(("byte", "kind"), [(0, 0), (6, 1), (12, 2), (18, None), (31, -1)])
def test_wrong_hash_bit_damages_one_map(byte: int, kind: int | None):
    """Of a flat image, all samples are right that take no number from a column of that map, and few others.

    Bytes 18 and 19 move the logistic map, and so all; bytes 20 to 31 move the orders alone.
    """
    image = np.full((60, 60), 77, np.uint8)
    encrypted = CIPHER.encrypt(image, KEY, NONCE)
    _, kinds = column_bytes(session_numbers(key_numbers(KEY), encrypted.secret, False), 60, 60, False)
    j = np.arange(60)
    hit = np.any([kinds[q % 60] == kind for q in (j, 2 * j, 2 * j + 1)], axis=0) | (kind is None)
    wrong = CIPHER.decrypt(Encrypted(encrypted.image, secret=flipped(encrypted.secret, byte)), KEY)
    assert 0 <= (wrong == image).mean() - np.mean(~hit) < 0.1


def test_colour_is_hashed_in_bgr_order():
    """The secret is SHA-256 of the samples as the program holds them; two channels are taken as they are."""
    image = RNG.integers(0, 256, (5, 4, 3), np.uint8)
    assert CIPHER.encrypt(image, KEY, NONCE).secret == hashlib.sha256(image[..., ::-1].tobytes()).digest()
    assert CIPHER.encrypt(image[..., :2], KEY, NONCE).secret == hashlib.sha256(image[..., :2].tobytes()).digest()
    assert CIPHER.encrypt(image, KEY, NONCE, secret=flipped(SECRET)).secret == flipped(SECRET)
