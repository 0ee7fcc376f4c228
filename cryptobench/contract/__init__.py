"""Whether a cipher keeps the contract without which no number of it means anything; each breach is one line.

`find_breaches` is quick: a few encryptions of small images that the card allows. It says nothing about security.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptobench import libraries
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, ContractError, Image, UnsupportedImage
from cryptobench.contract.examined import Breach, Examined, fixed_bytes, texture
from cryptobench.contract.messages import examine_other_messages, examine_signatures
from cryptobench.contract.shapes import examine_home, examine_other_shapes, home_shapes

__all__ = ["find_breaches", "is_built_in", "refused_keys", "require_kept"]


def find_breaches(cipher: Cipher, since: libraries.Functions | None = None) -> list[str]:
    """The breaches of the interface that a few calls of ``cipher`` show, one line each; empty if there are none.

    Looked for are results of a wrong type or shape, exceptions on ordinary keys and images, input that is changed,
    output that depends on earlier calls or on chance, decryption that only the encrypting object can do, and functions
    of Python or NumPy that were replaced ``since`` then (`libraries.functions`), or since cryptobench was loaded; these
    are put back. UnsupportedImage is a refusal, no breach, and so is a CipherError that other keys do not give.
    """
    examined, found = Examined(cipher), list[str]()
    try:
        examine_signatures(examined)
        examine_home(examined)
        examine_other_messages(examined)
        examine_other_shapes(examined)
    except Breach as breach:
        found.append(str(breach))
    except UnsupportedImage:
        pass  # nothing that was tried is taken
    return found + _replacements(cipher, since)


def require_kept(cipher: Cipher) -> None:
    """Raise ContractError, with the line of the first breach, unless the cipher is built in or shows none."""
    if not is_built_in(cipher) and (breaches := find_breaches(cipher)):
        more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
        raise ContractError(f"{breaches[0]}{more}")


def is_built_in(cipher: Cipher) -> bool:
    """Whether a cipher's class is this package's own; its tests look for breaches, so that no run has to."""
    return type(cipher).__module__.partition(".")[0] == "cryptobench"


def refused_keys(cipher: Cipher, count: int = 64) -> float | None:
    """The share of ``count`` random keys with which `encrypt` raises CipherError, 0 to 1, on a small ordinary image.

    None if the cipher takes no image that is tried here.
    """
    for shape in home_shapes(cipher.card):
        keys = [fixed_bytes(f"refused key {number}", cipher.card.key_bytes) for number in range(count)]
        try:
            return sum(_is_refused(cipher, texture(shape), key) for key in keys) / count
        except UnsupportedImage:
            continue
    return None


def _is_refused(cipher: Cipher, image: Image, key: bytes) -> bool:
    try:
        cipher.encrypt(image, key, bytes(NONCE_BYTES))
    except UnsupportedImage:
        raise
    except CipherError:
        return True
    return False


def _replacements(cipher: Cipher, since: libraries.Functions | None) -> list[str]:
    """A line for functions of libraries that the cipher's code has replaced; they are put back."""
    found = [one for one in libraries.replaced(since) if since is not None or _may_be_from(cipher, one.new)]
    if not found:
        return []
    libraries.restore(found)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [
        f"{cipher.card.name}: the cipher's code replaces {found[0]}{more}, which changes what is measured of others; "
        "give the function another name"
    ]


def _may_be_from(cipher: Cipher, function: object) -> bool:
    """Whether the function that stands in the place of another may be from the cipher's own folder."""
    home, origin = type(cipher).__module__, getattr(function, "__module__", None) or ""
    file, own = (getattr(sys.modules.get(name), "__file__", None) for name in (origin, home))
    if own is None:  # a notebook's cipher: the notebook itself replaces functions, such as input
        return origin in ("", home)
    return file is None or Path(own).parent in Path(file).parents
