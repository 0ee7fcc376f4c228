"""Faults to plant in the template, and the checks that find them."""

from __future__ import annotations

from dataclasses import dataclass

from cryptobench.conformance.cipher_under_test import fixed_bytes


@dataclass(frozen=True)
class Fault:
    """A change to the template (each old text by its new one), the checks that must fail, and what one of them says."""

    name: str
    changes: dict[str, str]
    fails: set[str]
    says: str


ENCRYPT_START = '        with stage("permutation"):  # stages are timed apart\n'
DECRYPT_START = "        image = encrypted.image\n"
DECRYPTED = "return restored.reshape(image.shape)"
SECRET_RETURNED = {
    'fidelity="A"': 'fidelity="A", secret_bits=256',
    "header=nonce)": "header=nonce, secret=secret)",
}
FAULTS = [
    Fault(
        "encrypt modifies its input",
        {ENCRYPT_START: "        image[0, 0] ^= 1\n" + ENCRYPT_START},
        {"input not modified"},
        "encrypt changes the image",
    ),
    Fault(
        "decrypt modifies its input",
        {DECRYPT_START: DECRYPT_START + "        encrypted.image[0, 0] ^= 1\n"},
        {"input not modified"},
        "decrypt changes the cipher image",
    ),
    Fault(
        "needs a writable image",
        {ENCRYPT_START: "        image += 0\n" + ENCRYPT_START},
        {"input not modified"},
        "a read-only image: raised ValueError",
    ),
    Fault(
        "random on every call",
        {ENCRYPT_START: "        nonce = np.random.default_rng().bytes(16)\n" + ENCRYPT_START},
        {"determinism"},
        "a second call gives another cipher image",
    ),
    Fault(
        "keyless under the key",
        {
            ENCRYPT_START: "        image = keyless(self, 0, image, lambda: image ^ key[0])\n" + ENCRYPT_START,
            DECRYPTED: "return restored.reshape(image.shape) ^ key[0]",
            "KeyField, stage": "KeyField, stage\nfrom cryptobench.keyless import keyless",
        },
        {"determinism"},
        "with `keyless` parts of a call under another key, encrypt gives another cipher image",
    ),
    Fault(
        "differs by instance",
        {
            "    def encrypt(": "    made = 0\n\n    def __init__(self) -> None:\n        MyCipher.made += 1\n"
            "        self.number = MyCipher.made\n\n    def encrypt(",
            ENCRYPT_START: "        nonce = bytes([self.number]) * 16\n" + ENCRYPT_START,
        },
        {"determinism"},
        "a second instance gives another cipher image",
    ),
    Fault(
        "remembers what decryption needs",
        {
            ENCRYPT_START: "        MyCipher.last = nonce\n" + ENCRYPT_START,
            "header=nonce)": "header=bytes(16))",
            "+ encrypted.header,": "+ MyCipher.last,",
        },
        {"fresh process"},
        "AttributeError",
    ),
    Fault(
        "depends on Python's salted hash",
        {"hashlib.shake_256(seed)": "hashlib.shake_256(seed + bytes([hash('salt') % 256, hash('pepper') % 256]))"},
        {"fresh process"},
        "what a new process decrypts differs in",
    ),
    Fault(
        "returns floats",
        {DECRYPTED: "return restored.reshape(image.shape) / 1.0"},
        {"round trip, 64x64", "fresh process"},
        "my_cipher: decrypt returned float64, wanted uint8 (values 0 to 255); np.rint(image).astype(np.uint8)",
    ),
    Fault(
        "loses an axis",
        {DECRYPTED: "return restored.reshape(image.shape[:2] if image.shape[2:] == (1,) else image.shape)"},
        {"round trip, 20x20x1", "fresh process"},
        "is 20x20, wanted 20x20x1",
    ),
    Fault(
        "loses the lowest bit and says that it does not",
        {DECRYPTED: "return restored.reshape(image.shape) & 254"},
        {"round trip, 64x64", "fresh process"},
        "samples, and the card says lossless=True",
    ),
    Fault(
        "lossy beyond use",
        {'fidelity="A"': 'fidelity="A", lossless=False', DECRYPTED: "return 255 - restored.reshape(image.shape)"},
        {"round trip, 64x64", "fresh process"},
        "is no nearer to the plaintext than a flat image of its mean grey is",
    ),
    Fault(
        "crashes on an odd shape",
        {ENCRYPT_START: "        image[1, 1]\n" + ENCRYPT_START},
        {"round trip, 1x37", "round trip, 37x1", "round trip, 1x1", "fresh process"},
        "IndexError: index 1 is out of bounds for axis 0 with size 1 (my_cipher.py, line",
    ),
    Fault(
        "refuses without saying what",
        {ENCRYPT_START: "        if image.shape[1] % 2:\n            raise CipherError('bad image')\n" + ENCRYPT_START},
        {"round trip, 33x47x3"},
        "refuses with 'bad image'; make that one line that names the 33x47x3 given",
    ),
    Fault(
        "refuses what its card allows",
        {
            'fidelity="A"': 'fidelity="A", min_side=65',
            ENCRYPT_START: "        if len(image) % 64:\n            raise CipherError('wanted 64')\n" + ENCRYPT_START,
        },
        {"round trip, 65x65", "fresh process"},
        "refuses an image within the limits that the card states",
    ),
    Fault(
        "ignores its key",
        {"shake_256(seed)": "shake_256(seed[32:])"},
        {"wrong key"},
        "a wrong key decrypts the image",
    ),
    Fault(
        "wrong key raises",
        {DECRYPT_START: DECRYPT_START + f"        assert key[0] != {fixed_bytes('wrong key', 1)[0]}, 'no such key'\n"},
        {"wrong key"},
        "a wrong key: raised AssertionError",
    ),
    Fault(
        "raises ValueError on damage",
        {"raise CipherError": "raise ValueError"},
        {"damaged ciphertext"},
        "a header one byte short: raised ValueError",
    ),
    Fault(
        "trusts the size of the cipher image",
        {DECRYPT_START: DECRYPT_START + "        image[63, 63]\n        image = image[:64, :64]\n"},
        {"damaged ciphertext"},
        "a lost last row: raised IndexError",
    ),
    Fault(
        "claims authentication",
        {'fidelity="A"': 'fidelity="A", authenticated=True'},
        {"wrong key", "damaged ciphertext"},
        "authenticated=True, but a changed first byte goes unnoticed",
    ),
    Fault(
        "denies its nonce",
        {'fidelity="A"': 'fidelity="A", uses_nonce=False'},
        {"nonce"},
        "uses_nonce=False, but another nonce gives another cipher image",
    ),
    Fault(
        "claims a nonce",
        {ENCRYPT_START: "        nonce = bytes(16)\n" + ENCRYPT_START},
        {"nonce"},
        "uses_nonce=True, but another nonce gives the same cipher image",
    ),
    Fault(
        "claims a secret",
        {'fidelity="A"': 'fidelity="A", secret_bits=256'},
        {"fixed secret"},
        "secret_bits=256, but encrypt returns no secret",
    ),
    Fault(
        "hides a secret",
        {"header=nonce)": "header=nonce, secret=b'0123456789abcdef')"},
        {"fixed secret"},
        "secret_bits=0, but the secret has 16 bytes",
    ),
    Fault(
        "ignores the secret that it is given",
        SECRET_RETURNED | {ENCRYPT_START: "        secret = hashlib.sha256(image).digest()\n" + ENCRYPT_START},
        {"fixed secret"},
        "encrypt with a given secret returns another secret",
    ),
    Fault(
        "takes a secret of any length",
        SECRET_RETURNED
        | {ENCRYPT_START: "        secret = secret or hashlib.sha256(image).digest()\n" + ENCRYPT_START},
        {"fixed secret"},
        "encrypt with a secret one byte short was taken",
    ),
    Fault(
        "unchecked arguments",
        {"\n\ndef _keystream": "\n\nMyCipher.encrypt = MyCipher.encrypt.__wrapped__\n"
         "MyCipher.decrypt = MyCipher.decrypt.__wrapped__\n\n\ndef _keystream"},
        {"wrong key length", "wrong nonce length", "wrong dtype", "wrong dimensions"},
        "encrypt with a key of 31 bytes was taken",
    ),
    Fault(
        "DOI as an address",
        {'fidelity="A"': 'fidelity="A", doi="https://doi.org/10.1000/182"'},
        {"card"},
        "wanted the form 10.1234/abcd",
    ),
    Fault("silent about its choices", {'fidelity="A"': 'fidelity="B"'}, {"card"}, "there are no deviations"),
    Fault("control without a defect", {'family="mine"': 'family="control"'}, {"card"}, "must state the defect"),
]  # fmt: skip
