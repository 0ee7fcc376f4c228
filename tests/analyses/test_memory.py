"""A worker measures large images in little memory: below 1 GiB at 4096x4096x3, whatever the analysis."""

import subprocess
import sys
import tracemalloc
from typing import Any

import numpy as np
import pytest

from cryptobench.analyses.base import Analysis
from cryptobench.registry import analysis_names, load_analysis, load_cipher
from cryptobench.task import run_task

MOST = 14  # bytes a sample in use at once; half as many again for what Python, libraries and malloc hold
FEWER: dict[str, dict[str, Any]] = {
    "differential": {"trials": 2},
    "avalanche": {"trials": 2},
    "key_sensitivity": {"bits": 2},
    "randomness": {"sequences": 2, "bits": 1000},
    "robustness": {
        "occlusion": [0.25], "lost_rows": [0.125], "bit_flips": [10], "salt_and_pepper": [0.25], "gaussian": [5.0],
        "speckle": [0.1], "jpeg": [95],
    },
}  # fmt: skip
WITHOUT_PICTURE = {"generalisation", "keyspace", "network", "timing"}


def analysis(name: str) -> Analysis:
    return type(load_analysis(name))(**FEWER.get(name, {}))


def image(side: int) -> np.ndarray:
    ramp = np.add.outer(np.arange(side), np.arange(side))
    return (ramp[..., None] // np.array([2, 3, 5])).astype(np.uint8)


@pytest.mark.parametrize("name", [name for name in analysis_names() if name not in WITHOUT_PICTURE])
def test_an_analysis_holds_few_bytes_a_sample(name: str) -> None:
    """Wide numbers are held of some rows at a time only."""
    cipher, picture = load_cipher("aes-256-ctr"), image(512)
    run_task(analysis(name), cipher, image(64), 0, label="memory")
    tracemalloc.start()
    try:
        result = run_task(analysis(name), cipher, picture, 0, label="memory")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.status == "ok"
    assert peak < MOST * picture.size


def test_a_process_stays_within_its_memory() -> None:
    """What the system counts of robustness, which holds most: 20 bytes a sample with what malloc keeps."""
    script = (
        "import resource\n"
        "from tests.analyses.test_memory import analysis, image, load_cipher, run_task\n"
        "cipher, picture = load_cipher('aes-256-ctr'), image(1024)\n"
        "def peak():\n"
        "    run_task(analysis('robustness'), cipher, picture, 0, label='memory')\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "small, picture = picture, image(256)\n"
        "before = peak()\n"
        "picture = small\n"
        "print((peak() - before) / picture.size)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert float(done.stdout) * unit < 20
