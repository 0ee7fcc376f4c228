"""wang2021-pcml: known answers, private regions, refusals, and how far a change reaches under one session."""

import hashlib

import numpy as np
import pytest

from baselines.chaotic.wang2021_pcml import BOX, KeyStream, Lattice, Wang2021Pcml
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.kits.chaos.permutation import swap_train
from cryptobench.metrics import npcr, uaci

RNG = np.random.default_rng(21)
KEY, NONCE = hashlib.sha256(b"wang2021-pcml").digest(), bytes(16)
SHAPES = [(1, 1), (1, 263), (7, 1), (33, 47, 3), (9, 31, 2), (5, 1, 1), (101, 83)]
BOXES = ((2, 3, 20, 30), (10, 25, 33, 47))


def photo(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, shape, np.uint8)


def one_by_one(image: np.ndarray, key: bytes) -> tuple[bytes, bytes]:
    """The whole cipher in plain Python: cipher image and session."""
    p = image.tobytes()
    session = hashlib.sha256(f"({len(p)},)".encode() + p).digest()
    lattice, n = Lattice(key, session), len(p)
    uses = []
    for _ in range(3):
        X = np.empty((-(-n // 16), 16))
        lattice.run(X)
        uses.append([int(x * 2**36) for x in X.ravel()[:n].tolist()])
    c = list(p)
    for t in range(n - 1, -1, -1):
        s = uses[0][t] % (t + 1)
        c[t], c[s] = c[s], c[t]
    for w, start, places in ((uses[1], lattice.a, range(n)), (uses[2], lattice.b, range(n - 1, -1, -1))):
        previous = start
        for i in places:
            r, total = w[i] >> 16 & 7, (c[i] + (w[i] & 255) + previous) % 256
            previous = c[i] = ((total << r | total >> (8 - r)) & 255) ^ (w[i] >> 8 & 255)
    return bytes(c), session


@pytest.mark.parametrize("shape", [(1, 1), (5, 4, 3), (3, 37)], ids=str)
def test_ciphertext_is_that_of_the_scheme_in_plain_python(shape: tuple[int, ...]):
    """Shuffle and both chains, sample by sample, from the lattice's states."""
    image = photo(shape)
    encrypted = Wang2021Pcml().encrypt(image, KEY, NONCE)
    assert (encrypted.image.tobytes(), encrypted.secret) == one_by_one(image, KEY)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """Random, black and white; the session is 32 bytes and the header empty."""
    cipher = Wang2021Pcml()
    for image in (photo(shape), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        encrypted = cipher.encrypt(image, KEY, NONCE)
        assert (encrypted.header, len(encrypted.secret)) == (b"", 32)
        assert np.array_equal(cipher.decrypt(encrypted, KEY), image)


@pytest.mark.parametrize("shape", [(33, 47, 3), (33, 47)], ids=str)
def test_only_the_private_regions_change(shape: tuple[int, ...]):
    """Two overlapping boxes: outside them nothing changes, inside nearly all does, and any instance decrypts it."""
    image = photo(shape)
    mask = np.zeros(shape[:2], bool)
    mask[2:20, 3:30] = mask[10:33, 25:47] = True
    encrypted = Wang2021Pcml(BOXES).encrypt(image, KEY, NONCE)
    assert np.array_equal(encrypted.image[~mask], image[~mask])
    assert (encrypted.image[mask] != image[mask]).mean() > 0.98
    assert np.array_equal(Wang2021Pcml().decrypt(encrypted, KEY), image)
    assert encrypted.header == b"".join(BOX.pack(*box) for box in BOXES)


def test_the_session_hashes_the_private_pixels_alone():
    """A change outside the boxes leaves session and cipher pixels inside as they were."""
    image = photo((33, 47, 3))
    other = image.copy()
    other[0, 0] ^= 255
    cipher = Wang2021Pcml(BOXES)
    one, two = cipher.encrypt(image, KEY, NONCE), cipher.encrypt(other, KEY, NONCE)
    assert one.secret == two.secret
    assert np.array_equal(one.image[2:20, 3:30], two.image[2:20, 3:30])


@pytest.mark.parametrize("box", [(0, 0, 34, 5), (5, 0, 5, 9), (0, 47, 9, 48), (9, 0, 3, 5)])
def test_a_box_outside_the_image_or_without_pixels_is_refused(box: tuple[int, int, int, int]):
    """At encryption and in a header."""
    with pytest.raises(CipherError, match="wanted top < bottom"):
        Wang2021Pcml([box]).encrypt(photo((33, 47)), KEY, NONCE)
    with pytest.raises(CipherError, match="wanted top < bottom"):
        Wang2021Pcml().decrypt(Encrypted(photo((33, 47)), BOX.pack(*box), bytes(32)), KEY)


@pytest.mark.parametrize("box", [(0, 0, 3), (-1, 0, 3, 3), (0, 0, 3, 2.5), "abcd"])
def test_a_box_is_four_integers(box: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted four integers"):
        Wang2021Pcml([box])


def test_wrong_header_secret_and_key():
    """Cut side data is refused; one flipped bit of key or session returns noise."""
    cipher, image = Wang2021Pcml(), np.full((64, 64), 9, np.uint8)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    with pytest.raises(CipherError, match="header has 3 bytes, wanted 16 for each box"):
        cipher.decrypt(Encrypted(encrypted.image, b"abc", encrypted.secret), KEY)
    for secret in (b"", encrypted.secret[:-1]):
        with pytest.raises(CipherError, match="wanted 32 bytes"):
            cipher.decrypt(Encrypted(encrypted.image, b"", secret), KEY)
    with pytest.raises(CipherError, match="wanted 32 bytes"):
        cipher.encrypt(image, KEY, NONCE, secret=b"ab")
    flipped = bytes([KEY[0] ^ 1]) + KEY[1:]
    assert npcr(cipher.decrypt(encrypted, flipped), image).value > 98
    wrong = Encrypted(encrypted.image, b"", bytes([encrypted.secret[0] ^ 1]) + encrypted.secret[1:])
    assert npcr(cipher.decrypt(wrong, KEY), image).value > 98


def test_any_image_is_a_ciphertext():
    """Random cipher images under random sessions decrypt to images that encrypt to them again."""
    cipher = Wang2021Pcml()
    for shape in ((19, 23), (33, 47, 3)):
        image, secret = photo(shape), RNG.bytes(32)
        plain = cipher.decrypt(Encrypted(image, b"", secret), KEY)
        assert np.array_equal(cipher.encrypt(plain, KEY, NONCE, secret=secret).image, image)


def test_under_one_session_the_backward_chain_carries_all_of_a_difference_or_nothing():
    """Before the changed sample's shuffled place, every cipher sample differs if the one at the place does, else none.

    Hence NPCR 99.80 and UACI 33.55 in the mean, above random images' 99.61 and 33.46, but for the 1 in 256 that die.
    """
    cipher, alive = Wang2021Pcml(), []
    for trial in range(24):
        key, image, index = hashlib.sha256(bytes([trial])).digest(), photo((96, 96, 3)), int(RNG.integers(96 * 96 * 3))
        one = cipher.encrypt(image, key, NONCE)
        image.flat[index] ^= 1
        two = cipher.encrypt(image, key, NONCE, secret=one.secret)
        marker = np.zeros(image.size, np.uint8)
        marker[index] = 1
        swap_train(marker, 0, KeyStream(key, one.secret, image.size).targets, True)
        place = int(marker.argmax())
        differs = (one.image != two.image).ravel()
        assert (differs[:place] == differs[place]).all()
        if differs[place]:
            alive.append((npcr(one.image, two.image).value, uaci(one.image, two.image).value))
    assert len(alive) >= 22
    assert np.mean(alive, axis=0) == pytest.approx([99.80, 33.55], abs=0.15)


def test_a_fresh_session_changes_everything():
    """With the hash of the changed image: NPCR 99.61 and UACI 33.46 in the mean of 20 trials."""
    cipher, pairs = Wang2021Pcml(), []
    for trial in range(20):
        key, image = hashlib.sha256(bytes([trial])).digest(), photo((96, 96, 3))
        other = image.copy()
        other.flat[RNG.integers(image.size)] ^= 1
        pairs.append([cipher.encrypt(i, key, NONCE).image for i in (image, other)])
    assert np.mean([npcr(a, b).value for a, b in pairs]) == pytest.approx(99.6094, abs=0.04)
    assert np.mean([uaci(a, b).value for a, b in pairs]) == pytest.approx(33.4635, abs=0.15)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: no lattice state comes twice in 2048 steps after burn-in, and no two sites run in step."""
    out = np.empty((2048, 16))
    for trial in range(300):
        lattice = Lattice(hashlib.sha256(b"cycle %d" % trial).digest(), b"")
        lattice.run(out)
        assert not (out[:-1] == out[-1]).all(axis=1).any()
        assert len(np.unique(out[-1])) == 16
