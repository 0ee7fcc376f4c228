"""Shared by all tests."""

import copy
import gc
import importlib
import os
import sys
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

# A worker of a test run has one core; more threads would only make timings and memory use depend on the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

_drawn: dict[int, tuple[np.random.Generator, dict]] = {}
_writes_no_bytecode = sys.dont_write_bytecode
_HERE = Path(__file__).resolve().parent


def pytest_collection(session: pytest.Session) -> None:
    """What is imported until the tests begin keeps its bytecode, also where Python is told to keep none.

    pytest rewrites the assertions of a thousand modules, which takes as long as all else that it does before the first
    test. Workers of a whole run begin with different modules, so that each finds half of them done by others.
    """
    sys.dont_write_bytecode = False
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    first, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    files = sorted(file for file in _HERE.rglob("test_*.py") if file.parent.name != "speed")
    for file in files[first::count]:
        with suppress(Exception, pytest.skip.Exception):  # told when it is collected
            importlib.import_module(".".join(file.relative_to(_HERE.parent).with_suffix("").parts))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember the state of the generators that modules of tests have at their top."""
    sys.dont_write_bytecode = _writes_no_bytecode
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


def pytest_runtest_teardown() -> None:
    """Objects that the command line put aside for its short life (`gc.freeze`) are collected again in this long one."""
    if gc.get_freeze_count():
        gc.unfreeze()


@pytest.fixture(scope="module")
def nothing_mapped() -> None:
    """Files that earlier tests of this process mapped are let go: its children would be taken to depend on them."""
    gc.unfreeze()
    gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Where PyTorch is not installed, a file of tests that imports it is skipped, and the reason says what to install.

    A test that needs it in a file that does not says ``pytest.importorskip("torch")``.
    """
    report = yield
    call = getattr(report, "call", None)
    error = call.excinfo.value if report.failed and call is not None and call.excinfo is not None else None
    while error is not None and not (isinstance(error, ModuleNotFoundError) and error.name == "torch"):
        error = error.__cause__
    if error is not None:
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 1, 'Skipped: needs PyTorch: pip install "cryptobench[learned]"')
    return report
