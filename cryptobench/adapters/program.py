"""A program as a cipher: pictures go to it and come back as files in a private folder, and nothing is run by a shell.

It is a process a call (``encrypt = [...]`` and ``decrypt = [...]``), or one that serves all calls (``serve = [...]``),
a line each way. See docs/programs.md for what a program is given and what it has to answer.
"""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from cryptobench.adapters.pictures import PictureError, ending, read_picture, write_picture
from cryptobench.adapters.processes import Failed, Server, run_once
from cryptobench.adapters.program_file import ProgramFile, read_program_file
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, ContractError, Encrypted, Image, stage
from cryptobench.reading import MEBIBYTE, Source
from cryptobench.scratch import ScratchFolder
from cryptobench.watch import unwatched

__all__ = ["ProgramCipher", "ProgramError", "program_class", "program_of"]

_of_others: list[ScratchFolder | None] = []
_REFUSES = 3  # the exit code by which a process a call refuses what it was given


class ProgramError(ContractError):
    """A program hung, died, wrote no picture or a wrong one; the message says which, in one line.

    Where it ``hangs``, so it would with the next image, and nobody needs to wait for that.
    """

    hangs = False


class ProgramCipher(Cipher):
    """A cipher whose work a program does; subclasses, one for each ``.toml``, are made by `program_class`.

    ``reference`` is what other processes load it by: the absolute path of the ``.toml``. The header begins with the
    nonce, if the card uses one; what the program writes to CIPHER.header follows it.
    """

    program: ClassVar[ProgramFile]
    reference: ClassVar[str]
    timing_note: ClassVar[str]

    def __init__(self) -> None:
        """Check that the program is there; ProgramFileError if not. Nothing is started before the first call."""
        file = self.program
        self._commands = {
            name: file.runnable(command)
            for name, command in (("encrypt", file.encrypt), ("decrypt", file.decrypt), ("serve", file.serve))
            if command
        }
        self._lock, self._owner = threading.Lock(), os.getpid()
        self._folder: ScratchFolder | None = None
        self._server: Server | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return program_of, (self.reference,)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        """Have the program write the cipher image, and its own header and secret if it has them."""
        sent = nonce if self.card.uses_nonce else bytes(NONCE_BYTES)
        with self._lock, unwatched():
            with stage("pictures"):
                plain, cipher = self._files(image.shape)
                write_picture(plain, image)
            if secret is not None:
                _beside(cipher, "secret").write_bytes(secret)
            self._call("encrypt", plain, cipher, key, sent)
            with stage("pictures"):
                cipher_image = self._read("encrypt", cipher, image.shape)
            header = self._header(self._told(cipher, "header"))
            told = self._told(cipher, "secret")
        bits = self.card.secret_bits
        if len(told) != -(-bits // 8):
            raise self._wrong(
                "encrypt",
                f"wrote a secret of {len(told)} bytes, and the card states secret_bits = {bits}; correct one of them",
            )
        return Encrypted(cipher_image, (nonce if self.card.uses_nonce else b"") + header, told)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        """Have the program write the plaintext; CipherError where it refuses, or header or secret are too short."""
        header, nonce, name = encrypted.header, bytes(NONCE_BYTES), self.card.name
        if self.card.uses_nonce:
            nonce, header = header[:NONCE_BYTES], header[NONCE_BYTES:]
        wanted, given = self.program.header_bytes, len(encrypted.header)
        if len(nonce) < NONCE_BYTES or wanted not in (None, len(header)):
            least = given - len(header) if len(nonce) == NONCE_BYTES else NONCE_BYTES
            least = least if self.card.uses_nonce else 0
            raise CipherError(f"{name}: header has {given} bytes, wanted {least + (wanted or 0)}")
        bits = self.card.secret_bits
        if len(encrypted.secret) != -(-bits // 8):
            raise CipherError(f"{name}: secret has {len(encrypted.secret)} bytes, wanted {-(-bits // 8)}")
        image = encrypted.image
        with self._lock, unwatched():
            with stage("pictures"):
                plain, cipher = self._files(image.shape)
                write_picture(cipher, image)
            for kind, value in (("header", header), ("secret", encrypted.secret)):
                if value:
                    _beside(cipher, kind).write_bytes(value)
            self._call("decrypt", plain, cipher, key, nonce)
            with stage("pictures"):
                return self._read("decrypt", plain, image.shape)

    def close(self) -> None:
        """End the program, if it serves; it is started again by the next call."""
        with self._lock:
            if self._server is not None:
                self._server.end()
                self._server = None

    def _files(self, shape: tuple[int, ...]) -> tuple[Path, Path]:
        """Where plain and cipher image travel: in a private folder, which holds nothing else of earlier calls."""
        if self._owner != os.getpid():  # this process was forked from the one that the folder and the server are of
            _of_others.append(self._folder)  # whose end would remove it
            self._folder, self._server, self._owner = None, None, os.getpid()
        if self._folder is None:
            made = ScratchFolder()
            if len(made.name.split()) != 1:
                raise CipherError(f"the temporary folder {made.name!r} has a space in its name; set TMPDIR")
            self._folder = made
        folder = Path(self._folder.name, "pictures")
        folder.mkdir(mode=0o700, exist_ok=True)
        for entry in os.scandir(folder):  # to remove and make the folder takes milliseconds on some systems
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108
        suffix = ending(shape, self.program.pictures)
        return folder / f"plain{suffix}", folder / f"cipher{suffix}"

    def _call(self, method: str, plain: Path, cipher: Path, key: bytes, nonce: bytes) -> None:
        try:
            if "serve" in self._commands:
                self._ask(method, f"{method} {plain} {cipher} {key.hex()} {nonce.hex()}")
            else:
                self._run(method, plain, cipher, key, nonce)
        except Failed as failure:
            error = self._wrong(method, str(failure))
            error.hangs = failure.hangs
            raise error from None

    def _run(self, method: str, plain: Path, cipher: Path, key: bytes, nonce: bytes) -> None:
        places = {
            "{plain}": str(plain), "{cipher}": str(cipher), "{key}": key.hex(), "{nonce}": nonce.hex(),
            "{header}": str(_beside(cipher, "header")), "{secret}": str(_beside(cipher, "secret")),
        }  # fmt: skip
        command = [_filled(one, places) for one in self._commands[method]]
        with stage("program, its start included"):
            code, said, complaint = run_once(
                command, self.program.path.parent, self._complaints(), self.program.seconds
            )
        if code == _REFUSES:
            raise CipherError(f"{self.card.name}: {method} refuses it: {complaint or said or 'it says no reason'}")
        if code:
            raise Failed(f"ended with exit code {code}" + (f": {complaint}" if complaint else ""))
        written = cipher if method == "encrypt" else plain
        if said and not written.exists():
            raise Failed(f'printed "{said}" and wrote no picture; write it to the file that is named')

    def _ask(self, method: str, line: str) -> None:
        server = self._server
        if server is None or not server.alive():
            if server is not None:
                server.kill()
            with stage("start of the program"):
                self._server = server = Server(self._commands["serve"], self.program.path.parent, self._complaints())
            weakref.finalize(self, server.end)
        with suppress(OSError):
            os.truncate(self._complaints(), 0)
        try:
            with stage("program"):
                answer = server.ask(line, self.program.seconds)
        except BaseException:  # whatever it says now would be taken for the answer to the next question
            server.kill()
            self._server = None
            raise
        word, _, reason = answer.partition(" ")
        if word == "error":
            raise CipherError(f"{self.card.name}: {method} refuses it: {reason.strip()[:200] or 'it says no reason'}")

    def _complaints(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name, "standard_error")

    def _read(self, method: str, path: Path, partner: tuple[int, ...]) -> Image:
        try:
            return read_picture(path, partner, self.program.changes_size)
        except FileNotFoundError:
            raise self._wrong(method, f"ended well, but wrote no file {path.name}") from None
        except PictureError as error:
            raise self._wrong(method, str(error)) from None

    def _told(self, cipher: Path, kind: str) -> bytes:
        """The content of CIPHER.header or CIPHER.secret, empty if there is none."""
        try:
            return Source(_beside(cipher, kind), PictureError, "write one file there").content(MEBIBYTE)
        except FileNotFoundError:
            return b""
        except PictureError as error:
            raise self._wrong("encrypt", f"wrote a {kind} that is none: {error}") from None

    def _header(self, header: bytes) -> bytes:
        if self.program.header_bytes not in (None, len(header)):
            raise self._wrong(
                "encrypt",
                f"wrote a header of {len(header)} bytes, wanted {self.program.header_bytes}; set header_bytes = "
                f'{len(header)} above [card], or "any" if it varies',
            )
        return header

    def _wrong(self, method: str, what: str) -> ProgramError:
        return ProgramError(f"{self.card.name}: {method}: the program {what} ({self.program.path.name})")


def program_class(path: Path) -> type[ProgramCipher]:
    """The class of the cipher that a ``.toml`` describes; ProgramFileError if it describes none. Nothing is run."""
    file = read_program_file(path)
    start = "its start and of " if file.encrypt else ""
    values = {
        "card": file.card, "program": file, "reference": str(file.path), "__doc__": file.card.title,
        "timing_note": f"a program: with the time of {start}pictures that go to it and back as files",
        "__module__": f"program {file.path.name}",  # it is nobody's module, and not one of ours
    }  # fmt: skip
    return type("".join(filter(str.isalnum, file.path.stem)) or "Program", (ProgramCipher,), values)


def program_of(reference: str) -> ProgramCipher:
    """The cipher of a ``.toml``."""
    return program_class(Path(reference))()


def _beside(cipher: Path, kind: str) -> Path:
    return cipher.with_name(f"{cipher.name}.{kind}")


def _filled(argument: str, places: dict[str, str]) -> str:
    """An argument with what its places stand for; what is put in is not looked at again."""
    for place, value in places.items():
        if argument == place:
            return value
    parts, rest = [], argument
    while rest:
        found = min(((rest.find(place), place) for place in places if place in rest), default=(-1, ""))
        if found[0] < 0:
            break
        parts += [rest[: found[0]], places[found[1]]]
        rest = rest[found[0] + len(found[1]) :]
    return "".join([*parts, rest])
