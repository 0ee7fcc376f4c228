"""Every metric of a plaintext, its ciphertext and the ciphertext of a changed plaintext, with shared passes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import pair, planes_of
from cryptobench.metrics.avalanche import bit_avalanche
from cryptobench.metrics.correlation import channel_correlation, correlations_of
from cryptobench.metrics.differential import baci_of, npcr, uaci_of
from cryptobench.metrics.entropy import LOCAL_BLOCK_SIZE, LOCAL_BLOCKS, entropy_of, local_entropy_of
from cryptobench.metrics.histogram import (
    chi_square_of,
    deviation_of,
    encryption_quality_of,
    irregular_deviation,
    maximum_deviation_of,
    variance_of,
)
from cryptobench.metrics.quality import mean_absolute_error, psnr_of, squared_error_of, ssim_of
from cryptobench.metrics.result import Result
from cryptobench.metrics.texture import coarsen, cooccurrence, properties_of

__all__ = ["metric_set"]


def metric_set(
    plain: Any, cipher: Any, changed: Any, seed: int = 0, alpha: float = 0.05
) -> dict[tuple[str, str, str], Result]:
    """All metrics, by (metric, channel, direction or grey levels), each equal to what its own function returns.

    ``cipher`` is the ciphertext of ``plain``, ``changed`` that of a plaintext changed a little. First-order
    statistics, correlation and texture are those of ``cipher``, by channel ("0", "1", ...; "0-1" for a pair) and
    "all"; NPCR, UACI, BACI and avalanche compare ``cipher`` with ``changed``; deviations and
    quality compare ``plain`` with ``cipher``. Metrics that the image is too small for are left out.
    """
    original, first = pair(plain, cipher, ("plain", "cipher"))
    _, second = pair(plain, changed, ("plain", "changed"))
    found: dict[tuple[str, str, str], Result] = {}

    planes = planes_of(first)
    counts = [_kernels.count_values(plane.ravel()) for plane in planes]
    total = np.sum(counts, axis=0)
    for channel, count in (*((str(k), c) for k, c in enumerate(counts)), ("all", total)):
        found["chi_square", channel, ""] = chi_square_of(count, alpha)
        found["histogram_variance", channel, ""] = variance_of(count, alpha)
        found["deviation_from_uniform", channel, ""] = deviation_of(count, alpha)
        found["global_entropy", channel, ""] = entropy_of(count, alpha)
    if first.size >= LOCAL_BLOCK_SIZE:
        found["local_entropy", "all", ""] = local_entropy_of(planes, seed, LOCAL_BLOCKS, LOCAL_BLOCK_SIZE, alpha)

    before = _kernels.count_values(original.ravel())
    found["maximum_deviation", "all", ""] = maximum_deviation_of(before, total)
    found["encryption_quality", "all", ""] = encryption_quality_of(before, total)
    found["irregular_deviation", "all", ""] = irregular_deviation(original, first)

    found["npcr", "all", ""] = npcr(first, second, alpha)
    found["uaci", "all", ""] = uaci_of(_kernels.absolute_sum(first.ravel(), second.ravel()), first.size, alpha)
    if min(first.shape[:2]) >= 2:
        found["baci", "all", ""] = baci_of(first, second, alpha)
    found["bit_avalanche", "all", ""] = bit_avalanche(first, second, alpha)

    for k, plane in enumerate(planes):
        for direction, result in correlations_of(plane, alpha).items():
            found["correlation", str(k), direction] = result
        table = cooccurrence(plane)
        for levels, grouped in ((256, table), (8, coarsen(table))):
            for name, result in properties_of(grouped, plane.shape, alpha).items():
                found[f"glcm_{name}", str(k), str(levels)] = result
    for i, j in combinations(range(len(planes)), 2):
        found["channel_correlation", f"{i}-{j}", ""] = channel_correlation(planes[i], planes[j], alpha)

    squared = squared_error_of(original, first)
    found["mean_squared_error", "all", ""] = Result(squared)
    found["mean_absolute_error", "all", ""] = mean_absolute_error(original, first)
    found["peak_signal_noise_ratio", "all", ""] = psnr_of(squared)
    found["structural_similarity", "all", ""] = ssim_of(original, first)
    return found
