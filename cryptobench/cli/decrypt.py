"""`cryptobench decrypt`: back from what `cryptobench encrypt` wrote."""

from __future__ import annotations

from pathlib import Path

import click

from cryptobench.cli.keys import key_options, read_key
from cryptobench.cli.mistake import Mistake

__all__ = ["command"]


@click.command(short_help="Decrypt what `encrypt` wrote.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@key_options
@click.option("--cipher", metavar="CIPHER", help="The cipher, if it is a file: path/to/file.py:ClassName or .toml.")
@click.option("--sidecar", type=click.Path(path_type=Path), metavar="FILE", help="The sidecar, if it is not IN.json.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def command(
    source: Path,
    target: Path,
    key: str | None,
    key_file: Path | None,
    cipher: str | None,
    sidecar: Path | None,
    force: bool,
) -> None:
    """Decrypt the cipher image IN, with its sidecar IN.json, into OUT.

    IN is a file without loss: a JPEG of a cipher image holds another ciphertext, and is refused. The sidecar names the
    cipher. A cipher that is a file of yours must be given: nothing a sidecar names is run unless it is registered here.
    """
    from cryptobench.cipher import CipherError
    from cryptobench.cli.codec import (
        decrypt_file,
        read_sidecar,
        require_cipher,
        require_lossless_source,
        sidecar_path,
    )
    from cryptobench.preflight import require_sound
    from cryptobench.registry import cipher_names, load_cipher

    if key is None and key_file is None:
        raise Mistake("there is no key: give the one that `cryptobench encrypt` used with --key or --key-file")
    require_lossless_source(source)
    path = sidecar or sidecar_path(source)
    named = read_sidecar(path).cipher
    if cipher is None and named not in cipher_names():
        raise Mistake(
            f"{path} is for cipher {named!r}, which is not registered; give it with --cipher path/to/file.py:Class"
        )
    require_sound(cipher or named)
    loaded = load_cipher(cipher or named)
    require_cipher(path, named, loaded)
    chosen = read_key(key, key_file, loaded.card)
    assert chosen is not None
    try:
        decrypt_file(source, target, loaded, chosen, sidecar=sidecar, force=force)
    except CipherError as error:  # it did what was asked, and the cipher rejected what it was given
        raise click.ClickException(str(error)) from None
    click.echo(f"wrote {target}")
