"""What every registered chaotic scheme does, with its options: round trips, refusals, noise, the secret's avalanche."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from cryptobench.cipher import Cipher, CipherError, Encrypted
from cryptobench.images import load_image
from cryptobench.registry import cipher_names, load_cipher, read_card
from tests.baselines.scheme_checks import NONCE, RAMP, flip_rates, flipped, key_for, one_flip_pairs

FOUND = [name for name in cipher_names() if read_card(name).family == "chaotic"]
NAMES = [name for name in FOUND if name != "qian2021"]  # its cipher image is larger: test_qian2021.py
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("barik2020", {"level": 1}),
    ("barik2020", {"level": 4}),
    ("barik2020", {"level": 7}),
    ("chen2004", {"rounds": 4, "alternate": True}),
    ("guo2020", {"high_planes": 1}),
    ("guo2020", {"high_planes": 7}),
    ("zhang2015", {"rounds": 2}),
    ("zhou2021", {"corrected": True}),
]
GREY = [(1, 1), (2, 1), (1, 7), (7, 1), (1, 263), (263, 1), (16, 16), (257, 263)]
COLOUR = [(1, 1, 3), (1, 9, 3), (16, 16, 3), (33, 47, 3), (1, 263, 3), (263, 1, 3), (97, 101, 3)]
SHAPES = GREY + COLOUR + [(5, 1, 1), (5, 4, 1), (9, 31, 2), (31, 8, 4)]


class Scheme(NamedTuple):
    """A cipher as it is made with ``options``, and the length of its per-message secret."""

    name: str
    options: dict[str, Any]
    cipher: Cipher
    secret_bytes: int

    def key(self, label: object) -> bytes:
        return key_for(label, self.cipher.card.key_bytes)

    def secret(self, rng: np.random.Generator) -> bytes | None:
        return rng.bytes(self.secret_bytes) or None

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether the card allows the channels; hua2021's closed chain needs two samples."""
        channels = self.cipher.card.channels
        return (channels is None or (*shape, 1)[2] in channels) and (self.name, shape) != ("hua2021", (1, 1))


