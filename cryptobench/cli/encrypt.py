"""`cryptobench encrypt`: a picture, encrypted with any cipher."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from cryptobench.cli.keys import key_options, read_key
from cryptobench.cli.options import complete_cipher

__all__ = ["command"]


@click.command(short_help="Encrypt a picture, to look at it.")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--cipher", required=True, metavar="CIPHER", shell_complete=complete_cipher,
    help="A name from `list ciphers`, path/to/file.py:ClassName, or path/to/file.toml for a program.",
)  # fmt: skip
@key_options
@click.option("--size", type=click.IntRange(min=1), help="Scale IN to this many pixels first.")
@click.option("--force", is_flag=True, help="Replace OUT and OUT.json if they exist.")
def command(
    source: str, target: Path, cipher: str, key: str | None, key_file: Path | None, size: int | None, force: bool
) -> None:
    """Encrypt the picture IN into OUT, to look at it. Not for production.

    IN is a file or the name of an image, such as coffee. OUT ends in a lossless format (.png .tif .bmp .ppm), or
    in .npy, which holds a cipher image of any shape. OUT.json gets what decryption needs besides the key: the
    public header and the per-message secret. Without a key a random one is made and printed.
    """
    from cryptobench.cli.codec import NOTICE, encrypt_file, sidecar_path
    from cryptobench.preflight import require_sound
    from cryptobench.registry import load_cipher

    require_sound(cipher)
    loaded = load_cipher(cipher)
    given = read_key(key, key_file, loaded.card)
    chosen = given or secrets.token_bytes(loaded.card.key_bytes)
    sidecar = encrypt_file(source, target, loaded, chosen, size=size, force=force)
    click.echo(f"wrote {target} and {sidecar_path(target)}")
    if given is None:
        click.echo(f"key (random, kept nowhere else): {chosen.hex()}")
    if sidecar.secret:
        click.echo(f"{sidecar_path(target)} holds a per-message secret of {8 * len(sidecar.secret)} bits")
    click.echo(NOTICE, err=True)
