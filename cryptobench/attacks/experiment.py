"""The harness's side of an attack: a challenge under a key, and the plaintexts and ciphertexts that attacks share."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.fresh_decryption import FreshDecryption, decrypt_as_receiver
from cryptobench.attacks.png_round_trip import PngRoundTrip, png_round_trip
from cryptobench.attacks.scoring import tolerance_of
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.keyless import Keyed, keep_keyed

__all__ = [
    "MODES", "PROBES", "Answer", "AttackExperiment", "Decrypted", "Mode", "Probe", "Session", "natural_image",
]  # fmt: skip

Mode = Literal["fresh", "fixed"]
MODES: tuple[Mode, ...] = ("fresh", "fixed")
Probe = Literal["zero", "a", "b", "a^b", "a+b"]
PROBES: tuple[Probe, ...] = ("zero", "a", "b", "a^b", "a+b")


@dataclass(frozen=True)
class Answer:
    """A ciphertext with its secret, and the seconds that its encryption took."""

    ciphertext: Encrypted
    seconds: float

    def copy(self) -> Answer:
        """The same in an array of its own."""
        encrypted = self.ciphertext
        return Answer(Encrypted(encrypted.image.copy(), encrypted.header, encrypted.secret), self.seconds)

    @property
    def nbytes(self) -> int:
        return self.ciphertext.image.nbytes


@dataclass(frozen=True)
class Decrypted:
    """A decrypted image, or None and what `decrypt` raised; and the seconds that it took."""

    image: Image | None
    error: CipherError | None
    seconds: float

    def copy(self) -> Decrypted:
        """The same in an array of its own."""
        return Decrypted(None if self.image is None else self.image.copy(), self.error, self.seconds)

    @property
    def nbytes(self) -> int:
        return 0 if self.image is None else self.image.nbytes


_Told = TypeVar("_Told", Answer, Decrypted)
_Question = tuple[int, tuple[int, ...], tuple[bytes | None, ...]]  # a hash of the image, its shape, all else
_MOST_BYTES, _BESIDE_BYTES = 32 << 20, 400  # of questions and answers; what one takes beside its images


class SharedAnswers:
    """Answers of the cipher to questions that have one answer, those used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Question, tuple[Image, Answer | Decrypted]] = OrderedDict()
        self._bytes = 0

    def get(self, question: _Question, image: Image) -> Answer | Decrypted | None:
        """A copy of the answer to a question that was asked before; None if it is not kept."""
        if question not in self._kept or not np.array_equal(self._kept[question][0], image):
            return None
        self._kept.move_to_end(question)
        return self._kept[question][1].copy()

    def keep(self, question: _Question, image: Image, answer: Answer | Decrypted) -> None:
        """Keep a copy, and let go of what was not used for longest."""
        if question in self._kept:
            return
        self._kept[question] = image.copy(), answer.copy()
        self._bytes += image.nbytes + answer.nbytes + _BESIDE_BYTES
        while self._bytes > _MOST_BYTES:
            _, (old, told) = self._kept.popitem(last=False)
            self._bytes -= old.nbytes + told.nbytes + _BESIDE_BYTES


class Session:
    """One run of an attack, and what it shares with its run in another nonce mode, which asks many of the same things.

    What it asks for the first time it is told as the other run was told it, if it was; what it asks again is asked
    again. ``saved`` are the seconds that the cipher took then, and that this run was spared.
    """

    def __init__(self, shared: SharedAnswers) -> None:
        self._shared = shared
        self._asked: set[_Question] = set()
        self.saved = 0.0

    def ask(self, make: Callable[[], _Told], image: Image, *parts: bytes | None) -> _Told:
        """The answer that ``make`` gives; image and ``parts`` are all that it depends on, and say what kind it is."""
        question = hash(image.tobytes()), image.shape, parts
        if question in self._asked:
            return make()
        self._asked.add(question)
        kept = self._shared.get(question, image)
        if kept is not None:
            self.saved += kept.seconds
            return cast(_Told, kept)
        answer = make()
        self._shared.keep(question, image, answer)
        return answer


