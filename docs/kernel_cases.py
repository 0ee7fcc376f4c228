"""Our compiled kernels, and for each the best call that a library has for it: what docs/kernels.md compares."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from kernel_networks import NETWORKS, in_library, on_kernels
from scipy import stats
from skimage.feature import graycomatrix
from skimage.metrics import structural_similarity

from cryptobench.metrics import _kernels, quality, texture
from cryptobench.metrics.randomness import bits
from cryptobench.metrics.randomness.spectral import count_below, signs
from cryptobench.primitives.chaos.diffusion import chains, dna, word_chain, xor
from cryptobench.primitives.chaos.key_schedule import keystream
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from cryptobench.primitives.chaos.maps.lattices import mixed_neighbours, mlncml_orbit
from cryptobench.primitives.chaos.maps.two_dimensional import lscm_orbits, lscm_pair
from cryptobench.primitives.chaos.permutation import cat_map, index, planes, rotations, sorting

sys.path.insert(0, str(Path(__file__).parents[1]))
plain = importlib.import_module("tests.speed.test_keystream_speed")  # its kernels move one float64 at a time

__all__ = ["CASES", "Case"]

RNG = np.random.default_rng(0)
N = 512 * 512 * 3
GREY, OTHER = RNG.integers(0, 256, (2, 512, 512), np.uint8)
COLOUR, COLOUR2 = RNG.integers(0, 256, (2, 512, 512, 3), np.uint8)
WIDE = planes.side_by_side(COLOUR)
FLAT, KEY, MASK = RNG.integers(0, 256, (3, N), np.uint8)
STATES, MATRIX = RNG.random(N), RNG.random((512, 1536))
TABLE = RNG.permutation(N).astype(np.int32)
COLUMNS = np.argsort(MATRIX, axis=0).astype(np.uint16)
ROWS = np.argsort(MATRIX, axis=1).astype(np.uint16)
STARTS = RNG.permutation(N // 1936)[:30] * 1936
WORDS = np.append(RNG.integers(0, 2**64, 15625, np.uint64), np.zeros(2, np.uint64))  # a megabit


@dataclass(frozen=True)
class Case:
    """One kernel: what it does, both calls, whether their results are to be equal, and why ours stays if not faster."""

    group: str
    name: str
    what: str
    ours: Callable[[], Any]
    library: str = ""
    call: Callable[[], Any] | None = None
    why: str = ""
    compare: Callable[[Any], Any] | None = np.asarray


def _scatter() -> Any:
    out = np.empty_like(FLAT)
    out[TABLE] = FLAT
    return out


def _put(axis: int, order: Any) -> Any:
    out = np.empty_like(WIDE)
    np.put_along_axis(out, order, WIDE, axis)
    return out


def _sheared() -> Any:
    out = np.empty_like(WIDE)
    out[CAT_ROWS, CAT_COLUMNS] = WIDE
    return out


def _cat3d_numpy() -> Any:
    steps = (np.array(CAT)[:, :, None] * np.arange(92) % 92).astype(np.int16)
    x, y, z = ((a[:, None, None] + b[:, None] + c) % 92 for a, b, c in steps)
    return ((x.astype(np.int32) * 92 + y) * 92 + z).ravel()


def _filled(function: Callable[..., None], *arguments: Any, dtype: Any = np.int32) -> Any:
    out = np.empty(N, dtype)
    function(*arguments, out)
    return out


def _turned() -> Any:
    out = np.empty_like(WIDE)
    rotations.turn_columns(WIDE, UP, out)
    return out


def _xor_chain_numpy() -> Any:
    c = (FLAT + KEY) ^ MASK
    c[0] ^= 77
    return np.bitwise_xor.accumulate(c)


def _add_chain_numpy() -> Any:
    c = FLAT + KEY
    c[0] += FLAT[-1]
    return np.add.accumulate(c, dtype=np.uint8)


def _two_pass_numpy() -> Any:
    a = FLAT ^ KEY
    a[0] ^= 5
    c = np.bitwise_xor.accumulate(a) ^ MASK
    c[-1] ^= 9
    return np.bitwise_xor.accumulate(c[::-1])[::-1]


def _entropies() -> Any:
    places = (STARTS[:, None] + np.arange(1936)).ravel()
    values = np.repeat(np.arange(30) << 8, 1936) + FLAT[places]
    return stats.entropy(np.bincount(values, minlength=30 << 8).reshape(30, 256), axis=1, base=2)


def _windows_numpy() -> Any:
    d = COLOUR.astype(np.int16)
    a, b, c, e = d[:-1, :-1], d[:-1, 1:], d[1:, :-1], d[1:, 1:]
    return sum(int(np.abs(x - y).sum(dtype=np.int64)) for x, y in ((a, b), (a, c), (a, e), (b, c), (b, e), (c, e)))


def _correlations_numpy() -> Any:
    p = GREY.astype(np.float32)
    pairs = ((p[:, :-1], p[:, 1:]), (p[:-1], p[1:]), (p[:-1, :-1], p[1:, 1:]), (p[:-1, 1:], p[1:, :-1]))
    return np.array([np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in pairs])


def _correlations_of(sums: Any) -> Any:
    if sums.ndim == 1:
        return sums.round(5)
    n, x, y, xx, yy, xy = sums.astype(float).T
    return ((n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))).round(5)


def _cooccurrences() -> Any:
    found = graycomatrix(GREY, [1], [0, np.pi / 2, np.pi / 4, 3 * np.pi / 4], 256)
    return np.moveaxis(found[:, :, 0], 2, 0)


def _bincount_pairs() -> Any:
    before = np.roll(FLAT, 1).astype(np.uint16)
    return np.bincount((before << 8) | FLAT, minlength=65536)


def _squares_numpy() -> Any:
    d = FLAT.astype(np.float64) - KEY
    return np.dot(d, d)


def _differences_numpy() -> Any:
    distance = np.abs(np.subtract.outer(np.arange(256), np.arange(256))).ravel()
    tables = GLCM.reshape(4, 65536).astype(np.float64)
    return (tables**2).sum(axis=1), np.array([np.bincount(distance, row) for row in tables])


def _signs_numpy() -> Any:
    return 2.0 * np.unpackbits(PACKED.byteswap().view(np.uint8)) - 1.0


UP = RNG.integers(0, 512, 1536).astype(np.int32)
SHIFTS = RNG.integers(0, 1536, (512, 8)).astype(np.int32)
SPECTRUM = np.fft.rfft(signs(WORDS, 1_000_000))
KEY_WORDS = RNG.integers(0, 2**32, N, np.uint32)
SMALL = COLOUR[:256, :256].copy()
SIXTY_FOUR, TWO, RATES = RNG.random((2, 64)), RNG.random((2, 2)), np.array([0.92, 0.97])
TWELVE, NEAR = RNG.uniform(0.05, 0.95, 12), mixed_neighbours(12, 321, 654)
GLCM = texture.cooccurrence(GREY)
CAT = index.cat3d_matrix(1, 2, 3, 4, 5, 6)
CAT_ROWS = (np.arange(512)[:, None] + 3 * np.arange(1536)) % 512
CAT_COLUMNS = (np.arange(1536) + 5 * CAT_ROWS) % 1536
PACKED = np.ascontiguousarray(WORDS[:-2])
CASES = [
    Case("Permutation", "sorting.argsort", "786,432 states",
         lambda: sorting.argsort(STATES), "numpy.argsort, stable", lambda: np.argsort(STATES, kind="stable"),
         "it is numpy.sort, of words with state and place"),
    Case("Permutation", "sorting.argsort_columns", "512 x 1536 states",
         lambda: sorting.argsort_columns(MATRIX), "numpy.argsort, stable, axis 0",
         lambda: np.argsort(MATRIX, axis=0, kind="stable")),
    Case("Permutation", "sorting.argsort_sorted_rows", "512 x 1536 states",
         lambda: sorting.argsort_sorted_rows(MATRIX, COLUMNS), "numpy.take_along_axis, argsort, stable, axis 1",
         lambda: np.argsort(np.take_along_axis(MATRIX, COLUMNS, 0), axis=1, kind="stable")),
    Case("Permutation", "index.gather", "786,432 bytes, random places",
         lambda: index.gather(FLAT, TABLE), "numpy.take", lambda: np.take(FLAT, TABLE)),
    Case("Permutation", "index.scatter", "786,432 bytes, random places",
         lambda: index.scatter(FLAT, TABLE), "numpy, out[table] = a", _scatter),
    Case("Permutation", "index.take_columns", "512 x 1536 bytes",
         lambda: index.take_columns(WIDE, COLUMNS), "numpy.take_along_axis",
         lambda: np.take_along_axis(WIDE, COLUMNS, 0)),
    Case("Permutation", "index.put_columns", "512 x 1536 bytes",
         lambda: index.put_columns(WIDE, COLUMNS), "numpy.put_along_axis", lambda: _put(0, COLUMNS)),
    Case("Permutation", "index.take_rows", "512 x 1536 bytes",
         lambda: index.take_rows(WIDE, ROWS), "numpy.take_along_axis", lambda: np.take_along_axis(WIDE, ROWS, 1)),
    Case("Permutation", "index.put_rows", "512 x 1536 bytes",
         lambda: index.put_rows(WIDE, ROWS), "numpy.put_along_axis", lambda: _put(1, ROWS)),
    Case("Permutation", "index.shuffle_targets", "786,432 states",
         lambda: _filled(index.shuffle_targets, STATES, 0), "numpy, floor and % of int64",
         lambda: (STATES * 2.0**36).astype(np.int64) % np.arange(1, N + 1)),
    Case("Permutation", "index.cat3d_targets", "92 x 92 x 92 cells",
         lambda: index.cat3d_targets(CAT, 92), "numpy, sums of rows, columns, depths and %", _cat3d_numpy),
    Case("Permutation", "planes.interleaved", "512 x 512 x 3 bytes",
         lambda: planes.interleaved(WIDE, COLOUR.shape), "numpy.moveaxis and copy",
         lambda: np.ascontiguousarray(WIDE.reshape(512, 3, 512).transpose(0, 2, 1))),
    Case("Permutation", "rotations.turn_columns", "512 x 1536 bytes",
         _turned, "numpy.take_along_axis",
         lambda: np.take_along_axis(WIDE, (np.arange(512)[:, None] + UP) % 512, 0)),
    Case("Permutation", "rotations.transposed", "512 x 1536 bytes",
         lambda: rotations.transposed(WIDE), "numpy.ascontiguousarray(a.T)", lambda: np.ascontiguousarray(WIDE.T)),
    Case("Permutation", "rotations.rotate_rows_by_plane", "512 x 1536 bytes",
         lambda: rotations.rotate_rows_by_plane(WIDE, SHIFTS)),
    Case("Permutation", "cat_map.shear", "512 x 1536 bytes, one step", lambda: cat_map.shear(WIDE, 3, 5, 1),
         "numpy, out[rows, columns] = a, tables not counted", _sheared),
    Case("Permutation", "index.swap_train", "786,432 swaps",
         lambda: index.swap_train(FLAT.copy(), 0, TABLE, False)),
    Case("Key stream", "keystream.scaled_bytes", "786,432 states",
         lambda: keystream.scaled_bytes(STATES, 40), "numpy, times 2^40 and astype",
         lambda: (STATES * 2.0**40).astype(np.int64).astype(np.uint8)),
    Case("Key stream", "keystream.indices", "786,432 states",
         lambda: _filled(lambda x, out: keystream.indices(x, 786_431, out), STATES), "numpy, times 2^40, astype and %",
         lambda: (STATES * 2.0**40).astype(np.int64) % 786_431),
    Case("Key stream", "keystream.pwlcm_streams", "two of 786,432 bytes",
         lambda: keystream.pwlcm_streams(bytes(32), bytes(16), ["a", "b"], N)),
    Case("Orbits", "maps.basic.logistic_orbit", "786,432 states, one orbit",
         lambda: logistic_orbit(0.3, 3.99, N)),
    Case("Orbits", "maps.two_dimensional.lscm_orbits", "64 orbits, 2048 steps, in registers",
         lambda: lscm_orbits(*SIXTY_FOUR, 0.7, 20.0, *np.empty((2, 2048, 64))), "numba, one at a time",
         lambda: plain.lscm_orbits_alone(*SIXTY_FOUR, 0.7, 20.0, *np.empty((2, 2048, 64))), compare=None),
    Case("Orbits", "maps.two_dimensional.lscm_pair", "two orbits, 8192 steps, in a register",
         lambda: lscm_pair(TWO.copy(), RATES, np.empty((2, 2, 8192))), "numba, one at a time",
         lambda: plain.lscm_pair_alone(TWO.copy(), RATES, np.empty((2, 2, 8192))), compare=None),
    Case("Orbits", "maps.lattices.mlncml_orbit", "12 sites, 8192 steps, in registers",
         lambda: mlncml_orbit(TWELVE.copy(), 3.97, 0.08, 0.4, *NEAR, np.empty((8192, 12))), "numba, site by site",
         lambda: plain.mlncml_alone(TWELVE.copy(), 3.97, 0.08, 0.4, *NEAR, np.empty((8192, 12))), compare=None),
    Case("Diffusion", "dna.base_chain", "786,432 bases, eight in a word",
         lambda: dna.base_chain(FLAT & 3, MASK, 2, 1, True), "numba, base by base",
         lambda: plain.base_chain_alone(FLAT & 3, MASK, 2, 1, True), compare=None),
    Case("Diffusion", "chains.xor_chain", "786,432 bytes",
         lambda: chains.xor_chain(FLAT, KEY, MASK, 77), "numpy.bitwise_xor.accumulate", _xor_chain_numpy),
    Case("Diffusion", "chains.add_chain", "786,432 bytes",
         lambda: chains.add_chain(FLAT, KEY), "numpy.add.accumulate", _add_chain_numpy),
    Case("Diffusion", "xor.xor_two_pass", "786,432 bytes",
         lambda: xor.xor_two_pass(FLAT, KEY, MASK, 5, 9), "numpy.bitwise_xor.accumulate twice", _two_pass_numpy),
    Case("Diffusion", "chains.add_xor_rotate", "786,432 bytes", lambda: chains.add_xor_rotate(FLAT, KEY, 1, False)),
    Case("Diffusion", "word_chain.word_chain", "786,432 bytes",
         lambda: word_chain.word_chain(FLAT, KEY_WORDS, 1, False)),
    Case("Diffusion", "dna.unpack", "786,432 bytes",
         lambda: dna.unpack(FLAT), "numpy, shifts of a column",
         lambda: (FLAT[:, None] >> np.array([6, 4, 2, 0], np.uint8) & 3).ravel()),
    Case("Metrics", "_kernels.count_values", "786,432 samples",
         lambda: _kernels.count_values(FLAT), "numpy.bincount", lambda: np.bincount(FLAT, minlength=256)),
    Case("Metrics", "_kernels.count_pairs", "786,432 samples",
         lambda: _kernels.count_pairs(FLAT), "numpy.bincount of pairs", _bincount_pairs),
    Case("Metrics", "_kernels.block_entropies", "30 blocks of 1936",
         lambda: _kernels.block_entropies(FLAT, STARTS, 1936), "numpy.bincount of all, scipy.stats.entropy",
         _entropies,
         compare=lambda x: np.round(x, 9)),
    Case("Metrics", "_kernels.absolute_difference", "786,432 samples",
         lambda: _kernels.absolute_difference(FLAT, KEY), "numpy.maximum less numpy.minimum",
         lambda: np.maximum(FLAT, KEY) - np.minimum(FLAT, KEY)),
    Case("Metrics", "_kernels.absolute_sum (UACI)", "786,432 samples",
         lambda: _kernels.absolute_sum(FLAT, KEY), "numpy, sum of maximum less minimum",
         lambda: (np.maximum(FLAT, KEY) - np.minimum(FLAT, KEY)).sum(dtype=np.int64)),
    Case("Metrics", "_kernels.squared_sum (MSE)", "786,432 samples",
         lambda: _kernels.squared_sum(FLAT, KEY), "numpy, dot of the difference in float64", lambda: _squares_numpy()),
    Case("Metrics", "_kernels.count_differing (NPCR)", "786,432 samples",
         lambda: _kernels.count_differing(FLAT, KEY), "numpy.count_nonzero", lambda: np.count_nonzero(FLAT != KEY)),
    Case("Metrics", "_kernels.count_flipped_bits", "786,432 samples",
         lambda: _kernels.count_flipped_bits(FLAT, KEY), "numpy.bitwise_count",
         lambda: np.bitwise_count(FLAT.view(np.uint64) ^ KEY.view(np.uint64)).sum(dtype=np.int64)),
    Case("Metrics", "_kernels.pair_sums (correlation)", "786,432 samples",
         lambda: _kernels.pair_sums(FLAT, KEY), "numpy.corrcoef", lambda: np.corrcoef(FLAT, KEY), compare=None),
    Case("Metrics", "_kernels.adjacent_sums (correlation)", "512 x 512, four directions",
         lambda: _kernels.adjacent_sums(GREY), "numpy.corrcoef of float32", _correlations_numpy,
         compare=_correlations_of),
    Case("Metrics", "_kernels.window_sums (BACI)", "512 x 512 x 3",
         lambda: _kernels.window_sums(COLOUR.reshape(512, 1536), 3), "numpy, slices of int16", _windows_numpy),
    Case("Metrics", "quality.similarity_sum (SSIM)", "512 x 512 x 3",
         lambda: quality.ssim_of(COLOUR, COLOUR2).value, "skimage.metrics.structural_similarity",
         lambda: structural_similarity(COLOUR, COLOUR2, data_range=255, channel_axis=-1),
         compare=lambda x: np.round(x, 10)),
    Case("Metrics", "texture.cooccurrence", "512 x 512, four directions",
         lambda: texture.cooccurrence(GREY), "skimage.feature.graycomatrix", _cooccurrences),
    Case("Metrics", "texture.energy_and_differences", "4 tables of 256 x 256",
         lambda: texture.energy_and_differences(GLCM), "numpy.bincount and einsum", lambda: _differences_numpy(),
         compare=lambda pair: np.append(*map(np.ravel, pair))),
    Case("Metrics", "texture.coarsen", "4 tables of 256 x 256",
         lambda: texture.coarsen(GLCM), "numpy, sum of blocks",
         lambda: GLCM.reshape(4, 8, 32, 8, 32).sum(axis=(2, 4), dtype=np.uint32)),
    Case("Randomness", "bits.count_ones", "a megabit",
         lambda: bits.count_ones(WORDS), "numpy.bitwise_count", lambda: np.bitwise_count(PACKED).sum(dtype=np.int64)),
    Case("Randomness", "bits.block_ones", "7,812 blocks of 128 bits",
         lambda: bits.block_ones(WORDS, 7812, 128), "numpy.bitwise_count",
         lambda: np.bitwise_count(PACKED[:15624].reshape(-1, 2)).sum(axis=1)),
    Case("Randomness", "bits.longest_runs", "100 blocks of 10,000 bits", lambda: bits.longest_runs(WORDS, 100, 10_000)),
    Case("Randomness", "spectral.signs", "a megabit",
         lambda: signs(WORDS, 1_000_000), "numpy.unpackbits", lambda: _signs_numpy()),
    Case("Randomness", "spectral.count_below", "500,000 values",
         lambda: count_below(SPECTRUM, 500_000, 2995732.27), "numpy",
         lambda: np.count_nonzero(SPECTRUM.real[:500_000] ** 2 + SPECTRUM.imag[:500_000] ** 2 < 2995732.27)),
    *(Case("Learned", f"inference, {name}", "256 x 256 x 3", partial(on_kernels, name, SMALL), "OpenVINO, float32",
           partial(in_library, name, SMALL), "equal bytes on every machine and version", compare=None)
      for name in NETWORKS),
]  # fmt: skip
