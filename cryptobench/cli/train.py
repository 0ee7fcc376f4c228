"""`cryptobench train`: train a learned cipher's networks on a folder of pictures."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.mistake import Mistake

if TYPE_CHECKING:
    from cryptobench.primitives.learned.weights import Manifest

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path)


def _share(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 < value < 1:
        raise click.BadParameter(f"{value:g} is no share, wanted a number between 0 and 1, such as 0.05")
    return value


@click.command(short_help="Train a learned cipher on a folder of pictures.")
@click.argument("cipher", metavar="NAME")
@click.option("--data", type=_FOLDER, multiple=True, required=True, metavar="DIR", help="Pictures; may be repeated.")
@click.option("--out", type=_FOLDER, required=True, metavar="FILE", help="The weights: a name in .safetensors.")
@click.option("--held-out", type=_FOLDER, multiple=True, metavar="DIR", help="Pictures to score on.")
@click.option(
    "--held-out-share", type=float, default=0.05, callback=_share, show_default=True, metavar="SHARE",
    help="Without --held-out: how much of --data is kept aside, at most 50 pictures.",
)  # fmt: skip
@click.option(
    "--preset", type=click.Choice(["cpu", "paper"]), default="cpu", show_default=True, help="Sizes and steps."
)
@click.option("--steps", type=click.IntRange(min=1), help="How many, instead of the preset's.")
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="As many steps as these allow, by a measured step."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a setting, such as variation_weight=0.1."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Fixes weights and crops.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="auto: cuda if any."
)
@click.option(
    "--precision", type=click.Choice(["float32", "bfloat16"]), help="Of the networks; bfloat16 on cuda if not given."
)
@click.option("--threads", type=click.IntRange(min=1), help="CPU threads; torch's choice if not given.")
@click.option("--licence", default="", metavar="TEXT", help="What may be done with the weights; kept in the manifest.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists and has no checkpoint to go on from.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON at the end.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def command(cipher: str, data: tuple[Path, ...], out: Path, as_json: bool, quiet: bool, **options: Any) -> None:
    """Train the networks of cipher NAME on the pictures in --data, and below it, and write their weights to --out.

    Beside FILE.safetensors come its manifest FILE.json, the log FILE.csv, the figure FILE.pdf and FILE.png, and the
    checkpoint FILE.ckpt: a run that was stopped or killed goes on with the same command, to the same weights.
    """
    from cryptobench.layout.backend import import_matplotlib
    from cryptobench.primitives.learned.requirement import require_torch

    require_torch("cryptobench train", Mistake)
    import_matplotlib()
    from cryptobench.training.session import TrainingStopped, train

    _require_new(out, options.pop("force"))
    if options["steps"] is not None and options["minutes"] is not None:
        raise Mistake("both --steps and --minutes are given, wanted one of them")
    again = shlex.join(
        ["cryptobench", *sys.argv[1:]]
        if sys.argv[1:2] == ["train"]
        else ["cryptobench", "train", cipher, *(f"--data={folder}" for folder in data), f"--out={out}"]
    )
    from cryptobench.training.progress import TrainingProgress

    progress = TrainingProgress(quiet=quiet)
    try:
        loaded, run = _prepare(cipher, data, out, options, progress)
        manifest = train(run, progress)
    except TrainingStopped as stopped:
        click.echo(f"Stopped: {stopped}.\nTo continue: {again}", err=True)
        sys.exit(128 + stopped.signal_number)
    except KeyboardInterrupt:
        click.echo(f"Stopped. To continue: {again}", err=True)
        sys.exit(130)
    if as_json:
        click.echo(json.dumps(asdict(manifest), indent=2))
    elif not quiet:
        click.echo(_summary(out, manifest, loaded))


def _prepare(cipher: str, data: tuple[Path, ...], out: Path, options: dict[str, Any], progress: Any) -> Any:
    """The cipher's class, and the run."""
    import torch

    from cryptobench.training.device import choose_device
    from cryptobench.training.session import Outputs, TrainingRun
    from cryptobench.training.settings import with_settings
    from cryptobench.training.sources import code_state, data_facts, gather, trainable

    device = choose_device(options["device"])
    if options["threads"]:
        torch.set_num_threads(options["threads"])
    loaded = trainable(cipher)
    recipe = with_settings(loaded.recipe(options["preset"]), options["settings"], options["steps"])
    pictures, held_out = gather(data, options["held_out"], options["held_out_share"])
    progress.say(f"{len(pictures)} pictures to train on, {len(held_out)} held out")
    return loaded, TrainingRun(
        cipher=cipher.rpartition("/")[2],  # of a path only the file
        preset=options["preset"],
        recipe=recipe,
        pictures=pictures,
        held_out=held_out,
        data=data_facts(data, options["held_out"], pictures, held_out),
        outputs=Outputs(out),
        seed=options["seed"],
        minutes=options["minutes"],
        device=device,
        precision=options["precision"],
        commit=code_state(),
        licence=options["licence"],
    )


def _require_new(out: Path, force: bool) -> None:
    if out.suffix != ".safetensors":
        raise Mistake(f"--out {out}: wanted a name that ends in .safetensors")
    if out.exists() and not out.with_suffix(".ckpt").exists() and not force:
        raise Mistake(f"{out} exists; use another --out, or --force to replace it")


def _summary(out: Path, manifest: Manifest, loaded: type[Any]) -> str:
    from cryptobench.primitives.learned.weights import trained_recipe
    from cryptobench.terminal import duration

    scores = "  ".join(f"{name} {value:.4g}" for name, value in manifest.scores.items())
    module = loaded.__module__
    multiple = getattr(trained_recipe(loaded.recipe("cpu"), manifest), "multiple", 1)
    own = getattr(loaded, "multiple", 1)
    return "\n".join(
        [
            f"{manifest.steps} steps in {duration(manifest.seconds)} on {manifest.device}",
            f"held-out pictures: {scores}",
            f"wrote {out}, its manifest {out.stem}.json, log {out.stem}.csv, figure {out.stem}.pdf and .png",
            f"to use these weights, write {out.with_name('mine.py')} with",
            "",
            f"    from {module} import {loaded.__name__}",
            "",
            f"    class Mine({loaded.__name__}):",
            f'        weights = ("{out.name}",)',
            *([f"        multiple = {multiple}"] if own % multiple else []),
            "",
            f"and give {out.with_name('mine.py')}:Mine wherever a cipher is asked for; {out.stem}.ckpt may be deleted",
        ]
    )