class AttackExperiment(Experiment):
    """An experiment whose image is the target of attacks: `ciphertext` is the challenge, with its secret.

    Attacks on one target share it, in both nonce modes. ``photographs`` are what known plaintexts are cut from; give
    none that shows the target. CipherError or UnsupportedImage if the cipher cannot encrypt the target.
    """

    def __init__(
        self,
        cipher: Cipher,
        target: Image,
        seed: int = 0,
        label: str = "",
        *,
        photographs: Sequence[Image] = (),
        reference: str = "",
    ) -> None:
        super().__init__(cipher, target, seed, f"{label}|attacks", reference=reference)
        self.key = self._bytes("key", cipher.card.key_bytes)
        self.nonce = self.random_nonce("challenge")
        self._photographs = tuple(photographs)
        self._answers, self._keyed = SharedAnswers(), Keyed()
        self._shared: dict[tuple[str, str], Answer] = {}
        self._plain: dict[str, Image] = {}
        _ = self.ciphertext

    def nonce_column(self, mode: Mode) -> str:
        """The mode as the measurement table names it: fresh, fixed, or none."""
        return mode if len(self.nonce_modes) > 1 else "none"

    def session(self) -> Session:
        """What one run of an attack asks by, where its other run, in another nonce mode, may have asked before."""
        return Session(self._answers)

    def encrypt(self, image: Image, purpose: str, mode: Mode) -> Answer:
        """Encrypt as the user would: under a nonce drawn for ``purpose``, or with nonce and secret of the challenge."""
        image = _own(image)
        start = time.perf_counter()
        with keep_keyed(self._keyed):
            if mode == "fresh":
                ciphertext = self.bare_cipher.encrypt(image, self.key, self.random_nonce(purpose))
            else:
                secret = self.ciphertext.secret or None
                ciphertext = self.bare_cipher.encrypt(image, self.key, self.nonce, secret=secret)
        return Answer(ciphertext, time.perf_counter() - start)

    def decrypt(self, image: Image, header: bytes) -> Image:
        """Decrypt what is not the challenge as the receiver would, who holds the challenge's per-message secret."""
        return self.decrypt_changed(Encrypted(_own(image), header, self.ciphertext.secret))

    @cached_property
    def tolerance(self) -> int:
        """Grey levels that a recovered sample may be off: 0, or where decryption is lossy as many as the receiver's."""
        if self.cipher.card.lossless:
            return 0
        return tolerance_of(self.cipher.decrypt(self.ciphertext, self.key), self.image)

    def fresh_decryption(self) -> FreshDecryption:
        """What the receiver of the challenge gets in a new process; ValueError if the cipher has no reference."""
        if not self.reference:
            raise ValueError("it is not known how another process loads the cipher; give the experiment a reference")
        try:
            here = self.cipher.decrypt(self.ciphertext, self.key)
            tolerance = self.tolerance
        except CipherError:
            here, tolerance = None, 0
        return decrypt_as_receiver(
            self.reference, self.cipher.card, self.ciphertext, self.key, self.image, here, tolerance
        )  # fmt: skip

    def png_round_trip(self, mode: Mode) -> PngRoundTrip:
        """What the receiver decrypts from the challenge as the sender has it, and from a PNG file of it.

        Another image is encrypted first, lest the cipher remembers the challenge as its last one.
        """
        secret = self.ciphertext.secret or None
        ciphertext = self.bare_cipher.encrypt(_own(self.image), self.key, self.nonce, secret=secret)
        self.encrypt(255 - self.image, "reread", mode)
        return png_round_trip(self.bare_cipher, ciphertext, self.key, self.image)

    def shared(self, name: str, image: Image, mode: Mode) -> Answer:
        """The encryption of an image that several attacks ask for, made once in each nonce mode."""
        if (mode, name) not in self._shared:
            self._shared[mode, name] = self.encrypt(image, f"shared {name}", mode)
        return self._shared[mode, name]

    def has(self, name: str, mode: Mode) -> bool:
        """Whether `shared` has been asked for ``name`` before."""
        return (mode, name) in self._shared

    def probe(self, name: Probe) -> Image:
        """A plaintext that many attacks ask for: zeros, uniform a and b, their XOR, their sum mod 256."""
        if name not in self._plain:
            self._plain[name] = self._make_probe(name)
            self._plain[name].flags.writeable = False
        return self._plain[name]

    def known(self, index: int) -> Image:
        """The plaintext of known pair ``index``, in the target's shape."""
        name = f"known {index}"
        if name not in self._plain:
            self._plain[name] = natural_image(self._photographs, self.image.shape, self.generator(name))
        return self._plain[name].copy()

    def _make_probe(self, name: Probe) -> Image:
        shape = self.image.shape
        if name == "zero":
            return np.zeros(shape, np.uint8)
        if name == "a^b":
            return self.probe("a") ^ self.probe("b")
        if name == "a+b":
            return self.probe("a") + self.probe("b")
        return self.generator(f"probe {name}").integers(0, 256, shape, np.uint8)


