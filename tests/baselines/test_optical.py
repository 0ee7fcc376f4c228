"""What every optical scheme does: round trips, refusals, any bytes decrypted, and what a linear scheme cannot have."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kang2021 import Kang2021
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.baselines.optical.yu2022 import Yu2022
from cryptobench.cipher import Cipher, CipherError, Encrypted, UnsupportedImage
from cryptobench.images import load_image

NONCE = bytes(16)
RNG = np.random.default_rng(31)
FIELDS: list[Cipher] = [Drpe(), Drpe(bits=16), Luan2021(), Luan2021(bits=16), Kumar2022(), Kumar2022(bits=16)]
CIPHERS: list[Cipher] = [
    *FIELDS,
    Luan2021(bits=16, fused=True),
    Kang2021(),
    Kang2021(bits=8),
    Yu2022(),
    Yu2022(bits=16),
]


def identify(value: Any) -> str:
    return f"{value.card.name}-{value.bits}{'-fused' if getattr(value, 'fused', 0) else ''}"


def key_for(cipher: Cipher, label: str = "key") -> bytes:
    return hashlib.shake_256(label.encode()).digest(cipher.card.key_bytes)


def picture(cipher: Cipher, shape: tuple[int, ...]) -> np.ndarray:
    side = max(*shape[:2], 64)
    image = load_image("astronaut", side)
    tiled = image if len(shape) == 3 else image[..., 1]
    return np.ascontiguousarray(tiled[: shape[0], : shape[1]])


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    error = np.mean((a.astype(float) - b) ** 2)
    return float(10 * np.log10(255**2 / error)) if error else float("inf")


def enciphered(cipher: Cipher, image: np.ndarray) -> Encrypted:
    return cipher.encrypt(image, key_for(cipher), NONCE)


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (37, 2), (20, 20, 1), (33, 47, 3), (64, 71), (65, 64, 3)], ids=str)
@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_images_come_back(cipher: Cipher, shape: tuple[int, ...]):
    """At even and odd sides, in grey and colour, or the image is refused for sides that the card rules out."""
    image = picture(cipher, shape)
    if min(shape[:2]) < cipher.card.min_side:
        with pytest.raises(UnsupportedImage, match="sides of at least"):
            enciphered(cipher, image)
        return
    if getattr(cipher, "fused", False) and min(shape[:2]) < 16 and len(shape) == 3:
        return
    back = cipher.decrypt(enciphered(cipher, image), key_for(cipher))
    assert back.shape == image.shape
    least = {"yu2022": 12, "luan2021": 12 if getattr(cipher, "fused", False) else 40}.get(cipher.card.name, 40)
    if identify(cipher) == "kang2021-8":
        least = 12
    assert psnr(image, back) > least


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_flat_images_come_back(cipher: Cipher):
    """Black, for which the largest value in the plane is 0, and white."""
    for value in (0, 255):
        image = np.full((max(20, cipher.card.min_side),) * 2, value, np.uint8)
        assert psnr(image, cipher.decrypt(enciphered(cipher, image), key_for(cipher))) > 35


@pytest.mark.parametrize("cipher", FIELDS, ids=identify)
def test_sixteen_bits_are_exact_and_eight_are_not(cipher: Cipher):
    """16 bits for each number of the field return every sample; 8 bits some 45 dB."""
    image = picture(cipher, (65, 71, 3))
    found = psnr(image, cipher.decrypt(enciphered(cipher, image), key_for(cipher)))
    assert found == float("inf") if cipher.bits == 16 else 38 < found < 55  # type: ignore[attr-defined]


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_any_bytes_are_decrypted_to_some_image(cipher: Cipher):
    """Noise, black and white in the place of the cipher image give an image of the plaintext's shape, and no error."""
    side = max(18, cipher.card.min_side)
    image = picture(cipher, (side, side + 3, 3))
    encrypted = enciphered(cipher, image)
    noise = RNG.integers(0, 256, encrypted.image.shape, np.uint8)
    for cipher_image in (noise, np.zeros_like(noise), np.full_like(noise, 255)):
        back = cipher.decrypt(replace(encrypted, image=cipher_image), key_for(cipher))
        assert back.shape == image.shape


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_what_does_not_belong_together_is_refused(cipher: Cipher):
    """A header cut, lengthened, emptied or of other bits; a secret; an image of another shape."""
    side = max(34, cipher.card.min_side)
    encrypted = enciphered(cipher, picture(cipher, (side, side + 3, 3)))
    wrong = [replace(encrypted, header=header) for header in (b"", encrypted.header[:-1], encrypted.header + b"\0")]
    wrong += [replace(encrypted, header=bytes([24 - encrypted.header[0]]) + encrypted.header[1:])]
    wrong += [replace(encrypted, secret=b"x")]
    wrong += [
        replace(encrypted, image=image)
        for image in (encrypted.image[1:], encrypted.image[:, :-1], encrypted.image[..., 0])
    ]
    for other in wrong:
        with pytest.raises(CipherError, match=cipher.card.name):
            cipher.decrypt(other, key_for(cipher))
    with pytest.raises(CipherError, match="secret"):
        cipher.encrypt(picture(cipher, (64, 66, 3)), key_for(cipher), NONCE, secret=b"x")


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_the_wrong_key_gives_no_picture(cipher: Cipher):
    """Another key: far from the image, and hardly correlated with it."""
    image = picture(cipher, (64, 64))
    wrong = cipher.decrypt(enciphered(cipher, image), key_for(cipher, "wrong"))
    assert psnr(image, wrong) < 16
    assert abs(np.corrcoef(image.ravel(), wrong.ravel().astype(float))[0, 1]) < 0.45


@pytest.mark.parametrize("cipher", FIELDS, ids=identify)
def test_one_changed_sample_changes_little(cipher: Cipher):
    """No avalanche: a linear scheme spreads a change of 1 over the plane, and hardly any recorded number notices."""
    image = picture(cipher, (96, 96)).copy()
    one = enciphered(cipher, image).image
    image[40, 50] ^= 1
    changed = one != enciphered(cipher, image).image
    assert changed.mean() < (0.05 if cipher.bits == 8 else 0.6)  # type: ignore[attr-defined]


@pytest.mark.parametrize("options", [{"bits": 12}, {"bits": "8"}])
@pytest.mark.parametrize("cls", [Drpe, Luan2021, Kumar2022, Kang2021, Yu2022])
def test_other_bits_are_refused(cls: type[Cipher], options: dict[str, Any]):
    """Only 8 and 16 can be recorded."""
    with pytest.raises(CipherError, match="wanted 8 or 16"):
        cls(**options)


@pytest.mark.parametrize("cipher", CIPHERS, ids=identify)
def test_the_card_tells_what_the_ciphertext_costs(cipher: Cipher):
    """No per-message secret, a header of at most 27 bytes, and a reason where the ciphertext is no image."""
    encrypted = enciphered(cipher, picture(cipher, (64, 64)))
    assert encrypted.secret == b""
    assert cipher.card.secret_bits == 0
    assert len(encrypted.header) <= 27
    assert bool(cipher.card.not_an_image) == (cipher.card.name in ("kang2021", "yu2022"))
