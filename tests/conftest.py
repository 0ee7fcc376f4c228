"""Shared by all tests."""

import os

# A worker of a test run has one core; more threads would only make timings and memory use depend on the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
