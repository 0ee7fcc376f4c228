"""Small exact cases of attacks on keys and on known pairs: the result, and its p-value worked out by another way."""

from __future__ import annotations

from math import comb, factorial

import numpy as np
import pytest

from cryptobench.attacks.keys.key_search import KeySearch
from cryptobench.attacks.keys.weak_keys import WeakKeys
from cryptobench.attacks.keystream import keystream_bias
from cryptobench.attacks.keystream.key_mask import KeyMask
from cryptobench.attacks.keystream.keystream_reuse import KeystreamReuse
from cryptobench.attacks.keystream.nonce_search import NonceSearch
from cryptobench.attacks.keystream.periodic_keystream.attack import PeriodicKeystream, recurrence
from cryptobench.attacks.keystream.shared_cycles import SharedCycles
from cryptobench.attacks.leakage.determinism import Determinism
from cryptobench.attacks.leakage.equality_leak import EqualityLeak
from cryptobench.attacks.leakage.public_header import PublicHeader
from cryptobench.attacks.learning import class_distinguisher, known_pairs_regression
from cryptobench.attacks.published.wang2022_orders import Wang2022Orders
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from tests.attacks.answers import Answers, noise, planted, tail
from tests.attacks.keyed_toys import Toy, ideal, photograph, stream, xored

RNG = np.random.default_rng


def of_keystream_reuse():
    plains, (first, _) = noise(2, 12, 12), noise(2, 12, 12, seed=5)
    pads = first, planted(first, 20)
    known = [(plain, plain ^ pad) for plain, pad in zip(plains, pads, strict=True)]
    return KeystreamReuse().run(Answers((12, 12), known=known), RNG(1)), 6 * tail(20, 144)


def of_shared_cycles():
    plains, pads = noise(3, 24, 24), noise(3, 24, 24, seed=5).reshape(3, -1)
    pads[2, 100:150] = pads[0, 107:157]
    known = [(plain, plain ^ pad.reshape(24, 24)) for plain, pad in zip(plains, pads, strict=True)]
    result = SharedCycles(pairs=3).run(Answers((24, 24), known=known), RNG(1))
    equal = int(np.sum(pads[2, :-7] == pads[0, 7:]))
    assert result.statistic == equal / 569
    return result, 3 * 3 * 1151 * tail(equal, 569)  # combiners, pairs of keystreams, lags


def of_chained_keystream_reuse():
    plains, (first, _) = noise(2, 12, 12), noise(2, 12, 12, seed=5)
    known = []
    for plain, pad in zip(plains, (first, planted(first, 20)), strict=True):
        masked, cipher_image = (plain ^ pad).ravel(), np.zeros(144, np.uint8)
        for place in range(144):
            cipher_image[place] = masked[place] ^ (cipher_image[place - 1] if place else 7)
        known.append((plain, cipher_image.reshape(12, 12)))
    hits = int(np.sum((first == planted(first, 20)).ravel()[1:]))
    places = 2 * 4  # of ciphertext and of plaintext; a sample or a row, before or after
    return KeystreamReuse().run(Answers((12, 12), known=known), RNG(1)), 2 * 20 * places * tail(hits, 143)


class OnlyZeros(Cipher):
    """Every byte once, in an order by nonce; under a key of zeros, ``zeros`` as it is."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))

    def __init__(self, zeros) -> None:
        self.zeros = zeros

    def encrypt(self, image, key, nonce, *, secret=None):
        if not any(key) and image.shape == (16, 16):
            return Encrypted(self.zeros.copy(), nonce)
        seed = list(key + nonce + image.tobytes())
        return Encrypted(RNG(seed).permutation(256).astype(np.uint8)[: image.size].reshape(image.shape), nonce)

    def decrypt(self, encrypted, key):
        raise NotImplementedError


def of_weak_keys(equal_at_lag_5: int, equal: int):
    zeros = RNG(2).permutation(256).astype(np.uint8)
    starts = np.arange(12) * 16  # pairs at lag 5, each of another value
    zeros[starts[:equal_at_lag_5] + 5] = zeros[starts[:equal_at_lag_5]]
    zeros[RNG(6).permutation(256)[:equal]] = 9
    commonest = int(np.bincount(zeros).max())
    lags = [tail(int(np.sum(zeros[lag:] == zeros[:-lag])), 256 - lag) for lag in range(1, 65)]
    uniform = 2 * min(256 * tail(commonest, 256), 64 * min(lags))
    special = 10 + 128
    attack = WeakKeys(keys=4, bases=1)
    run = attack_target(attack, OnlyZeros(zeros.reshape(16, 16)), photograph(15, 16))
    return run.result, 2 * special * uniform


def of_equivalent_keys():
    cipher = Toy(lambda image, seed: xored(image, seed[:12]))
    result = attack_target(WeakKeys(keys=4, bases=1), cipher, photograph(3, 4)).result
    pairs = int(result.statistic_name.split()[3])
    return result, 2 * pairs * 256.0**-12


def of_equality_leak():
    cipher = Toy(
        lambda image, seed: ideal(image, seed), state=lambda image: image.tobytes()[:2], in_header=True, nonce=True
    )
    result = attack_target(EqualityLeak(times=12), cipher, photograph(3, 4)).result
    properties = 8 * (18 + 12) + 13 + 3 * comb(18, 2)  # bits; of whole images; of two header bytes
    return result, 2 * properties / comb(24, 12)


def of_class_distinguisher():
    attack = class_distinguisher.ClassDistinguisher(train=64, test=32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_distinguisher, "agreement_p_value", lambda answers, truths: 1e-9)
        return attack_target(attack, Toy(ideal), photograph(8, 8)).result, 3 * 2 * 1e-9  # learners, classes


class FewKeys(Cipher):
    """Eight bits of key and a stream from them; ciphertexts under other keys are not rejected."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 8),))

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ stream(key + nonce, image.size).reshape(image.shape), nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ stream(key + encrypted.header, encrypted.image.size).reshape(encrypted.image.shape)


