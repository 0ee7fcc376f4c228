"""A made-up run in which no two numbers are equal: whoever shows another number than the right one shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pandas as pd

from cryptobench.measurement import Measurement, frame
from cryptobench.results.run import RunData, run_in_memory

__all__ = ["CIPHERS", "DAMAGES", "IMAGES", "KINDS", "Numbers", "distinct_run"]

CIPHERS = {"dense-resnet-xor": ("proposed", "C+"), "rival": ("learned", "B")}
IMAGES = {"coffee": (64, 96, 3), "camera": (48, 56, 1)}
DAMAGES = {
    "occlusion": (("corner", "0.25"), ("centre", "0.25"), ("centre", "0.5")), "lost rows": (("", "4"),),
    "salt and pepper": (("", "0.01"), ("", "0.05")), "gaussian": (("", "5"),), "speckle": (("", "0.05"),),
    "bit flips": (("", "8"),), "jpeg": (("", "75"), ("", "100")),
}  # fmt: skip
KINDS = ("photograph", "grey", "large", "odd", "flat", "synthetic")
_PARTS = ("mean", "ci_low", "ci_high", "min", "max", "inside", "distinct")
_KEY = ("key_npcr", "key_uaci", "key_avalanche", "wrong_key_psnr", "wrong_key_ssim", "wrong_key_correlation")
_BYTES = (
    "ent_entropy", "ent_chi_square", "ent_mean", "ent_monte_carlo_pi", "ent_serial_correlation", "byte_pairs",
    "sp800_22_corrected_rejected", "sp800_22_corrected_adjusted", "sp800_22_rejected", "sp800_22_adjusted",
)  # fmt: skip
_SCALES = {"peak_memory": float(2**20)}
_Rows = Iterator[tuple[str, str, dict[str, Any]]]


@dataclass(frozen=True)
class Numbers:
    """The rows of the run by what sets them apart."""

    table: pd.DataFrame

    def row(self, cipher: str, image: str, metric: str, **where: str) -> Any:
        """The one row of a metric; columns that are not named are empty, the channel "all"."""
        wanted = {
            "cipher": cipher, "image": image, "metric": metric, "channel": "all", "other_channel": "", "direction": "",
            "place": "", "condition": "", "parameter": "", "part": "", "statistic": "", "nonce": "",
        } | where  # fmt: skip
        found = self._index.get(tuple(wanted.values()), [])
        assert len(found) == 1, wanted
        return found[0]

    @property
    def _index(self) -> dict[tuple[str, ...], list[Any]]:
        if not hasattr(self, "_kept"):
            names = (
                "cipher", "image", "metric", "channel", "other_channel", "direction", "place", "condition", "parameter",
                "part", "statistic", "nonce",
            )  # fmt: skip
            kept: dict[tuple[str, ...], list[Any]] = {}
            for row in self.table[~(self.table["trial"].fillna(0) > 0)].itertuples():
                kept.setdefault(tuple(getattr(row, name) for name in names), []).append(row)
            object.__setattr__(self, "_kept", kept)
        found: dict[tuple[str, ...], list[Any]] = self._kept  # type: ignore[attr-defined]
        return found


def distinct_run() -> RunData:
    """Two ciphers on a colour and a grey image, every metric that a table shows, and two attacks at two sizes.

    Rows with an odd number have the verdict "fail".
    """
    numbers = count(11)
    cells = [(cipher, image) for cipher in CIPHERS for image in IMAGES]
    rows: list[dict[str, Any]] = []
    for make in (_timing, _attacks, _differential, _statistics, _keys, _randomness, _robustness, _learned):
        for cipher, image in cells:
            family, fidelity = CIPHERS[cipher]
            height, width, channels = IMAGES[image]
            fields = {"cipher": cipher, "family": family, "fidelity": fidelity, "image": image, "height": height}
            fields |= {"width": width, "channels": channels, "seed": 1, "seconds": 0.0}
            for analysis, metric, columns in make("RGB" if channels == 3 else ""):
                size = {name: columns.pop(name) for name in ("height", "width", "channels") if name in columns}
                measured = _measurement(metric, numbers, columns)
                rows.append(fields | size | {"analysis": analysis} | measured.row())
    return run_in_memory(frame(rows), {"alpha": 0.05, "versions": {"cryptobench": "1.2.3"}})


def _measurement(metric: str, numbers: Iterator[int], columns: dict[str, Any]) -> Measurement:
    if metric in ("exact", "outcome"):  # words, in tables
        return Measurement(metric, 0.0 if metric == "exact" else None, **columns)
    scale = _SCALES.get(metric, 1e-3 if metric.endswith("_time") else 1.0)
    if metric == "correlation" and columns["direction"] == "A" and columns["part"] == "cipher":
        scale = -1.0  # the largest in size is below 0
    if not columns.pop("judged", False):
        number = next(numbers)
        return Measurement(metric, scale * number, verdict="fail" if number % 2 else "pass", **columns)
    inside = columns.get("statistic") == "literature" and columns["channel"] in ("R", "grey")
    four = [next(numbers) for _ in range(4)]
    low, number, high, expected = four if inside else (four[0], four[3], four[1], four[2])
    return Measurement(
        metric, scale * number, low=low, high=high, expected=expected, p_value=number / 20_000,
        verdict="fail" if number % 2 else "pass", **columns,
    )  # fmt: skip


def _timing(colours: str) -> _Rows:
    for statistic in ("median", "q25", "q75"):
        for metric in ("key_setup_time", "encrypt_time", "decrypt_time"):
            for side in ("", "128", "512") if metric != "key_setup_time" else ("",):
                yield "timing", metric, {"statistic": statistic, "parameter": side}
    for metric in ("throughput", "ratio", "exponent"):
        for operation in ("encrypt", "decrypt"):
            yield "timing", f"{operation}_{metric}", {}
    yield "timing", "peak_memory", {}
    for stage in ("keystream", "diffusion"):
        yield "timing", "stage_time", {"part": stage}


def _attacks(colours: str) -> _Rows:
    for attack, model in (("codebook", "CPA"), ("flip", "CCA")) if colours else ():
        for nonce in ("fresh", "fixed"):
            for side in (16, 32):
                columns = {"condition": model, "nonce": nonce, "height": side, "width": side, "channels": 3}
                name = f"attack:{attack}"
                yield name, "outcome", columns | {"outcome": "recovered"}
                for part in ("", "encryptions"):
                    yield name, "queries", columns | {"part": part}
                for metric in ("attack_time", "recovered_psnr", "recovered_excess", "extrapolated_queries",
                               "extrapolated_time"):  # fmt: skip
                    yield name, metric, dict(columns)
                for metric in ("statistic", "recovered"):
                    yield name, metric, columns | {"judged": True}


def _differential(colours: str) -> _Rows:
    for nonce in ("fresh", "fixed"):
        for metric in ("npcr", "uaci", "baci"):
            for trial in range(2):
                yield "differential", metric, {"nonce": nonce, "trial": trial, "judged": True}
            for part in _PARTS:
                yield "differential", f"{metric}_{part}", {"nonce": nonce, "judged": part in ("mean", "inside")}
            for place in ("first", "random"):
                yield "differential", f"{metric}_mean", {"nonce": nonce, "place": place}
            yield "differential", f"{metric}_mean", {"nonce": nonce, "condition": "lsb"}
        for one in colours:
            for other in colours:
                columns = {"channel": one, "other_channel": other, "nonce": nonce, "judged": True}
                yield "differential", "channel_reach", columns
        for trial in range(2):
            yield "avalanche", "plaintext_avalanche", {"nonce": nonce, "trial": trial, "judged": True}
        for metric in ("plaintext_avalanche_mean", "plaintext_avalanche_worst", "strict_avalanche"):
            yield "avalanche", metric, {"nonce": nonce, "judged": True}
    for metric in ("npcr", "uaci", "baci"):
        yield "differential", f"{metric}_plain_cipher", {}


def _statistics(colours: str) -> _Rows:
    single = tuple(colours) or ("grey",)
    for channel in (*single, "all"):
        for part in ("plain", "cipher"):
            yield "entropy", "global_entropy", {"channel": channel, "part": part, "judged": part == "cipher"}
            yield "histogram", "chi_square", {"channel": channel, "part": part, "judged": part == "cipher"}
        for statistic in ("corrected", "literature"):
            yield "entropy", "local_entropy", {"channel": channel, "statistic": statistic, "judged": True}
        for metric in ("histogram_variance", "deviation_from_uniform"):
            yield "histogram", metric, {"channel": channel, "part": "cipher"}
        for metric in ("maximum_deviation", "irregular_deviation", "encryption_quality"):
            yield "histogram", metric, {"channel": channel}
    for part in ("plain", "cipher"):
        for channel in single:
            for direction in "HVDA":
                columns = {"channel": channel, "direction": direction, "part": part, "judged": part == "cipher"}
                yield "correlation", "correlation", columns
            for level in ("8", "256"):
                for metric in ("glcm_contrast", "glcm_energy", "glcm_homogeneity"):
                    columns = {"channel": channel, "parameter": level, "part": part, "judged": part == "cipher"}
                    yield "texture", metric, columns
        for one, other in ("RG", "RB", "GB") if colours else ():
            columns = {"channel": one, "other_channel": other, "part": part, "judged": part == "cipher"}
            yield "correlation", "channel_correlation", columns
    for channel in single:
        yield "contours", "contour_correlation", {"channel": channel, "judged": True}


def _keys(colours: str) -> _Rows:
    for part in ("", "x0", "x1"):
        for name in ("nominal", "effective", "dead", "weak"):
            yield "keyspace", f"{name}_key_bits", {"part": part}
        for metric in (*_KEY, "wrong_key_entropy"):
            for statistic in ("mean", "worst"):
                yield "key_sensitivity", f"{metric}_{statistic}", {"part": part, "judged": not part}
    for metric in ("key_npcr", "key_uaci"):
        for bit in range(3):
            yield "key_sensitivity", metric, {"part": "x0", "trial": bit}


def _randomness(colours: str) -> _Rows:
    for condition, nonce in (("distinct images", "fresh"), ("distinct images", "fixed"), ("AES-256-CTR", "")):
        columns = {"condition": condition, "nonce": nonce, "judged": True}
        for metric in _BYTES:
            yield "randomness", metric, dict(columns)
        for part, statistic in (("frequency", ""), ("serial", "corrected")):
            yield "randomness", "sp800_22_proportion", columns | {"part": part, "statistic": statistic}
        for bit in range(8):
            yield "randomness", "bit_plane", columns | {"part": str(bit)}


def _robustness(colours: str) -> _Rows:
    for kind, levels in DAMAGES.items():
        for place, level in levels:
            columns = {"condition": kind, "place": place, "parameter": level}
            for metric in ("damaged_psnr", "damaged_ssim"):
                yield "robustness", metric, dict(columns)
            for metric in ("auc", "auc_blind", "energy", "energy_blind") if kind == "occlusion" else ():
                yield "robustness", f"trace_{metric}", dict(columns)
            if kind == "occlusion":
                yield "robustness", "damage_spread", dict(columns)
    for metric in ("exact", "decrypted_psnr", "decrypted_ssim", "expansion", "header_bytes", "secret_bytes"):
        yield "quality", metric, {}


def _learned(colours: str) -> _Rows:
    for metric in ("entropy", "contours", "psnr"):
        yield "network", f"network_{metric}", {}
    for metric in ("identical_intermediate", "training_minutes"):
        yield "network", metric, {}
    for level in ("0.01", "0.2"):
        yield "network", "disturbed_weights_psnr", {"parameter": level}
    for pair in ("b", "c"):
        yield "network", "other_pair_psnr", {"condition": pair}
    for value in ("0", "255"):
        yield "network", "flat_values", {"parameter": value}
        yield "network", "flat_period", {"parameter": value}
    for kind in KINDS:
        for metric in ("psnr", "ssim"):
            yield "generalisation", f"generalisation_{metric}", {"condition": kind}
