"""Muon: momentum whose step is made orthogonal, for convolutions; Adam for everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Muon", "orthogonalised"]

MOMENTUM = 0.95
STEEPER = 2.5  # an orthogonal step is that many learning rates long
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


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


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """About U V^T for a matrix U S V^T of shape (m, n): Newton-Schulz leaves singular values from 0.7 to 1.2."""
    a, b, c = NEWTON_SCHULZ
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.mT
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x  # type: ignore[no-any-return]


def _orthogonal_step(weight: Tensor, gradient: Tensor, state: dict[str, Any], rate: float) -> None:
    momentum = state.setdefault("momentum", torch.zeros_like(weight))
    momentum.lerp_(gradient, 1 - MOMENTUM)
    matrix = gradient.lerp(momentum, MOMENTUM).flatten(1)
    rows, columns = matrix.shape
    scale = STEEPER * max(1.0, rows / columns) ** 0.5
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
