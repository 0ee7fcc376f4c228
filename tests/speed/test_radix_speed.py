"""Sorting orbit states at 512x512x3: by integer digits, by float buckets, and by numpy, as ratios within one run."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from cryptobench.primitives.chaos.key_schedule.keystream import sort_keys
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from cryptobench.primitives.chaos.permutation.radix import argsort_words
from cryptobench.primitives.chaos.permutation.sorting import argsort

SAMPLES = 512 * 512 * 3
STATES = {"even": np.random.default_rng(0).random(SAMPLES), "logistic": logistic_orbit(0.3, 3.99995, SAMPLES)}


def seconds(function: Any) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


@pytest.mark.parametrize("spread", list(STATES))
def test_digits_against_buckets_and_numpy(benchmark: Any, spread: str) -> None:
    """The order of 32-bit keys is numpy's; how many times longer the others take is recorded."""
    x = STATES[spread]
    keys = np.empty(len(x), np.uint32)
    sort_keys(x, keys)
    order = benchmark(lambda: argsort_words(keys))
    assert np.array_equal(order, np.argsort(keys, kind="stable"))
    others = {"buckets": lambda: argsort(x), "numpy": lambda: np.argsort(x, kind="stable")}
    for name, other in others.items():
        other()
        ratios = [seconds(other) / seconds(lambda: argsort_words(keys)) for _ in range(5)]
        benchmark.extra_info[f"{name} / digits"] = round(median(ratios), 2)
