"""Measures pictures alone: a plaintext, its cipher image and what else there is of a cipher that nobody can run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from cryptobench.measuring.pictures import Given, Several
    from cryptobench.measuring.report import PictureReport

__all__ = ["measure"]


def measure(
    plain: Given | None = None,
    cipher: Given | None = None,
    *,
    changed: Several = (),
    other_key: Several = (),
    wrong_key: Several = (),
    decrypted: Given | None = None,
    damaged: Several = (),
    pairs: tuple[str, str] | None = None,
    table: str | PathLike[str] | None = None,
    name: str = "pictures",
    lossless: bool = True,
    alpha: float = 0.05,
    seed: int = 0,
) -> PictureReport:
    """Every metric that pictures allow, judged as the analyses of a run judge it, without the cipher.

    A picture is a path or a uint8 array, (H, W) or (H, W, C). ``plain`` may be None: the cipher image is then measured
    alone. ``changed`` is the ciphertext, under the same key and nonce, of the plaintext with one sample changed;
    ``other_key`` that of the plaintext under a key with one bit flipped; ``wrong_key`` what such a key decrypts
    ``cipher`` to, ``decrypted`` what the right one does, ``damaged`` what the right one makes of a damaged ciphertext.
    All of them but ``decrypted`` may be several.

    Instead of ``plain`` and ``cipher``: ``pairs`` are two folders, or two patterns with one ``*`` each, such as
    ("plain/*.png", "cipher/*.png"), and the others are then such patterns too; or ``table`` is a CSV file with a column
    for each kind of picture. ``name`` stands for the cipher. With ``lossless=False`` decryption need not be exact, and
    what a wrong key decrypts to has no verdict. ``seed`` draws the blocks of local entropy.

    `ImageError`, in one line, for pictures that cannot be read or do not belong together.
    """
    from cryptobench.measuring.pictures import loaded
    from cryptobench.measuring.report import PictureReport

    roles = {
        "plain": plain, "cipher": cipher, "changed": changed, "other_key": other_key, "wrong_key": wrong_key,
        "decrypted": decrypted, "damaged": damaged,
    }  # fmt: skip
    sets = loaded(roles, pairs=pairs, table=table)
    return PictureReport(sets, name=name, lossless=lossless, alpha=alpha, seed=seed)
