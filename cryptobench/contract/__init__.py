"""Whether a cipher keeps the contract without which no number of it means anything; each breach is one line.

`find_breaches` is quick: a few encryptions of small images that the card allows. It says nothing about security.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptobench import libraries
from cryptobench.blame import place_of
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, ContractError, Image, UnsupportedImage
from cryptobench.contract.examined import Breach, Examined, fixed_bytes, texture
from cryptobench.contract.forks import OtherProcess
from cryptobench.contract.messages import examine_other_messages, examine_signatures
from cryptobench.contract.process import ProcessState, process_state
from cryptobench.contract.replacements import examine_replacements, replacements
from cryptobench.contract.shapes import examine_home, examine_other_shapes, home_shapes

__all__ = [
    "Harm", "ProcessState", "examine_replacements", "find_breaches", "is_built_in", "process_breaches",
    "process_state", "refused_keys", "replacements", "require_kept",
]  # fmt: skip


class Harm(str):
    """The line of a breach that changes the process, so that nothing else that is run in it can be trusted."""

    __slots__ = ()


def find_breaches(
    cipher: Cipher,
    since: libraries.Functions | None = None,
    is_own: Callable[[str], bool] | None = None,
    *,
    alone: bool = False,
) -> list[str]:
    """The breaches of the interface that a few calls of ``cipher`` show, one line each; empty if there are none.

    Looked for are results of a wrong type or shape, exceptions on ordinary keys and images, input that is changed,
    output that depends on earlier calls or on chance, decryption that only the encrypting object can do, functions of
    Python or NumPy that were replaced ``since`` then (`libraries.functions`), or since cryptobench was loaded, and what
    else harms the process; these are put back, and their lines are `Harm`. UnsupportedImage is a refusal, no breach,
    and so is a CipherError that other keys do not give. ``is_own`` is for `examine_replacements`. In a process that has
    no other use, and is ``alone`` with the cipher, decryption that only the encrypting process can do is found too.
    """
    state = process_state(alone=alone)
    examined, found = Examined(cipher, OtherProcess(cipher) if alone else None), list[str]()
    try:
        try:
            examine_signatures(examined)
            examine_home(examined)
            examine_other_messages(examined)
            examine_other_shapes(examined)
        except Breach as breach:
            found.append(str(breach))
        except UnsupportedImage:
            pass  # nothing that was tried is taken
        finally:
            left_behind = examined.close()
    except BaseException:  # what looks for breaches may use what was replaced
        if replaced := examine_replacements(cipher, since, is_own):
            return [Harm(line) for line in replaced]
        raise
    replaced = examine_replacements(cipher, since, is_own)  # first, since the others may use what it puts back
    return found + [Harm(line) for line in left_behind + process_breaches(cipher, state) + replaced]


def process_breaches(cipher: Cipher, state: ProcessState) -> list[str]:
    """A line for what calls of the cipher have left otherwise in the process than it was; it is put back."""
    place = place_of(cipher, "encrypt")
    return [f"{cipher.card.name}: encrypt or decrypt {change}{place}" for change in state.changes()]


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
