"""All that an attack sees of a cipher in use: a challenge, and answers to queries that are counted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cryptobench.attacks.experiment import PROBES, Answer, AttackExperiment, Decrypted, Mode, Probe, Session
from cryptobench.attacks.fresh_decryption import FreshDecryption
from cryptobench.attacks.png_round_trip import PngRoundTrip
from cryptobench.attacks.scoring import Score, score_of
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.constant_places import constant_places
from cryptobench.experiment import DecryptionCrash, decrypt_changed
from cryptobench.keyless import Keyed, Keyless, keep_keyed, keep_keyless

__all__ = [
    "BudgetExceeded", "Crashed", "LocalCipher", "Mode", "Model", "Oracle", "OracleError", "Queries", "Rejected",
]  # fmt: skip


class LocalCipher:
    """Encrypts and decrypts under any key that the attacker names, and counts it; it knows nothing of the challenge.

    ``encryptions`` and ``decryptions`` count calls. An encryption that the attack has made in another nonce mode is not
    made again where there is a ``session``; it counts all the same. What the cipher computes of an image alone, or of a
    key alone, it computes once for the last two (see `cryptobench.keyless`).
    """

    def __init__(self, cipher: Cipher, session: Session | None = None) -> None:
        self.cipher = cipher
        self._session = session
        self._keyless, self._keyed = Keyless(), Keyed()
        self.encryptions = 0
        self.decryptions = 0

    def encrypt(self, image: Image, key: bytes, nonce: bytes, secret: bytes | None = None) -> Encrypted:
        """The ciphertext with its secret; CipherError if the cipher cannot take key, nonce, secret or image."""
        self.encryptions += 1

        def encrypted() -> Answer:
            start = time.perf_counter()
            with keep_keyless(self._keyless), keep_keyed(self._keyed):
                ciphertext = self.cipher.encrypt(np.array(image, order="C"), key, nonce, secret=secret)
            return Answer(ciphertext, time.perf_counter() - start)

        if self._session is None:
            return encrypted().ciphertext
        return self._session.ask(encrypted, image, b"own key", key, nonce, secret).ciphertext

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        """The plaintext of any ciphertext under the attacker's key; CipherError if it is rejected, or crashes."""
        self.decryptions += 1
        copy = np.array(encrypted.image, order="C")
        with keep_keyed(self._keyed):
            return decrypt_changed(self.cipher, Encrypted(copy, encrypted.header, encrypted.secret), key)

    def varying(self, image: Image, shape: tuple[int, ...]) -> Image:
        """As `Oracle.varying`, of the encryption of a plaintext of ``shape``; that costs nothing."""
        return constant_places(self.cipher, shape).varying(image)[0]

    @property
    def numbers(self) -> dict[str, float]:
        """The work done so far, by the names that the measurement table has for it."""
        return {"offline_encryptions": self.encryptions, "offline_decryptions": self.decryptions}


Model = Literal["COA", "KPA", "CPA", "CCA"]
_ALLOWED: dict[str, tuple[Model, ...]] = {
    "known pairs": ("KPA", "CPA", "CCA"),
    "encryptions": ("CPA", "CCA"),
    "decryptions": ("CCA",),
}


class OracleError(ValueError):
    """A query that the oracle does not take; the message says which and why."""


class BudgetExceeded(OracleError):
    """The attack has used up its queries."""


class Rejected(OracleError):
    """The receiver rejected a chosen ciphertext: that is an answer too, and it was counted."""


class Crashed(Rejected):
    """The receiver's `decrypt` raised what is no rejection: there is no plaintext, and nobody has seen to that."""


@dataclass(frozen=True)
class Queries:
    """How many queries of each kind were made."""

    known: int = 0
    encryptions: int = 0
    decryptions: int = 0

    @property
    def total(self) -> int:
        return self.known + self.encryptions + self.decryptions


