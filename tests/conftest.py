"""Shared by all tests."""

import copy
import os

import numpy as np
import pytest

# A worker of a test run has one core; more threads would only make timings and memory use depend on the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

_drawn: dict[int, tuple[np.random.Generator, dict]] = {}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember the state of the generators that modules of tests have at their top."""
    for module in {item.module for item in session.items if hasattr(item, "module")}:
        for value in vars(module).values():
            if isinstance(value, np.random.Generator):
                _drawn[id(value)] = value, copy.deepcopy(value.bit_generator.state)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test draws the same numbers, in whatever order they run, or alone."""
    for value in vars(item.module).values() if hasattr(item, "module") else ():
        if id(value) in _drawn:
            generator, state = _drawn[id(value)]
            generator.bit_generator.state = copy.deepcopy(state)
