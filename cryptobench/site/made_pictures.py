"""Pictures of ciphers of which a run kept none: made anew from the registered ciphers, under the run's own seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cryptobench.analyses.tools.views import viewable
from cryptobench.cipher import CipherError
from cryptobench.experiment import Experiment
from cryptobench.images import ImageError, label, load_image, resolve
from cryptobench.images.fitting import fitted, without_note
from cryptobench.measurement import Artifact, Outcome
from cryptobench.registry import cipher_names, load_analysis, load_attack, load_cipher
from cryptobench.results.run import RunData, run_in_memory
from cryptobench.task import run_task

__all__ = ["with_pictures"]

_SIDE = 128  # pixels
_SECONDS = 2.0  # of an attack, as the run has timed it
_ATTACKS = 3  # of one cipher
Pictures = dict[tuple[str, str, str], NDArray[np.uint8]]


def with_pictures(run: RunData, tell: Callable[[str], None] = lambda line: None) -> tuple[RunData, frozenset[str]]:
    """The run with pictures of each registered cipher of which it kept none, and the names of those ciphers.

    The first picture of the run, at no more than 128 pixels a side, is encrypted and decrypted; and up to three of the
    attacks that recovered it, quick ones that set a judgement, are run again at their smallest size. A cipher that is
    not built in, or a picture that is not to be had, is left as it is; ``tell`` hears why.
    """
    image = run.images[0] if run.images else ""
    known = set(cipher_names())
    without = [cipher for cipher in run.ciphers if cipher in known and not _kept(run, cipher)]
    if not without or not image:
        return run, frozenset()
    pictures: Pictures = {}
    for cipher in run.ciphers:
        if cipher not in without:
            pictures |= _own(run, cipher)
    made = []
    for cipher in without:
        try:
            pictures |= {(cipher, of, name): picture for of, name, picture in _made(run, cipher, image)}
            made.append(cipher)
        except (CipherError, ImageError, ValueError, ArithmeticError, OSError) as error:
            tell(f"no pictures of {cipher}: {' '.join(str(error).split())}")
    memory = run_in_memory(run.table, run.settings, run.cards, pictures).memory
    return replace(run, memory=memory), frozenset(made)


def _kept(run: RunData, cipher: str) -> bool:
    return any(run.picture_names(cipher, image) for image in run.images)


def _own(run: RunData, cipher: str) -> Pictures:
    found: Pictures = {}
    for image in run.images:
        for name in run.picture_names(cipher, image):
            picture = run.picture(cipher, image, name)
            if picture is not None:
                found[cipher, image, name] = picture
    return found


def _made(run: RunData, name: str, image: str) -> Iterator[tuple[str, str, NDArray[np.uint8]]]:
    cipher = load_cipher(name)
    settings = run.settings.get("settings") or {}
    seed, size = int(settings.get("seed", 1)), min(int(settings.get("size", _SIDE)), _SIDE)
    reference = _reference(image, settings)
    plain, note = fitted(load_image(reference, size), cipher.card)
    experiment = Experiment(cipher, np.array(plain, order="C"), seed, " ".join(filter(None, (image, note))))
    for row in load_analysis("quality").measure(experiment):
        if isinstance(row, Artifact):
            yield image, row.name, _flat(row.image, plain)
            if row.name == "decrypted":
                break
    for found in _recoveries(run, name).itertuples():
        yield from _recovered(run, cipher, found, seed, settings)


def _recoveries(run: RunData, cipher: str) -> pd.DataFrame:
    """The quickest attacks that recovered the picture, those that set a judgement first, each at its smallest size."""
    found = run.attacks
    found = found[(found["cipher"] == cipher) & (found["outcome"] == Outcome.RECOVERED) & (found["time"] < _SECONDS)]
    judged = run.judgements[run.judgements["cipher"] == cipher]
    by = [
        name
        for column in ("confidentiality_by", "misuse_by", "integrity_by")
        for name in ", ".join(judged[column]).split(", ")
    ]
    place = found["attack"].map(lambda name: by.index(name) if name in by else len(by))
    smallest = found.assign(place=place).sort_values(["place", "height", "time"], kind="stable")
    return smallest.drop_duplicates("attack").head(_ATTACKS)


def _recovered(
    run: RunData, cipher: Any, row: Any, seed: int, settings: dict[str, Any]
) -> Iterator[tuple[str, str, NDArray[np.uint8]]]:
    """What one attack recovers, if it does so again."""
    parameters = (settings.get("attacks") or {}).get(row.attack, {})
    attack = load_attack(row.attack, **{k: v for k, v in parameters.items() if k not in ("sides", "images")})
    image = load_image(_reference(row.image, settings), int(min(row.height, row.width)))
    plain, note = fitted(image, cipher.card)
    kept: list[Artifact] = []
    mode = row.nonce if row.nonce in ("fresh", "fixed") else None
    result = run_task(
        attack, cipher, plain, seed, label=" ".join(filter(None, (row.image, note))), picture=kept.append,
        modes=None if mode is None else (mode,),
    )  # fmt: skip
    again = any(one.outcome == Outcome.RECOVERED for one in result.measurements if one.metric == "outcome")
    for artifact in kept if again else ():
        yield row.image, artifact.name, _flat(artifact.image, plain)


def _flat(picture: NDArray[np.uint8], plain: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture as (H, W) or (H, W, 3): of other channels each beside the next."""
    seen = viewable(picture, plain)
    return seen[..., 0] if seen.ndim == 3 and seen.shape[2] == 1 else seen


def _reference(name: str, settings: dict[str, Any]) -> str:
    """How to load the picture that a run's table calls so."""
    name, given = without_note(name), [str(one) for one in settings.get("images", ())]
    return next((one for one in resolve(given) if label(one) == name), name)
