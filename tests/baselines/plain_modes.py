"""GCM, GCM-SIV, Ascon-AEAD128 and HCTR2 as their standards write them, bit by bit, to check the ciphers against."""

from __future__ import annotations

import struct
from functools import reduce

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

_FIELD = 1 << 128 | 1 << 127 | 1 << 126 | 1 << 121 | 1  # RFC 8452, section 3; bit i is the coefficient of x^i
_SUBSTITUTION = bytes.fromhex(
    "040b1f141a1509021b0508121d03061c1e13070e000d1118100c0119160a0f17"
)  # SP 800-232, section 3.3
_TURNS = ((19, 28), (61, 39), (1, 6), (10, 17), (7, 41))
_WORD = (1 << 64) - 1


def aes(key: bytes, blocks: bytes) -> bytes:
    return BlockCipher(algorithms.AES(key), modes.ECB()).encryptor().update(blocks)


def aes_inverse(key: bytes, blocks: bytes) -> bytes:
    return BlockCipher(algorithms.AES(key), modes.ECB()).decryptor().update(blocks)


def xor(a: bytes, b: bytes) -> bytes:
    """As long as the shorter one."""
    return bytes(x ^ y for x, y in zip(a, b, strict=False))


def padded(message: bytes) -> bytes:
    return message + bytes(-len(message) % 16)


def polyval(key: bytes, blocks: bytes) -> bytes:
    """RFC 8452, section 3: S_j = dot(S_(j-1) + X_j, H), dot(a, b) = a b x^-128."""
    h, total = int.from_bytes(key, "little"), 0
    for start in range(0, len(blocks), 16):
        total ^= int.from_bytes(blocks[start : start + 16], "little")
        product = 0
        for i in range(128):  # each step divides by x what was added before it
            product ^= h if total >> i & 1 else 0
            product = (product ^ (_FIELD if product & 1 else 0)) >> 1
        total = product
    return total.to_bytes(16, "little")


def ghash(key: bytes, blocks: bytes) -> bytes:
    """RFC 8452, appendix A: POLYVAL under the reversed key times x, of the reversed blocks, reversed."""
    doubled = int.from_bytes(key[::-1], "little") << 1
    h = (doubled ^ (_FIELD if doubled >> 128 else 0)).to_bytes(16, "little")
    reversed_blocks = b"".join(blocks[start : start + 16][::-1] for start in range(0, len(blocks), 16))
    return polyval(h, reversed_blocks)[::-1]


def gcm(key: bytes, iv: bytes, associated: bytes, plain: bytes) -> bytes:
    """SP 800-38D, section 7.1: ciphertext, then tag."""
    h = aes(key, bytes(16))
    first = iv + b"\0\0\0\1" if len(iv) == 12 else ghash(h, padded(iv) + struct.pack(">QQ", 0, 8 * len(iv)))
    count = int.from_bytes(first[12:], "big")
    counters = b"".join(first[:12] + struct.pack(">I", (count + 1 + i) % 2**32) for i in range(-(-len(plain) // 16)))
    ciphertext = xor(plain, aes(key, counters))
    lengths = struct.pack(">QQ", 8 * len(associated), 8 * len(ciphertext))
    return ciphertext + xor(ghash(h, padded(associated) + padded(ciphertext) + lengths), aes(key, first))


def gcm_siv(key: bytes, nonce: bytes, associated: bytes, plain: bytes) -> bytes:
    """RFC 8452, section 4, for a key of 32 bytes and a nonce of 12: ciphertext, then tag."""
    generated = b"".join(aes(key, struct.pack("<I", i) + nonce)[:8] for i in range(6))
    mac_key, encryption_key = generated[:16], generated[16:]
    lengths = struct.pack("<QQ", 8 * len(associated), 8 * len(plain))
    hashed = bytearray(xor(polyval(mac_key, padded(associated) + padded(plain) + lengths), nonce + bytes(4)))
    hashed[15] &= 0x7F
    tag = aes(encryption_key, bytes(hashed))
    count, rest = int.from_bytes(tag[:4], "little"), tag[4:15] + bytes([tag[15] | 0x80])
    counters = b"".join(struct.pack("<I", (count + i) % 2**32) + rest for i in range(-(-len(plain) // 16)))
    return xor(plain, aes(encryption_key, counters)) + tag


def ascon(key: bytes, nonce: bytes, associated: bytes, plain: bytes) -> bytes:
    """SP 800-232, algorithm 3: ciphertext, then tag."""
    k0, k1 = struct.unpack("<QQ", key)
    s = ascon_permutation([0x00001000808C0001, k0, k1, *struct.unpack("<QQ", nonce)], 12)
    s[3], s[4] = s[3] ^ k0, s[4] ^ k1
    for block in _ascon_blocks(associated) if associated else ():
        s = ascon_permutation([s[0] ^ block[0], s[1] ^ block[1], *s[2:]], 8)
    s[4] ^= 1 << 63
    ciphertext, blocks = b"", _ascon_blocks(plain)
    for i, block in enumerate(blocks):
        s[0], s[1] = s[0] ^ block[0], s[1] ^ block[1]
        ciphertext += struct.pack("<QQ", s[0], s[1])
        if i + 1 < len(blocks):
            s = ascon_permutation(s, 8)
    s[2], s[3] = s[2] ^ k0, s[3] ^ k1
    s = ascon_permutation(s, 12)
    return ciphertext[: len(plain)] + struct.pack("<QQ", s[3] ^ k0, s[4] ^ k1)


def ascon_permutation(state: list[int], rounds: int) -> list[int]:
    """SP 800-232, section 3, with the substitution as a table of columns of five bits, word 0 the highest."""
    s = list(state)
    for i in range(12 - rounds, 12):
        s[2] ^= 0xF0 - 0x0F * i
        columns = [reduce(lambda column, word: column << 1 | word >> place & 1, s, 0) for place in range(64)]
        replaced = [_SUBSTITUTION[column] for column in columns]
        s = [sum((new >> (4 - j) & 1) << place for place, new in enumerate(replaced)) for j in range(5)]
        s = [w ^ _turned(w, first) ^ _turned(w, second) for w, (first, second) in zip(s, _TURNS, strict=True)]
    return s


def _turned(word: int, right: int) -> int:
    return (word >> right | word << (64 - right)) & _WORD


def _ascon_blocks(message: bytes) -> list[tuple[int, int]]:
    whole = padded(message + b"\1")
    return [struct.unpack_from("<QQ", whole, start) for start in range(0, len(whole), 16)]


def hctr2(key: bytes, tweak: bytes, plain: bytes) -> bytes:
    """IACR ePrint 2021/1441, figure 1."""
    h, last = aes(key, bytes(16)), aes(key, b"\1" + bytes(15))

    def hashed(message: bytes) -> bytes:
        whole = len(message) % 16 == 0
        lengths = (2 * 8 * len(tweak) + (2 if whole else 3)).to_bytes(16, "little")
        return polyval(h, lengths + padded(tweak) + (message if whole else padded(message + b"\1")))

    m, n = plain[:16], plain[16:]
    mm = xor(m, hashed(n))
    uu = aes(key, mm)
    s = xor(xor(mm, uu), last)
    counters = b"".join(xor(s, (i + 1).to_bytes(16, "little")) for i in range(-(-len(n) // 16)))
    v = xor(n, aes(key, counters)) if n else b""
    return xor(uu, hashed(v)) + v
