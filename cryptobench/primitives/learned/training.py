"""The one training loop: any recipe, any pictures, stopped and resumed without a trace. The optimiser Muon."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from cryptobench.primitives.learned.checkpoint import Checkpoint, CheckpointError, load_checkpoint, save_checkpoint
from cryptobench.primitives.learned.crops import PictureSet
from cryptobench.primitives.learned.recipe import Player, Recipe, learning_rate_factor

__all__ = ["EVERY", "Muon", "Precision", "StepReport", "Training", "TrainingError", "orthogonalised"]

Precision = Literal["float32", "bfloat16"]

EVERY = 100  # steps between log lines
_PATIENCE = 200  # steps left out in a row before a run counts as diverged
_MOMENTUM = 0.95  # of Muon, as are the next two
_STEEPER = 2.5  # an orthogonal step is that many learning rates long
_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


class TrainingError(ValueError):
    """Training cannot start or go on; the message says why and what to change."""


@dataclass(frozen=True)
class StepReport:
    """One line of the log: the step, seconds of training so far, and mean losses since the line before."""

    step: int
    steps: int
    seconds: float
    losses: dict[str, float]
    skipped: int


class Training:
    """A run of ``recipe`` over ``pictures``; with a checkpoint at ``path`` it goes on from there.

    Everything random is a function of the seed and the step, so a run that was stopped ends with the same weights as
    one that was not (on the same device, with the same number of threads). ``precision`` is what the networks
    compute in, bfloat16 on CUDA if it is not given; weights, losses and what passes between networks are float32.
    """

    def __init__(
        self,
        recipe: Recipe,
        pictures: PictureSet,
        seed: int,
        path: Path | None = None,
        device: str = "cpu",
        precision: Precision | None = None,
    ) -> None:
        self.recipe, self.pictures, self.seed, self.path = recipe, pictures, seed, path
        self.device = torch.device(device)
        self.precision = precision or ("bfloat16" if self.device.type == "cuda" else "float32")
        self.settings = {"recipe": recipe.name, "seed": seed, "pictures": pictures.sha256, **recipe.settings()}
        self.machine = {"device": str(self.device), "precision": self.precision, "threads": torch.get_num_threads()}
        self.machine_before: dict[str, Any] = {}
        torch.manual_seed(seed)
        self.networks = recipe.networks().to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.precision != "float32":
            for network in self.networks.values():
                network.register_forward_hook(lambda module, given, output: _float32(output))
        self.optimisers = {player.name: self._optimiser(player) for player in recipe.players()}
        self.step, self.seconds, self.cpu_seconds = 0, 0.0, 0.0
        self._sums: dict[str, Tensor] = {}
        self._counted = self._skipped = self._skipped_in_a_row = 0
        if path is not None and path.exists():
            self._resume(path)

    def run(
        self,
        report: Callable[[StepReport], None] = lambda progress: None,
        *,
        minutes: float = math.inf,
        save_every: float = 60.0,
        stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Train until the recipe's steps are done (True), or ``minutes`` have passed or ``stop()`` says so (False).

        Saves every ``save_every`` seconds and at the end; ``report`` is called every 100 steps, and its time does
        not count. TrainingError if the losses are not finite for 200 steps on end.
        """
        before = self.seconds
        saved = time.monotonic()
        while self.step < self.recipe.steps:
            started, cpu = time.monotonic(), time.process_time()
            with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True):
                self._one_step()
            now = time.monotonic()
            self.seconds += now - started
            self.cpu_seconds += time.process_time() - cpu
            if self.step % EVERY == 0 or self.step == self.recipe.steps:
                report(self._line())
            if now - saved > save_every:
                self.save()
                saved = now
            if stop() or self.seconds - before > 60 * minutes:
                break
        self.save()
        return self.step >= self.recipe.steps

    def save(self) -> None:
        """Write the checkpoint, if the run has a path for one."""
        if self.path is None:
            return
        # Random numbers are drawn afresh from seed and step, so no generator's state has to be kept.
        checkpoint = Checkpoint(
            self.step,
            self.seconds,
            self.settings,
            self.networks.state_dict(),
            {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
            {name: value.item() for name, value in self._sums.items()},
            self._counted,
            self._skipped,
            self.machine,
            self.cpu_seconds,
        )
        save_checkpoint(self.path, checkpoint)

    def score(self, pictures: PictureSet) -> dict[str, float]:
        """The recipe's scores on held-out pictures, which leave no trace in the networks."""
        self.networks.eval()
        try:
            return self.recipe.score(self.networks, pictures)
        finally:
            self.networks.train()

    def _one_step(self) -> None:
        progress = self.step / self.recipe.steps
        torch.manual_seed(_mixed(self.seed, self.step))
        batch = _to(self.recipe.batch(self.pictures, self.seed, self.step), self.device)
        terms: dict[str, Tensor] = {}
        stepped = True
        with self._autocast():
            state = self.recipe.forward(self.networks, batch, progress)
        for player in self.recipe.players():
            with self._autocast():
                loss, parts = self.recipe.loss(player, self.networks, state, progress)
            stepped &= self._update(player, loss)
            terms.update(parts)
        self.step += 1
        self._count(terms, stepped)

    def _count(self, terms: dict[str, Tensor], stepped: bool) -> None:
        if not stepped:
            self._skipped += 1
            self._skipped_in_a_row += 1
            if self._skipped_in_a_row >= _PATIENCE:
                raise TrainingError(
                    f"training diverged: at step {self.step} the losses have not been finite for {_PATIENCE} steps; "
                    "start anew with a lower learning rate"
                )
            return
        self._skipped_in_a_row = 0
        self._counted += 1
        for name, part in terms.items():
            # On the device, since fetching each number at each step would hold a GPU up.
            value = part.detach().double()
            self._sums[name] = self._sums[name] + value if name in self._sums else value

    def _line(self) -> StepReport:
        losses = {name: value.item() / self._counted for name, value in self._sums.items()}
        self._sums, self._counted = {}, 0
        return StepReport(self.step, self.recipe.steps, self.seconds, losses, self._skipped)

    def _update(self, player: Player, loss: Tensor) -> bool:
        optimiser = self.optimisers[player.name]
        factor = learning_rate_factor(self.step, self.recipe.steps)
        for group in optimiser.param_groups:
            group["lr"] = player.learning_rate * factor
        optimiser.zero_grad(set_to_none=True)
        parameters = self._parameters(player)
        loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(parameters, player.clip or math.inf)
        if not torch.isfinite(norm):
            return False  # flat crops can overflow a normalised network; the step is left out and counted
        optimiser.step()
        return True

    def _optimiser(self, player: Player) -> torch.optim.Optimizer:
        kind: type[torch.optim.Adam | Muon] = Muon if player.optimiser == "muon" else torch.optim.Adam
        return kind(self._parameters(player), player.learning_rate, player.betas)

    def _parameters(self, player: Player) -> list[nn.Parameter]:
        """Each once: a decoder may have the encoder's."""
        return list(dict.fromkeys(weight for name in player.modules for weight in self.networks[name].parameters()))

    def _autocast(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.precision == "float32" else torch.autocast(self.device.type, torch.bfloat16)

    def _resume(self, path: Path) -> None:
        checkpoint = load_checkpoint(path, self.settings)
        self.step, self.seconds, self.cpu_seconds = checkpoint.step, checkpoint.seconds, checkpoint.cpu_seconds
        self.machine_before = checkpoint.machine
        self._sums = {
            name: torch.tensor(value, dtype=torch.float64, device=self.device)
            for name, value in checkpoint.sums.items()
        }
        self._counted, self._skipped = checkpoint.counted, checkpoint.skipped
        try:
            self.networks.load_state_dict(checkpoint.networks)
            for name, state in checkpoint.optimisers.items():
                self.optimisers[name].load_state_dict(state)
        except (RuntimeError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())[:120]
            raise CheckpointError(f"{path}: of other networks ({reason}); delete it to start anew") from error


def _float32(output: Any) -> Any:
    """Eight bits of mantissa cannot hold the 256 levels that images are rounded to between networks."""
    return output.float() if isinstance(output, Tensor) and output.is_floating_point() else output


def _to(batch: Any, device: torch.device) -> Any:
    if isinstance(batch, Tensor):
        return batch.to(device, memory_format=torch.channels_last) if batch.ndim == 4 else batch.to(device)
    if isinstance(batch, dict):
        return {name: _to(value, device) for name, value in batch.items()}
    return batch


def _mixed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)


class Muon(torch.optim.Optimizer):
    """Weights of convolutions move along U V^T of their Nesterov momentum U S V^T; biases and norms as under Adam.

    A convolution's kernel counts as the matrix (outputs, inputs * height * width). Source: K. Jordan et al., "Muon: an
    optimizer for hidden layers in neural networks", 2024.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, betas: tuple[float, float]) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                if weight.ndim > 1:
                    _orthogonal_step(weight, weight.grad, self.state[weight], group["lr"])
                else:
                    _adam_step(weight, weight.grad, self.state[weight], group["lr"], *group["betas"])


def _orthogonal_step(weight: Tensor, gradient: Tensor, state: dict[str, Any], rate: float) -> None:
    momentum = state.setdefault("momentum", torch.zeros_like(weight))
    momentum.lerp_(gradient, 1 - _MOMENTUM)
    matrix = gradient.lerp(momentum, _MOMENTUM).flatten(1)
    rows, columns = matrix.shape
    scale = _STEEPER * max(1.0, rows / columns) ** 0.5
    weight.add_(orthogonalised(matrix).reshape(weight.shape), alpha=-rate * scale)


def _adam_step(
    weight: Tensor, gradient: Tensor, state: dict[str, Any], rate: float, beta1: float, beta2: float
) -> None:
    if not state:
        state.update(step=torch.zeros(()), mean=torch.zeros_like(weight), square=torch.zeros_like(weight))
    state["step"] += 1
    mean = state["mean"].lerp_(gradient, 1 - beta1) / (1 - beta1 ** state["step"])
    square = state["square"].lerp_(gradient.square(), 1 - beta2) / (1 - beta2 ** state["step"])
    weight.addcdiv_(mean, square.sqrt() + 1e-8, value=-rate)


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """About U V^T for a matrix U S V^T of shape (m, n): Newton-Schulz leaves singular values from 0.7 to 1.2."""
    a, b, c = _NEWTON_SCHULZ
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.mT
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x  # type: ignore[no-any-return]
