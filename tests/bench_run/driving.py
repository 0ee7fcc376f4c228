"""What tests of runs share besides fixtures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOYS = Path(__file__).with_name("toys.py")
ROOT = TOYS.parents[2]


def toy(name: str) -> str:
    return f"{TOYS}:{name}"


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)
