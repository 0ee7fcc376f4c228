"""wang2021-pcml: known answers, private regions, refusals, and how far a change reaches under one session."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.wang2021_pcml import BOX, KeyStream, Lattice, Wang2021Pcml
from cryptobench.cipher import CipherError, Encrypted
from tests.baselines.scheme_checks import NONCE, assert_all_or_nothing_before

RNG = np.random.default_rng(21)
KEY = hashlib.sha256(b"wang2021-pcml").digest()
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
def test_ciphertext_is_that_of_plain_python(shape: tuple[int, ...]):
    """Shuffle and both chains, sample by sample, from the lattice's states."""
    image = photo(shape)
    encrypted = Wang2021Pcml().encrypt(image, KEY, NONCE)
    assert (encrypted.image.tobytes(), encrypted.secret) == one_by_one(image, KEY)


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
def test_boxes_outside_the_image_are_refused(box: tuple[int, int, int, int]):
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


def test_backward_chain_carries_all_or_nothing():
    """Before the changed sample's shuffled place, every cipher sample differs if the one at the place does, else none.

    Hence NPCR 99.80 and UACI 33.55 in the mean, above random images' 99.61 and 33.46, but for the 1 in 256 that die.
    """
    assert_all_or_nothing_before(Wang2021Pcml(), lambda key, secret, n: KeyStream(key, secret, n).targets)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: no lattice state comes twice in 2048 steps after burn-in, and no two sites run in step."""
    out = np.empty((2048, 16))
    for trial in range(300):
        lattice = Lattice(hashlib.sha256(b"cycle %d" % trial).digest(), b"")
        lattice.run(out)
        assert not (out[:-1] == out[-1]).all(axis=1).any()
        assert len(np.unique(out[-1])) == 16
