"""The whole metric set with shared passes."""

import numpy as np
import pytest

import cryptobench.metrics as metrics


@pytest.mark.parametrize("shape", [(64, 67), (33, 47, 3), (40, 40, 4), (20, 20), (1, 100), (1, 1)])
def test_each_entry_equals_its_own_function(shape: tuple[int, ...]) -> None:
    """Sharing passes changes no bit of any result, and leaves out only what the image is too small for."""
    generator = np.random.default_rng(1)
    plain, cipher, changed = (generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(3))
    found = metrics.metric_set(plain, cipher, changed, seed=5, alpha=0.01)
    expected = {}
    planes = [cipher] if cipher.ndim == 2 else [cipher[..., k] for k in range(cipher.shape[2])]
    for channel, image in (*((str(k), p) for k, p in enumerate(planes)), ("all", cipher)):
        expected["chi_square", channel, ""] = metrics.histogram_chi_square(image, 0.01)
        expected["histogram_variance", channel, ""] = metrics.histogram_variance(image, 0.01)
        expected["deviation_from_uniform", channel, ""] = metrics.deviation_from_uniform(image, 0.01)
        expected["global_entropy", channel, ""] = metrics.global_entropy(image, 0.01)
    if cipher.size >= 1936:
        expected["local_entropy", "all", ""] = metrics.local_entropy(cipher, 5, alpha=0.01)
    for name in ("npcr", "uaci", "bit_avalanche", *(["baci"] if min(shape[:2]) > 1 else [])):
        expected[name, "all", ""] = getattr(metrics, name)(cipher, changed, 0.01)
    for k, plane in enumerate(planes):
        for direction, result in metrics.adjacent_correlations(plane, 0.01).items():
            expected["correlation", str(k), direction] = result
        for levels in (8, 256):
            for name, result in metrics.glcm_properties(plane, levels, 0.01).items():
                expected[f"glcm_{name}", str(k), str(levels)] = result
        for j in range(k):
            expected["channel_correlation", f"{j}-{k}", ""] = metrics.channel_correlation(planes[j], plane, 0.01)
    for name in (
        "maximum_deviation",
        "irregular_deviation",
        "encryption_quality",
        "mean_squared_error",
        "mean_absolute_error",
        "peak_signal_noise_ratio",
        "structural_similarity",
    ):
        expected[name, "all", ""] = getattr(metrics, name)(plain, cipher)
    # repr, for nan differs from itself.
    assert {key: repr(result) for key, result in found.items()} == {key: repr(r) for key, r in expected.items()}


def test_three_shapes_must_agree() -> None:
    """Each of the three images is checked, and named."""
    image = np.zeros((8, 8), np.uint8)
    with pytest.raises(ValueError, match="cipher"):
        metrics.metric_set(image, image[:7], image)
    with pytest.raises(ValueError, match="changed"):
        metrics.metric_set(image, image, image[:7])
