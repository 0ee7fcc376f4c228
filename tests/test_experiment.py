"""Experiments: a cipher that changes what it is given changes nothing that is measured."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import partial
from typing import ClassVar

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import LocalCipher
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment, KeptCiphertexts
from cryptobench.keyless import Keyed, Keyless, keep_keyed, keyed, keyless
from cryptobench.measurement import Measurement
from cryptobench.registry import load_analysis, load_attack, load_cipher
from cryptobench.task import SharedExperiments, run_task

NAMES = [
    "quality", "differential", "key_sensitivity", "keyspace", "robustness", "avalanche", "equality_leak",
    "keystream_reuse", "codebook", "decryptability", "public_header",
]  # fmt: skip


class Careful(Cipher):
    """Adds a keystream that depends on the sum of the image; the sum goes into the header."""

    card: ClassVar[Card] = Card(name="toy", title="t", family="mine", fidelity="A", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        header = nonce + int(image.sum()).to_bytes(8, "big")
        return Encrypted(self._own(image) + stream(key, header, image), header)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return self._own(encrypted.image) - stream(key, encrypted.header, encrypted.image)

    def _own(self, image: Image) -> Image:
        return image


class Careless(Careful):
    """The same numbers, in the array that it is given."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encrypted = super().encrypt(image, key, nonce)
        image[:] = encrypted.image
        return Encrypted(image, encrypted.header)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        encrypted.image[:] = super().decrypt(encrypted, key)
        return encrypted.image


