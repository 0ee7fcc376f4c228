"""Encrypt and decrypt picture files, for looking at what a cipher does; never for keeping anything safe."""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Encrypted, Image
from cryptobench.files import replacing
from cryptobench.images import ImageError, load_image, read_image, require_lossless
from cryptobench.images.files import require_writable, save_image
from cryptobench.images.stored import compression_with_loss
from cryptobench.reading import LARGE, Source, uint8_array
from cryptobench.shapes import array, hexadecimal, one_of, record, text, whole

__all__ = [
    "NOTICE",
    "CodecError",
    "Sidecar",
    "decrypt_file",
    "encrypt_file",
    "parse_key",
    "read_sidecar",
    "require_cipher",
    "require_lossless_source",
    "sidecar_path",
]

NOTICE = "For looking at, not for production: these ciphers are research code, and many are insecure."
_FORMAT = "cryptobench sidecar 1"
_SIDECAR = record(
    {
        "format": one_of((_FORMAT,)),
        "public": record(
            {"cipher": text, "cipher image shape": array(whole(1, 1 << 31), 2, 3), "header": hexadecimal()}
        ),
        "secret": record({"per-message secret": hexadecimal()}),
    },
    {"notice": text},
)


class CodecError(ValueError):
    """A file cannot be encrypted or decrypted; the message names what was given and what to do."""


@dataclass(frozen=True)
class Sidecar:
    """What goes with a cipher image: the cipher's name, the array's shape, the public header and the secret."""

    cipher: str
    shape: tuple[int, ...]
    header: bytes
    secret: bytes

    def to_json(self) -> str:
        """The sidecar's text; the per-message secret stands apart from what is public."""
        content = {
            "format": _FORMAT,
            "notice": NOTICE,
            "public": {"cipher": self.cipher, "cipher image shape": self.shape, "header": self.header.hex()},
            "secret": {"per-message secret": self.secret.hex()},
        }
        return json.dumps(content, indent=2) + "\n"


def sidecar_path(cipher_image: str | Path) -> Path:
    """Where the sidecar of a cipher image lies: "out.png.json" for "out.png"."""
    return Path(f"{cipher_image}.json")


def parse_key(text: str, key_bytes: int, cipher: str) -> bytes:
    """The key written in hex; `CodecError` if it is no hex or not ``key_bytes`` long."""
    digits = "".join(text.split())
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        raise CodecError(f"the key is no hex, wanted {2 * key_bytes} of the digits 0-9 a-f for {cipher}") from None
    if len(key) != key_bytes:
        raise CodecError(f"the key has {len(key)} bytes, {cipher} wants {key_bytes} ({2 * key_bytes} hex digits)")
    return key


def encrypt_file(
    source: str, target: str | Path, cipher: Cipher, key: bytes, *, size: int | None = None, force: bool = False
) -> Sidecar:
    """Encrypt the image ``source`` (a file or the name of an image) into ``target`` and write its sidecar.

    The nonce is fresh. ``target`` ends in a lossless picture format, or in .npy, which holds a cipher image of any
    shape. Raises `CodecError`, `ImageError` or `CipherError`; then neither file has changed.
    """
    target = Path(target)
    _require_target(target, "a cipher image")
    _require_free(source, [target, sidecar_path(target)], force)
    image = load_image(source, size)
    encrypted: Encrypted = _guarded(cipher, "encrypt", image, key, secrets.token_bytes(NONCE_BYTES))
    sidecar = Sidecar(cipher.card.name, encrypted.image.shape, encrypted.header, encrypted.secret)
    _require_holds(target, encrypted.image)
    _write(target, encrypted.image, sidecar)
    return sidecar


def decrypt_file(
    source: str | Path,
    target: str | Path,
    cipher: Cipher,
    key: bytes,
    *,
    sidecar: Path | None = None,
    force: bool = False,
) -> Image:
    """Decrypt the cipher image ``source``, with its sidecar, into ``target``, and return the plaintext.

    Raises `CodecError`, `ImageError` or `CipherError`, as when an authenticated cipher rejects; then nothing changed.
    """
    source, target = Path(source), Path(target)
    require_lossless_source(source)
    _require_target(target, "a decrypted image")
    _require_free(str(source), [target], force)
    given = read_sidecar(sidecar or sidecar_path(source))
    require_cipher(sidecar or sidecar_path(source), given.cipher, cipher)
    image = _read_array(source)
    if image.size != np.prod(given.shape) or image.shape[:2] != given.shape[:2]:
        raise CodecError(
            f"{source} has shape {image.shape}, its sidecar says {given.shape}: they do not belong together"
        )
    encrypted = Encrypted(image.reshape(given.shape), given.header, given.secret)
    plaintext: Image = _guarded(cipher, "decrypt", encrypted, key)
    _require_holds(target, plaintext)
    _write(target, plaintext)
    return plaintext


