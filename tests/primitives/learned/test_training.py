"""The training loop: losses fall, resuming leaves no trace, loss weights do what they say. The optimiser Muon."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

import cryptobench.primitives.learned.training
from cryptobench.primitives.learned.checkpoint import CheckpointError, read_checkpoint
from cryptobench.primitives.learned.losses import total_variation
from cryptobench.primitives.learned.recipe import StatisticsRecipe
from cryptobench.primitives.learned.training import _STEEPER, Muon, Training, TrainingError, orthogonalised
from tests.primitives.learned.tiny import SIZES, gan_recipe, pair_recipe, pictures

FAST = {"optimiser": "adam", "learning_rate": 1e-2, "ramp_start": 0.0, "ramp_end": 0.01}


@pytest.fixture
def often(monkeypatch):
    """A log line every 20 steps instead of 100."""
    monkeypatch.setattr(cryptobench.primitives.learned.training, "EVERY", 20)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(recipe, seed=1, data=None, **options):
    lines = []
    training = Training(recipe, data or pictures(), seed, **options)
    assert training.run(lines.append)
    return training, lines


def states(training):
    weights = training.networks.state_dict()
    moments = {
        f"{player} {i} {name}": value
        for player, optimiser in training.optimisers.items()
        for i, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
    }
    return weights | moments


def test_losses_fall(often):
    """Within 60 steps the reconstruction error and the distance from noise fall by a quarter and more."""
    _, (first, _, last) = trained(pair_recipe(60, **FAST))
    assert last.losses["decryption"] < 0.75 * first.losses["decryption"]
    assert last.losses["encryption"] < 0.75 * first.losses["encryption"]
    assert (first.step, last.step, last.steps) == (20, 60, 60)
    assert last.skipped == 0
    assert last.seconds > first.seconds > 0


@pytest.mark.parametrize(
    "recipe",
    [
        pair_recipe(25),
        gan_recipe(25),
        pair_recipe(25, optimiser="adam"),
        pair_recipe(25, network="coupling-resnet", crops=1),
    ],
    ids=["pair", "gan", "adam", "shared weights"],
)
def test_resuming_equals_no_interruption(recipe, tmp_path, often):
    """A run stopped at steps 7 and 22 ends with the bits of one that was not: weights, moments and log lines."""
    whole, expected = trained(recipe)
    path, lines = tmp_path / "run.ckpt", []
    for stop in (7, 22, 25):
        torch.manual_seed(stop)  # what came before must not matter
        part = Training(recipe, pictures(), 1, path)
        assert part.run(lines.append, stop=lambda part=part, stop=stop: part.step >= stop) == (stop == 25)
        assert read_checkpoint(path).step == stop
    a, b = states(whole), states(part)
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert [(line.step, line.losses) for line in lines] == [(line.step, line.losses) for line in expected]


def test_the_seed_decides():
    """Equal seeds give equal weights, others do not."""
    runs = [states(trained(pair_recipe(3), seed)[0]) for seed in (1, 1, 2)]
    assert all(torch.equal(runs[0][name], runs[1][name]) for name in runs[0])
    assert not any(torch.equal(runs[0][n], runs[2][n]) for n in runs[0] if n.endswith("head.weight"))


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    """Another seed, other pictures or another loss weight is named; nothing is overwritten."""
    path = tmp_path / "run.ckpt"
    trained(pair_recipe(2), path=path)
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match="seed 1, now 2"):
        Training(pair_recipe(2), pictures(), 2, path)
    with pytest.raises(CheckpointError, match="pictures"):
        Training(pair_recipe(2), pictures(2), 1, path)
    with pytest.raises(CheckpointError, match=r"variation_weight 0\.02, now 0\.5"):
        Training(pair_recipe(2, variation_weight=0.5), pictures(), 1, path)
    assert path.read_bytes() == before


def test_scoring_leaves_no_trace():
    """A run that is scored on the way ends with the same bits, batch statistics among them."""
    plain, _ = trained(gan_recipe(4))
    scored = Training(gan_recipe(4), pictures(), 1)
    scored.run(stop=lambda: scored.score(pictures(1, 20, 18)) is None)
    assert all(torch.equal(plain.networks.state_dict()[n], v) for n, v in scored.networks.state_dict().items())
    assert scored.networks.training


def _decoded(training):
    batch = training.recipe.batch(pictures(), 99, 0)
    with torch.no_grad():
        return training.recipe.forward(training.networks, batch, 1.0)["decoded"]


def test_more_variation_weight_gives_smoother_decryptions():
    """From the same seed, weight 5 instead of 0 lowers the total variation of what is decrypted by a fifth and more."""
    rough, smooth = (
        _decoded(trained(pair_recipe(60, variation_weight=weight, encryption_weight=0.0, **FAST))[0])
        for weight in (0.0, 5.0)
    )
    assert total_variation(smooth) < 0.8 * total_variation(rough)


def test_encryption_weight_trades_clarity_for_randomness():
    """From the same seed, weight 0 instead of 20 raises the PSNR and lowers the ciphertext's entropy."""
    without, with_it = (
        trained(pair_recipe(60, encryption_weight=weight, **FAST), data=pictures(contrast=8))[0].score(
            pictures(2, 48, 48, contrast=8)
        )
        for weight in (0.0, 20.0)
    )
    assert without["psnr"] > with_it["psnr"]
    assert without["entropy"] < with_it["entropy"] - 1


