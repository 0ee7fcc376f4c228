"""Each control with one planted defect has that defect, and is caught by what looks for it."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from math import prod

import numpy as np
import pytest

from cryptobench.analyses.correlation import Correlation
from cryptobench.analyses.histogram import Histogram
from cryptobench.analyses.keyspace import Keyspace
from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.base import Attack
from cryptobench.attacks.diffusion.block_repetition import BlockRepetition
from cryptobench.attacks.diffusion.locality import Locality
from cryptobench.attacks.keystream.keystream_reuse import KeystreamReuse
from cryptobench.attacks.malleability.header_replay import HeaderReplay
from cryptobench.attacks.malleability.near_target import NearTarget
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.runner import attack_target, modes_of
from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.baselines.controls.biased_keystream import BiasedKeystream
from cryptobench.baselines.controls.byte_feedback import ByteFeedback
from cryptobench.baselines.controls.correlated_channels import CorrelatedChannels
from cryptobench.baselines.controls.equal_tags import EqualTags
from cryptobench.baselines.controls.first_row_permutation import FirstRowPermutation
from cryptobench.baselines.controls.identity import Identity
from cryptobench.baselines.controls.key_sum import KeySum
from cryptobench.baselines.controls.low_entropy_keystream import LowEntropyKeystream
from cryptobench.baselines.controls.lsb_leak import LsbLeak
from cryptobench.baselines.controls.packed_preview import PackedPreview
from cryptobench.baselines.controls.public_hash import PublicHash
from cryptobench.baselines.controls.short_cycle import ShortCycle
from cryptobench.baselines.controls.short_iv import ShortIv
from cryptobench.baselines.controls.single_round_chain import SingleRoundChain
from cryptobench.baselines.controls.stuck_counter import StuckCounter
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.conformance import validate
from cryptobench.experiment import Experiment
from cryptobench.images import load_image
from cryptobench.measurement import Measurement

NONCE = bytes(16)
LEAK = 1e-6


class Sound(AuthenticatedStream):
    """The same construction without a defect."""

    card = Card(name="sound", title="", family="toy", fidelity="A", key=(KeyField("key", 256),), authenticated=True)

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv).reshape(shape)


AUTHENTICATED = [
    LowEntropyKeystream(),
    ShortCycle(),
    StuckCounter(),
    BiasedKeystream(),
    LsbLeak(),
    CorrelatedChannels(),
    KeySum(),
    ShortIv(),
    PackedPreview(),
    EqualTags(),
    Sound(),
]


def name_of(value: object) -> str:
    return value.card.name if isinstance(value, Cipher) else str(getattr(value, "name", value))


def photograph(*shape: int) -> Image:
    """Part of a photograph, grey or in colour, from its middle."""
    image = astronaut()[: shape[0], : shape[1]]
    return np.ascontiguousarray(image if len(shape) == 3 else image[..., 1])


@cache
def astronaut() -> Image:
    return load_image("astronaut", 128)


def key_of(seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(32)


def encrypt(cipher: Cipher, image: Image, seed: int = 0, nonce: bytes = NONCE) -> Image:
    return cipher.encrypt(image, key_of(seed), nonce).image


def test_the_sound_one_is_a_working_cipher() -> None:
    """Images of all shapes come back, and what is bad is refused, as `tests/conformance` shows of the controls."""
    assert [check for check in validate(Sound()) if not check.passed] == []


@pytest.mark.parametrize("cipher", [*AUTHENTICATED, ByteFeedback(), PublicHash()], ids=name_of)
def test_a_header_of_another_length_is_refused(cipher: Cipher) -> None:
    """Naming the length that is wanted."""
    with pytest.raises(CipherError, match=rf"{cipher.card.name}: header has 3 bytes, wanted 32"):
        cipher.decrypt(Encrypted(photograph(4, 4), b"abc"), key_of(0))


def test_a_changed_shape_is_noticed() -> None:
    """The IV covers the image's shape: the same bytes as another image are rejected."""
    encrypted = Sound().encrypt(photograph(6, 8), key_of(0), NONCE)
    with pytest.raises(CipherError, match="does not match"):
        Sound().decrypt(Encrypted(encrypted.image.reshape(8, 6), encrypted.header), key_of(0))


def test_identity_is_one() -> None:
    """Under any key, and in an array of its own."""
    image = photograph(33, 47, 3)
    assert np.array_equal(encrypt(Identity(), image, 1), image)
    assert not np.shares_memory(encrypt(Identity(), image, 1), image)


