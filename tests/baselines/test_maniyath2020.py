"""maniyath2020: golden values, the autoencoders against numpy, and what a stream keyed by 256 samples gives away."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.attacks.keystream.keystream_reuse import KeystreamReuse
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.chaotic import maniyath2020
from cryptobench.baselines.chaotic.maniyath2020 import Maniyath2020, draw, key_stream, stacked_code, trained
from cryptobench.keyless import Keyed, keep_keyed
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from tests.attacks.keyed_toys import photograph
from tests.baselines.plain_chaos import uniforms
from tests.baselines.scheme_checks import NONCE, changed, digest, flip_rates, key_for

RNG = np.random.default_rng(20)
CIPHER, KEY, SECRET = Maniyath2020(), hashlib.shake_256(b"cryptobench").digest(32), bytes(range(32))
RAMP = (np.arange(576) % 251).astype(np.uint8).reshape(16, 12, 3)


def test_golden_ciphertext_and_secret():
    """First bytes and SHA-256 under a given secret, and the start of the image's own, of an independent prototype."""
    image = CIPHER.encrypt(RAMP, KEY, NONCE, secret=SECRET).image
    assert image.tobytes()[:16].hex() == "faa75096cd369ce64d765efe242a8769"
    assert digest(image) == "e50859d58808c046"
    assert CIPHER.encrypt(RAMP, KEY, NONCE).secret.hex()[:16] == "598ec27bb5ae616b"


def sigmoid(v: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-v))


def loss(A: np.ndarray, B: np.ndarray) -> float:
    return ((sigmoid(sigmoid(A @ B) @ B.T) - A) ** 2).sum() / 2 / len(A)


def test_a_step_descends_the_loss():
    """A step of rate 1 moves each weight by the difference quotient of the reconstruction's squared error."""
    A, B = RNG.random((16, 6)), RNG.uniform(-1, 1, (6, 3))
    moved, eps = trained(A, B, 1, 1.0) - B, 1e-6
    for place in np.ndindex(*B.shape):
        step = np.zeros_like(B)
        step[place] = eps
        assert moved[place] == pytest.approx((loss(A, B - step) - loss(A, B + step)) / (2 * eps), abs=1e-8)
    assert loss(A, trained(A, B, 50, 0.5)) < 0.9 * loss(A, B)


def test_code_is_that_of_numpy_matrices():
    """Both autoencoders, 50 steps each, agree with matrix products to 1e-12."""
    indices, first, second = draw(KEY, RAMP.size)
    A = code = RAMP.ravel()[indices].reshape(16, 16) / 255
    for B in (first.copy(), second.copy()):
        start = code
        for _ in range(50):
            H = sigmoid(start @ B)
            R = sigmoid(H @ B.T)
            dR = (R - start) * R * (1 - R) / 16
            dH = dR @ B * H * (1 - H)
            B -= 0.5 * (start.T @ dH + dR.T @ H)
        code = sigmoid(start @ B)
    assert stacked_code(A, first, second) == pytest.approx(code, abs=1e-12)


def test_stream_and_draw_are_plain_floats():
    """Logistic orbits in Python's floats from the hashes of key, secret and label."""

    def orbit(secret: bytes, label: str, n: int) -> list[float]:
        x, u = uniforms(KEY, secret, label, 2)
        mu, out = 3.9 + 0.1 * u, []
        for _ in range(1000 + n):
            x = (mu * x) * (1 - x)
            out.append(x)
        return out[1000:]

    expected = [math.floor(x * 2**36) % 256 for x in orbit(SECRET, "maniyath2020 stream", 300)]
    assert key_stream(KEY, SECRET, 300).tolist() == expected
    x = orbit(b"", "maniyath2020", 256 + 128 + 32)
    indices, first, second = draw(KEY, 999)
    assert indices.tolist() == [math.floor(v * 2**36) % 999 for v in x[:256]]
    assert np.concatenate([first.ravel(), second.ravel()]).tolist() == [2 * v - 1 for v in x[256:]]


def test_changes_outside_the_draw_go_unnoticed():
    """A drawn sample moves the secret, any other leaves it and changes one sample: NPCR is 1/N."""
    image = RNG.integers(0, 256, (40, 30), np.uint8)
    one, drawn = CIPHER.encrypt(image, KEY, NONCE), set(draw(KEY, image.size)[0].tolist())
    assert 200 < len(drawn) <= 256
    for index in range(0, image.size, 25):
        two = CIPHER.encrypt(changed(image, index, 1), KEY, NONCE)
        assert (two.secret != one.secret) is (index in drawn)
        if index not in drawn:
            assert ((one.image ^ two.image)[one.image != two.image]).tolist() == [1]


def test_changes_in_the_draw_give_another_stream():
    """20 drawn samples: mean NPCR 99.61 and UACI 33.46, those of two key streams."""
    image = RNG.integers(0, 256, (96, 96, 3), np.uint8)
    pairs = []
    for trial in range(20):
        key = key_for(trial)
        index = int(draw(key, image.size)[0][trial])
        two = (CIPHER.encrypt(one, key, NONCE).image for one in (image, changed(image, index, 1)))
        pairs.append(tuple(two))
    rates, changes = flip_rates(pairs)
    assert rates.mean() == pytest.approx(99.6094, abs=0.04)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)


def test_images_with_one_draw_share_a_stream():
    """A chosen image with the drawn samples kept gives the stream of the other: two queries decrypt it."""
    secret = photograph(40, 30)
    chosen = np.zeros_like(secret)
    kept = draw(KEY, secret.size)[0]
    chosen.flat[kept] = secret.flat[kept]
    one, two = (CIPHER.encrypt(image, KEY, NONCE).image for image in (secret, chosen))
    assert np.array_equal(one ^ two ^ chosen, secret)


def test_keystream_reuse_recovers_under_fixed_secret():
    """One known pair decrypts every image of the session."""
    run = attack_target(KeystreamReuse(), CIPHER, photograph(16, 12, 3), mode="fixed")
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_key_bytes_are_even():
    """Chi-square of 2^20 bytes of one key within the central 99.9 % of its distribution (255 degrees of freedom)."""
    counts = np.bincount(key_stream(KEY, SECRET, 2**20), minlength=256)
    assert 190 < ((counts - 4096.0) ** 2 / 4096).sum() < 335


def test_some_streams_are_short_cycles():
    """Of mu in (3.9, 4), some percent lie in periodic windows: at most 4096 states."""
    short = 0
    for _ in range(1000):
        x = logistic_orbit(RNG.random(), RNG.uniform(3.9, 4.0), 8000)
        short += (x[-4097:-1] == x[-1]).any()
    assert 0.01 < short / 1000 < 0.05


def test_one_draw_serves_all_images_of_a_key(monkeypatch: pytest.MonkeyPatch):
    """Places and start weights follow from the key: where the harness keeps them, secrets are what they were."""
    made, alone = [], [CIPHER.encrypt(image, KEY, NONCE).secret for image in (RAMP, RAMP + 1)]
    monkeypatch.setattr(maniyath2020, "draw", lambda *arguments: made.append(arguments) or draw(*arguments))
    with keep_keyed(Keyed()):
        kept = [CIPHER.encrypt(image, KEY, NONCE).secret for image in (RAMP, RAMP + 1)]
    assert (kept, made) == (alone, [(KEY, RAMP.size)])
