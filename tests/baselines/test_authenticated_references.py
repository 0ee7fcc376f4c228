"""AES-256-GCM, AES-256-GCM-SIV and Ascon-AEAD128 against published vectors and the standards' pseudocode."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from cryptobench.baselines.reference import aes_256_gcm_siv
from cryptobench.baselines.reference.aes_256_gcm import Aes256Gcm
from cryptobench.baselines.reference.aes_256_gcm_siv import Aes256GcmSiv
from cryptobench.baselines.reference.ascon_aead128 import AsconAead128, ascon_aead128
from cryptobench.cipher import Cipher, CipherError
from tests.baselines.plain_modes import ascon, ascon_permutation, gcm, gcm_siv

IMAGE = np.random.default_rng(0).integers(0, 256, (33, 47, 3), dtype=np.uint8)
NONCE = bytes(range(100, 116))
CIPHERS = (Aes256Gcm(), Aes256GcmSiv(), AsconAead128())
ASCON_KEY, ASCON_NONCE = bytes(range(16)), bytes(range(16, 32))
TEXT, ASSOCIATED = bytes(range(0x20, 0x40)), bytes(range(0x30, 0x50))

GCM_VECTORS = [
    ("", "530f8afbc74536b9a963b4f1c4cb738b"),
    ("00" * 16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
]
GCM_SIV_VECTORS = [
    ("", "07f5f4169bbf55a8400cd47ea6fd400f"),
    ("0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
]
ASCON_VECTORS = [  # count; bytes of text and of associated data; ciphertext and tag
    (1, 0, 0, "4f9c278211bec9316bf68f46ee8b2ec6"),
    (2, 0, 1, "cccb674fe18a09a285d6ab11b35675c0"),
    (17, 0, 16, "e4230cdb8330ee9dc0cfd7c7b346e6dc"),
    (34, 1, 0, "e8dd576aba1cd3e6fc704de02aedb79588"),
    (36, 1, 2, "303a16fbad0d79c8c40107bc825c7c7905"),
    (166, 5, 0, "e8c3deee2421812a398a8ff074c8b7da46c82a94a7"),
    (235, 7, 3, "66d0d52bf401c64cfccea25bb53cef292120521d154bf4"),
    (511, 15, 15, "20fd19dabc1a5cc449a621d34dac60d7f316f7f9aee44f263c8d7b7094c199"),
    (529, 16, 0, "e8c3deee246cc5eae3e872313897a2bb9eaa915c9dd3245d77048f24d46d27a7"),
    (545, 16, 16, "6373ebb28be97c9bac090cf399c13ef13abfc0d209e8f4844c90814d13f32c59"),
    (562, 17, 0, "e8c3deee246cc5eae3e872313897a2bb60301002539d456275dd0b0ceab3b23844"),
    (579, 17, 17, "bf77c71b3de9f1c5b372ef273a08e89be9d507d7b3c2aee97911e791f7970d6635"),
    (1089, 32, 32,
     "cb34d04660a66dbfbe9c856601f5b8aa51a499b55ac8f7fbefbc331a613ee9cdfd191750a47f211c0a15ed28173d7caa"),
]  # fmt: skip
PUBLISHED_ASCON = "42eaad03fdc45528fb04de7a9903c71950ce1e70ef2087a7f2be6f7fb76d4df1"  # of Botan 3.13's 121 answers
ALL_OF_ASCON = "9c64bfc10cf16762697c6a7e8aebb9ca88658a39fa77747956b0adaf4aca2c7a"  # of the 1,089 in wolfSSL 5.9.2


def key_of(cipher: Cipher) -> bytes:
    return bytes(range(cipher.card.key_bytes))


@pytest.mark.parametrize(("plain", "wanted"), GCM_VECTORS, ids=["empty", "a block"])
def test_gcm_pseudocode_gives_the_published_vectors(plain: str, wanted: str) -> None:
    """The pseudocode that a test below relies on: key and IV zero, as in McGrew and Viega's cases 13 and 14."""
    assert gcm(bytes(32), bytes(12), b"", bytes.fromhex(plain)).hex() == wanted


@pytest.mark.parametrize(("plain", "wanted"), GCM_SIV_VECTORS, ids=["empty", "half a block"])
def test_gcm_siv_pseudocode_gives_the_rfc_vectors(plain: str, wanted: str) -> None:
    """The pseudocode that a test below relies on reproduces RFC 8452, appendix C.2."""
    key, nonce = b"\1" + bytes(31), b"\3" + bytes(11)
    assert gcm_siv(key, nonce, b"", bytes.fromhex(plain)).hex() == wanted


@pytest.mark.parametrize("vector", ASCON_VECTORS, ids=lambda vector: str(vector[0]))
def test_ascon_gives_the_known_answers(vector: tuple[int, int, int, str]) -> None:
    """The designers' known answers for the final standard (ascon-c, LWC_AEAD_KAT_128_128), both ways."""
    _, text, associated, wanted = vector
    arguments = ASCON_KEY, ASCON_NONCE, ASSOCIATED[:associated]
    ciphertext, tag = ascon_aead128(*arguments, TEXT[:text])
    assert (ciphertext + tag).hex() == wanted
    assert ascon_aead128(*arguments, ciphertext, opening=True) == (TEXT[:text], tag)
    assert ascon(*arguments, TEXT[:text]).hex() == wanted


