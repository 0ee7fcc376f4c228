"""The reference ciphers against published vectors, and against the standards' pseudocode."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from cryptobench.baselines.reference.aes_256_ctr import Aes256Ctr
from cryptobench.baselines.reference.aes_256_gcm import Aes256Gcm
from cryptobench.baselines.reference.aes_256_gcm_siv import Aes256GcmSiv
from cryptobench.baselines.reference.aes_256_siv import Aes256Siv
from cryptobench.baselines.reference.ascon_aead128 import AsconAead128
from cryptobench.baselines.reference.chacha20_poly1305 import ChaCha20Poly1305, hchacha20
from cryptobench.baselines.reference.hctr2 import Hctr2
from cryptobench.baselines.reference.hctr2_tweaked import Hctr2Tweaked
from cryptobench.cipher import Cipher, CipherError, Encrypted

IMAGE = np.random.default_rng(0).integers(0, 256, (33, 47, 3), dtype=np.uint8)
NONCE = bytes(range(100, 116))
AUTHENTICATED = (Aes256Siv(), ChaCha20Poly1305(), Aes256Gcm(), Aes256GcmSiv(), AsconAead128())


def key_of(cipher: Cipher) -> bytes:
    return bytes(range(cipher.card.key_bytes))


def test_aes_256_ctr_gives_the_nist_vector() -> None:
    """AES-256-CTR reproduces NIST SP 800-38A, F.5.5 and F.5.6."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    counter = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    plain = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    wanted = bytes.fromhex(
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
        "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"
    )
    image = np.frombuffer(plain, np.uint8).reshape(8, 8)
    encrypted = Aes256Ctr().encrypt(image, key, counter)
    assert encrypted.image.tobytes() == wanted
    assert np.array_equal(Aes256Ctr().decrypt(encrypted, key), image)


def s2v(key: bytes, *strings: bytes) -> bytes:
    """RFC 5297, section 2.4, for a last string of at least 16 bytes or shorter."""

    def cmac(message: bytes) -> bytes:
        mac = CMAC(algorithms.AES(key))
        mac.update(message)
        return mac.finalize()

    def double(block: bytes) -> bytes:
        shifted = int.from_bytes(block, "big") << 1
        return (shifted ^ (0x87 if shifted >> 128 else 0)).to_bytes(17, "big")[1:]

    def xor(a: bytes, b: bytes) -> bytes:
        return bytes(x ^ y for x, y in zip(a, b, strict=True))

    running = cmac(bytes(16))
    for string in strings[:-1]:
        running = xor(double(running), cmac(string))
    last = strings[-1]
    if len(last) >= 16:
        return cmac(last[:-16] + xor(last[-16:], running))
    return cmac(xor(double(running), last + b"\x80" + bytes(15 - len(last))))


def siv_by_the_rfc(key: bytes, associated: list[bytes], plain: bytes) -> bytes:
    """RFC 5297, section 2.6: synthetic IV, then ciphertext."""
    half = len(key) // 2
    iv = s2v(key[:half], *associated, plain)
    counter = (int.from_bytes(iv, "big") & ~(1 << 63) & ~(1 << 31)).to_bytes(16, "big")
    return iv + BlockCipher(algorithms.AES(key[half:]), modes.CTR(counter)).encryptor().update(plain)


SIV_VECTORS = [
    (
        "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        ["101112131415161718191a1b1c1d1e1f2021222324252627"],
        "112233445566778899aabbccddee",
        "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c",
    ),
    (
        "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
        [
            "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
            "102030405060708090a0",
            "09f911029d74e35bd84156c5635688c0",
        ],
        "7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553",
        "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
        "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
    ),
]


@pytest.mark.parametrize(("key", "associated", "plain", "wanted"), SIV_VECTORS, ids=["A.1", "A.2"])
def test_siv_pseudocode_gives_the_rfc_vectors(key: str, associated: list[str], plain: str, wanted: str) -> None:
    """The pseudocode that the next test relies on reproduces RFC 5297's appendix A."""
    made = siv_by_the_rfc(bytes.fromhex(key), [bytes.fromhex(a) for a in associated], bytes.fromhex(plain))
    assert made.hex() == wanted


@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 7), (1, 1), (5, 5, 1)])
def test_aes_256_siv_is_that_of_the_rfc(shape: tuple[int, ...]) -> None:
    """The cipher class gives what RFC 5297's pseudocode gives with a 512-bit key."""
    image, key = np.resize(IMAGE, shape), key_of(Aes256Siv())
    shape_data = struct.pack(f">{len(shape)}I", *shape)
    ciphertext = siv_by_the_rfc(key, [shape_data, NONCE], image.tobytes())
    encrypted = Aes256Siv().encrypt(image, key, NONCE)
    assert encrypted.header == NONCE + ciphertext[:16]
    assert encrypted.image.tobytes() == ciphertext[16:]


def chacha_rounds(state: list[int]) -> list[int]:
    """RFC 8439, section 2.3, the 20 rounds without the final addition."""
    s = list(state)
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for a, b, c, d in (columns + diagonals) * 10:
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] ^= s[x]
            s[z] = (s[z] << turn | s[z] >> (32 - turn)) & 0xFFFFFFFF
    return s


