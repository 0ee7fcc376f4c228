"""Generalisation brings its own pictures and says where a network does badly."""

import pytest

from cryptobench.analyses.generalisation import Generalisation
from cryptobench.experiment import Experiment
from tests.analyses.statistical_toys import Ideal, photograph
from tests.analyses.test_network import Tiles


@pytest.fixture(scope="module")
def found():
    rows = list(Generalisation(side=32).measure(Experiment(Tiles(), photograph(20, 20), 1)))
    return {(row.metric, row.condition, row.part): row.value for row in rows}


def test_every_kind_of_picture_is_tried(found):
    """Photographs, grey ones, twice the side, odd sides, flat images and synthetic ones, whatever the run's image."""
    kinds = [kind for metric, kind, _ in found if metric == "generalisation_psnr"]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "photograph": 5, "grey": 3, "large": 1, "odd": 1, "flat": 3, "synthetic": 4
    }  # fmt: skip
    assert ("generalisation_psnr", "large", "astronaut 64x64") in found
    assert ("generalisation_psnr", "odd", "astronaut 33x47") in found


def test_values_are_those_of_the_pictures(found):
    """The toy drops the lowest bit: even flat levels come back whole, noise loses half a level on average."""
    assert found["generalisation_psnr", "flat", "level 128"] == float("inf")
    assert found["generalisation_psnr", "synthetic", "noise"] == pytest.approx(51.14, abs=0.1)
    assert found["generalisation_ssim", "flat", "level 0"] == 1.0
    assert found["generalisation_entropy", "flat", "level 0"] == pytest.approx(2.0, abs=0.01)


def test_other_ciphers_are_left_alone():
    """A cipher without networks gives no rows."""
    assert list(Generalisation().measure(Experiment(Ideal(), photograph(16, 16), 1))) == []