def _own(image: Image) -> Image:
    """A copy that a cipher's compiled code takes as it takes any image: for numba a read-only array is another type."""
    return np.array(image, order="C")


def natural_image(photographs: Sequence[Image], shape: tuple[int, ...], generator: np.random.Generator) -> Image:
    """A random cut of a random photograph at a random scale, maybe mirrored, with brightness and contrast varied.

    ``shape`` is (H, W) or (H, W, C). Without photographs it is a random smooth picture of 1/f noise.
    """
    height, width = shape[:2]
    channels = shape[2] if len(shape) == 3 else 1
    if photographs:
        cut = _cut(photographs[int(generator.integers(len(photographs)))], height, width, generator)
    else:
        cut = _noise(height, width, generator)
    bands = cut.shape[2]
    if channels == 1 and bands > 1:
        cut = cut.mean(axis=2, keepdims=True)
    elif channels != bands:
        cut = cut[..., np.arange(channels) % bands]
    contrast, brightness = generator.uniform(0.7, 1.2), generator.uniform(-25, 25)
    varied = np.clip((cut - cut.mean()) * contrast + cut.mean() + brightness, 0, 255)
    image: Image = np.rint(varied).astype(np.uint8).reshape(shape)
    return image


def _cut(photograph: Image, height: int, width: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(height, width, bands) float, from a window of the photograph drawn at random; sampled with a whole step."""
    source = photograph if photograph.ndim == 3 else photograph[..., None]
    lacking = max(0, height - source.shape[0]), max(0, width - source.shape[1])
    if any(lacking):
        source = np.pad(source, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="wrap")
    step = int(generator.integers(1, min(source.shape[0] // height, source.shape[1] // width) + 1))
    top = int(generator.integers(source.shape[0] - height * step + 1))
    left = int(generator.integers(source.shape[1] - width * step + 1))
    window = source[top : top + height * step, left : left + width * step]
    rows: NDArray[np.integer[Any]] = window[::step].astype(np.uint16 if step <= 256 else np.uint32)
    for part in range(1, step):
        rows += window[part::step]
    total = rows[:, ::step].astype(np.uint32)
    for part in range(1, step):
        total += rows[:, part::step]
    cut: NDArray[np.float64] = total / step**2
    return cut[:, ::-1] if generator.random() < 0.5 else cut


def _noise(height: int, width: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(height, width, 3) float: amplitude falling as 1/f, the three bands alike but not equal."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    amplitude = 1 / np.maximum(np.hypot(rows, columns), 1 / max(height, width))
    white = generator.normal(size=(4, height, width))
    smooth = np.fft.irfft2(np.fft.rfft2(white) * amplitude, s=(height, width))
    smooth /= smooth.std(axis=(1, 2), keepdims=True) + 1e-12
    bands: NDArray[np.float64] = 128 + 45 * smooth[0] + 15 * smooth[1:]
    return np.moveaxis(bands, 0, -1)
