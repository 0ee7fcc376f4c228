"""`cryptobench dump`: ciphertext as a stream of bytes, for test suites that read a pipe."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, BinaryIO

import click

from cryptobench.cli.mistake import Mistake
from cryptobench.cli.options import complete_cipher

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher, Image

__all__ = ["command"]

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _size(context: click.Context, parameter: click.Parameter, value: str) -> int:
    found = re.fullmatch(r"(\d+)([KMGT]?)", value.strip().upper())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter(f"{value!r} is no size, wanted bytes such as 1000000, 512K, 100M or 1G")
    return int(found[1]) * _UNITS[found[2]]


@click.command(short_help="Write ciphertext for other test suites.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option(
    "--bytes",
    "wanted",
    callback=_size,
    required=True,
    metavar="SIZE",
    help="How many, such as 512K, 100M or 1G.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Fixes key, nonces and images.")
@click.option("--image", "reference", default="astronaut", show_default=True, help="The image to start from.")
@click.option("--size", type=click.IntRange(min=1), default=256, show_default=True, help="Side of the image in pixels.")
@click.option("--fixed-nonce", is_flag=True, help="Hold nonce and per-message secret still.")
@click.option(
    "--test", "suite", type=click.Choice(["dieharder", "RNG_test"]), help="Feed this suite and print its verdict."
)
def command(
    cipher: str, wanted: int, seed: int, reference: str, size: int, fixed_nonce: bool, suite: str | None
) -> None:
    """Write ciphertexts of CIPHER, one after the other, to standard output.

    Each is of another image: --image moved, mirrored and with noise in its lowest bit, all under one key and each with
    a nonce of its own. Pipe them into a test suite:

    \b
      cryptobench dump hua2021 --bytes 1G | RNG_test stdin
      cryptobench dump hua2021 --bytes 64G | dieharder -g 200 -d 1
      cryptobench dump hua2021 --bytes 1G --test dieharder

    With --test the suite must be installed; the exit code is 1 if it finds a failure.
    """
    from cryptobench.cli.suites import find_suite, run_suite

    output: BinaryIO | None = None
    if suite is None:
        output = sys.stdout.buffer
        if output.isatty():
            raise Mistake(
                "standard output is a terminal, wanted a pipe or a file; add `| RNG_test stdin`, `> FILE` or --test"
            )
    else:
        find_suite(suite)
    from cryptobench.images import load_image
    from cryptobench.preflight import require_sound
    from cryptobench.registry import load_cipher

    require_sound(cipher)
    with redirect_stdout(sys.stderr):  # the stream is ciphertext alone, whatever the cipher prints
        chunks = _stream(load_cipher(cipher), load_image(reference, size), seed, fixed_nonce, wanted)
        if output is not None:
            _write(chunks, output)
            return
        assert suite is not None
        verdict = run_suite(suite, chunks, wanted)
    click.echo(f"{cipher}: {verdict}")
    raise SystemExit(0 if verdict.passed else 1)


def _write(chunks: Iterator[bytes], output: BinaryIO) -> None:
    try:
        for chunk in chunks:
            output.write(chunk)
        output.flush()
    except BrokenPipeError:  # the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())  # for what the interpreter flushes at exit


def _stream(cipher: Cipher, image: Image, seed: int, fixed_nonce: bool, wanted: int) -> Iterator[bytes]:
    """Exactly ``wanted`` bytes of ciphertext."""
    from cryptobench.analyses.tools.distinct import FEWEST_SAMPLES, encrypted, modified_images
    from cryptobench.experiment import Experiment

    if image.size < FEWEST_SAMPLES:
        raise Mistake(
            f"an image of {image.size} samples has too few distinct forms, wanted {FEWEST_SAMPLES}; use a larger --size"
        )
    experiment = Experiment(cipher, image, seed, "dump")
    messages = ((changed, experiment.key) for changed in modified_images(image, experiment.generator("dump")))
    left = wanted
    for ciphertext in encrypted(experiment, messages, "dump", "fixed" if fixed_nonce else "fresh"):
        chunk = ciphertext.tobytes()[:left]
        yield chunk
        left -= len(chunk)
        if not left:
            return