def read_sidecar(path: Path) -> Sidecar:
    """The sidecar in a JSON file; `CodecError` if it is missing or is none."""
    source = Source(path, CodecError, "decryption needs the sidecar that `cryptobench encrypt` wrote")
    try:
        content: Any = source.json(_SIDECAR, LARGE)
    except FileNotFoundError:
        raise CodecError(f"{path} is missing: decryption needs the sidecar that `cryptobench encrypt` wrote") from None
    public, secret = content["public"], content["secret"]
    return Sidecar(
        public["cipher"], tuple(public["cipher image shape"]), bytes.fromhex(public["header"]),
        bytes.fromhex(secret["per-message secret"]),
    )  # fmt: skip


def require_cipher(sidecar: Path, named: str, cipher: Cipher) -> None:
    """`CodecError` unless ``cipher`` is the one that the file ``sidecar`` names."""
    if named != cipher.card.name:
        raise CodecError(f"{sidecar} is for cipher {named!r}, not {cipher.card.name!r}")


def require_lossless_source(source: Path) -> None:
    """`CodecError` if ``source`` is a picture with lossy compression, which has changed the ciphertext in it."""
    try:
        compression = compression_with_loss(source) if source.is_file() else ""
    except OSError:  # that it cannot be read is said where it is read
        return
    if compression:
        raise CodecError(
            f"{source} has {compression} compression, which has changed the ciphertext: it can no longer be decrypted; "
            "give the file that `cryptobench encrypt` wrote, and keep copies as .png, .tif or .npy without such "
            "compression"
        )


def _guarded(cipher: Cipher, method: str, *arguments: Any) -> Any:
    try:
        return getattr(cipher, method)(*arguments)
    except CipherError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CodecError(f"{cipher.card.name}: {method} failed: {type(error).__name__}: {reason}") from error


def _require_target(target: Path, what: str) -> None:
    if target.suffix.lower() != ".npy":
        try:
            require_lossless(target, what)
        except ImageError as error:
            raise ImageError(f"{error} or .npy") from None
    if not target.parent.is_dir():
        raise CodecError(f"cannot write {target}: there is no folder {target.parent}; make it first")


def _require_free(source: str, targets: list[Path], force: bool) -> None:
    for target in targets:
        if target.exists() and Path(source).exists() and target.samefile(source):
            raise CodecError(f"{target} is the input itself; give another output")
        if target.exists() and not force:
            raise CodecError(f"{target} exists already; give another output, or --force to replace it")


def _require_holds(target: Path, image: Image) -> None:
    if target.suffix.lower() != ".npy":
        try:
            require_writable(target, image)
        except ImageError as error:
            raise CodecError(f"{error}; a name ending in .npy holds any shape") from None


def _read_array(path: Path) -> Image:
    if path.suffix.lower() != ".npy":
        return read_image(path)
    source = Source(path, ImageError, "wanted a cipher image that `cryptobench encrypt` wrote")
    try:
        array_ = uint8_array(source.content(LARGE))
    except FileNotFoundError:
        raise ImageError(f"cannot read {path}: No such file or directory") from None
    except ValueError as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"{path} is no uint8 array, or it is damaged ({error}); {source.remedy}") from None
    return array_


def _write(target: Path, image: Image, sidecar: Sidecar | None = None) -> None:
    """Both files are complete under temporary names before either gets its own; only the owner may read a secret."""
    try:
        with ExitStack() as stack:
            picture = stack.enter_context(replacing(target))
            if target.suffix.lower() == ".npy":
                with picture.open("wb") as file:
                    np.save(file, image, allow_pickle=False)
            else:
                save_image(picture, image)
            if sidecar is not None:
                text = stack.enter_context(replacing(sidecar_path(target), private=bool(sidecar.secret)))
                text.write_text(sidecar.to_json(), encoding="utf-8")
    except OSError as error:
        raise CodecError(f"cannot write {target}: {error.strerror or error}") from None
