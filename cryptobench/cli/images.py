"""`cryptobench images`: what pictures there are, and fetching more."""

from __future__ import annotations

import json

import click

from cryptobench.cli.text import columns

__all__ = ["command"]


@click.group()
def command() -> None:
    """List the images, or fetch an image set."""


@command.command("list", short_help="List the images, or the pictures of a set.")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_images(name: str | None, as_json: bool) -> None:
    """List the built-in images and the image sets, or the pictures in NAME (a set or a folder)."""
    from cryptobench.images import REMOTE_SETS, image_names, is_fetched, resolve

    if name is not None:
        pictures = resolve([name])
        click.echo(json.dumps(pictures, indent=2) if as_json else "\n".join(pictures))
        return
    builtin = [{"name": n, "kind": k, "description": d} for n, k, d in image_names()]
    sets = [
        {
            "name": n,
            "kind": "set",
            "description": s.title,
            "megabytes": s.megabytes,
            "fetched": is_fetched(n),
            "home": s.home,
        }
        for n, s in REMOTE_SETS.items()
    ]
    if as_json:
        click.echo(json.dumps([*builtin, *sets], indent=2))
        return
    click.echo(columns(["name", "kind", "description"], [list(row.values()) for row in builtin]))
    click.echo()
    here = ["yes" if s["fetched"] else f"no, {s['megabytes']} MB" for s in sets]
    rows = [[str(s["name"]), fetched, str(s["description"])] for s, fetched in zip(sets, here, strict=True)]
    click.echo(columns(["set", "fetched", "description"], rows))
    click.echo("\n--images also takes: photographs, stress, builtin, all, and any picture file or folder of them")


@command.command(short_help="Fetch image sets by name, once.")
@click.argument("names", metavar="SET...", nargs=-1, required=True)
def fetch(names: tuple[str, ...]) -> None:
    """Fetch image sets by name, once; each is checked against its recorded sha256."""
    from cryptobench.images import fetch as fetch_set
    from cryptobench.images import is_fetched, picture_names

    for name in names:
        already = is_fetched(name)
        folder = fetch_set(name, lambda line: click.echo(line, err=True))
        click.echo(
            f"{name}: {len(picture_names(name))} pictures {'were here already' if already else 'fetched'}, in {folder}"
        )
