"""The product of matrices is the one of linear algebra, and of the same bits on any processor."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cryptobench.primitives.learned.inference.products import multiply_add

# Compiles for the least of processors; prints whether its machine code multiplies and adds at once, and the bytes.
SCRIPT = """
from numba import njit
from cryptobench.primitives.learned.inference.products import multiply_add
from tests.primitives.learned.inference.test_products import product_bytes
kernel = njit(multiply_add.py_func)
print(product_bytes(kernel), "vfmadd" in next(iter(kernel.inspect_asm().values())))
"""


def product_bytes(kernel):
    """Of 18 rows of 9 with so many columns as are handled in different groups, as hexadecimal digits."""
    rng, made = np.random.default_rng(5), b""
    for n in (8, 16, 24, 48, 56):
        a, w = (rng.standard_normal(count).astype(np.float32) for count in (18 * 9, 9 * n))
        out = np.zeros(18 * n, np.float32)
        kernel(a, 0, 9, 18, 9, w, 0, n, w, 0, 0, out, 0, n)
        made += out.tobytes()
    return made.hex()


@pytest.mark.parametrize("outputs", [8, 16, 24, 48, 56])
def test_product_is_that_of_linear_algebra(outputs):
    """Rows with gaps, matrices that start anywhere, a bias or what is there already: as in double precision."""
    rng = np.random.default_rng(outputs)
    count, depth, step, out_step = 18, 21, 30, outputs + 8
    a, w, out = (rng.standard_normal(n).astype(np.float32) for n in (900, depth * outputs + 3, 20 * out_step))
    before = out.copy()
    bias = rng.standard_normal(outputs).astype(np.float32)
    rows = np.lib.stride_tricks.sliding_window_view(a[5:], depth)[::step][:count].astype(np.float64)
    product = rows @ w[3:].reshape(depth, outputs).astype(np.float64)
    multiply_add(a, 5, step, count, depth, w, 3, outputs, bias, 0, 0, out, 7, out_step)
    window = np.s_[7 : 7 + count * out_step]
    np.testing.assert_allclose(out[window].reshape(count, -1)[:, :outputs], product + bias, atol=1e-5)
    multiply_add(a, 5, step, count, depth, w, 3, outputs, out, 7, out_step, out, 7, out_step)
    np.testing.assert_allclose(out[window].reshape(count, -1)[:, :outputs], 2 * product + bias, atol=1e-5)
    np.testing.assert_array_equal(
        out[window].reshape(count, -1)[:, outputs:], before[window].reshape(count, -1)[:, outputs:]
    )
    np.testing.assert_array_equal(out[:7], before[:7])


def test_processors_without_fma_give_the_same_bits(tmp_path):
    """Its code has no such instructions, and its product the same bits."""
    least = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, **least}, cwd=Path(__file__).parents[4],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.split() == [product_bytes(multiply_add), "False"]
