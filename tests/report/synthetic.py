"""A made-up run folder: every metric of the measurement table, with the awkward rows that real runs have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cryptobench.measurement import SCHEMA, Measurement, frame, write_measurements

__all__ = ["ANALYSES", "CIPHERS", "synthetic_run"]

# name: (family, fidelity, kind of behaviour)
CIPHERS: dict[str, tuple[str, str, str]] = {
    "aes-256-ctr": ("reference", "A", "nonce"),
    "aes-256-siv": ("reference", "A", "aead"),
    "chacha20-poly1305": ("reference", "A", "aead"),
    "caesar": ("control", "A", "weak"),
    "arnold-cat": ("control", "A", "weak"),
    "permutation-only": ("control", "A", "weak"),
    "xor-pad": ("control", "A", "stream"),
    "permutation-xor": ("control", "A", "stream"),
    "aes-256-ecb": ("control", "A", "stream"),
    "add-chain": ("control", "A", "none"),
    "xor-chain": ("control", "A", "stream"),
    "sum-ctr": ("control", "A", "none"),
    "channelwise": ("control", "A", "none"),
    "truncated-key": ("control", "A", "dead"),
    "chen2004": ("chaotic", "B+", "none"),
    "hua2021": ("chaotic", "B", "nonce"),
    "zhang2015": ("chaotic", "C+", "nonce"),
}
ANALYSES = (
    "histogram", "entropy", "correlation", "texture", "differential", "avalanche", "keyspace", "key_sensitivity",
    "robustness", "quality", "timing", "contours",
)  # fmt: skip
IMAGES = {"astronaut": (64, 64, 3), "camera": (48, 57, 1)}
_DAMAGES = {
    "occlusion corner": ("0.015625", "0.0625", "0.25", "0.5"),
    "occlusion centre": ("0.015625", "0.0625", "0.25", "0.5"),
    "salt and pepper": ("0.001", "0.01", "0.05", "0.1"),
    "gaussian": ("1", "5", "10"),
    "speckle": ("0.01", "0.05"),
    "bit flips": ("1", "8", "64"),
    "jpeg": ("100", "95", "75"),
    "lost rows": ("1", "4"),
}
_FIELDS = (("x0", 64), ("mu", 64), ("seed", 128))


def synthetic_run(
    folder: Path,
    ciphers: Iterable[str] = CIPHERS,
    analyses: Sequence[str] = ANALYSES,
    images: Sequence[str] = tuple(IMAGES),
    trials: int = 40,
    pictures: bool = True,
    unfinished: bool = True,
) -> Path:
    """Write a run folder; with ``unfinished`` some cells of it failed, crashed, timed out or are unsupported."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for cipher in ciphers:
        family, fidelity, kind = CIPHERS[cipher]
        for image in images:
            shape = IMAGES[image]
            fixed = {
                "cipher": cipher,
                "family": family,
                "fidelity": fidelity,
                "image": image,
                "seconds": 0.1,
                "seed": 1,
            }
            fixed |= {"height": shape[0], "width": shape[1], "channels": shape[2]}
            for analysis in analyses:
                rng = np.random.default_rng([len(rows), 7])
                trouble = _trouble(cipher, image, analysis) if unfinished else None
                found = [trouble] if trouble else _MAKERS[analysis](rng, kind, shape, trials)
                rows += [{**fixed, "analysis": analysis, **measurement.row()} for measurement in found]
            if pictures:
                _pictures(folder / "pictures" / cipher / image, shape, kind, "robustness" in analyses)
    write_measurements(frame(rows), folder / "measurements.csv.gz")
    settings = {"schema": SCHEMA, "profile": "made up", "versions": {"numpy": np.__version__}, "alpha": 0.05}
    (folder / "run.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def _trouble(cipher: str, image: str, analysis: str) -> Measurement | None:
    match cipher, image, analysis:
        case "arnold-cat", "camera", _:
            return Measurement(
                "", None, status="unsupported", message="arnold-cat: image is 48x57x1, wanted a square image"
            )
        case "hua2021", "astronaut", "texture":
            return Measurement("", None, status="failed", message="ValueError: something | with a pipe")
        case "zhang2015", "camera", "timing":
            return Measurement("", None, status="timeout", message="took longer than 60 s")
        case "chen2004", _, "avalanche":
            return Measurement("", None, status="crashed", message="the worker died with signal 11")
    return None


def _channels(shape: tuple[int, ...]) -> tuple[str, ...]:
    return ("R", "G", "B") if shape[2] == 3 else ("grey",)


def _tested(metric: str, value: float, expected: float, sd: float, **columns: Any) -> Measurement:
    from math import erfc, sqrt

    p = erfc(abs(value - expected) / sd / sqrt(2))
    return Measurement(
        metric, value, expected=expected, low=expected - 1.96 * sd, high=expected + 1.96 * sd, p_value=p,
        verdict="fail" if p < 0.05 else "pass", **columns,
    )  # fmt: skip


def _histogram(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for channel in (*_channels(shape), "all"):
        yield Measurement("chi_square", 5e4 + rng.normal(), channel=channel, part="plain")
        value = 5e4 if kind == "weak" else rng.normal(255, 22.6)
        yield _tested("chi_square", value, 255, 22.6, channel=channel, part="cipher")
        for metric in ("histogram_variance", "deviation_from_uniform"):
            yield Measurement(metric, rng.uniform(200, 300), channel=channel, part="cipher")
        for metric in ("maximum_deviation", "irregular_deviation", "encryption_quality"):
            yield Measurement(metric, rng.uniform(200, 300), channel=channel)


def _entropy(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for channel in (*_channels(shape), "all"):
        yield Measurement("global_entropy", 7.4 + rng.uniform(0, 0.1), channel=channel, part="plain", unit="bit")
        value = 7.5 if kind == "weak" else rng.normal(7.9972, 0.00025)
        yield _tested("global_entropy", value, 7.9972, 0.00025, channel=channel, part="cipher", unit="bit")
        local = rng.normal(7.90247, 0.0016)
        yield _tested("local_entropy", local, 7.90247, 0.0016, channel=channel, statistic="corrected", unit="bit")
        yield _tested("local_entropy", local, 7.90247, 0.00029, channel=channel, statistic="literature", unit="bit")


def _correlation(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for channel in _channels(shape):
        for direction in "HVDA":
            place = {"channel": channel, "direction": direction}
            yield Measurement("correlation", rng.uniform(0.9, 0.99), part="plain", **place)
            value = 0.8 if kind == "weak" else rng.normal(0, 0.015)
            yield _tested("correlation", value, 0, 0.015, part="cipher", **place)
    if shape[2] == 3:
        for one, other in ("RG", "RB", "GB"):
            pair = {"channel": one, "other_channel": other}
            yield Measurement("channel_correlation", rng.uniform(0.7, 0.9), part="plain", **pair)
            yield _tested("channel_correlation", rng.normal(0, 0.015), 0, 0.015, part="cipher", **pair)


def _texture(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for channel in _channels(shape):
        for levels, ideal in (("8", (10.5, 0.015625, 0.3894)), ("256", (10922.5, 1.5e-5, 0.0363))):
            for metric, value in zip(("glcm_contrast", "glcm_energy", "glcm_homogeneity"), ideal, strict=True):
                place = {"channel": channel, "parameter": levels}
                yield Measurement(metric, value / 9, part="plain", **place)
                yield Measurement(metric, value * rng.normal(1, 0.01), part="cipher", expected=value, **place)


def _contours(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for channel in _channels(shape):
        yield _tested("contour_correlation", rng.normal(0, 0.08), 0, 0.08, channel=channel)


def _differential(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    channels = _channels(shape)
    scales = {"npcr": (99.609375, 0.05), "uaci": (33.463542, 0.2), "baci": (26.77124, 0.2)}
    for nonce in ("none",) if kind in ("weak", "none", "dead") else ("fresh", "fixed"):
        good = nonce == "fresh" or kind in ("none", "dead", "aead")
        for metric, (expected, sd) in scales.items():
            values = rng.normal(expected, sd, trials) if good else np.full(trials, 0.0081)
            common = {"nonce": nonce, "unit": "%"}
            for trial, value in enumerate(values):
                place = ("first", "last", "corner", "middle", "random")[trial % 5]
                change = ("lsb", "msb", "plus one")[trial % 3]
                yield _tested(
                    metric, float(value), expected, sd, channel=channels[trial % len(channels)], place=place,
                    condition=change, trial=trial, **common,
                )  # fmt: skip
            mean, half = float(values.mean()), 1.96 * sd / trials**0.5
            yield _tested(f"{metric}_mean", mean, expected, sd / trials**0.5, **common)
            yield Measurement(f"{metric}_ci_low", mean - half, **common)
            yield Measurement(f"{metric}_ci_high", mean + half, **common)
            yield Measurement(f"{metric}_min", float(values.min()), **common)
            yield Measurement(f"{metric}_max", float(values.max()), **common)
            inside = float(np.mean(abs(values - expected) < 1.96 * sd))
            yield _tested(f"{metric}_inside", inside, 0.95, (0.95 * 0.05 / trials) ** 0.5, nonce=nonce, unit="share")
            yield Measurement(f"{metric}_distinct", len(set(values)), nonce=nonce, unit="count")
            for place in ("first", "last", "corner", "middle", "random"):
                yield Measurement(f"{metric}_mean", mean, place=place, **common)
                yield Measurement(f"{metric}_min", float(values.min()), place=place, **common)
        if len(channels) == 3:
            for first in channels:
                for second in channels:
                    reached = 99.6 if good else 100 / 4096 * (first == second)
                    pair = {"channel": first, "other_channel": second}
                    yield Measurement("channel_reach", reached, nonce=nonce, unit="%", **pair)
    yield Measurement("npcr_plain_cipher", 99.58, unit="%")
    yield Measurement("uaci_plain_cipher", 30.2, unit="%")


def _avalanche(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for nonce in ("none",) if kind in ("weak", "none", "dead") else ("fresh", "fixed"):
        good = nonce == "fresh" or kind in ("none", "dead", "aead")
        centre = 50 if good else 0.001
        for trial in range(trials):
            yield _tested("plaintext_avalanche", rng.normal(centre, 0.13), 50, 0.13, nonce=nonce, trial=trial, unit="%")
        yield _tested("plaintext_avalanche_mean", centre + rng.normal(0, 0.02), 50, 0.02, nonce=nonce, unit="%")
        yield Measurement("plaintext_avalanche_worst", centre - 0.0005, nonce=nonce, unit="%")
        yield Measurement("strict_avalanche", 0.1 if good else 0.5, nonce=nonce, verdict="pass" if good else "fail")


def _keyspace(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for name, bits in (("", 256), *_FIELDS):
        dead = bits // 2 if kind == "dead" and name in ("", "seed") else 0
        yield Measurement("nominal_key_bits", bits, part=name, unit="bit")
        verdict = "none" if name else "fail" if bits - dead < 256 else "pass"
        yield Measurement("effective_key_bits", bits - dead, part=name, unit="bit", verdict=verdict)
        yield Measurement("dead_key_bits", dead, part=name, unit="bit")


def _key_sensitivity(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    metrics = {
        "key_npcr": (99.609, 0.05), "key_uaci": (33.46, 0.2), "key_avalanche": (50, 0.13),
        "wrong_key_psnr": (8.1, 0.05),
        "wrong_key_ssim": (0.006, 0.002), "wrong_key_correlation": (0, 0.01), "wrong_key_entropy": (7.997, 0.0003),
    }  # fmt: skip
    fields = [name for name, bits in _FIELDS for _ in range(bits)]
    for metric, (expected, sd) in metrics.items():
        if kind == "aead" and metric.startswith("wrong"):
            yield from (Measurement(metric, None, part=f, trial=t, message="rejected") for t, f in enumerate(fields))
            yield from (Measurement(f"{metric}_{part}", None, message="rejected") for part in ("mean", "worst"))
            continue
        values = rng.normal(expected, sd, len(fields))
        if kind == "dead" and metric.startswith("key"):
            values[128:] = 0
        for trial, (field, value) in enumerate(zip(fields, values, strict=True)):
            yield _tested(metric, float(value), expected, sd, part=field, trial=trial)
        yield _tested(f"{metric}_mean", float(values.mean()), expected, sd / 16)
        yield Measurement(f"{metric}_worst", float(values.min()))


def _robustness(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    for damage, levels in _DAMAGES.items():
        for rank, level in enumerate(levels):
            kind_of, _, where = damage.partition(" ") if damage.startswith("occlusion") else (damage, "", "")
            place: dict[str, Any] = {"condition": kind_of, "place": where, "parameter": level}
            if kind == "aead":
                for metric in ("damaged_psnr", "damaged_ssim"):
                    yield Measurement(metric, None, message="rejected", **place)
                continue
            best = {"weak": 20, "stream": 28, "nonce": 27}.get(kind, 9)
            psnr = best - 3.5 * rank * (best > 9) + rng.uniform(0, 1)
            yield Measurement("damaged_psnr", psnr, unit="dB", **place)
            yield Measurement("damaged_ssim", psnr / 40, **place)
            if damage.startswith("occlusion") or damage == "lost rows":
                local = {"stream": 0.98, "nonce": 0.97, "weak": 0.6}.get(kind, 0.5)
                yield Measurement("trace_auc", local, **place)
                yield Measurement("trace_auc_blind", 0.5 + (local - 0.5) * 0.7, **place)
                yield Measurement("trace_energy", local * 0.9, **place)
                yield Measurement("trace_energy_blind", local * 0.5, **place)
                yield Measurement("damage_spread", (2 - 2 * local) * 0.9 + 0.01, unit="share", **place)


def _quality(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    yield Measurement("exact", 1.0, verdict="pass")
    yield Measurement("decrypted_psnr", float("inf"), unit="dB")
    yield Measurement("decrypted_ssim", 1.0)
    yield Measurement("expansion", 1.0)
    yield Measurement("header_bytes", 16.0 * (kind in ("nonce", "aead")), unit="byte")
    yield Measurement("secret_bytes", 0.0, unit="byte")


def _timing(rng: np.random.Generator, kind: str, shape: tuple[int, ...], trials: int) -> Iterator[Measurement]:
    base = {"nonce": 1e-4, "aead": 2e-4, "weak": 5e-4, "none": 4e-3, "stream": 1e-3, "dead": 2e-3}[kind] * rng.uniform(
        1, 3
    )
    for metric, factor in (("key_setup_time", 0.1), ("encrypt_time", 1.0), ("decrypt_time", 1.2)):
        for statistic, spread in (("median", 1.0), ("q25", 0.9), ("q75", 1.3)):
            yield Measurement(metric, base * factor * spread, statistic=statistic, unit="s")
            if metric != "key_setup_time":
                for side in (128, 256, 512, 1024):
                    time = base * factor * spread * (side / 64) ** 2
                    yield Measurement(metric, time, statistic=statistic, parameter=str(side), unit="s")
    for metric, value in (("throughput", 12288 / base / 1e6), ("ratio", base / 1e-4), ("exponent", 1.02)):
        for operation in ("encrypt", "decrypt"):
            yield Measurement(f"{operation}_{metric}", value, unit="MB/s" if metric == "throughput" else "")
    yield Measurement("peak_memory", 3e6, unit="byte")
    for stage, share in (("keystream", 0.3), ("permutation", 0.5), ("diffusion", 0.2)):
        yield Measurement("stage_time", base * share, part=stage, unit="s")


_MAKERS = {
    "histogram": _histogram, "entropy": _entropy, "correlation": _correlation, "texture": _texture,
    "differential": _differential, "avalanche": _avalanche, "keyspace": _keyspace, "key_sensitivity": _key_sensitivity,
    "robustness": _robustness, "quality": _quality, "timing": _timing, "contours": _contours,
}  # fmt: skip


def _pictures(folder: Path, shape: tuple[int, ...], kind: str, damage: bool) -> None:
    folder.mkdir(parents=True)
    height, width, channels = shape
    rng = np.random.default_rng(height)
    y, x = np.mgrid[0:height, 0:width]
    disc = ((y - height / 2) ** 2 + (x - width / 2) ** 2 < (height / 3) ** 2)[..., None]
    ramp = np.stack([y * 200 // height, x * 200 // width, (x + y) * 100 // height], axis=-1)
    plain = np.where(disc, 255 - ramp, ramp).astype(np.uint8)[..., :channels]
    cipher = np.roll(plain + 77, 9, axis=0) if kind == "weak" else rng.integers(0, 256, plain.shape, dtype=np.uint8)
    _save(folder / "plain.png", plain)
    _save(folder / "cipher.png", cipher)
    _save(folder / "decrypted.png", plain)
    for name, levels in _DAMAGES.items() if damage else ():
        for level in levels:
            damaged, recovered = cipher.copy(), plain.copy()
            damaged[: height // 2, : width // 2] = 0
            recovered[rng.random((height, width)) < 0.25] = 128
            _save(folder / f"damaged {name} {level}.png", damaged)
            if kind != "aead":
                _save(folder / f"recovered {name} {level}.png", recovered)


def _save(path: Path, image: NDArray[np.uint8]) -> None:
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(path)