def chacha_state(key: bytes, tail: bytes) -> list[int]:
    return list(struct.unpack("<16I", b"expand 32-byte k" + key + tail))


def hchacha20_by_the_draft(key: bytes, nonce: bytes) -> bytes:
    words = chacha_rounds(chacha_state(key, nonce))
    return struct.pack("<8I", *words[:4], *words[12:])


def aead_by_the_rfc(key: bytes, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
    """RFC 8439, section 2.8: ciphertext, then tag."""

    def block(counter: int) -> bytes:
        state = chacha_state(key, struct.pack("<I", counter) + nonce)
        return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(chacha_rounds(state), state, strict=True)))

    stream = b"".join(block(1 + i) for i in range(-(-len(plain) // 64)))
    ciphertext = bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    r = int.from_bytes(block(0)[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(block(0)[16:32], "little")
    padded = b"".join(part + bytes(-len(part) % 16) for part in (associated, ciphertext))
    message, total = padded + struct.pack("<QQ", len(associated), len(ciphertext)), 0
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ciphertext + ((total + s) % 2**128).to_bytes(16, "little")


def test_chacha20_poly1305_pseudocode_gives_the_rfc_vector() -> None:
    """The pseudocode that the next test relies on reproduces RFC 8439, section 2.8.2."""
    ciphertext = aead_by_the_rfc(
        bytes(range(0x80, 0xA0)),
        bytes.fromhex("070000004041424344454647"),
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
        b"sunscreen would be it.",
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"),
    )
    assert ciphertext.hex() == (
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
        "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
    )


@pytest.mark.parametrize("function", [hchacha20, hchacha20_by_the_draft])
def test_hchacha20_gives_the_draft_vector(function) -> None:  # type: ignore[no-untyped-def]
    """HChaCha20 reproduces draft-irtf-cfrg-xchacha-03, section 2.2.1."""
    subkey = function(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927"))
    assert subkey.hex() == "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"


@pytest.mark.parametrize("shape", [(7, 9, 3), (1, 1)])
@pytest.mark.parametrize("nonce", [NONCE, bytes(16), b"\xff" * 16])
def test_chacha20_poly1305_is_that_of_the_rfc(shape: tuple[int, ...], nonce: bytes) -> None:
    """The cipher class gives what the pseudocode gives, with the shape as associated data."""
    image, key = np.resize(IMAGE, shape), key_of(ChaCha20Poly1305())
    shape_data = struct.pack(f">{len(shape)}I", *shape)
    ciphertext = aead_by_the_rfc(hchacha20_by_the_draft(key, nonce), bytes(12), image.tobytes(), shape_data)
    encrypted = ChaCha20Poly1305().encrypt(image, key, nonce)
    assert encrypted.image.tobytes() + encrypted.header == ciphertext[:-16] + nonce + ciphertext[-16:]


@pytest.mark.parametrize("cipher", AUTHENTICATED, ids=lambda cipher: cipher.card.name)
def test_authenticated_ciphers_reject_changed_headers_and_shapes(cipher: Cipher) -> None:
    """Neither nonce, tag, shape nor any of some sampled image bytes can change unnoticed."""
    key = key_of(cipher)
    ciphertext = cipher.encrypt(IMAGE, key, NONCE)
    for position in range(len(ciphertext.header)):
        header = bytearray(ciphertext.header)
        header[position] ^= 1
        with pytest.raises(CipherError, match="rejected"):
            cipher.decrypt(Encrypted(ciphertext.image, bytes(header)), key)
    for position in range(0, IMAGE.size, 97):
        image = ciphertext.image.copy()
        image.reshape(-1)[position] ^= 1
        with pytest.raises(CipherError, match="rejected"):
            cipher.decrypt(Encrypted(image, ciphertext.header), key)
    for shape in [(47, 33, 3), (33, 141), (33 * 47 * 3, 1)]:
        with pytest.raises(CipherError, match="rejected"):
            cipher.decrypt(Encrypted(ciphertext.image.reshape(shape), ciphertext.header), key)


def test_only_siv_diffuses_under_a_fixed_nonce() -> None:
    """Under one nonce, one flipped bit changes the whole SIV ciphertext and a single sample of CTR."""
    changed = IMAGE.copy()
    changed[0, 0, 0] ^= 1
    for cipher, low, high in ((Aes256Siv(), 0.99, 1.0), (Aes256Ctr(), 1 / IMAGE.size, 1 / IMAGE.size)):
        key = key_of(cipher)
        share = np.mean(cipher.encrypt(IMAGE, key, NONCE).image != cipher.encrypt(changed, key, NONCE).image)
        assert low <= share <= high


@pytest.mark.parametrize(
    "cipher", [Aes256Ctr(), Hctr2(), Hctr2Tweaked(), *AUTHENTICATED], ids=lambda cipher: cipher.card.name
)
def test_a_header_of_the_wrong_length_is_named(cipher: Cipher) -> None:
    """The error says how long the header is and how long it should be."""
    ciphertext = cipher.encrypt(IMAGE, key_of(cipher), NONCE)
    with pytest.raises(CipherError, match=f"header has 3 bytes, wanted .*{len(ciphertext.header)}"):
        cipher.decrypt(Encrypted(ciphertext.image, b"abc"), key_of(cipher))
