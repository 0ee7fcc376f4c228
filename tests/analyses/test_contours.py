"""The contours analysis: one row a channel, padded cipher images cut, others unsupported."""

import numpy as np
import pytest

from cryptobench.analyses.contours import Contours
from tests.analyses.statistical_toys import Ideal, Identity, photograph, rows


def test_an_ideal_cipher_passes_and_the_identity_fails():
    """Uniform cipher images show no contours; a photograph in the clear does, in each channel."""
    image = photograph(120, 120, 3)
    assert [row.channel for row in rows(Contours(), Ideal(), image)] == ["R", "G", "B"]
    assert sum(row.verdict == "fail" for row in rows(Contours(), Ideal(), image)) <= 1
    assert {row.verdict for row in rows(Contours(), Identity(), image)} == {"fail"}


@pytest.mark.parametrize(("larger", "status"), [(1, "ok"), (40, "unsupported")])
def test_a_padded_cipher_image_is_cut(monkeypatch, larger, status):
    """A cipher image with one more row and column is compared all the same; one of quite another size is not."""
    image = photograph(121, 120, 3)
    cipher = Ideal()
    encrypt = cipher.encrypt

    def padded(*args, **kwargs):
        encrypted = encrypt(*args, **kwargs)
        grown = np.pad(encrypted.image, ((0, larger), (0, larger), (0, 0)), mode="wrap")
        return type(encrypted)(grown, encrypted.header, encrypted.secret)

    monkeypatch.setattr(cipher, "encrypt", padded)
    assert {row.status for row in rows(Contours(), cipher, image)} == {status}
