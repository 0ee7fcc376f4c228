"""Attacks on optical schemes: what they recover, from how much, and where they do not apply."""

import numpy as np
import pytest

from cryptobench.attacks.published.dmpfrft_basis import DmpfrftBasis, columns_from
from cryptobench.attacks.published.drpe_impulse import DrpeImpulse
from cryptobench.attacks.published.drpe_known_pairs import DrpeKnownPairs, fit_masks
from cryptobench.attacks.runner import Played, play
from cryptobench.attacks.tools.optical import NotRecorded, recorded_field, unit
from cryptobench.baselines.optical.drpe import Drpe, masks
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021, mask, orders
from cryptobench.cipher import Cipher, Encrypted
from cryptobench.images import load_image
from cryptobench.primitives.optics.fractional import dmpfrft
from cryptobench.registry import load_cipher

ASTRONAUT = load_image("astronaut", 64)
SMALL = np.ascontiguousarray(ASTRONAUT[8:32, 20:47])  # 24 x 27
PHOTOGRAPHS = [load_image("camera", 128), load_image("coffee", 128)]


def receiver_psnr(cipher: Cipher, image: np.ndarray) -> float:
    key = bytes(cipher.card.key_bytes)
    back = cipher.decrypt(cipher.encrypt(image, key, bytes(16)), key)
    return float(10 * np.log10(255**2 / np.mean((back.astype(float) - image) ** 2)))


def assert_as_good_as_the_receiver(played: Played, cipher: Cipher, image: np.ndarray) -> None:
    assert played.score.psnr is not None
    assert played.score.psnr > receiver_psnr(cipher, image) - 3


@pytest.mark.parametrize("shape", [(64, 64, 3), (33, 47), (1, 37)], ids=str)
def test_one_impulse_breaks_double_random_phase_encoding(shape: tuple[int, ...]):
    """One query: every sample at 16 bits, and at 8 bits a picture as good as the receiver's, within 3 dB."""
    target = ASTRONAUT if len(shape) == 3 else np.ascontiguousarray(ASTRONAUT[: shape[0], : shape[1], 1])
    played = play(DrpeImpulse(), Drpe(bits=16), target)
    assert played.verdict == "broken"
    assert played.queries.total == 1
    assert played.score.share == 1
    assert_as_good_as_the_receiver(play(DrpeImpulse(), Drpe(), target), Drpe(), target)


def test_a_few_known_pairs_break_double_random_phase_encoding():
    """Nine natural images of which nothing was chosen: every sample at 16 bits, and the last pair is explained."""
    target = np.ascontiguousarray(SMALL[..., 1])
    played = play(DrpeKnownPairs(), Drpe(bits=16), target, photographs=PHOTOGRAPHS)
    assert played.verdict == "broken"
    assert played.queries.known == played.queries.total == 9
    assert played.score.share > 0.99
    assert played.result.statistic > 0.999


def test_alternating_projections_find_both_masks():
    """Up to one phase that may move from one mask to the other; from two pairs they stall."""
    rng = np.random.default_rng(42)
    f = rng.random((6, 16, 16))
    m1, M2 = masks(bytes(range(32)), (16, 16))
    spectra = np.fft.fft2(f * m1) * M2
    start = np.exp(2j * np.pi * rng.random((16, 16)))
    first, second = fit_masks(f, spectra, start, 3000, 1e-9)
    assert abs(np.vdot(second, M2)) / M2.size > 1 - 1e-6
    assert abs(np.vdot(first, m1)) / m1.size > 1 - 1e-6
    _, few = fit_masks(f[:1], spectra[:1], start, 500)
    assert abs(np.vdot(few, M2)) / M2.size < 0.9


def test_impulses_along_two_edges_break_the_fractional_transform():
    """H + W - 1 chosen images, without a single order found: every sample at 16 bits, the receiver's picture at 8."""
    played = play(DmpfrftBasis(), Luan2021(bits=16), SMALL)
    assert played.verdict == "broken"
    assert played.queries.total == 24 + 27 - 1
    assert played.score.share == 1
    assert_as_good_as_the_receiver(play(DmpfrftBasis(), Luan2021(), SMALL), Luan2021(), SMALL)


def test_columns_are_found_up_to_a_phase():
    """From noiseless answers T[:, i] times one row, with phases of their own: the unitary T, column by column."""
    key, n = bytes(range(32)), 12
    rows, columns = orders(key, n, n)
    phases = mask(key, (n, n)).astype(complex)
    answers = []
    for i in range(n):
        impulse = np.zeros((n, n), complex)
        impulse[i, 0] = phases[i, 0]
        answers.append(dmpfrft(impulse, rows, columns))
    found = columns_from(np.stack(answers))
    true = dmpfrft(np.eye(n, dtype=complex), rows, np.zeros(n))
    assert abs(abs(np.sum(found.conj() * true, axis=0)) - 1).max() < 1e-12


def test_attacks_fail_on_another_scheme_of_the_same_recording():
    """The impulse opens no vortices or fractional orders, the edges no double random phases; nothing is claimed."""
    for attack, cipher in (
        (DrpeImpulse(), Luan2021()), (DrpeImpulse(), Kumar2022()), (DmpfrftBasis(), Drpe()),
    ):  # fmt: skip
        played = play(attack, cipher, ASTRONAUT if cipher.card.min_side > 1 else SMALL)
        assert played.verdict == "holds"
        assert played.score.share < 0.05


@pytest.mark.parametrize("attack", [DrpeImpulse(), DrpeKnownPairs(), DmpfrftBasis()], ids=lambda attack: attack.name)
@pytest.mark.parametrize("name", ["aes-256-siv", "xor-pad"])
def test_ciphertexts_that_record_no_field_are_left_alone(name: str, attack):
    """The attack does not apply, and says what it would need."""
    played = play(attack, load_cipher(name), SMALL)
    assert played.verdict == "none"
    assert "no recording of one field" in played.result.notes


def test_fields_are_read_from_the_public_header_alone():
    """Any shape and bits; a header that is not one is refused."""
    image = SMALL
    for bits in (8, 16):
        sealed = Drpe(bits=bits).encrypt(image, bytes(32), bytes(16))
        assert recorded_field(sealed, image.shape).shape == (3, 24, 27)
        with pytest.raises(NotRecorded):
            recorded_field(Encrypted(sealed.image, b"x" * 18), image.shape)
        with pytest.raises(NotRecorded):
            recorded_field(sealed, (24, 27))


def test_directions_of_zero_are_one():
    """z / |z|, and no division by zero."""
    assert unit(np.array([0, 3j, -2 + 0j])).tolist() == [1, 1j, -1]