def test_low_entropy_keystream_has_16_values() -> None:
    """A flat image takes 16 grey levels, and the XOR of a sample's nibbles passes through unchanged."""
    image = photograph(64, 64, 3)
    encrypted = encrypt(LowEntropyKeystream(), image)
    assert np.unique(encrypted ^ image).tolist() == [17 * nibble for nibble in range(16)]
    assert np.array_equal(encrypted >> 4 ^ encrypted & 15, image >> 4 ^ image & 15)


@pytest.mark.parametrize(("cipher", "period"), [(ShortCycle(), 251), (StuckCounter(), 16)], ids=name_of)
def test_keystreams_repeat(cipher: Cipher, period: int) -> None:
    """They repeat after exactly ``period`` bytes, in each message, but differ from message to message."""
    image = photograph(33, 47, 3)
    streams = [(encrypt(cipher, image, nonce=bytes([nonce] * 16)) ^ image).ravel() for nonce in (0, 1)]
    for stream in streams:
        repeats = [lag for lag in range(1, 3 * period) if np.array_equal(stream[lag:], stream[:-lag])]
        assert repeats == [period, 2 * period]
    assert np.mean(streams[0] == streams[1]) < 0.1


def test_stuck_counter_repeats_blocks() -> None:
    """All 16-byte blocks of a flat image's ciphertext are equal."""
    assert len(np.unique(encrypt(StuckCounter(), np.full((64, 64), 9, np.uint8)).reshape(-1, 16), axis=0)) == 1


def test_packed_previews_tell_flat_from_detailed() -> None:
    """Their sizes differ between pictures and not between messages; a preview that was changed is refused."""
    flat, detailed = np.full((64, 48, 3), 9, np.uint8), photograph(64, 48, 3)
    sizes = [
        {len(PackedPreview().encrypt(image, key_of(turn), bytes([turn] * 16)).header) for turn in range(4)}
        for image in (flat, detailed)
    ]
    assert [len(size) for size in sizes] == [1, 1]
    assert max(sizes[0]) < min(sizes[1])
    encrypted = PackedPreview().encrypt(flat, key_of(0), NONCE)
    with pytest.raises(CipherError, match="the preview does not match"):
        PackedPreview().decrypt(Encrypted(encrypted.image, encrypted.header[:-1] + b"?"), key_of(0))


def test_biased_keystream_has_51_percent_ones() -> None:
    """Within 4 standard deviations of 0.51, 14 from 0.5, in every bit plane alike and without correlation of bits."""
    bits = np.unpackbits(encrypt(BiasedKeystream(), np.zeros((256, 256), np.uint8)).ravel()).reshape(-1, 8)
    assert bits.mean() == pytest.approx(0.51, abs=4 * 0.5 / np.sqrt(bits.size))
    assert bits.mean(axis=0) == pytest.approx([0.51] * 8, abs=5 * 0.5 / np.sqrt(len(bits)))
    apart = np.corrcoef(bits.T)[np.triu_indices(8, 1)]
    assert np.abs(apart).max() < 5 / np.sqrt(len(bits))


def test_biased_keystream_adds_up_to_the_image() -> None:
    """The inverted majority of 900 ciphertexts has 72.6 % of the bits, the normal distribution at 0.02 * sqrt(900)."""
    image = photograph(16, 16)
    encrypted = [encrypt(BiasedKeystream(), image, nonce=turn.to_bytes(16, "big")) for turn in range(900)]
    ones = np.unpackbits(np.array(encrypted), axis=-1).mean(axis=0)
    assert np.mean((ones < 0.5) == np.unpackbits(image, axis=-1)) == pytest.approx(0.726, abs=0.05)


def test_lsb_leak_leaves_one_plane() -> None:
    """The lowest bit plane is the plaintext's; each of the others agrees with it in half of the samples."""
    image = photograph(128, 128, 3)
    changed = encrypt(LsbLeak(), image) ^ image
    shares = [np.mean(changed >> bit & 1) for bit in range(8)]
    assert shares == pytest.approx([0] + [0.5] * 7, abs=5 * 0.5 / np.sqrt(image.size))


def test_correlated_channels_share_a_keystream() -> None:
    """The XOR of two channels is the plaintext's, and equal channels encrypt equally."""
    image = photograph(33, 47, 3)
    encrypted = encrypt(CorrelatedChannels(), image)
    assert np.array_equal(encrypted[..., 0] ^ encrypted[..., 2], image[..., 0] ^ image[..., 2])
    grey = encrypt(CorrelatedChannels(), np.repeat(image[..., :1], 3, axis=2))
    assert np.array_equal(grey[..., 0], grey[..., 1])


