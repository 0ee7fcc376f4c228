"""What every column of every table has to print, by the measurement that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptobench.layout.tables import MISSING
from tests.report.distinct_run import DAMAGES, Numbers

__all__ = ["PRINTED", "Printed", "Source"]


@dataclass(frozen=True)
class Source:
    """A column of one measurement; names that begin with "@" are columns of the table's row."""

    metric: str
    where: Mapping[str, str]
    field: str = "value"

    def value(self, numbers: Numbers, row: Mapping[str, Any]) -> tuple[float, bool] | None:
        """The number and whether its verdict is "fail"; None of what such an image does not have."""
        where = {name: str(row[text[1:]]) if text[0] == "@" else text for name, text in self.where.items() if text}
        where = {name: text for name, text in where.items() if text}
        metric = str(row[self.metric[1:]]) if self.metric[0] == "@" else self.metric
        if not _has(str(row["image"]), where):
            return None
        found = numbers.row(str(row["cipher"]), str(row["image"]), metric, **where)
        return float(getattr(found, self.field)), found.verdict == "fail"


@dataclass(frozen=True)
class Printed:
    """A form with a place for each source, each value times ``scale``, and a star if the measurement failed."""

    form: str
    sources: tuple[Source, ...]
    star: bool = False
    scale: float = 1.0

    def text(self, numbers: Numbers, row: Mapping[str, Any]) -> str:
        """What the cell of a row has to read."""
        found = [source.value(numbers, row) for source in self.sources]
        values = [one for one in found if one is not None]
        if len(values) < len(found):
            return MISSING
        shown = self.form.format(*(value * self.scale for value, _ in values))
        return shown + "*" * (self.star and values[0][1])


def _has(image: str, where: Mapping[str, str]) -> bool:
    """Whether an image has such channels: the one is in colour, the other is grey."""
    if image == "coffee":
        return where.get("channel") != "grey"
    colour = where.get("channel") in ("R", "G", "B") or "other_channel" in where
    return not colour


def _one(form: str, metric: str, star: bool = False, scale: float = 1.0, **where: str) -> Printed:
    return Printed(form, (Source(metric, where),), star, scale)


def _interval(form: str, metric: str, **where: str) -> Printed:
    return Printed(f"[{form}, {form}]", (Source(metric, where, "low"), Source(metric, where, "high")))


def _channels(metric: str, form: str, **where: str) -> dict[str, Printed]:
    """A column for each channel, and the intervals of the first and of all together."""
    columns = {name: _one(form, metric, True, channel=name, **where) for name in ("R", "G", "B", "grey", "all")}
    return columns | {
        "interval": _interval(form, metric, channel="@first", **where),
        "interval, all": _interval(form, metric, channel="all", **where),
    }


def _differential(metric: str) -> dict[str, Printed]:
    columns = {
        "critical interval": Printed("[{:.4f}, {:.4f}]", tuple(
            Source(metric, {"nonce": "fresh"}, end) for end in ("low", "high"))),
        "plain vs cipher": _one("{:.4f}", f"{metric}_plain_cipher"),
    }  # fmt: skip
    for nonce in ("fresh", "fixed"):
        ends = tuple(Source(f"{metric}_{end}", {"nonce": nonce}) for end in ("ci_low", "ci_high"))
        columns |= {
            f"{nonce}: mean": _one("{:.4f}", f"{metric}_mean", True, nonce=nonce),
            f"{nonce}: 95 % CI": Printed("[{:.4f}, {:.4f}]", ends),
            f"{nonce}: min": _one("{:.4f}", f"{metric}_min", nonce=nonce),
            f"{nonce}: inside": _one("{:.1f}%", f"{metric}_inside", True, 100.0, nonce=nonce),
        }
    return columns


def _avalanche(nonce: str) -> dict[str, Printed]:
    names = {"mean %": "plaintext_avalanche_mean", "worst %": "plaintext_avalanche_worst"}
    names["strict: largest deviation"] = "strict_avalanche"
    return {f"{nonce}: {title}": _one("{:.3f}", metric, True, nonce=nonce) for title, metric in names.items()}


