"""wang2022-dnn: its layers in plain integers, how far a change reaches, and the break of a single layer."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.wang2022_dnn import INVERSES, SBOX, Orbits, Wang2022Dnn, layers, neurons
from cryptobench.cipher import CipherError
from tests.baselines.scheme_checks import NONCE, flip_rates, one_flip_pairs

RNG = np.random.default_rng(23)
KEY = hashlib.sha256(b"wang2022-dnn").digest()


def photo(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, shape, np.uint8)


def test_activation_is_the_s_box_of_aes():
    """Entries printed in FIPS 197, and a bijection."""
    assert [int(SBOX[x]) for x in (0x00, 0x01, 0x10, 0x53, 0x9A, 0xFF)] == [0x63, 0x7C, 0xCA, 0xED, 0xB8, 0x16]
    assert sorted(SBOX.tolist()) == list(range(256))


def test_every_odd_weight_has_its_inverse():
    """w times its inverse is 1 mod 256."""
    for w in range(1, 256, 2):
        assert w * int(INVERSES[w]) % 256 == 1


def one_by_one(image: np.ndarray, key: bytes, rounds: int) -> bytes:
    """The whole cipher in plain Python."""
    orbits, n, p = Orbits(key, b"", rounds), image.size, list(image.tobytes())
    for t in range(rounds):
        uses = []
        for _ in range(2):
            X = np.empty((-(-n // 16), 16))
            orbits.run(X)
            uses.append(X.ravel()[:n].tolist())
        pi = sorted(range(n), key=lambda i: int(uses[0][i] * 2**32))
        z, y, previous = [p[i] for i in pi], [0] * n, orbits.b0[t]
        for i in range(n) if t % 2 == 0 else range(n - 1, -1, -1):
            word = int(uses[1][i] * 2**36)
            previous = y[i] = ((word >> 8 & 255 | 1) * z[i] + (word & 255) + int(SBOX[previous])) % 256
        p = y
    return bytes(p)


@pytest.mark.parametrize("rounds", [1, 2, 4])
@pytest.mark.parametrize("shape", [(1, 1), (5, 4, 3), (3, 37)], ids=str)
def test_ciphertext_is_that_of_plain_python(shape: tuple[int, ...], rounds: int):
    """Orders, weights, biases and neurons, sample by sample, from the orbits' states."""
    image = photo(shape)
    cipher = Wang2022Dnn(rounds=rounds)
    assert cipher.encrypt(image, KEY, NONCE).image.tobytes() == one_by_one(image, KEY, rounds)


def test_there_is_a_layer_at_least():
    """A number below 1 is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        Wang2022Dnn(rounds=0)


@pytest.mark.parametrize(("rounds", "tolerance"), [(2, (0.08, 0.2)), (4, (0.03, 0.15))])
def test_four_layers_spread_a_change_evenly(rounds: int, tolerance: tuple[float, float]):
    """20 keys, one LSB, without any hash: NPCR 99.61 and UACI 33.46 in the mean."""
    rates, changes = flip_rates(one_flip_pairs(Wang2022Dnn(rounds=rounds), 20))
    assert abs(rates.mean() - 99.6094) < tolerance[0]
    assert abs(changes.mean() - 33.4635) < tolerance[1]


def test_one_layer_changes_only_what_follows():
    """From the changed sample's place in the sorted order on, every sample differs: half of the image in the mean."""
    cipher = Wang2022Dnn(rounds=1)
    for index in RNG.integers(0, 5000, 20).tolist():
        image = photo((50, 100))
        one = cipher.encrypt(image, KEY, NONCE).image
        image.flat[index] ^= 1
        two = cipher.encrypt(image, KEY, NONCE).image
        (layer,) = layers(KEY, b"", 1, image.size)
        place = int(np.flatnonzero(layer.pi == index)[0])
        differs = (one != two).ravel()
        assert differs[place:].all()
        assert not differs[:place].any()


def test_one_layer_falls_to_four_chosen_plaintexts():
    """Two flat images give biases and weights, two coordinate images the order: a further cipher image is then read."""
    cipher, side = Wang2022Dnn(rounds=1), 64
    rows, columns = np.indices((side, side), np.uint8)

    def sums(image: np.ndarray) -> np.ndarray:
        """w z + b at every place but the first, where b includes the unknown start."""
        y = cipher.encrypt(image, KEY, NONCE).image.ravel()
        return y - np.concatenate([[np.uint8(0)], SBOX[y[:-1]]])

    b = sums(np.zeros((side, side), np.uint8))
    inverse = INVERSES[sums(np.ones((side, side), np.uint8)) - b]
    row, column = (inverse * (sums(image) - b) for image in (rows, columns))
    image = photo((side, side))
    recovered = np.empty_like(image)
    recovered[row, column] = inverse * (sums(image) - b)
    assert np.array_equal(recovered, image)


def test_a_difference_never_dies_in_a_layer():
    """256 start bytes give 256 different outputs at every place, in both directions."""
    z, b, w = photo((3, 200))
    for backward in (False, True):
        outputs = np.stack([neurons(z, w | 1, b, start, backward) for start in range(256)])
        assert (np.sort(outputs, axis=0) == np.arange(256)[:, None]).all()


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: in none of 16 orbits does the state after 2048 steps come earlier, and no two orbits run in step."""
    out = np.empty((2048, 16))
    for trial in range(300):
        Orbits(hashlib.sha256(b"cycle %d" % trial).digest(), b"", 4).run(out)
        assert not (out[:-1] == out[-1]).any()
        assert len(np.unique(out[-1])) == 16