def test_public_hash_confirms_guesses() -> None:
    """The header is the image's SHA-256 under every key, and the keystream depends on both."""
    image = photograph(33, 47, 3)
    one, two = (PublicHash().encrypt(image, key_of(seed), NONCE) for seed in (1, 2))
    assert one.header == two.header == sha256(image.tobytes()).digest()
    assert np.mean(one.image == two.image) < 0.02
    assert np.mean(one.image ^ image == encrypt(PublicHash(), 255 - image, 1) ^ 255 - image) < 0.02


def test_first_row_permutation_ends_there() -> None:
    """The first row holds its own samples in another order, all others are as they were."""
    image = photograph(33, 47, 3)
    encrypted = encrypt(FirstRowPermutation(), image)
    assert np.array_equal(encrypted[1:], image[1:])
    assert np.array_equal(np.sort(encrypted[0], axis=None), np.sort(image[0], axis=None))
    assert np.mean(encrypted[0] == image[0]) < 0.5


def test_single_round_chain_changes_by_one_constant() -> None:
    """One changed sample changes a run of consecutive samples up to the last, all of them by the same XOR."""
    image = photograph(33, 47, 3)
    changed = image.copy()
    changed[5, 6, 1] ^= 0x81
    difference = (encrypt(SingleRoundChain(), image) ^ encrypt(SingleRoundChain(), changed)).ravel()
    first = int(np.flatnonzero(difference)[0])
    assert 0 < first < difference.size - 1
    assert np.unique(difference[first:]).size == 1


def test_single_round_chain_follows_its_formula() -> None:
    """c[i] = (p[i] + k[i] mod 256) ^ c[i-1]: black gives k, and white differs from it accordingly."""
    black, white = (encrypt(SingleRoundChain(), np.full((20, 30), value, np.uint8)).ravel() for value in (0, 255))
    stream = black ^ np.concatenate([[0], black[:-1]])
    chained, previous = [], 0
    for k in stream.tolist():
        previous ^= (255 + k) % 256
        chained.append(previous)
    assert white.tolist() == chained


# Beside those of tests/attacks/test_power.py, and for ciphers with a nonce under a fixed one too.
CAUGHT: list[tuple[Cipher, Attack, str]] = [
    (Identity(), Permutation(), "recovered"),
    (LowEntropyKeystream(), KeystreamReuse(), "leak"),
    (LowEntropyKeystream(), BlockRepetition(), "leak"),
    (ShortCycle(), BlockRepetition(), "leak"),
    (StuckCounter(), BlockRepetition(), "leak"),
    (LsbLeak(), AffineGf2(), "leak"),
    (CorrelatedChannels(), BlockRepetition(), "leak"),
    (FirstRowPermutation(), Locality(), "leak"),
    (SingleRoundChain(), NearTarget(), "recovered"),
]


@pytest.mark.parametrize(("cipher", "attack", "verdict"), CAUGHT, ids=name_of)
def test_an_attack_catches_it(cipher: Cipher, attack: Attack, verdict: str) -> None:
    """In every nonce mode, at 32 pixels a side."""
    for mode in modes_of(attack, cipher.card):
        assert attack_target(attack, cipher, photograph(32, 32, 3), 1, mode=mode).outcome == verdict


@pytest.mark.parametrize("attack", dict.fromkeys([HeaderReplay(), *(attack for _, attack, _ in CAUGHT)]), ids=name_of)
def test_without_the_defect_the_attacks_find_nothing(attack: Attack) -> None:
    """The construction that the controls spoil holds, so that what is found is what was planted."""
    for mode in modes_of(attack, Sound().card):
        assert attack_target(attack, Sound(), photograph(32, 32, 3), 1, mode=mode).outcome in ("holds", "n/a")


def rejected(analysis: Histogram | Correlation | Keyspace, cipher: Cipher, image: Image) -> set[str]:
    """The metrics of the cipher image that fail with a p-value below 1e-6, or fail without one."""
    rows = [row for row in analysis.measure(Experiment(cipher, image, 1)) if isinstance(row, Measurement)]
    return {row.metric for row in rows if row.verdict == "fail" and (row.p_value is None or row.p_value < LEAK)}


def test_analyses_catch_what_they_look_for() -> None:
    """Bias shows in the histogram of a large flat image, shared keystreams in channels, an unread key in key bits."""
    black, colours = np.zeros((256, 256), np.uint8), photograph(64, 64, 3)
    assert "chi_square" in rejected(Histogram(), BiasedKeystream(), black)
    assert "channel_correlation" in rejected(Correlation(), CorrelatedChannels(), colours)
    assert "effective_key_bits" in rejected(Keyspace(keys=1, side=8), Identity(), photograph(8, 8))
    assert "correlation" in rejected(Correlation(), FirstRowPermutation(), colours)
    assert rejected(Histogram(), Sound(), black) == rejected(Correlation(), Sound(), colours) == set()