def _damage(*kinds: str) -> dict[str, Printed]:
    words = {"gaussian": "Gaussian", "jpeg": "JPEG"}
    levels = {"0.25": "1/4", "0.5": "1/2"}
    columns = {}
    for kind in kinds:
        for place, level in DAMAGES[kind]:
            where = {"condition": kind, "place": place, "parameter": level}
            title = " ".join(filter(None, (words.get(kind, kind), place, levels.get(level, level))))
            pair = Source("damaged_psnr", where), Source("damaged_ssim", where)
            columns[title] = Printed("{:.2f} / {:.3f}", pair)
    return columns


def _each(forms: Mapping[str, tuple[str, str]], star: bool = False, **where: str) -> dict[str, Printed]:
    """Columns by title, each a metric and its form."""
    return {title: _one(form, metric, star, **where) for title, (metric, form) in forms.items()}


_BITS = {
    "nominal bits": ("nominal_key_bits", "{:.0f}"), "bits with an effect": ("effective_key_bits", "{:.0f}"),
    "dead bits": ("dead_key_bits", "{:.0f}"), "weak bits": ("weak_key_bits", "{:.0f}"),
}  # fmt: skip
_SENSITIVITY = {
    f"{title}, {part}": (f"{metric}_{part}", form)
    for title, metric, form in (
        ("NPCR %", "key_npcr", "{:.3f}"), ("UACI %", "key_uaci", "{:.3f}"), ("avalanche %", "key_avalanche", "{:.3f}"),
        ("wrong key: PSNR dB", "wrong_key_psnr", "{:.2f}"), ("wrong key: SSIM", "wrong_key_ssim", "{:.4f}"),
        ("wrong key: correlation", "wrong_key_correlation", "{:+.4f}"),
        ("wrong key: entropy bit", "wrong_key_entropy", "{:.4f}"),
    )
    for part in ("mean", "worst")
}  # fmt: skip
_SOURCE = {"condition": "@source", "nonce": "@mode"}
_CLOCKS = {"key set-up": "key_setup_time", "encrypt": "encrypt_time", "decrypt": "decrypt_time"}
_TRACE = {"condition": "@condition", "place": "@place", "parameter": "@parameter"}
_AES = {"condition": "AES-256-CTR"}