def test_mixed_precision_keeps_weights_and_losses_in_float32(often):
    """Under bfloat16 the convolutions are rounded, what passes between networks is float32, and losses still fall."""
    training, (first, last) = trained(pair_recipe(40, **FAST), precision="bfloat16")
    assert {weight.dtype for weight in training.networks.parameters()} == {torch.float32}
    assert last.losses["decryption"] < first.losses["decryption"]
    batch = training.recipe.batch(pictures(), 1, 0)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = training.networks["encoder"](batch)
    assert rounded.dtype == torch.float32
    assert 1e-5 < (rounded - training.networks["encoder"](batch)).abs().max() < 0.1


@dataclass(frozen=True)
class Faulty(StatisticsRecipe):
    """Gives a loss that is not a number at the steps of ``bad`` percent of the run."""

    name: ClassVar[str] = "faulty"
    bad: float = 0.1

    def loss(self, player, networks, state, progress):
        loss, terms = super().loss(player, networks, state, progress)
        return (loss * np.nan, terms) if progress < self.bad else (loss, terms)


def test_steps_without_finite_losses_are_counted():
    """Weights stay as they were at such a step, and the log's means are over the others."""
    faulty = Training(Faulty(steps=5, bad=0.5, **SIZES), pictures(), 1)
    start = {name: value.clone() for name, value in faulty.networks.state_dict().items()}
    lines = []
    faulty.run(stop=lambda: faulty.step >= 3)
    assert all(torch.equal(start[name], value) for name, value in faulty.networks.state_dict().items())
    faulty.run(lines.append)
    assert not any(torch.equal(start[n], v) for n, v in faulty.networks.state_dict().items() if n.endswith("weight"))
    assert lines[-1].skipped == 3
    assert all(np.isfinite(value) for value in lines[-1].losses.values())


def test_a_diverged_run_stops_with_one_line(monkeypatch):
    """When no step is finite for long, the error says so and what to change."""
    monkeypatch.setattr(cryptobench.primitives.learned.training, "_PATIENCE", 4)
    diverged = Training(Faulty(steps=100, bad=1.0, **SIZES), pictures(), 1)
    with pytest.raises(TrainingError, match=r"not been finite for 4 steps.*lower learning rate"):
        diverged.run()
    assert diverged.step == 4


@pytest.mark.parametrize("shape", [(8, 8), (16, 40), (40, 16), (3, 288)])
def test_muon_keeps_the_singular_vectors(shape):
    """Singular values come near 1, and the directions are those of the singular value decomposition."""
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(1))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    made = orthogonalised(matrix, 8)
    assert made.shape == matrix.shape
    singular = torch.linalg.svdvals(made)
    assert singular.min() > 0.6
    assert singular.max() < 1.3
    inner = u.mT @ made @ v.mT
    assert torch.allclose(inner, torch.diag(inner.diag()), atol=0.02)


def test_muon_moves_biases_as_adam_does():
    """On vectors Muon is torch's Adam."""
    generator = torch.Generator().manual_seed(2)
    ours, theirs = (torch.nn.Parameter(torch.ones(5)) for _ in range(2))
    muon, adam = Muon([ours], 1e-2, (0.9, 0.999)), torch.optim.Adam([theirs], 1e-2, (0.9, 0.999))
    for _ in range(20):
        ours.grad = torch.randn(5, generator=generator)
        theirs.grad = ours.grad.clone()
        muon.step()
        adam.step()
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_muon_steps_have_one_length():
    """A kernel moves by the learning rate, however large its gradient is."""
    moves = []
    for scale in (1e-4, 1.0, 1e4):
        weight = torch.nn.Parameter(torch.zeros(6, 4, 3, 3))
        weight.grad = scale * torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(3))
        Muon([weight], 1e-3, (0.9, 0.999)).step()
        moves.append(weight.detach().flatten(1))
    assert torch.allclose(moves[0], moves[1], atol=1e-4)
    assert torch.allclose(moves[1], moves[2], atol=1e-4)
    assert torch.linalg.matrix_norm(moves[1], 2) == pytest.approx(_STEEPER * 1e-3, rel=0.3)


def test_muon_leaves_weights_without_a_gradient():
    """A frozen kernel is not moved, as under torch's own optimisers."""
    weight = torch.nn.Parameter(torch.ones(4, 4))
    Muon([weight], 1.0, (0.9, 0.999)).step()
    assert torch.equal(weight, torch.ones(4, 4))