def test_ascon_gives_botans_121_answers() -> None:
    """The designers' answers for each third length from 0 to 30 bytes, whose digest is of Botan's ascon_aead128.vec."""
    digest = hashlib.sha256()
    for text in range(0, 33, 3):
        for associated in range(0, 33, 3):
            digest.update(b"".join(ascon_aead128(ASCON_KEY, ASCON_NONCE, ASSOCIATED[:associated], TEXT[:text])))
    assert digest.hexdigest() == PUBLISHED_ASCON


def test_ascon_gives_all_1089_answers() -> None:
    """Each length of text and of associated data from 0 to 32 bytes (LWC_AEAD_KAT_128_128 as wolfSSL keeps it)."""
    digest = hashlib.sha256()
    count_up = bytes(range(32))
    for text in range(33):
        for associated in range(33):
            digest.update(b"".join(ascon_aead128(ASCON_KEY, ASCON_KEY, count_up[:associated], count_up[:text])))
    assert digest.hexdigest() == ALL_OF_ASCON


def test_ascon_starts_from_the_precomputed_state() -> None:
    """Twelve rounds of the initial value and zeros, which pins the order of bytes and the constants."""
    state = ascon_permutation([0x00001000808C0001, 0, 0, 0, 0], 12)
    assert " ".join(f"{word:016x}" for word in state) == (
        "fe4f09788ded5708 152ce52b6250d073 1ba0258b92cf4474 9b49b4a322238e73 9f1767d7474e5cff"
    )


def siv_by_parts(key: bytes, nonce: bytes, associated: bytes, plain: bytes) -> bytes:
    return gcm_siv(key, nonce[:12], associated + nonce[12:], plain)


BY_THE_STANDARD = {"aes-256-gcm": gcm, "aes-256-gcm-siv": siv_by_parts, "ascon-aead128": ascon}


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 16), (3, 11), (1, 1)])
@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: cipher.card.name)
def test_ciphers_are_those_of_the_standards(cipher: Cipher, shape: tuple[int, ...]) -> None:
    """Each cipher class gives what the pseudocode gives, with the shape as associated data and all of the nonce."""
    image, key = np.resize(IMAGE, shape), key_of(cipher)
    ciphertext = BY_THE_STANDARD[cipher.card.name](key, NONCE, struct.pack(f">{len(shape)}I", *shape), image.tobytes())
    encrypted = cipher.encrypt(image, key, NONCE)
    assert encrypted.image.tobytes() == ciphertext[:-16]
    assert encrypted.header == NONCE + ciphertext[-16:]


TAGS = {
    "aes-256-gcm": "eb21391d61b2d2c6e540ea7b2fa9786f", "aes-256-gcm-siv": "a9e70cdfab76db21f0b5b9d4800233b2",
    "ascon-aead128": "68932826f29988865ffa2c892a3fade9",
}  # fmt: skip


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: cipher.card.name)
def test_tags_are_the_recorded_ones(cipher: Cipher) -> None:
    """The tag of the image 0, 1, 2, ... mod 251, whose cipher image is a golden vector."""
    image = (np.arange(576) % 251).astype(np.uint8).reshape(16, 12, 3)
    key = hashlib.shake_256(b"cryptobench").digest(cipher.card.key_bytes)
    assert cipher.encrypt(image, key, bytes(range(16))).header[16:].hex() == TAGS[cipher.card.name]


@pytest.mark.parametrize("cipher", [Aes256Gcm(), AsconAead128()], ids=lambda cipher: cipher.card.name)
def test_a_repeated_nonce_shows_differences(cipher: Cipher) -> None:
    """Up to the end of the block of 16 samples that differs first, ciphertexts differ by the XOR of the images; after
    it Ascon's are unrelated, and GCM's go on as before.
    """
    other = IMAGE.copy()
    other.reshape(-1)[[40, 2000]] ^= 5
    one, two = (cipher.encrypt(image, key_of(cipher), NONCE).image.ravel() for image in (IMAGE, other))
    wrong = np.flatnonzero((one ^ two) != (IMAGE ^ other).ravel())
    if cipher.card.name == "aes-256-gcm":
        assert wrong.size == 0
    else:
        assert wrong.min() >= 48
        assert wrong.size > 0.98 * (IMAGE.size - 48)


def test_gcm_siv_diffuses_under_a_fixed_nonce() -> None:
    """One flipped bit changes the whole ciphertext."""
    changed, cipher = IMAGE.copy(), Aes256GcmSiv()
    changed[-1, -1, -1] ^= 1
    one, two = (cipher.encrypt(image, key_of(cipher), NONCE).image for image in (IMAGE, changed))
    assert np.mean(one != two) > 0.99


@pytest.mark.parametrize("byte", [0, 11, 12, 15])
@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: cipher.card.name)
def test_every_nonce_byte_counts(cipher: Cipher, byte: int) -> None:
    """No byte of the nonce is dropped, though the standards' nonces may be shorter."""
    nonce = bytearray(NONCE)
    nonce[byte] ^= 1
    one, two = (cipher.encrypt(IMAGE, key_of(cipher), which).image for which in (NONCE, bytes(nonce)))
    assert np.mean(one != two) > 0.98


def test_an_old_library_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without AES-GCM-SIV in OpenSSL the cipher loads, and says what is wanted when it is used."""

    def refuse(key: bytes) -> None:
        raise UnsupportedAlgorithm("AES-GCM-SIV is not supported by this version of OpenSSL")

    monkeypatch.setattr(aes_256_gcm_siv, "AESGCMSIV", refuse)
    with pytest.raises(CipherError, match=r"runs on OpenSSL .*, wanted OpenSSL 3\.2 or newer; pip install") as caught:
        Aes256GcmSiv().encrypt(IMAGE, bytes(32), NONCE)
    assert "\n" not in str(caught.value)
