"""`cryptobench ablate`: what each weight of a learned cipher's loss does."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from cryptobench.cli.mistake import Mistake

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path)


@click.command("ablate", short_help="Train with one setting changed at a time; table and figure.")
@click.argument("cipher", metavar="NAME")
@click.option("--data", type=_FOLDER, multiple=True, required=True, metavar="DIR", help="Pictures; may be repeated.")
@click.option("--out", type=_FOLDER, required=True, metavar="DIR", help="Folder for table, figure and weights.")
@click.option(
    "--vary", multiple=True, required=True, metavar="NAME=A,B,C",
    help="A setting and its values, such as variation_weight=0,0.02,0.2; may be repeated.",
)  # fmt: skip
@click.option("--held-out", type=_FOLDER, multiple=True, metavar="DIR", help="Pictures to score on.")
@click.option("--steps", type=click.IntRange(min=1), help="How many in each training, instead of the preset's.")
@click.option("--preset", type=click.Choice(["cpu", "paper"]), default="cpu", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The same for all.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="CPU threads; torch's choice if not given.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def command(cipher: str, data: tuple[Path, ...], out: Path, vary: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Train cipher NAME anew for each value in --vary, all else equal, and write ablation.csv, .md, .pdf and .png.

    A run that was stopped goes on with the same command; trainings that are finished are not repeated.
    """
    from cryptobench.primitives.learned.requirement import require_torch

    require_torch("cryptobench ablate", Mistake)
    import torch

    from cryptobench.layout.backend import import_matplotlib

    import_matplotlib()
    from cryptobench.training.ablation import ablate, trials_of
    from cryptobench.training.ablation_figure import write_ablation
    from cryptobench.training.device import choose_device
    from cryptobench.training.progress import TrainingProgress
    from cryptobench.training.session import Outputs, TrainingRun, TrainingStopped
    from cryptobench.training.settings import with_settings
    from cryptobench.training.sources import code_state, data_facts, gather, trainable

    if options["threads"]:
        torch.set_num_threads(options["threads"])
    recipe = with_settings(trainable(cipher).recipe(options["preset"]), [], options["steps"])
    trials_of(recipe, vary)  # so that a misspelt setting is reported before pictures are read
    pictures, held_out = gather(data, options["held_out"], 0.05)
    run = TrainingRun(
        cipher=cipher.rpartition("/")[2],
        preset=options["preset"],
        recipe=recipe,
        pictures=pictures,
        held_out=held_out,
        data=data_facts(data, options["held_out"], pictures, held_out),
        outputs=Outputs(out / "unused.safetensors"),
        seed=options["seed"],
        device=choose_device(options["device"]),
        commit=code_state(),
    )
    try:
        table = ablate(run, vary, out, TrainingProgress(quiet=quiet))
    except TrainingStopped as stopped:
        again = shlex.join(["cryptobench", *sys.argv[1:]])
        click.echo(f"Stopped: {stopped}.\nTo continue: {again}", err=True)
        sys.exit(128 + stopped.signal_number)
    paths = write_ablation(table, out, f"{run.cipher}: one setting changed at a time")
    if not quiet:
        click.echo("\n".join(f"wrote {path}" for path in paths))