def stream(key: bytes, header: bytes, image: Image) -> Image:
    seed = hashlib.sha256(key + header).digest()
    return np.random.default_rng(list(seed)).integers(0, 256, image.shape, np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_changed_input_changes_no_measurement(name: str) -> None:
    """Each row is that of a cipher which returns the same arrays and leaves its input alone."""
    task = load_attack(name) if name in NAMES[6:] else load_analysis(name)
    image = np.random.default_rng(1).integers(0, 200, (24, 24), np.uint8)
    kept = image.copy()
    careless, careful = (run_task(task, cipher, image, 1, label="noise") for cipher in (Careless(), Careful()))
    assert careless.status == careful.status == "ok"
    timeless = [
        [row for row in result.measurements if row.metric not in ("attack_time", "extrapolated_time")]
        for result in (careless, careful)
    ]
    assert timeless[0] == timeless[1]
    assert np.array_equal(image, kept)


def test_a_cipher_on_copies_is_still_that_cipher() -> None:
    """It has the name, the card and what else the cipher offers; experiments of it do not wrap it twice."""
    bare = load_cipher("deepedn-lite")
    experiment = Experiment(bare, np.zeros((8, 8, 3), np.uint8))
    assert (repr(experiment.cipher), experiment.cipher.card) == (repr(bare), bare.card)
    assert experiment.cipher.weights == bare.weights  # type: ignore[attr-defined]
    assert Experiment(experiment.cipher, experiment.image).bare_cipher is bare


class Recorder(Careful):
    """Careful, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bytes, bytes]] = []

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        self.asked.append((image.tobytes(), key, nonce))
        return super().encrypt(image, key, nonce)


def photograph() -> Image:
    return np.random.default_rng(1).integers(0, 200, (24, 24), np.uint8)


TRIALS = 5
Asked = list[tuple[bytes, bytes, bytes]]
Rows = tuple[Measurement, ...]


def asked_by(*names: str, shared: SharedExperiments | None = None) -> tuple[Asked, list[Rows]]:
    """What analyses of ``TRIALS`` trials ask a cipher for, and their rows."""
    cipher = Recorder()
    results = [
        run_task(load_analysis(name, trials=TRIALS), cipher, photograph(), 1, label="noise", shared=shared)
        for name in names
    ]
    return cipher.asked, [result.measurements for result in results]


def test_modes_and_analyses_share_first_encryptions() -> None:
    """One key and nonce a trial number, another one for each trial; the image is encrypted once under each of them."""
    image = photograph().tobytes()
    both, rows = asked_by("differential", "avalanche", shared=SharedExperiments())
    firsts = Counter((key, nonce) for plain, key, nonce in both if plain == image)
    assert len(firsts) == TRIALS + 1  # one more is the experiment's own
    assert set(firsts.values()) == {1}
    assert len({key for key, _ in firsts}) == TRIALS + 1
    alone = [asked_by(name) for name in ("differential", "avalanche")]
    for asked, _ in alone:
        assert Counter((key, nonce) for plain, key, nonce in asked if plain == image) == firsts
    assert rows == [one for _, (one,) in alone]


def test_second_nonces_are_drawn_for_each_analysis() -> None:
    """A changed image has the trial's key; its nonce is the trial's in one mode, in the other nobody else's."""
    experiments = [Experiment(Recorder(), photograph(), 1) for _ in range(2)]
    nonces = []
    for experiment, analysis in zip(experiments, ("differential", "avalanche"), strict=True):
        for mode in ("fresh", "fixed"):
            experiment.encrypt_pair(255 - experiment.image, mode, 3, analysis)
            _, key, nonce = experiment.bare_cipher.asked[-1]  # type: ignore[attr-defined]
            assert key == experiment.random_key("trial 3")
            nonces.append(nonce)
    assert nonces[1] == nonces[3] == experiments[0].random_nonce("trial 3")
    assert len(set(nonces)) == 3


def test_kept_ciphertexts_are_bounded_copies() -> None:
    """What fits is kept and handed out as copies; what does not is made each time; refusals are not kept."""
    made: list[str] = []

    def make(name: str, size: int) -> Encrypted:
        made.append(name)
        if not size:
            raise CipherError("refused")
        return Encrypted(np.full((size, 1), len(made), np.uint8), b"h", b"s")

    kept = KeptCiphertexts(100)
    kept.get("a", lambda: make("a", 60)).image[:] = 0
    for _ in range(2):
        again = kept.get("a", lambda: make("a", 60))
        assert (again.image.tolist(), again.header, again.secret) == ([[1]] * 60, b"h", b"s")
        again.image[:] = 9
        kept.get("too large", lambda: make("too large", 41))
        with pytest.raises(CipherError):
            kept.get("refused", lambda: make("refused", 0))
    assert made == ["a", "too large", "refused", "too large", "refused"]


def test_another_image_shares_no_ciphertexts() -> None:
    """Image, seed, label and cipher tell what is kept apart, and what measures time keeps nothing."""
    shared, cipher, image = SharedExperiments(), Careful(), photograph()
    one = shared.ciphertexts(cipher, image, 1, "a")
    assert shared.ciphertexts(cipher, image.copy(), 1, "a") is one
    for other in (
        (Careful(), image, 1, "a"),
        (cipher, image + 1, 1, "a"),
        (cipher, image, 2, "a"),
        (cipher, image, 1, "b"),
    ):
        assert shared.ciphertexts(*other) is not one
    shared.clear()
    assert shared.ciphertexts(cipher, image, 1, "b") is not one
    recorder = Recorder()
    timing = load_analysis("timing", runs=1, warmups=0, sides=(8,), scaling_runs=1)
    for task in (load_analysis("entropy"), timing):
        before = len(recorder.asked)
        run_task(task, recorder, image, 1, label="noise", shared=shared)
        assert recorder.asked[before][0] == image.tobytes()


class Network(Careful):
    """Careful behind a slow map of the picture, which it says is keyless; counts how often that is computed."""

    def __init__(self) -> None:
        self.computed = 0

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return super().encrypt(keyless(self, "network", image, lambda: self._network(image)), key, nonce)

    def _network(self, image: Image) -> Image:
        self.computed += 1
        return image[::-1] * 3


@pytest.mark.parametrize("name", ["differential", "avalanche", "key_sensitivity"])
def test_keyless_parts_are_computed_once(name: str) -> None:
    """Of the unchanged image and of each changed one, in both modes; the rows are those without the hint."""

    class Plain(Network):
        def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
            return Careful.encrypt(self, self._network(image), key, nonce)

    analysis = load_analysis(name, **({"bits": 8} if name == "key_sensitivity" else {"trials": TRIALS}))
    results, computed = [], []
    for cipher in (Network(), Plain()):
        experiment = Experiment(cipher, photograph(), 1)
        _ = experiment.constant_places  # of the bare cipher, which computes each time
        cipher.computed = 0
        results.append(list(analysis.measure(experiment)))
        computed.append(cipher.computed)
    assert results[0] == results[1]
    assert computed == ([0, 8] if name == "key_sensitivity" else [TRIALS, 3 * TRIALS])


def test_the_bare_cipher_keeps_nothing() -> None:
    """What measures time computes keyless parts each time; what is kept is a copy."""
    cipher = Network()
    experiment, image = Experiment(cipher, photograph(), 1), photograph()
    for _ in range(3):
        experiment.bare_cipher.encrypt(image, experiment.key, experiment.nonce)
    assert cipher.computed == 3
    first, second = (experiment.cipher.encrypt(image, experiment.key, bytes([n]) * 16) for n in (1, 2))
    assert cipher.computed == 4
    assert not np.array_equal(first.image, second.image)
    expected = Network().encrypt(image, experiment.key, bytes([2]) * 16)
    assert np.array_equal(second.image, expected.image)


def test_keyless_parts_of_large_images_are_not_kept() -> None:
    """Two results are kept, those used last; one that is larger than the limit is computed each time."""
    computed: list[int] = []

    def compute(image: Image) -> Image:
        computed.append(len(image))
        return image.copy()

    kept, cipher = Keyless(36), Careful()
    for side in (5, 7, 6, 5, 7, 4, 5, 6):
        kept.get(cipher, "part", np.zeros((side, side), np.uint8), partial(compute, np.zeros((side, side), np.uint8)))
    assert computed == [5, 7, 6, 7, 4, 6]


class Scheduled(Careful):
    """Careful under a mask that takes long to make of the key; counts how often that is done."""

    made: ClassVar[list[bytes]] = []

    @classmethod
    def mask(cls, key: bytes) -> int:
        cls.made.append(key)
        return key[0]

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return super().encrypt(image ^ np.uint8(keyed(self.mask, key)), key, nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return super().decrypt(encrypted, key) ^ np.uint8(keyed(self.mask, key))


def test_keyed_parts_are_computed_once_a_key() -> None:
    """By analyses, and by the oracle of attacks; each time where time is measured, and for each other key."""
    cipher = Scheduled()
    cipher.made.clear()
    experiment, image = Experiment(cipher, photograph(), 1), photograph()
    for _ in range(3):
        encrypted = experiment.cipher.encrypt(image, experiment.key, experiment.nonce)
        assert np.array_equal(experiment.cipher.decrypt(encrypted, experiment.key), image)
    assert cipher.made == [experiment.key]
    experiment.bare_cipher.encrypt(image, experiment.key, experiment.nonce)
    experiment.cipher.encrypt(image, bytes(cipher.card.key_bytes), experiment.nonce)
    assert cipher.made == [experiment.key, experiment.key, bytes(cipher.card.key_bytes)]
    attacked = AttackExperiment(cipher, image, 1)
    cipher.made.clear()
    for number in range(3):
        attacked.encrypt(image, f"{number}", "fixed")
    assert cipher.made == [attacked.key]


def test_keyed_parts_of_two_keys_are_kept() -> None:
    """Those used last."""
    made: list[int] = []
    with keep_keyed(Keyed(most=2)):
        for number in (1, 2, 1, 3, 1, 2):
            keyed(made.append, number)
    assert made == [1, 2, 3, 2]


def test_own_keys_share_what_is_keyless() -> None:
    """An attacker who encrypts one image under many keys computes the network once, and counts every encryption."""
    cipher, image = Network(), photograph()
    local = LocalCipher(cipher)
    for number in range(4):
        key = bytes([number]) * cipher.card.key_bytes
        assert np.array_equal(local.encrypt(image, key, bytes(16)).image, cipher.encrypt(image, key, bytes(16)).image)
    assert (cipher.computed, local.encryptions) == (1 + 4, 4)