def of_key_search():
    result = attack_target(KeySearch(), FewKeys(), photograph(8, 8)).result
    return result, result.numbers["keys_tried"] * 256.0**-64


def of_leaked_keys():
    cipher = Toy(ideal, state=None, nonce=True)
    encrypt = cipher.encrypt

    def leaking(image, key, nonce, *, secret=None):
        found = encrypt(image, key, nonce)
        return Encrypted(found.image, nonce + key[::-1])

    cipher.encrypt = leaking
    result = attack_target(KeySearch(), cipher, photograph(3, 4)).result
    visible = 32 + 2 * 12 + 32 * 32 + 2 * 32 * 12  # header, masks, XORs of header bytes with these
    visible += 32 * (16 + 20 + 32 + 64 + 32)  # and with the bytes of five hashes
    return result, 3 * visible * 16 * 256.0**-11


def of_nonce_search():
    cipher = Toy(lambda image, seed: xored(image, seed[:17]), nonce=True)  # one byte of the nonce
    return attack_target(NonceSearch(nonces=64), cipher, photograph(3, 4)).result, comb(64, 2) * 256.0**-12


def of_key_mask():
    result = attack_target(KeyMask(), Toy(xored, xored), photograph(3, 4)).result
    return result, 2 * 2 * result.expected**12  # by encryption or decryption, XOR or subtraction


def of_keystream_bias():
    tests = [("test", 0.1, 1e-10)] * 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keystream_bias, "stream_tests", lambda streams, row: iter(tests))
        result = attack_target(keystream_bias.KeystreamBias(bits=64), Toy(ideal), photograph(3, 4)).result
    return result, 4 * 5 * 1e-10  # three combiners and the ciphertext, five tests


def of_periodic_keystream():
    stream_ = RNG(2).permutation(256).astype(np.uint8)
    starts = np.arange(12) * 20
    stream_[starts + 5] = stream_[starts]
    plain = noise(16, 16)
    known = [(plain, plain ^ stream_.reshape(16, 16))]
    assert recurrence(stream_)[2] == pytest.approx(128 * tail(12, 251))
    return PeriodicKeystream().run(Answers((16, 16), known=known), RNG(1)), 3 * 128 * tail(12, 251)


def of_determinism():
    return attack_target(Determinism(), Toy(xored), photograph(3, 4)).result, 256.0**-12


def of_public_header():
    plains = [noise(4, 4, seed=k) for k in range(12)]
    bits = [bytes([int(plain.flat[0] > 127)]) for plain in plains]
    cipher = Toy(xored, state=lambda image: bytes([int(image.flat[0] > 127)]), in_header=True)
    oracle = Answers((4, 4), header=b"x")
    oracle.local_cipher.cipher = cipher
    pairs = iter([(plain, Encrypted(plain, header)) for plain, header in zip(plains, bits, strict=True)])
    oracle.known_pair = lambda: next(pairs)
    ones = bits.count(b"\1")
    return PublicHeader().run(oracle, RNG(1)), factorial(ones) * factorial(12 - ones) / factorial(12)


def of_known_pairs_regression():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_pairs_regression, "pairing_p_value", lambda guesses, truths: 1e-9)
        attack = known_pairs_regression.KnownPairsRegression(pairs=96)
        return attack_target(attack, Toy(ideal), photograph(4, 4)).result, 3 * 1e-9


def of_wang2022_orders():
    """Noise for ciphertexts, but for a black image's: whatever the orders, its numbers are 0, the bytes 128 and 0."""
    known = list(zip(noise(11, 16, 8), noise(11, 52, 13, seed=5), strict=True))
    wanted = np.repeat(np.array([128, 0], np.uint8), 26 * 13).reshape(52, 13)
    known.append((np.zeros((16, 8), np.uint8), planted(wanted, 12)))
    attack = Wang2022Orders(side=8, hidden=12, outputs=13, share=0.15)
    result = attack.run(Answers((16, 8), known=known, challenge=noise(52, 13)), RNG(1))
    assert (result.statistic, result.recovered) == (12 / 676, None)
    return result, tail(12, 676)
