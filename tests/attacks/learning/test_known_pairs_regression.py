"""Known pairs alone teach regression, matching columns and recurring masks; sound ciphers teach nothing."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.learning.known_pairs_regression import KnownPairsRegression, match_columns, recurring_masks
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools.known_pairs import KnownPairs
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, permuted_and_xored, photograph, stream, xored

TARGET = photograph(16, 16)
ATTACK = KnownPairsRegression(pairs=192)
RNG = np.random.default_rng(11)
PLAIN = RNG.integers(0, 256, (200, 21), np.uint8)


@pytest.mark.parametrize("body", [xored, added, permuted_and_xored])
def test_fixed_masks_and_permutations_fall(body) -> None:
    """All of the challenge, exactly, and regression alone explains a good part of other plaintexts."""
    run = attack_target(ATTACK, Toy(body), TARGET)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.known == run.queries.total == 192
    numbers = run.result.numbers
    assert numbers["psnr_regression"] > numbers["psnr_mean_image"] + 0.5
    assert run.result.p_value < 1e-6
    assert numbers["joined_bytes"] == 1


def test_sums_are_learned_by_regression_alone() -> None:
    """Neighbours averaged before a mask: no column matches, and the plaintext is still explained."""

    def blurred(image, seed):
        return xored((image // 2 + np.roll(image, 1, 1) // 2) & np.uint8(0xF0), seed)

    run = attack_target(ATTACK, Toy(blurred), TARGET)
    assert run.result.numbers["joined_bits"] == 0
    assert run.result.statistic > 0.3
    assert run.result.p_value < 1e-6


def test_a_nonce_helps_where_it_is_fresh() -> None:
    """The same pad falls with a fixed nonce and holds with fresh ones."""
    cipher = load_cipher("aes-256-ctr")
    assert attack_target(ATTACK, cipher, TARGET, mode="fixed").outcome == "recovered"
    assert attack_target(ATTACK, cipher, TARGET, mode="fresh").outcome == "holds"


@pytest.mark.parametrize("seed", range(6))
def test_an_ideal_cipher_leaves_the_mean_image(seed) -> None:
    """Regression explains nothing, and the guess is not called a leak."""
    run = attack_target(ATTACK, Toy(ideal), TARGET, seed=seed)
    assert run.outcome == "holds"
    assert run.result.statistic < 0.02
    numbers = run.result.numbers
    assert numbers["psnr_regression"] == pytest.approx(numbers["psnr_mean_image"], abs=0.6)


def test_too_few_pairs_are_refused() -> None:
    """The message says how many are wanted."""
    with pytest.raises(ValueError, match="wanted at least 96"):
        KnownPairsRegression(pairs=20)


def _pairs(cipher_images, plain=PLAIN):
    return KnownPairs(plain, cipher_images, [b""] * len(plain))


def test_permuted_and_masked_bits_are_found() -> None:
    """Every plaintext bit has its place and its flip, and the reconstruction needs no estimate."""
    places, mask = RNG.permutation(8 * 21), RNG.integers(0, 2, 8 * 21, np.uint8)
    cipher_images = np.packbits(np.unpackbits(PLAIN, axis=1)[:, places] ^ mask, axis=1)
    columns = match_columns(_pairs(cipher_images[:-9], PLAIN[:-9]))
    assert columns.matched_bits == 1
    assert columns.p_value < 1e-6
    assert np.array_equal(columns.reconstruct(cipher_images[-9:], np.zeros((9, 21))), PLAIN[-9:])


def test_permuted_bytes_under_tables_are_found() -> None:
    """Tables are known where a pair has the entry; elsewhere the estimate is taken."""
    places = RNG.permutation(21)
    tables = np.stack([RNG.permutation(256) for _ in range(21)]).astype(np.uint8)
    plain = PLAIN % 64  # 190 pairs have nearly all of 64 values
    cipher_images = tables[np.arange(21), plain[:, places]]
    columns = match_columns(_pairs(cipher_images[:-9], plain[:-9]))
    assert columns.matched_bytes == 1
    assert columns.matched_bits < 0.3  # the top two planes are constant
    plains = columns.reconstruct(cipher_images[-9:], np.full((9, 21), 200.0))
    assert np.all((plains == plain[-9:]) | (plains == 200))
    assert np.mean(plains == plain[-9:]) > 0.8


@pytest.mark.parametrize("mix", [np.add, np.bitwise_xor, np.subtract])
def test_masks_complete_their_tables(mix) -> None:
    """Where all known entries are one mask, the missing ones are completed with it."""
    mask = RNG.integers(0, 256, 21, np.uint8)
    columns = match_columns(_pairs(mix(PLAIN, mask)))
    assert len(np.unique(PLAIN[:, 0])) < 200
    others = RNG.integers(0, 256, (5, 21), np.uint8)
    assert np.array_equal(columns.reconstruct(mix(others, mask), np.zeros((5, 21))), others)


def test_one_plane_is_read_and_the_rest_estimated() -> None:
    """With the lowest bit known, the nearest value with that bit is taken."""
    cipher_images = (RNG.integers(0, 256, PLAIN.shape, np.uint8) & 0xFE) | (PLAIN & 1)
    columns = match_columns(_pairs(cipher_images))
    assert columns.matched_bits == pytest.approx(1 / 8)
    plains = columns.reconstruct(cipher_images[:4], PLAIN[:4] + 0.6)
    assert np.array_equal(plains & 1, PLAIN[:4] & 1)
    assert np.abs(plains.astype(int) - PLAIN[:4]).max() <= 2


def test_unmatched_samples_take_the_nearest_value() -> None:
    """The byte nearest to the estimate, the lower of two that are equally near, and none beyond 0 and 255."""
    pairs = KnownPairs(PLAIN[:, :7], np.zeros((200, 3), np.uint8), [])
    estimate = np.array([[-3.2, 0.5, np.nextafter(0.5, 1), 1.5, 254.5, 255.4, 300.0]])
    guess = match_columns(pairs).reconstruct(np.zeros((1, 3), np.uint8), estimate)
    assert guess.tolist() == [[0, 0, 1, 1, 254, 255, 255]]
    assert guess[0].tolist() == np.abs(np.arange(256) - estimate[0][:, None]).argmin(axis=1).tolist()


def test_unrelated_columns_do_not_match() -> None:
    """Neither uniform ciphertexts nor constant plaintexts match, and few pairs prove little."""
    assert match_columns(_pairs(RNG.integers(0, 256, PLAIN.shape, np.uint8))).p_value == 1
    flat = np.full_like(PLAIN, 7)
    nothing = match_columns(_pairs(flat, flat))
    assert (nothing.matched_bits, nothing.matched_bytes, nothing.p_value) == (0, 0, 1)
    assert match_columns(_pairs(PLAIN[:12], PLAIN[:12])).p_value > 1e-6


def sum_of(part, modulus=256) -> bytes:
    return bytes([int(part.sum(dtype=np.int64)) % modulus])


def rows_in_turn(image, seed):
    """Each row under a stream seeded with the sum of the ciphertext row before it."""
    out, state = image.copy(), b"0"
    for index, row in enumerate(image):
        out[index] = row + stream(seed + bytes([index]) + state, row.size).reshape(row.shape)
        state = sum_of(out[index], 64)
    return out


def halves_in_turn(image, seed):
    """Four rounds, in each of which one half is XORed with a stream seeded with the sum of the other half."""
    half, rest = (part.copy() for part in np.split(image, 2))
    for number in range(4):
        half ^= stream(seed + bytes([number]) + sum_of(rest), half.size).reshape(half.shape)
        half, rest = rest, half
    return np.concatenate([half, rest])


def hashed_rows(image, seed):
    """The control: as `rows_in_turn`, with the whole row instead of its sum."""
    out, state = image.copy(), b"0"
    for index, row in enumerate(image):
        out[index] = row + stream(seed + bytes([index]) + state, row.size).reshape(row.shape)
        state = out[index].tobytes() + image[: index + 1].tobytes()
    return out[::-1] ^ stream(seed + image.tobytes(), image.size).reshape(image.shape)


@pytest.mark.parametrize("body", [rows_in_turn, lambda image, seed: xored(image, seed + sum_of(image, 64))])
def test_streams_of_64_states_fall_to_known_pairs(body) -> None:
    """One stream for an image or one for each row; no plaintext is chosen."""
    run = attack_target(KnownPairsRegression(), Toy(body), photograph(32, 32))
    assert (run.outcome, run.queries.encryptions) == ("recovered", 0)
    assert run.score.share > 0.95
    assert "windows of masks recur" in run.result.notes


def test_states_of_two_sums_are_detected() -> None:
    """65,536 masks of a half: some recur among 1024 pairs, too few to decrypt the challenge."""
    run = attack_target(KnownPairsRegression(), Toy(halves_in_turn), photograph(16, 32))
    assert (run.outcome, run.score.share < 0.1) == ("leak", True)
    assert "windows of masks recur" in run.result.notes


@pytest.mark.parametrize("cipher", [Toy(hashed_rows), load_cipher("aes-256-siv"), load_cipher("chacha20-poly1305")])
def test_states_of_many_bits_hold(cipher) -> None:
    """The control and the references, on the same images."""
    assert attack_target(KnownPairsRegression(), cipher, photograph(16, 32)).outcome == "holds"


def test_nothing_recurs_by_chance() -> None:
    """In 100 sets of 256 ideal pairs, in each of which a pair occurs twice."""
    for seed in range(100):
        plain, cipher_images = np.random.default_rng(seed).integers(0, 256, (2, 256, 256), np.uint8)
        plain[1], cipher_images[1] = plain[0], cipher_images[0]
        found = recurring_masks(KnownPairs(plain, cipher_images, [b""] * 256))
        assert (found.equal, found.p_value) == (0, 1.0)


def test_ciphertexts_of_another_size_have_no_windows() -> None:
    """Nothing is compared, and nothing found."""
    plain = np.zeros((96, 64), np.uint8)
    assert recurring_masks(KnownPairs(plain, np.zeros((96, 65), np.uint8), [b""] * 96)).p_value == 1
