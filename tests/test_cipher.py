"""The interface's own checks: what reaches a cipher, and what a card may say."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from cryptobench.cipher import (
    Card,
    Cipher,
    CipherError,
    ContractError,
    Encrypted,
    KeyField,
    UnsupportedImage,
    record_stages,
    stage,
)

KEY, NONCE = bytes(4), bytes(16)


class Echo(Cipher):
    """Returns the plaintext; records what it was given."""

    card: ClassVar[Card] = Card(
        name="echo", title="Echo", family="user", fidelity="A", key=(KeyField("k", 32),), channels=(1, 3), max_side=64
    )

    def encrypt(self, image, key, nonce, *, secret=None):
        with stage("copy"):
            return Encrypted(image.copy(), nonce, secret or b"")

    def decrypt(self, encrypted, key):
        return encrypted.image


@pytest.fixture
def image():
    return np.zeros((5, 7, 3), np.uint8)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (np.zeros((5, 7), np.float64), "dtype float64, wanted uint8"),
        (np.zeros((5, 7), np.uint16), "dtype uint16, wanted uint8"),
        (np.zeros(5, np.uint8), r"shape \(5,\), wanted \(H, W\)"),
        (np.zeros((0, 7), np.uint8), "no empty axis"),
        ([[1, 2]], "is list, wanted a uint8 array"),
    ],
)
def test_a_malformed_image_is_refused_by_name(bad, said):
    """Wrong type, dtype, rank or an empty axis raises CipherError before the cipher's code runs."""
    with pytest.raises(CipherError, match=said):
        Echo().encrypt(bad, KEY, NONCE)


def test_sides_that_are_no_multiples_are_refused():
    """The message names what was given and what is wanted; multiples are taken."""

    class Even(Echo):
        card = replace(Echo.card, sides_multiple_of=2)

    with pytest.raises(UnsupportedImage, match=r"echo: image is 4x7x1, wanted sides that are multiples of 2"):
        Even().encrypt(np.zeros((4, 7), np.uint8), KEY, NONCE)
    assert Even().encrypt(np.zeros((4, 8), np.uint8), KEY, NONCE).image.shape == (4, 8)
    with pytest.raises(ValueError, match="card 'echo': sides_multiple_of is 0, wanted a whole number from 1"):
        replace(Echo.card, sides_multiple_of=0)


def test_costs_are_normal_or_slow():
    """Normal unless the card says so; another word is an error that names both."""
    assert Echo.card.cost == "normal"
    assert replace(Echo.card, cost="slow").cost == "slow"
    with pytest.raises(ValueError, match="card 'echo': cost is 'high', wanted 'normal' or 'slow'"):
        replace(Echo.card, cost="high")


def test_limits_of_the_card_are_enforced():
    """Channel counts and sides outside the card's limits raise UnsupportedImage naming both."""
    with pytest.raises(UnsupportedImage, match="5x7x2, wanted 1 or 3 channel"):
        Echo().encrypt(np.zeros((5, 7, 2), np.uint8), KEY, NONCE)
    with pytest.raises(UnsupportedImage, match="at most 64"):
        Echo().encrypt(np.zeros((65, 7), np.uint8), KEY, NONCE)


@pytest.mark.parametrize("key", [b"", bytes(3), bytes(5), "text", None])
def test_key_of_wrong_length_or_type_is_refused(image, key):
    """A key is exactly card.key_bytes bytes, for encryption and for decryption."""
    with pytest.raises(CipherError, match="wanted 4"):
        Echo().encrypt(image, key, NONCE)
    with pytest.raises(CipherError, match="wanted 4"):
        Echo().decrypt(Encrypted(image), key)


def test_a_nonce_has_16_bytes(image):
    """A nonce of another length raises CipherError."""
    with pytest.raises(CipherError, match="nonce has 12 bytes, wanted 16"):
        Echo().encrypt(image, KEY, bytes(12))


def test_a_cipher_sees_contiguous_pixels(image):
    """A strided view arrives C-contiguous."""
    encrypted = Echo().encrypt(image[:, ::-1], KEY, NONCE)
    assert encrypted.image.flags.c_contiguous


def test_what_a_cipher_returns_is_checked(image):
    """encrypt must return Encrypted, and decrypt a uint8 image."""

    class Wrong(Echo):
        def encrypt(self, image, key, nonce, *, secret=None):
            return image

        def decrypt(self, encrypted, key):
            return encrypted.image.astype(float)

    with pytest.raises(ContractError, match=r"^echo: encrypt returned ndarray, wanted Encrypted; return Encrypted"):
        Wrong().encrypt(image, KEY, NONCE)
    with pytest.raises(ContractError, match=r"^echo: decrypt returned float64, wanted uint8 \(values 0 to 255\)"):
        Wrong().decrypt(Encrypted(image), KEY)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((np.full((2, 3), 0.5),), "float64, wanted uint8 (values 0 to 255); np.rint(255 * image).astype(np.uint8)"),
        ((np.full((2, 3), 200.0),), "float64, wanted uint8 (values 0 to 255); np.rint(image).astype(np.uint8)"),
        ((np.array([[np.nan]]),), "float64 with NaN, wanted uint8 (values 0 to 255); find the division by zero"),
        ((np.zeros((2, 3), np.int64),), "int64, wanted uint8 (values 0 to 255); (image % 256).astype(np.uint8)"),
        ((np.zeros(6, np.uint8),), "an array of shape (6,), wanted (H, W) or (H, W, C)"),
        (([[1]],), "list, wanted a uint8 array of shape (H, W) or (H, W, C)"),
        ((np.zeros((2, 3), np.uint8), "00"), "a header of type str, wanted bytes; keep the bytes themselves"),
        ((np.zeros((2, 3), np.uint8), b"", 7), 'a secret of type int, wanted bytes; number.to_bytes(8, "big")'),
        ((np.zeros((2, 3), np.uint8), None), "a header of type NoneType, wanted bytes"),
    ],
)
def test_a_malformed_ciphertext_is_a_broken_contract(image, parts, said):
    """The line names the cipher, what it returned, what is wanted, and the code that mends it; it is no refusal."""

    class Wrong(Echo):
        def encrypt(self, image, key, nonce, *, secret=None):
            return Encrypted(*parts)

    with pytest.raises(ContractError) as caught:
        Wrong().encrypt(image, KEY, NONCE)
    assert str(caught.value).startswith(f"echo: encrypt returned {said}")
    assert not isinstance(caught.value, CipherError)


