"""The order in which cells are run, and what they are likely to cost."""

from __future__ import annotations

import pytest

from cryptobench.bench.plan import make_plan
from cryptobench.bench.scheduler import Costs, Queue


def test_new_analyses_come_first_then_the_longest(toy_settings):
    """Every analysis is tried once to learn its cost; from then on the longest cell comes first."""
    settings = toy_settings(images=("gradient", "camera", "coffee"))
    cells = make_plan(settings).cells
    costs = Costs()
    queue = Queue(cells, costs)
    first = queue.pop()
    assert (first.image_name, costs.seconds(cells[0]), queue.seconds()) == ("coffee", None, None)
    costs.learn("toy-xor", "mean", 16 * 24 * 3, 1.0)
    costs.learn("toy-shift", "mean", 16 * 24 * 3, 3.0)
    order = [queue.pop() for _ in range(len(queue))]
    assert [cell.cipher_name for cell in order][:2] == ["toy-shift", "toy-shift"]
    estimates = [costs.seconds(cell) for cell in order]
    assert estimates == sorted(estimates, reverse=True)
    assert queue.pop() is None


def test_estimates_follow_pixels_and_the_cipher():
    """The model gives back costs that are pixels x analysis x cipher."""
    costs = Costs()
    for _ in range(50):
        for cipher, factor in (("slow", 3.0), ("fast", 1.0)):
            costs.learn(cipher, "a", 100, factor)
    assert costs._factors["slow"].value / costs._factors["fast"].value == pytest.approx(3, rel=0.15)
