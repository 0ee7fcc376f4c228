"""One training run from start to weights: pictures, checkpoint, log, scores, manifest, figure."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch
from filelock import FileLock, Timeout

from cryptobench.primitives.learned.checkpoint import read_checkpoint
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.primitives.learned.training import EVERY, Precision, StepReport, Training, TrainingError
from cryptobench.primitives.learned.weights import Manifest, save_weights
from cryptobench.terminal import stop_signals
from cryptobench.training.device import device_name
from cryptobench.training.figure import write_figure
from cryptobench.training.log import HELD_OUT, Row, TrainingLog
from cryptobench.training.pictures import centre_crops
from cryptobench.training.progress import TrainingProgress

__all__ = ["Outputs", "TrainingRun", "TrainingStopped", "train"]

SCORES = 40  # times that a run is scored on the way, on crops of a few pictures
SCORED_PICTURES, SCORED_SIDE = 16, 256
MEASURED_SHARE, MEASURED_SECONDS = 0.05, 10.0


@dataclass(frozen=True)
class Outputs:
    """Where a run's files are: the weights, and beside them under the same name manifest, checkpoint, log, figure."""

    weights: Path

    @property
    def checkpoint(self) -> Path:
        return self.weights.with_suffix(".ckpt")

    @property
    def log(self) -> Path:
        return self.weights.with_suffix(".csv")


@dataclass(frozen=True)
class TrainingRun:
    """What to train, on what, for how long, with what. ``minutes`` sets the recipe's steps, by a measured step."""

    cipher: str
    preset: str
    recipe: Recipe
    pictures: PictureSet
    held_out: PictureSet
    data: dict[str, Any]
    outputs: Outputs
    seed: int = 1
    minutes: float | None = None
    device: str = "cpu"
    precision: Precision | None = None
    commit: str = ""
    licence: str = ""


class TrainingStopped(Exception):
    """A run was stopped by a signal; its checkpoint is kept, and the same run goes on from there."""

    def __init__(self, checkpoint: Path, step: int, steps: int, signal_number: int) -> None:
        super().__init__(f"step {step} of {steps} is kept in {checkpoint}")
        self.signal_number = signal_number


def train(run: TrainingRun, progress: TrainingProgress) -> Manifest:
    """Train, or go on from the checkpoint beside the weights, and write weights, manifest, log and figure.

    TrainingStopped after Ctrl-C or SIGTERM; TrainingError if the run cannot start or go on.
    """
    with _claim(run.outputs), _torch_errors(run):
        recipe = _with_steps(run, progress)
        training = Training(recipe, run.pictures, run.seed, run.outputs.checkpoint, run.device, run.precision)
        if training.step:
            progress.say(f"going on from step {training.step} of {recipe.steps} in {run.outputs.checkpoint}")
            _say_what_changed(training, progress)
        log = TrainingLog(run.outputs.log, training.step)
        _train(run, training, log, progress)
        progress.say(f"scoring on {len(run.held_out)} held-out pictures")
        manifest = _ship(run, training)
        write_figure(run.outputs.weights, log.rows)
    return manifest


def _train(run: TrainingRun, training: Training, log: TrainingLog, progress: TrainingProgress) -> None:
    watched = centre_crops(run.held_out, SCORED_PICTURES, SCORED_SIDE)
    steps = training.recipe.steps
    between = max(1, round(steps / SCORES / EVERY)) * EVERY

    def report(now: StepReport) -> None:
        row: Row = {"step": now.step, "seconds": round(now.seconds, 2), **now.losses, "skipped": now.skipped}
        if now.step % between == 0 or now.step == steps:
            row |= {HELD_OUT + name: value for name, value in training.score(watched).items()}
        log.append(row)
        progress.row(row, steps)

    asked: SimpleQueue[Any] = SimpleQueue()
    progress.begin(training.step)
    try:
        with stop_signals(asked):
            finished = training.run(report, stop=lambda: not asked.empty())
    finally:
        progress.end()
    if not finished:
        raise TrainingStopped(run.outputs.checkpoint, training.step, steps, asked.get())