PRINTED: dict[str, dict[str, Printed]] = {
    "summary": {
        "entropy (bit)": _one("{:.4f}", "global_entropy", True, channel="all", part="cipher"),
        "fresh nonce: NPCR %": _one("{:.3f}", "npcr_mean", True, nonce="fresh"),
        "fixed: NPCR %, LSB": _one("{:.3f}", "npcr_mean", True, nonce="fixed", condition="lsb"),
        "fixed: UACI %, LSB": _one("{:.3f}", "uaci_mean", True, nonce="fixed", condition="lsb"),
        "fixed: NPCR %, all changes": _one("{:.3f}", "npcr_mean", True, nonce="fixed"),
        "key bits with an effect": _one("{:.0f}", "effective_key_bits", True),
        "PSNR (dB), 1/4 lost": _one(
            "{:.1f}", "damaged_psnr", condition="occlusion", place="corner", parameter="0.25"
        ),
        "encrypt (ms)": _one("{:.3g}", "encrypt_time", scale=1e3, statistic="median"),
        "time / AES": _one("{:.3g}", "encrypt_ratio"),
    },
    "comparison": {
        "entropy (bit)": _one("{:.4f}", "global_entropy", channel="all", part="cipher"),
        "NPCR %": _one("{:.3f}", "npcr_mean", nonce="fresh"),
        "UACI %": _one("{:.3f}", "uaci_mean", nonce="fresh"),
        "key bits": _one("{:.0f}", "effective_key_bits"),
        "secret bits": _one("{:.0f}", "secret_bytes", scale=8.0),
        "PSNR (dB)": _one("{:.2f}", "decrypted_psnr"),
        "SSIM": _one("{:.4f}", "decrypted_ssim"),
        "encrypt (ms)": _one("{:.4g}", "encrypt_time", scale=1e3, statistic="median"),
        "encrypt (MB/s)": _one("{:.4g}", "encrypt_throughput"),
    },
    "network": {
        "entropy": _one("{:.4f}", "network_entropy"),
        "contours": _one("{:.3f}", "network_contours"),
        "PSNR dB": _one("{:.2f}", "network_psnr"),
        "weights ±1.00%": _one("{:.2f}", "disturbed_weights_psnr", parameter="0.01"),
        "weights ±20.00%": _one("{:.2f}", "disturbed_weights_psnr", parameter="0.2"),
        "other pair dB": _one("{:.2f}", "other_pair_psnr", condition="c"),  # the larger one
        "identical": _one("{:.1f}%", "identical_intermediate", scale=100.0),
        "flat values": _one("{:.0f}", "flat_values", parameter="0"),  # the smaller ones
        "flat period": _one("{:.0f}", "flat_period", parameter="0"),
    },
    "entropy_global": _channels("global_entropy", "{:.5f}", part="cipher")
    | {"plain": _one("{:.4f}", "global_entropy", channel="all", part="plain")},
    "entropy_local": _channels("local_entropy", "{:.5f}", statistic="corrected")
    | {"literature's interval": _interval("{:.5f}", "local_entropy", channel="@first", statistic="literature")},
    "histogram": _channels("chi_square", "{:.1f}", part="cipher")
    | {"plain": _one("{:.0f}", "chi_square", channel="all", part="plain")},
    "histogram_deviation": {
        "variance": _one("{:.1f}", "histogram_variance", part="cipher"),
        "deviation from uniform": _one("{:.4f}", "deviation_from_uniform", part="cipher"),
        "maximum deviation": _one("{:.0f}", "maximum_deviation"),
        "irregular deviation": _one("{:.0f}", "irregular_deviation"),
        "encryption quality": _one("{:.1f}", "encryption_quality"),
    },
    "correlation": {
        f"{way} {part}": _one("{:+.4f}", "correlation", part == "cipher", channel="@channel", direction=way, part=part)
        for way in "HVDA"
        for part in ("plain", "cipher")
    }
    | {"interval": _interval("{:+.4f}", "correlation", channel="@channel", direction="H", part="cipher")},
    "channel_correlation": {
        f"{one}-{two} {part}": _one(
            "{:+.4f}", "channel_correlation", part == "cipher", channel=one, other_channel=two, part=part
        )
        for one, two in ("RG", "RB", "GB")
        for part in ("plain", "cipher")
    }
    | {"interval": _interval("{:+.4f}", "channel_correlation", channel="R", other_channel="G", part="cipher")},
    "texture": {
        f"{name} {part}": Printed(
            "{:.5g}",
            (
                Source(
                    f"glcm_{name}",
                    {"channel": "@channel", "parameter": "@parameter", "part": part.replace("ideal", "cipher")},
                    "expected" if part == "ideal" else "value",
                ),
            ),
            star=part == "cipher",
        )
        for name in ("contrast", "energy", "homogeneity")
        for part in ("plain", "cipher", "ideal")
    }
    | {"contours": _one("{:+.4f}", "contour_correlation", True, channel="@channel")},
    "npcr": _differential("npcr"),
    "uaci": _differential("uaci"),
    "baci": _differential("baci"),
    "differential_positions": {
        f"{metric.upper()} {place}": _one("{:.3f}", f"{metric}_mean", nonce="@side", place=place)
        for metric in ("npcr", "uaci")
        for place in ("first", "random")
    },
    "channel_reach": {
        f"{one}→{two}": _one("{:.2f}", "channel_reach", True, channel=one, other_channel=two, nonce="@side")
        for one in "RGB"
        for two in "RGB"
    },
    "avalanche": _avalanche("fresh") | _avalanche("fixed"),
    "key_space": _each(_BITS, star=True),
    "key_space_fields": _each(_BITS, star=True, part="@part"),
    "key_sensitivity": _each(_SENSITIVITY, star=True),
    "key_sensitivity_fields": _each(_SENSITIVITY, star=True, part="@part"),
    "randomness": {
        title: column
        for words, name in (("corrected", "sp800_22_corrected"), ("standard", "sp800_22"))
        for title, column in (
            (f"rejected, {words}", _one("{:.0f}", f"{name}_rejected", **_SOURCE)),
            (f"ideal, {words}", Printed("{:.1f}", (Source(f"{name}_rejected", _SOURCE, "expected"),))),
            (f"AES-256-CTR, {words}", _one("{:.0f}", f"{name}_rejected", **_AES)),
            (f"adjusted p, {words}", _one("{:.4g}", f"{name}_adjusted", True, **_SOURCE)),
        )
    },
    "randomness_tests": {
        "frequency": _one("{:.4f}", "sp800_22_proportion", True, part="frequency", **_SOURCE),
        "serial corrected": _one(
            "{:.4f}", "sp800_22_proportion", True, part="serial", statistic="corrected", **_SOURCE
        ),
    },
    "randomness_bytes": _each(
        {
            "entropy bit": ("ent_entropy", "{:.6f}"), "chi-square": ("ent_chi_square", "{:.1f}"),
            "mean": ("ent_mean", "{:.3f}"), "Monte-Carlo pi": ("ent_monte_carlo_pi", "{:.5f}"),
            "serial correlation": ("ent_serial_correlation", "{:+.6f}"), "byte pairs": ("byte_pairs", "{:.0f}"),
        },
        star=True, **_SOURCE,
    ),
    "randomness_bit_planes": {
        f"bit {bit}": _one("{:.6f}", "bit_plane", True, part=str(bit), **_SOURCE) for bit in range(8)
    },
    "robustness_occlusion": _damage("occlusion", "lost rows"),
    "robustness_noise": _damage("salt and pepper", "gaussian", "speckle"),
    "robustness_other": _damage("bit flips", "jpeg"),
    "traceability": _each(
        {
            "AUC": ("trace_auc", "{:.4f}"), "AUC, without original": ("trace_auc_blind", "{:.4f}"),
            "error inside": ("trace_energy", "{:.4f}"),
            "error inside, without original": ("trace_energy_blind", "{:.4f}"),
            "pixels changed": ("damage_spread", "{:.4f}"),
        },
        **_TRACE,
    ),
    "quality": _each(
        {
            "PSNR dB": ("decrypted_psnr", "{:.2f}"), "SSIM": ("decrypted_ssim", "{:.4f}"),
            "expansion": ("expansion", "{:.3f}"), "header bytes": ("header_bytes", "{:.0f}"),
            "secret bytes": ("secret_bytes", "{:.0f}"),
        }
    ),
    "timing": {
        f"{title} ms": _one("{:.4g}", metric, scale=1e3, statistic="median") for title, metric in _CLOCKS.items()
    }
    | {
        f"{title} IQR ms": Printed(
            "{:.4g} to {:.4g}", tuple(Source(metric, {"statistic": q}) for q in ("q25", "q75")), scale=1e3
        )
        for title, metric in _CLOCKS.items()
    }
    | _each(
        {
            "encrypt MB/s": ("encrypt_throughput", "{:.4g}"), "decrypt MB/s": ("decrypt_throughput", "{:.4g}"),
            "encrypt / AES": ("encrypt_ratio", "{:.4g}"), "decrypt / AES": ("decrypt_ratio", "{:.4g}"),
            "encrypt exponent": ("encrypt_exponent", "{:.2f}"), "decrypt exponent": ("decrypt_exponent", "{:.2f}"),
        }
    )
    | {"peak memory MiB": _one("{:.2f}", "peak_memory", scale=2.0**-20)},
    "timing_scaling": {
        side: _one("{:.4g}", "@metric", scale=1e3, statistic="median", parameter=side) for side in ("128", "512")
    },
    "stages": {"ms": _one("{:.4g}", "stage_time", scale=1e3, part="@stage")},
}  # fmt: skip