def make(name: str, options: dict[str, Any]) -> Scheme:
    cipher = load_cipher(name, **options)
    return Scheme(name, options, cipher, cipher.card.secret_bits // 8)


def label(scheme: Scheme) -> str:
    return "-".join([scheme.name, *(f"{name}={value}" for name, value in scheme.options.items())])


SCHEMES = [make(name, options) for name, options in [*((name, {}) for name in NAMES), *VARIANTS]]
COVERING = [scheme for scheme in SCHEMES if scheme.options.get("level", 8) == 8]  # lower levels stay perceptible
UNEVEN = {"chen2004"}  # black keeps 2^k of the 256 values, by the key: test_chen2004.py
FORGIVING = {"chen2004"}  # some key bits set no more than a cat map, others nothing: a wrong bit shows little
DRAWING = {"maniyath2020"}  # its secret looks at 256 samples of the image: test_maniyath2020.py
# Bytes of the secret that are flipped: li2021's first nine only set a permutation, which leaves a flat image as it is;
# of each eight, teng2021's key schedule drops the last 12 bits; zhou2021's move one map each, but for the two of the
# logistic map that chooses among the others: test_zhou2021.py.
SECRET_PLACES = {"li2021": (-3, -1), "teng2021": (0, -3), "zhou2021": (18, 19)}
every = pytest.mark.parametrize("scheme", SCHEMES, ids=label)


def pictures(rng: np.random.Generator, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Random, black and white; read-only."""
    images = [rng.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)]
    for image in images:
        image.flags.writeable = False
    return images


def test_the_chaotic_schemes_are_found():
    """An empty list would pass every other test here."""
    assert len(FOUND) >= 18
    assert {name for name, _ in VARIANTS} <= set(NAMES)


@every
def test_decryption_returns_the_image(scheme: Scheme):
    """Random, black and white images of awkward shapes, under their own secret and under a given one."""
    rng = np.random.default_rng(7)
    for shape in filter(scheme.takes, SHAPES):
        key = scheme.key(shape)
        for image in pictures(rng, shape):
            for secret in {None, bytes(range(scheme.secret_bytes)) or None}:
                encrypted = scheme.cipher.encrypt(image, key, NONCE, secret=secret)
                assert encrypted.image.shape == shape
                assert (encrypted.header, len(encrypted.secret)) == (b"", scheme.secret_bytes)
                assert secret in (None, encrypted.secret)
                assert np.array_equal(scheme.cipher.decrypt(encrypted, key), image), shape


@every
def test_any_image_is_a_ciphertext(scheme: Scheme):
    """Every cipher image under every secret decrypts to its own shape and encrypts back; a wrong key gives an image."""
    rng = np.random.default_rng(8)
    for shape in filter(scheme.takes, SHAPES):
        for image in pictures(rng, shape)[: 1 if shape == GREY[-1] else 3]:  # the largest takes its time
            assert_encrypts_back(scheme, image, scheme.key(shape), scheme.secret(rng))
        whatever = Encrypted(image, secret=scheme.secret(rng) or b"")
        assert scheme.cipher.decrypt(whatever, scheme.key("wrong")).shape == shape


@every
def test_a_damaged_ciphertext_is_one_too(scheme: Scheme):
    """Blanked in part, cropped or mirrored, under the secret of the whole."""
    rng = np.random.default_rng(9)
    key = scheme.key("damaged")
    whole = scheme.cipher.encrypt(rng.integers(0, 256, (33, 47, 3), np.uint8), key, NONCE)
    blanked = whole.image.copy()
    blanked[10:20, 5:25] = 0
    for image in (blanked, whole.image[:-1], whole.image[:, ::-1]):
        assert_encrypts_back(scheme, image, key, whole.secret or None)


def assert_encrypts_back(scheme: Scheme, image: np.ndarray, key: bytes, secret: bytes | None) -> None:
    encrypted = Encrypted(image, secret=secret or b"")
    plain = scheme.cipher.decrypt(encrypted, key)
    assert plain.shape == image.shape
    assert np.array_equal(scheme.cipher.encrypt(plain, key, NONCE, secret=secret).image, image), image.shape


@pytest.mark.parametrize("scheme", [scheme for scheme in COVERING if scheme.name not in UNEVEN], ids=label)
@pytest.mark.parametrize("shape", [(128, 128, 3), (256, 256)], ids=str)
def test_flat_images_encrypt_to_noise(scheme: Scheme, shape: tuple[int, ...]):
    """Black and white use all 256 values about equally: chi-square of 255 degrees below 350 (p = 1e-4)."""
    if not scheme.takes(shape):
        shape = (*shape, 3)
    for value in (0, 255):
        image = scheme.cipher.encrypt(np.full(shape, value, np.uint8), scheme.key("flat"), NONCE).image
        expected = image.size / 256
        assert ((np.bincount(image.ravel(), minlength=256) - expected) ** 2 / expected).sum() < 350


@pytest.mark.parametrize("scheme", [scheme for scheme in COVERING if scheme.name not in FORGIVING], ids=label)
def test_one_wrong_key_or_secret_bit_gives_noise(scheme: Scheme):
    """The decryption agrees with the flat plaintext in 0.4 % of samples."""
    image, key = np.full((96, 96, 3), 77, np.uint8), scheme.key("right")
    encrypted = scheme.cipher.encrypt(image, key, NONCE)
    wrong = [(flipped(key, place), encrypted.secret) for place in (0, -3, -1)]
    places = SECRET_PLACES.get(scheme.name, (0, -3, -1)) if scheme.secret_bytes else ()
    wrong += [(key, flipped(encrypted.secret, place)) for place in places]
    for other, secret in wrong:
        plain = scheme.cipher.decrypt(Encrypted(encrypted.image, secret=secret), other)
        assert (plain == image).mean() == pytest.approx(1 / 256, abs=0.003)


@every
def test_the_nonce_is_ignored(scheme: Scheme):
    """The same ciphertext under every nonce, as the card says."""
    assert not scheme.cipher.card.uses_nonce
    one, two = (scheme.cipher.encrypt(RAMP, scheme.key("nonce"), nonce) for nonce in (NONCE, b"\xff" * 16))
    assert np.array_equal(one.image, two.image)
    assert one.secret == two.secret


@every
def test_what_does_not_fit_is_refused(scheme: Scheme):
    """A header, a secret of the wrong length, both ways, and a short key: each is an error that says so."""
    cipher, key, size = scheme.cipher, scheme.key("fit"), scheme.secret_bytes
    boxes = "16 for each box" if scheme.name == "wang2021-pcml" else "none"
    for header in (b"h", b"abc"):
        with pytest.raises(CipherError, match=f"header has {len(header)} bytes, wanted {boxes}"):
            cipher.decrypt(Encrypted(RAMP, header, bytes(size)), key)
    for length in {0, 1, 2, 3, 31, 32, 33, 64, 65, size - 1} - {size, -1}:
        says = f"secret (is|has) {length} bytes, wanted {f'(the )?{size}' if size else 'none'}"
        with pytest.raises(CipherError, match=says):
            cipher.decrypt(Encrypted(RAMP, secret=bytes(length)), key)
        with pytest.raises(CipherError, match=says):
            cipher.encrypt(RAMP, key, NONCE, secret=bytes(length))
    with pytest.raises(CipherError, match="key has 1 bytes, wanted"):
        cipher.encrypt(RAMP, b"x", NONCE)


@pytest.mark.parametrize(
    "scheme",
    [
        scheme
        for scheme in SCHEMES
        if scheme.cipher.card.secret_bits and not scheme.options and scheme.name not in DRAWING
    ],
    ids=label,
)
@pytest.mark.parametrize(
    ("mask", "picture"), [(None, None), (1, load_image("astronaut", 96))], ids=["any bit, noise", "low bit, photograph"]
)
def test_fresh_secret_gives_an_independent_ciphertext(scheme: Scheme, mask: int | None, picture: np.ndarray | None):
    """One flipped bit of the image: mean NPCR 99.61 and UACI 33.46 over 20 keys."""
    rates, changes = flip_rates(one_flip_pairs(scheme.cipher, 20, mask=mask, image=picture))
    assert rates.mean() == pytest.approx(99.6094, abs=0.04)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)
