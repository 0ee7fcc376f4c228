"""What the rows of pictures come to: tests pooled as a run pools them, notes, and what pictures cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cryptobench.analyses.tools.byte_rows import BYTE_METRICS
from cryptobench.measuring.pictures import NO_DIFFUSION, PictureSet
from cryptobench.measuring.records import metric_title
from cryptobench.metrics import histogram_chi_square
from cryptobench.results.plausibility import REASONS, TOO_GOOD, plausible
from cryptobench.results.verdicts import TESTS, Pooled, Test, pool, pool_tests

__all__ = ["OVERALL", "missing", "notes", "pooled", "too_good"]

OVERALL = "all"
_OF_RUNS = (
    "global entropy", "local entropy", "histogram", "correlation", "channel correlation", "texture", "contours",
    "round trip",
)  # fmt: skip
_OF_PICTURES = (
    *(test for test in TESTS if test.title in _OF_RUNS),
    Test("byte statistics", "randomness", BYTE_METRICS),
    Test("NPCR", "differential", ("npcr",)),
    Test("UACI", "differential", ("uaci",)),
    Test("BACI", "differential", ("baci",)),
    Test("avalanche", "avalanche", ("plaintext_avalanche",)),
    Test("key sensitivity", "key_sensitivity", ("key_npcr", "key_uaci", "key_avalanche")),
    Test("wrong key", "key_sensitivity", ("wrong_key_psnr", "wrong_key_correlation", "wrong_key_entropy")),
)
_WRONG_WAY_ROUND = 1e-12
_FEWEST = 256  # samples for the normal law of NPCR
_WANTED = {
    "changed": "NPCR, UACI, BACI, avalanche: give the cipher image, under the same key and nonce, of the plaintext "
    f"with one sample changed (--changed). {NO_DIFFUSION}",
    "other_key": "key sensitivity of encryption: give the cipher image of the plaintext under a key with one bit "
    "flipped (--other-key)",
    "wrong_key": "key sensitivity of decryption: give what such a key decrypts the cipher image to (--wrong-key)",
    "decrypted": "exactness, PSNR and SSIM of decryption: give what the right key decrypts to (--decrypted)",
    "damaged": "robustness: give what the right key makes of a cipher image with noise or a part cut out (--damaged)",
}
_NEEDS_THE_CIPHER = (
    "SP 800-22 over one picture: cryptobench randomness CIPHER; over many ciphertexts it needs the cipher",
    "only with the cipher (cryptobench run, cryptobench attack): key space and bits without effect, all key bits, "
    "changes at all places and of all kinds, fresh against fixed nonces, strict avalanche, where damage shows, "
    "constant places such as padding, header and secret, time, memory, and every attack",
)


def pooled(table: pd.DataFrame) -> dict[str, Pooled]:
    """The answer to each test that has one, by title, over all pictures, and `OVERALL`.

    Holm's correction within a test, and over tests, with the levels of a run's overview.
    """
    answers = {test.title: pool(test.rows(table)) for test in _OF_PICTURES}
    answers = {title: answer for title, answer in answers.items() if answer.state != "none"}
    return {**answers, OVERALL: pool_tests(answers.values())}


def notes(sets: Sequence[PictureSet], *, lossless: bool) -> list[str]:
    """What a reader of the numbers must know of these pictures, a sentence or two each."""
    found = [
        f"{picture.label} has {picture.lost} compression, which loses something: its samples are not those that the "
        "cipher wrote, and these numbers are not the cipher's; save cipher images as PNG, TIFF or BMP and measure again"
        for pictures in sets
        for picture in pictures.cipher_images
        if picture.lost
    ]
    for pictures in sets:
        if pictures.plain is not None and _is_the_wrong_way_round(pictures):
            found.append(
                f"{pictures.plain.label} looks random and {pictures.cipher.label} does not; the plaintext is given "
                "first, and then the cipher image"
            )
        found += [
            f"{other.label} is the same picture as {pictures.cipher.label}"
            for other in (*pictures.changed, *pictures.other_key)
            if np.array_equal(other.image, pictures.cipher.image)
        ]
    if any(pictures.changed for pictures in sets):
        found.append(
            "NPCR, UACI, BACI and avalanche are about diffusion only where both cipher images have one key and one "
            "nonce (or per-message secret): with different nonces every cipher, weak or not, has an NPCR of 99.6 %"
        )
    if not lossless and any(pictures.wrong_key for pictures in sets):
        found.append("What a wrong key decrypts to has no verdict, since a lossy decoder makes no random picture")
    return found


def too_good(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each NPCR, of rows of the measurement table, that is too high for an ideal cipher.

    No test fails for it; `cryptobench.results.plausibility` says when it is a question.
    """
    found = []
    for row in rows:
        channels = row["channels"] if row["channel"] == "all" else 1
        if row["metric"] not in ("npcr", "key_npcr") or row["height"] * row["width"] * channels < _FEWEST:
            continue
        (answer,) = plausible(npcr=f"{row['value']:.9f}", size=f"{row['height']}x{row['width']}x{channels}")
        if answer.answer == TOO_GOOD:
            found.append(
                f"{row['image']}, {row['channel']}: {metric_title(row)} of {row['value']:.4f} % is {answer}; "
                f"{REASONS[TOO_GOOD]}"
            )
    return found


def missing(sets: Sequence[PictureSet]) -> list[str]:
    """What these pictures do not allow to measure, and what it takes, a line each."""
    alone = any(pictures.plain is None for pictures in sets)
    lines = ["what compares plaintext and cipher image: give the plaintext first"] if alone else []
    lines += [line for role, line in _WANTED.items() if not all(getattr(pictures, role) for pictures in sets)]
    return [*lines, *_NEEDS_THE_CIPHER]


def _is_the_wrong_way_round(pictures: PictureSet) -> bool:
    assert pictures.plain is not None
    plain, cipher = (histogram_chi_square(one.image).p_value for one in (pictures.plain, pictures.cipher))
    return plain is not None and cipher is not None and plain > _WRONG_WAY_ROUND and cipher < _WRONG_WAY_ROUND
