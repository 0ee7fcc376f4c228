"""Muon: steps of convolutions are orthogonal, those of biases are Adam's."""

import pytest
import torch

from cryptobench.primitives.learned.training import STEEPER, Muon, orthogonalised


@pytest.mark.parametrize("shape", [(8, 8), (16, 40), (40, 16), (3, 288)])
def test_a_matrix_becomes_nearly_orthogonal_with_its_own_singular_vectors(shape):
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


def test_biases_move_as_under_adam():
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


def test_the_length_of_a_step_does_not_depend_on_the_gradient():
    """A kernel moves by the learning rate, however large its gradient is."""
    moves = []
    for scale in (1e-4, 1.0, 1e4):
        weight = torch.nn.Parameter(torch.zeros(6, 4, 3, 3))
        weight.grad = scale * torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(3))
        Muon([weight], 1e-3, (0.9, 0.999)).step()
        moves.append(weight.detach().flatten(1))
    assert torch.allclose(moves[0], moves[1], atol=1e-4)
    assert torch.allclose(moves[1], moves[2], atol=1e-4)
    assert torch.linalg.matrix_norm(moves[1], 2) == pytest.approx(STEEPER * 1e-3, rel=0.3)


def test_weights_without_a_gradient_stay():
    """A frozen kernel is not moved, as under torch's own optimisers."""
    weight = torch.nn.Parameter(torch.ones(4, 4))
    Muon([weight], 1.0, (0.9, 0.999)).step()
    assert torch.equal(weight, torch.ones(4, 4))
