"""Cipher images of many planes become pictures that can be looked at."""

import numpy as np

from cryptobench.analyses.tools.views import viewable


def test_many_planes_become_pictures_side_by_side():
    """Six planes of a colour image are two colour pictures, of a grey one six; images of 1 or 3 planes stay."""
    planes = np.random.default_rng(52).integers(0, 256, (5, 7, 6), np.uint8)
    colour, grey = np.zeros((5, 7, 3), np.uint8), np.zeros((5, 7), np.uint8)
    wide = viewable(planes, colour)
    assert np.array_equal(wide[:, :7], planes[..., :3])
    assert np.array_equal(wide[:, 7:], planes[..., 3:])
    tall = viewable(planes, grey)
    assert tall.shape == (5, 42)
    assert np.array_equal(tall[:, 14:21], planes[..., 2])
    assert viewable(planes[..., :4], colour).shape == (5, 28)
    for picture in (grey, colour, planes[..., :1]):
        assert viewable(picture, colour) is picture
