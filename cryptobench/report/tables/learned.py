"""Tables of ciphers that are neural networks: relative claims, the network without diffusion, other images."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import head, pick, skeleton, widen
from cryptobench.results.claims import claims_of
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]

PROPOSED = "dense-resnet-xor"
ENOUGH = 0.9  # of the proposed cipher's training time, from which on a rival counts as trained as well
_CLAIMED = {  # metric: (column title, whether less is better)
    "encrypt_time": ("encryption faster %", True),
    "decrypt_time": ("decryption faster %", True),
    "decrypted_psnr": ("PSNR better %", False),
    "decrypted_ssim": ("SSIM better %", False),
}


def network(run: RunData) -> Table:
    rows = run.numbers[run.numbers["analysis"] == "network"]
    if pick(rows, "network_psnr").empty:
        raise NothingToShow("no cipher of the run is a neural network")
    single = pick(
        rows, "network_entropy", "network_contours", "network_psnr", "identical_intermediate", "other_pair_psnr"
    )
    disturbed = pick(rows, "disturbed_weights_psnr")
    flat = pick(rows, "flat_values", "flat_period")
    values = skeleton(rows, "network")
    single = single.sort_values("value", ascending=False, kind="stable")  # of several other pairs the most dangerous
    values = widen(values, single, "metric", ["value"])
    values = widen(values, disturbed, "weights " + disturbed["parameter"], ["value"])
    values = widen(values, flat.sort_values("value", kind="stable"), "metric", ["value"])
    levels = sorted(disturbed["parameter"].unique(), key=float)
    return Table(
        "network",
        "The networks without diffusion",
        "The network's output before any diffusion. Entropy in bits; contours: correlation of local contrast with the "
        "plaintext's gradients (0 is ideal); peak signal-to-noise ratio (PSNR) of the decoded image, also with "
        "disturbed weights (weights ±: relative standard deviation) and with another trained pair of networks (the "
        "best one). Identical: share of changes of one plaintext bit that the output does not depend on. Flat values, "
        "flat period: fewest different bytes, and the period in pixels, in the outputs for images of one colour.",
        values,
        (
            *head("image"),
            Column("entropy", "network_entropy", "{:.4f}"),
            Column("contours", "network_contours", "{:.3f}"),
            Column("PSNR dB", "network_psnr", "{:.2f}", better="larger"),
            *(Column(f"weights ±{float(level):.2%}", f"weights {level}", "{:.2f}") for level in levels),
            Column("other pair dB", "other_pair_psnr", "{:.2f}"),
            Column("identical", "identical_intermediate", percentage(1)),
            Column("flat values", "flat_values", "{:.0f}"),
            Column("flat period", "flat_period", "{:.0f}"),
        ),
    )


_KINDS = {
    "photograph": "photographs", "grey": "grey", "large": "twice the side", "odd": "odd sides", "flat": "flat",
    "synthetic": "synthetic",
}  # fmt: skip


def generalisation(run: RunData) -> Table:
    rows = run.numbers[run.numbers["analysis"] == "generalisation"]
    psnr, ssim = (pick(rows, f"generalisation_{name}") for name in ("psnr", "ssim"))
    if psnr.empty:
        raise NothingToShow("the run holds no learned cipher on pictures of other kinds")
    values = skeleton(rows, "generalisation", ["cipher", "family", "fidelity"])
    for source, name in ((psnr, "PSNR"), (ssim, "SSIM")):
        for statistic in ("mean", "min"):
            pooled = source.astype({"value": float}).groupby(["cipher", "condition"])["value"].agg(statistic).unstack()
            values = values.join(pooled.add_prefix(f"{name} {statistic} "), on="cipher")
    columns: list[Column] = []
    for kind, title in _KINDS.items():
        columns.append(Column(f"{title} dB", (f"PSNR mean {kind}", f"PSNR min {kind}"), _mean_and_least("{:.1f}")))
    columns += [Column(f"SSIM {_KINDS[kind]}", f"SSIM mean {kind}", "{:.3f}") for kind in ("photograph", "synthetic")]
    return Table(
        "generalisation",
        "Learned ciphers on other images than those of their training",
        "Peak signal-to-noise ratio (PSNR) in dB of the decrypted image, mean and in brackets the smallest, and "
        "structural similarity (SSIM): for scikit-image's photographs in colour and grey, one of them at twice the "
        "side and at odd sides, flat images and synthetic images (ramps, a checkerboard, one white pixel, uniform "
        "noise), all with the same weights.",
        run.ordered(values),
        (*head(), *columns),
    )


def _mean_and_least(form: str) -> Callable[[float, float], str]:
    def text(mean: float, least: float) -> str:
        return form.format(mean) if mean == least else f"{form.format(mean)} ({form.format(least)})"

    return text


def relative_claims(run: RunData) -> Table:
    """Rivals are the run's other learned ciphers that lose something, as the proposed one does."""
    if PROPOSED not in run.ciphers:
        raise NothingToShow(f"the run does not hold {PROPOSED}")
    lossy = set(pick(run.numbers, "exact").query("value == 0")["cipher"])
    rivals = [cipher for cipher in run.ciphers if run.family(cipher) == "learned" and cipher in lossy]
    means = {metric: _means(run, metric) for metric in _CLAIMED}
    rivals = [rival for rival in rivals if all(rival in mean for mean in means.values())]
    if not rivals or not all(PROPOSED in mean for mean in means.values()):
        raise NothingToShow("the run holds no other learned cipher to compare with")
    training = _means(run, "training_minutes")
    rows: list[dict[str, object]] = []
    for rival in rivals:
        row: dict[str, object] = {"cipher": rival, "family": run.family(rival), "fidelity": run.fidelity(rival)}
        for metric, (_, less) in _CLAIMED.items():
            own, theirs, least = means[metric][PROPOSED], means[metric][rival], _claimed(metric)
            gain = 100 * ((theirs - own) if less else (own - theirs)) / theirs
            row |= {metric: gain, f"{metric} claimed": least, f"{metric} verdict": "fail" if gain < least else "pass"}
        trained = {name: training.get(name, float("nan")) for name in (rival, PROPOSED)}
        row["trained min"] = trained[rival]
        row["note"] = "rival trained less" if trained[rival] < ENOUGH * trained[PROPOSED] else ""
        rows.append(row)
    return Table(
        "relative_claims",
        f"{run.label(PROPOSED)} against other learned ciphers: claimed and measured",
        "How much faster, and how much better in peak signal-to-noise ratio (PSNR) and structural similarity (SSIM) of "
        "the decrypted image, the proposed cipher is than each rival, in percent of the rival's value, mean over "
        "photographs; claimed: the least that its abstract claims. A star marks a claim that is not met. All weights "
        "were trained here (trained: minutes; a rival without has none to train); where a rival was trained for less "
        f"than 90 % of the {training.get(PROPOSED, float('nan')):.0f} minutes of the proposed cipher, a gain may come "
        "from that alone. The proposed cipher's network was found by a search, which no rival got.",
        pd.DataFrame(rows),
        (
            *head(),
            *(Column(title, metric, "{:+z.1f}", mark=f"{metric} verdict") for metric, (title, _) in _CLAIMED.items()),
            *(Column(f"claimed: {title}", f"{metric} claimed", "≥ {:.1f}") for metric, (title, _) in _CLAIMED.items()),
            Column("trained min", "trained min", "{:.0f}"),
            Column("note", "note"),
        ),
    )


def _means(run: RunData, metric: str) -> dict[str, float]:
    """Means over photographs by cipher; the network analysis runs on no other images."""
    time = metric.endswith("_time")
    rows = pick(run.numbers, metric, statistic="median", parameter="") if time else pick(run.numbers, metric)
    if not time:
        rows = rows[rows["image"].isin(skeleton(run.numbers, "network")["image"])]
    return {str(cipher): float(group["value"].mean()) for cipher, group in rows.groupby("cipher")}


def _claimed(metric: str) -> float:
    return float(next(claim["value"] for claim in claims_of(PROPOSED, relative=True) if claim["metric"] == metric))


TABLES = (relative_claims, network, generalisation)