def _with_steps(run: TrainingRun, progress: TrainingProgress) -> Recipe:
    """The recipe with as many steps as ``minutes`` allow; a run that has begun keeps what was measured then."""
    if run.minutes is None:
        return run.recipe
    if run.outputs.checkpoint.exists():
        return replace(run.recipe, steps=int(read_checkpoint(run.outputs.checkpoint).settings["steps"]))
    seconds = _step_seconds(run, min(MEASURED_SECONDS, MEASURED_SHARE * 60 * run.minutes))
    steps = max(1, round(60 * run.minutes / seconds))
    progress.say(f"a step takes {1000 * seconds:.1f} ms: {steps} steps in {run.minutes:g} min")
    return replace(run.recipe, steps=steps)


def _step_seconds(run: TrainingRun, most: float) -> float:
    """Seconds that a step takes, measured over about ``most`` seconds of a run that is thrown away."""
    trial = Training(run.recipe, run.pictures, run.seed, None, run.device, run.precision)
    trial.run(stop=lambda: trial.step >= 2)
    warm, began = trial.seconds, time.monotonic()
    trial.run(stop=lambda: trial.step >= 5 and time.monotonic() - began > most)
    return (trial.seconds - warm) / max(1, trial.step - 2)


def _ship(run: TrainingRun, training: Training) -> Manifest:
    """Write the weights that the cipher needs, with the scores that they reach on the CPU, computed in float32."""
    recipe = training.recipe
    networks = copy.deepcopy(training.networks).cpu().eval()
    networks.to(getattr(torch, recipe.stored)).float()  # so that what is scored is what is stored
    manifest = Manifest(
        name=run.outputs.weights.stem,
        cipher=run.cipher,
        preset=run.preset,
        sha256="",
        recipe={"recipe": recipe.name, **recipe.settings()},
        seed=run.seed,
        steps=training.step,
        seconds=round(training.seconds, 1),
        device=device_name(run.device, training.precision),
        data=run.data,
        commit=run.commit,
        torch=torch.__version__,
        scores={name: round(value, 6) for name, value in recipe.score(networks, run.held_out).items()},
        licence=run.licence,
        cpu_seconds=round(training.cpu_seconds, 1),
    )
    shipped = torch.nn.ModuleDict({name: networks[name] for name in recipe.shipped})
    return save_weights(run.outputs.weights, shipped, manifest, recipe.stored)


def _say_what_changed(training: Training, progress: TrainingProgress) -> None:
    before, now = training.machine_before, training.machine
    changed = [f"{name} {before[name]}, now {value}" for name, value in now.items() if before.get(name, value) != value]
    if changed:
        progress.say(f"note: {'; '.join(changed)}: the weights will differ in bits from those of an unbroken run")


@contextmanager
def _claim(outputs: Outputs) -> Iterator[None]:
    """Hold the outputs, so that no second run writes to them, and turn a full disk into one line."""
    weights = outputs.weights
    try:
        weights.parent.mkdir(parents=True, exist_ok=True)
        lock = weights.with_name(f".{weights.stem}.lock")
        with FileLock(lock, timeout=0):
            yield
            lock.unlink(missing_ok=True)
    except Timeout:
        raise TrainingError(f"{weights} is being trained by another run; wait for it, or use another --out") from None
    except OSError as error:
        kept = "the last checkpoint is kept; " if outputs.checkpoint.exists() else ""
        raise TrainingError(
            f"cannot write {error.filename or weights}: {(error.strerror or str(error)).lower()}; {kept}free space or "
            "set permissions and give the same command again, or use another --out"
        ) from error


@contextmanager
def _torch_errors(run: TrainingRun) -> Iterator[None]:
    """Say in one line that memory is short, or that the recipe's settings give networks that cannot run."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise TrainingError(
            f"{run.cipher}: out of memory on {run.device}; use a smaller batch, such as --set crops=2"
        ) from error
    except (RuntimeError, ArithmeticError, ValueError) as error:
        if isinstance(error, ValueError) and type(error) is not ValueError:
            raise  # ours, or one that knows better
        reason = " ".join(str(error).split())[:200]
        raise TrainingError(f"{run.cipher}: these settings cannot be trained ({reason}); check --set") from error