def test_stages_are_recorded_only_when_asked(image):
    """record_stages collects seconds by stage; without it a stage leaves no trace."""
    Echo().encrypt(image, KEY, NONCE)
    with record_stages() as seconds:
        Echo().encrypt(image, KEY, NONCE)
        Echo().encrypt(image, KEY, NONCE)
    assert list(seconds) == ["copy"]
    assert seconds["copy"] > 0


def test_display_names_mark_reconstructions():
    """Fidelity below A shows in the name that tables print."""
    parts = {"title": "t", "family": "chaotic", "key": (KeyField("k", 8),)}
    assert Card(name="x", fidelity="A", **parts).display_name == "x"
    assert Card(name="x", fidelity="C+", **parts).display_name == "x [C+]"


def test_card_with_impossible_key_or_grade_is_refused():
    """Key bits are whole bytes and grades are A, B or C."""
    with pytest.raises(ValueError, match="multiple of 8"):
        Card(name="x", title="t", family="user", fidelity="A", key=(KeyField("k", 7),))
    with pytest.raises(ValueError, match="wanted A, B or C"):
        Card(name="x", title="t", family="user", fidelity="D", key=())


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ((), "no fields"),
        ((KeyField("k", 0),), "0 bits in 'k'"),
        ((KeyField("a", 8), KeyField("b", -8)), "-8 bits in 'b'"),
    ],
)
def test_a_card_without_key_bits_is_refused(key, found):
    """The class cannot be written, and the line says what a key looks like."""
    with pytest.raises(
        ValueError, match=f"^card 'x': the key has {found}, wanted fields of at least one bit each, such"
    ):
        Card(name="x", title="t", family="user", fidelity="A", key=key)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": KeyField("k", 8)}, r"key is .*, wanted a tuple, such as key=\(KeyField"),
        ({"deviations": "the S-box is chosen"}, "deviations is .*, wanted a tuple, such as"),
        ({"channels": 1}, r"channels is 1, wanted a tuple, such as channels=\(1,\)"),
        ({"channels": (0,)}, ".*, wanted numbers from 1"),
        ({"min_side": "8"}, "min_side is '8', wanted a whole number"),
        ({"min_side": 100, "max_side": 10}, "min_side is 100 and max_side is 10"),
    ],
)
def test_a_card_of_wrong_types_is_refused(given, said):
    """What was given and what is wanted, where the class is written."""
    parts = {"title": "t", "family": "user", "fidelity": "A", "key": (KeyField("k", 8),)}
    with pytest.raises(ValueError, match=f"^card 'x': {said}"):
        Card(name="x", **parts | given)


def test_arrays_of_other_classes_become_plain(image):
    """A masked array, or an array of a class of the user's own, is not what measures are computed with."""

    class Own(np.ndarray):
        def __eq__(self, other):
            return True

    class Odd(Echo):
        def decrypt(self, encrypted, key):
            return encrypted.image.view(Own)

    sent = Encrypted(np.ma.masked_array(image, mask=True), NONCE)
    assert type(sent.image) is type(Odd().decrypt(sent, KEY)) is np.ndarray
    assert np.array_equal(sent.image, image)


def test_a_repr_is_one_line_without_pixels(image):
    """Of a cipher, its card and a ciphertext: names, grade, title, shape and numbers of bytes."""
    assert repr(Echo()) == "<Echo echo: Echo>"
    card = Card(name="x", title="A\n scheme", family="chaotic", fidelity="C+", key=(KeyField("k", 8),))
    assert repr(card) == "<Card x (chaotic, C+): A scheme>"
    reconstructed = type("Other", (Echo,), {"card": card})
    assert repr(reconstructed()) == "<Other x [C+]: A scheme>"
    assert repr(Echo().encrypt(image, KEY, NONCE)) == "<Encrypted 5x7x3, header of 16 bytes, secret of 0 bytes>"
    assert repr(Encrypted(image[..., 0], secret=b"abc")) == "<Encrypted 5x7, header of 0 bytes, secret of 3 bytes>"


def test_a_card_is_a_table_in_notebooks():
    """What is known stands in rows, escaped; what is empty is left out."""
    card = Card(name="x", title="A <b> scheme", family="control", fidelity="B-", key=(KeyField("k", 8),), year=2021)
    text = card._repr_html_()
    assert text.startswith("<table><caption>x</caption>")
    assert "<th>title</th><td>A &lt;b&gt; scheme</td>" in text
    assert "<td>B- (main steps from a source, some constants chosen)</td>" in text
    assert "<th>source</th><td>2021</td>" in text
    assert "DOI" not in text