class Oracle:
    """One session of one attack in an experiment. The key, the target and the per-message secret stay behind it.

    ``model`` limits the kinds of queries, ``budget`` their number. Nonce modes: in "fresh" every encryption has a
    new nonce and, in schemes that have one, a new per-message secret, as a proper user would have it; in "fixed"
    all encryptions have the challenge's nonce and secret.

    Decryption is by a receiver who holds the key and, since the sender must have given it to him, the challenge's
    per-message secret: it serves for every header. He decrypts anything but the challenge itself (same bytes of the
    image under the same header).

    Plaintexts that many attacks ask for (`probe`, `known_pair`) are encrypted once for an experiment. Chosen
    ciphertexts, and encryptions under the attacker's own keys, have one answer in all nonce modes: they are made once
    for an attack that is ``repeated``, run in several. A session counts all of them, and their time, as its own.

    ``local_cipher`` runs the public algorithm under keys of the attacker's own; that is counted there, and is no query.
    """

    def __init__(
        self,
        experiment: AttackExperiment,
        model: Model = "CCA",
        budget: int | None = None,
        session: str = "",
        *,
        mode: Mode = "fresh",
        repeated: bool = False,
    ) -> None:
        challenge = Encrypted(experiment.ciphertext.image.copy(), experiment.ciphertext.header)
        challenge.image.flags.writeable = False
        self.challenge = challenge
        self.shape: tuple[int, ...] = experiment.image.shape
        self.mode: Mode = mode
        self.model: Model = model
        self.budget = budget
        self.reference = experiment.reference
        self.cipher: Cipher = experiment.cipher
        self.__shared = experiment.session() if repeated else None
        self.local_cipher = LocalCipher(experiment.bare_cipher, self.__shared)
        self.__experiment = experiment
        self.__session = session
        self.__counts = {"known pairs": 0, "encryptions": 0, "decryptions": 0}
        self.__asked: set[str] = set()
        self.__saved = 0.0
        self.__cipher_seconds = 0.0
        self.__scored = False
        self.__crashes: list[str] = []

    @property
    def crashes(self) -> tuple[str, ...]:
        """What was wrong, in one line, with each chosen ciphertext on which `decrypt` crashed."""
        return tuple(self.__crashes)

    @property
    def samples(self) -> int:
        """Pixels times channels of the target."""
        return int(np.prod(self.shape))

    @property
    def queries(self) -> Queries:
        """The queries made so far."""
        return Queries(*self.__counts.values())

    @property
    def remaining(self) -> int | None:
        """How many more queries the budget allows; None without a budget."""
        return None if self.budget is None else max(0, self.budget - self.queries.total)

    @property
    def cipher_seconds(self) -> float:
        """Seconds that the cipher took for the queries so far, shared ones included."""
        return self.__cipher_seconds

    @property
    def shared_seconds(self) -> float:
        """Seconds of the cipher that this session was spared because another one had asked before."""
        return self.__saved + (self.__shared.saved if self.__shared else 0.0)

    def probe(self, name: Probe) -> Image:
        """A plaintext of the target's shape: "zero", uniform "a" and "b", "a^b" or "a+b" (mod 256); no query."""
        if name not in PROBES:
            raise OracleError(f"there is no probe {name!r}; there are {', '.join(PROBES)}")
        return self.__experiment.probe(name)

    def encrypt_probe(self, name: Probe) -> Encrypted:
        """The encryption of a probe, one chosen plaintext; asking again encrypts again."""
        return self.__once("encryptions", f"probe {name}", self.probe(name))

    def encrypt(self, image: Image) -> Encrypted:
        """The ciphertext, without its secret, of a chosen plaintext.

        OracleError if the image is not uint8, CipherError if the cipher cannot take its shape.
        """
        _require_bytes(image, "chosen plaintext")
        self.__count("encryptions")
        return self.__answer(image, f"{self.__session} {self.queries.encryptions}")

    def varying(self, *images: Image) -> list[Image]:
        """Cipher images without the places that are constant under every key, nonce and image, such as padding.

        Each (1, m); without such places the images themselves. A test of bytes counts these. It is no query.
        """
        return self.__experiment.constant_places.varying(*images)

    def picture(self, *images: Image) -> list[Image]:
        """The same where neighbours matter: without the rows (or columns, or channels) that have such places."""
        return self.__experiment.constant_places.picture(*images)

    def known_pair(self) -> tuple[Image, Encrypted]:
        """The next natural-looking plaintext of the target's shape, and its ciphertext without the secret."""
        index = self.queries.known
        plain = self.__experiment.known(index)
        return plain, self.__once("known pairs", f"known {index}", plain)

    def decrypt(self, image: Image, header: bytes | None = None) -> Image:
        """The plaintext of a chosen cipher image under ``header``, the challenge's if not given.

        Rejected if the receiver does not accept it, Crashed if his `decrypt` raises anything else; OracleError for the
        challenge itself, or if it is not uint8.
        """
        _require_bytes(image, "chosen ciphertext")
        header = self.challenge.header if header is None else header
        if header == self.challenge.header and np.array_equal(image, self.challenge.image):
            raise OracleError("the challenge itself is not decrypted; change its image or its header")
        self.__count("decryptions")

        def decrypted() -> Decrypted:
            start, error = time.perf_counter(), None
            try:
                plain = self.__experiment.decrypt(image, header)
            except CipherError as raised:
                plain, error = None, raised
            return Decrypted(plain, error, time.perf_counter() - start)

        answer = self.__shared.ask(decrypted, image, b"decrypt", header) if self.__shared else decrypted()
        self.__cipher_seconds += answer.seconds
        if isinstance(answer.error, DecryptionCrash):
            self.__crashes.append(str(answer.error))
            raise Crashed(str(answer.error)) from None
        if answer.image is None:
            raise Rejected(str(answer.error)) from None
        return answer.image

    def try_decrypt(self, image: Image, header: bytes | None = None) -> Image | None:
        """As `decrypt`, with None for a rejected ciphertext."""
        try:
            return self.decrypt(image, header)
        except Rejected:
            return None

    def fresh_decryption(self) -> FreshDecryption:
        """How much the rightful receiver gets of the challenge in a new process, as a share only; no query.

        OracleError if it is not known how another process loads the cipher.
        """
        try:
            return self.__experiment.fresh_decryption()
        except ValueError as error:
            raise OracleError(str(error)) from None

    def png_round_trip(self) -> PngRoundTrip:
        """Whether the rightful receiver gets from a picture file what he gets from the sender's memory; no query."""
        return self.__experiment.png_round_trip(self.mode)

    def score(self, recovered: Image | None) -> Score:
        """How much of the target a guess has right. For the harness, once, after the attack; it ends the session."""
        if self.__scored:
            raise OracleError("the session is over: its guess was scored before")
        self.__scored = True
        experiment = self.__experiment
        tolerance = 0 if recovered is None else experiment.tolerance
        return score_of(recovered, experiment.image, experiment.generator("score"), tolerance)

    def __once(self, kind: str, name: str, image: Image) -> Encrypted:
        self.__count(kind)
        if name in self.__asked:
            return self.__answer(image, f"{self.__session} again {self.queries.total}")
        self.__asked.add(name)
        made_before = self.__experiment.has(name, self.mode)
        answer = self.__experiment.shared(name, image, self.mode)
        self.__saved += answer.seconds if made_before else 0.0
        self.__cipher_seconds += answer.seconds
        return _public(answer)

    def __answer(self, image: Image, purpose: str) -> Encrypted:
        answer = self.__experiment.encrypt(image, purpose, self.mode)
        self.__cipher_seconds += answer.seconds
        return _public(answer)

    def __count(self, kind: str) -> None:
        if self.__scored:
            raise OracleError("the session is over: its guess has been scored")
        if self.model not in _ALLOWED[kind]:
            raise OracleError(
                f"an attack of model {self.model} may not ask for {kind}; declare model = one of "
                f"{', '.join(_ALLOWED[kind])}"
            )
        if self.remaining == 0:
            raise BudgetExceeded(f"the budget of {self.budget} queries is used up; give the attack a larger budget")
        self.__counts[kind] += 1


def _public(answer: Answer) -> Encrypted:
    return Encrypted(answer.ciphertext.image.copy(), answer.ciphertext.header)


def _require_bytes(image: object, what: str) -> None:
    if not isinstance(image, np.ndarray):
        raise OracleError(f"{what} is {type(image).__name__}, wanted a uint8 array of shape (H, W) or (H, W, C)")
    if image.dtype != np.uint8:
        raise OracleError(f"{what} has dtype {image.dtype}, wanted uint8; round and clip to 0..255 first")
