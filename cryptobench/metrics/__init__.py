"""Metrics: pure functions of uint8 arrays that know no cipher, each returning a `Result`.

A metric's module is imported when the metric is first used.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from cryptobench.metrics.avalanche import bit_avalanche, strict_avalanche
    from cryptobench.metrics.correlation import (
        DIRECTIONS,
        adjacent_correlation,
        adjacent_correlations,
        channel_correlation,
    )
    from cryptobench.metrics.differential import baci, npcr, npcr_critical_value, uaci, uaci_interval
    from cryptobench.metrics.entropy import global_entropy, local_entropy, local_entropy_literature_interval
    from cryptobench.metrics.histogram import (
        deviation_from_uniform,
        encryption_quality,
        histogram,
        histogram_chi_square,
        histogram_variance,
        irregular_deviation,
        maximum_deviation,
    )
    from cryptobench.metrics.metric_set import metric_set
    from cryptobench.metrics.quality import (
        mean_absolute_error,
        mean_squared_error,
        peak_signal_noise_ratio,
        structural_similarity,
    )
    from cryptobench.metrics.result import Result
    from cryptobench.metrics.texture import glcm_properties

__all__ = [
    "DIRECTIONS",
    "Result",
    "adjacent_correlation",
    "adjacent_correlations",
    "baci",
    "bit_avalanche",
    "channel_correlation",
    "deviation_from_uniform",
    "encryption_quality",
    "glcm_properties",
    "global_entropy",
    "histogram",
    "histogram_chi_square",
    "histogram_variance",
    "irregular_deviation",
    "local_entropy",
    "local_entropy_literature_interval",
    "maximum_deviation",
    "mean_absolute_error",
    "mean_squared_error",
    "metric_set",
    "npcr",
    "npcr_critical_value",
    "peak_signal_noise_ratio",
    "strict_avalanche",
    "structural_similarity",
    "uaci",
    "uaci_interval",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "avalanche": ["bit_avalanche", "strict_avalanche"],
        "correlation": ["DIRECTIONS", "adjacent_correlation", "adjacent_correlations", "channel_correlation"],
        "differential": ["baci", "npcr", "npcr_critical_value", "uaci", "uaci_interval"],
        "entropy": ["global_entropy", "local_entropy", "local_entropy_literature_interval"],
        "histogram": [
            "deviation_from_uniform",
            "encryption_quality",
            "histogram",
            "histogram_chi_square",
            "histogram_variance",
            "irregular_deviation",
            "maximum_deviation",
        ],
        "metric_set": ["metric_set"],
        "quality": ["mean_absolute_error", "mean_squared_error", "peak_signal_noise_ratio", "structural_similarity"],
        "result": ["Result"],
        "texture": ["glcm_properties"],
    },
)
