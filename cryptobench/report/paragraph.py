"""The paragraph of numbers that a paper quotes about one cipher, from what a run measured and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cryptobench.attacks.judgements import BEST_UNDER_MISUSE, INTEGRITIES, LEVELS
from cryptobench.attacks.query_formula import REFERENCE_SIZE
from cryptobench.layout.tables import REJECTED, Digits
from cryptobench.measurement import Outcome
from cryptobench.report.judged import Judged, judged_ciphers
from cryptobench.report.tables.robustness import damage_of
from cryptobench.report.tabular import pick
from cryptobench.results.attacks import attack_results, is_attack, worst
from cryptobench.results.rounding import SMALLEST, p_text
from cryptobench.results.run import RunData
from cryptobench.results.verdicts import Pooled

__all__ = ["paragraph", "sentences"]

_OWN = ("fresh", "none")
_NONCES = {"fresh": "a fresh nonce or secret for each message", "fixed": "a fixed nonce and secret"}
_FAILS = "which an ideal cipher would not give"


def paragraph(run: RunData, cipher: str) -> str:
    """Plain sentences about ``cipher``; failed tests and attacks that recovered the image are named.

    No interval stands there that excludes an ideal cipher's value, and no value outside an ideal cipher's interval,
    without words that say so.
    """
    return " ".join(sentence for group in sentences(run, cipher) for sentence in group)


def sentences(run: RunData, cipher: str) -> tuple[list[str], list[str], list[str]]:
    """The sentences of `paragraph`: about statistics, about the key, damage and time, and about attacks."""
    mine = run.numbers[run.numbers["cipher"] == cipher]
    trials = run.table[(run.table["cipher"] == cipher) & run.table["trial"].notna()]
    statistics = [
        _about(run, cipher, mine),
        *_single(run, cipher, mine, "global_entropy", "global entropy", "Global Shannon entropy", "{:.5f}", " bit"),
        *_single(run, cipher, mine, "local_entropy", "local entropy", "Local Shannon entropy", "{:.5f}", " bit"),
        *_single(run, cipher, mine, "chi_square", "histogram", "The histogram's chi-square", "{:.1f}", ""),
        *_correlation(run, cipher, mine),
        *_differential(run, cipher, trials, "npcr", "NPCR"),
        *_differential(run, cipher, trials, "uaci", "UACI"),
        *_randomness(run, cipher, mine),
    ]
    key = [*_key(run, cipher, mine, trials), *_damage(mine), *_quality(mine), *_speed(mine)]
    return statistics, key, [*_attacks(run, cipher, mine), *_unfinished(mine)]


def _about(run: RunData, cipher: str, mine: pd.DataFrame) -> str:
    sizes = mine[~is_attack(mine)].dropna(subset=["height", "width", "channels"]).drop_duplicates("image")
    rows = sizes[["image", "height", "width", "channels"]].itertuples(index=False, name=None)
    images = [f"{image} ({height}×{width}×{channels})" for image, height, width, channels in rows if image]
    shown = ", ".join(images) if len(images) <= 4 else f"{len(images)} images"
    return f"We measured {cipher} with cryptobench{_version(run)} on {shown or 'small versions of an image'}."


def _version(run: RunData) -> str:
    version = run.settings.get("versions", {}).get("cryptobench")
    return f" {version}" if version else ""


def _single(
    run: RunData, cipher: str, mine: pd.DataFrame, metric: str, test: str, name: str, form: str, unit: str
) -> Iterator[str]:
    """A metric of one cipher image, over all its samples, on each image of the run."""
    where = {"statistic": "corrected"} if metric == "local_entropy" else {"part": "cipher"}
    rows = pick(mine, metric, channel="all", **where)
    if rows.empty:
        return
    first = rows.iloc[0]
    interval = (
        f" (ideal: {form.format(first['low'])} to {form.format(first['high'])})"
        if len(rows) == 1 and pd.notna(first["low"]) and pd.notna(first["high"])
        else ""
    )
    judged = _judged(run, cipher, test)
    outside = _outside(
        rows, f", outside the interval of an ideal cipher{' on {} of {} images' if len(rows) > 1 else ''}"
    )
    yield f"{name} was {_span(rows, form, unit)}{interval}{outside}{_chance(outside, judged)}{judged}."


def _correlation(run: RunData, cipher: str, mine: pd.DataFrame) -> Iterator[str]:
    rows = pick(mine, "correlation", part="cipher")
    if rows.empty:
        return
    plain = pick(mine, "correlation", part="plain")["value"].abs()
    before = f"; the plaintext's were {plain.min():.3f} to {plain.max():.3f} in size" if len(plain) else ""
    sizes = rows["value"].abs()
    judged = _judged(run, cipher, "correlation")
    outside = _outside(rows, "; {} of the {} lie outside the interval of an ideal cipher")
    yield (
        f"Of {len(rows)} correlations of adjacent pixels (four directions, each channel) the largest in size was "
        f"{sizes.max():.4f}{before}{outside}{_chance(outside, judged)}{judged}."
    )


def _differential(run: RunData, cipher: str, trials: pd.DataFrame, metric: str, name: str) -> Iterator[str]:
    for nonce in ("fresh", "fixed", "none"):
        rows = pick(trials, metric, nonce=nonce)
        if rows.empty:
            continue
        values = rows["value"].astype(float)
        inside = ""
        if rows["verdict"].isin(("pass", "fail")).any():
            share = float((rows["verdict"] == "pass").mean())
            inside = f"; {100 * share:.0f} % of the trials passed"
        mode = "" if nonce == "none" else f" with {_NONCES[nonce]}"
        test = f"{name}, {'fresh' if nonce == 'fresh' else 'fixed'} nonce"
        judged = _judged(run, cipher, test)
        yield f"{name}{mode} was {_mean(values, _ideal(rows), judged)}{inside}{judged}."


def _key(run: RunData, cipher: str, mine: pd.DataFrame, trials: pd.DataFrame) -> Iterator[str]:
    rows = pick(mine, "nominal_key_bits", "effective_key_bits", analysis="keyspace", part="").drop_duplicates("metric")
    bits = dict(zip(rows["metric"], rows["value"], strict=True))
    if len(bits) == 2:
        nominal, effective = int(bits["nominal_key_bits"]), int(bits["effective_key_bits"])
        what = "all of them have" if effective == nominal else f"only {effective} have"
        yield f"The key has {nominal} bits, and {what} an effect on the ciphertext (an upper bound of the key space)."
    for metric, name in (("key_npcr", "NPCR"), ("key_uaci", "UACI")):
        rows = pick(trials, metric)
        if len(rows):
            judged = _judged(run, cipher, "key sensitivity")
            failed = judged if metric == "key_uaci" else ""
            mean = _mean(rows["value"].astype(float), _ideal(rows), judged)
            yield f"Between the ciphertexts under keys that differ in one bit, {name} was {mean}{failed}."


def _randomness(run: RunData, cipher: str, mine: pd.DataFrame) -> Iterator[str]:
    rows = pick(mine, "sp800_22_corrected_adjusted", nonce=_OWN)
    rows = rows[rows["condition"] != "AES-256-CTR"]
    if rows.empty:
        return
    failed = rows[rows["verdict"] == "fail"]
    sources = ", ".join(rows["condition"].unique())
    outcome = f"found nothing in ciphertexts of {sources}"
    if len(failed):
        rejected = ", ".join(failed["condition"].unique())
        outcome = f"rejected the ciphertexts of {rejected}, {_FAILS} at the run's significance level"
    yield f"SP 800-22 (Holm's correction over all its statistics; smallest p {_p(rows['value'].min())}) {outcome}."


def _damage(mine: pd.DataFrame) -> Iterator[str]:
    rows = pick(mine, "damaged_psnr")
    names = {("occlusion corner", "0.25"): "a quarter of the ciphertext lost", ("salt and pepper", "0.05"): "5 % noise"}
    for (kind, level), name in names.items():
        found = rows[(damage_of(rows) == kind) & (rows["parameter"] == level)]
        if found.empty:
            continue
        if (found["value"] == REJECTED).any():
            yield (
                f"Decryption refuses a ciphertext with {name} (salt and pepper)."
                if "noise" in name
                else (
                    f"Decryption refuses a ciphertext with {name.removesuffix(' of the ciphertext lost')} of it lost."
                )
            )
        else:
            kind_of = " (salt and pepper)" if "noise" in name else ""
            yield f"With {name}{kind_of} the decrypted image has a PSNR of {_span(found, '{:.1f}', ' dB')}."


def _quality(mine: pd.DataFrame) -> Iterator[str]:
    exact = pick(mine, "exact")
    if len(exact) and (exact["value"] == 1).all():
        yield "Decryption returned every bit."
    elif len(exact):
        psnr = pick(mine, "decrypted_psnr")
        yield f"Decryption is not exact; its PSNR was {_span(psnr, '{:.2f}', ' dB')}."


def _speed(mine: pd.DataFrame) -> Iterator[str]:
    time = pick(mine, "encrypt_time", statistic="median", parameter="").drop_duplicates("image")
    if time.empty:
        return
    median = _span(time.assign(value=time["value"] * 1e3), Digits(3), " ms (median)")
    ratio = pick(mine, "encrypt_ratio").drop_duplicates("image")
    times = f"{_span(ratio[['value']], Digits(3))} times" if len(ratio) else ""
    beside = f", {times} that of AES-256-CTR in the same minutes" if times else ""
    yield f"Encryption on one thread took {median}{beside}."


def _attacks(run: RunData, cipher: str, mine: pd.DataFrame) -> Iterator[str]:
    results = attack_results(mine)
    if results.empty:
        return
    plain, chosen = (results[(results["model"] == "CCA") == which] for which in (False, True))
    for nonce in ("fresh", "none", "fixed"):
        rows = _answered(plain[plain["nonce"] == nonce])
        if rows.empty:
            continue
        mode = "" if nonce == "none" else f" with {_NONCES[nonce]}{' (misuse)' if nonce == 'fixed' else ''}"
        successful, leaking = (rows[rows["outcome"] == outcome] for outcome in (Outcome.RECOVERED, Outcome.LEAK))
        text = f"Of {len(rows)} attacks{mode}, "
        if successful.empty:
            text += "none recovered the image"
        else:
            named = (f"{row.attack} ({row.model}, {row.queries:.0f} queries)" for row in successful.itertuples())
            text += f"{len(successful)} recovered the image: {', '.join(named)}{_cost(successful)}"
        if len(leaking):
            text += f"; {len(leaking)} found a leak: {', '.join(leaking['attack'])}"
        yield f"{text}."
    rows = _answered(chosen)
    if len(rows):
        found = rows.loc[rows["word"].isin(INTEGRITIES), "attack"].drop_duplicates()
        weak = f"{len(found)} found a weakness: {', '.join(found)}" if len(found) else "none found a weakness"
        yield f"Of {rows['attack'].nunique()} attacks with chosen ciphertexts, {weak}."
    yield from _judgements(run, cipher)


def _cost(successful: pd.DataFrame) -> str:
    """What the attack that needs least takes at the reference size; nothing in a run that does not say."""
    known = successful.dropna(subset=["queries_at_reference", "time_at_reference"])
    if known.empty:
        return ""
    least = known.sort_values("queries_at_reference", kind="stable").iloc[0]
    count = int(least["queries_at_reference"])
    formula = f" ({least['formula']})" if least["formula"] not in ("", str(count)) else ""
    queries = f"{count:,} quer{'y' if count == 1 else 'ies'}{formula}"
    seconds = Digits(3)(least["time_at_reference"])
    return f"; at {REFERENCE_SIZE} {least['attack']} needs {queries} and {seconds} s of the cipher"


def _answered(results: pd.DataFrame) -> pd.DataFrame:
    """The worst size of each attack that came to an answer."""
    rows = worst(results)
    return rows[rows["outcome"].isin((Outcome.RECOVERED, Outcome.LEAK, Outcome.HOLDS))]


def _judgements(run: RunData, cipher: str) -> Iterator[str]:
    """What the attacks together mean: three judgements, weak keys, and how many attacks could not run."""
    judged = judged_ciphers(run)[cipher]
    subjects = (("confidentiality", "Confidentiality", len(LEVELS) - 1), ("misuse", "Nonce misuse", BEST_UNDER_MISUSE))
    for name, subject, best in subjects:
        one = judged[name]
        if one.meaning:
            known = f"is level {one.text}" if one.text.isdigit() else f"is at most level {one.text.split()[-1]}"
            yield f"{subject} {known} of {best} ({one.meaning}){_refuted(one)}."
    word = judged["integrity"]
    if word.meaning:
        yield f"Integrity: {word.text} ({word.meaning}){_refuted(word)}."
    row = run.judgements.set_index("cipher").loc[cipher]
    if row["weak_keys"]:
        share = row["weak_key_share"]
        yield f"It has weak or equivalent keys{f': {share:.2%} of those tried' if share == share else ''}."
    if row["not_run"]:
        yield f"Of {row['tried']} attacks {row['not_run']} could not run."


def _refuted(one: Judged) -> str:
    return ", less than its card claims" if one.refuted else ""


def _unfinished(mine: pd.DataFrame) -> Iterator[str]:
    lost = mine[mine["status"].isin(("failed", "crashed", "timeout"))]
    if len(lost):
        yield f"Not measured, because it did not finish: {', '.join(lost['analysis'].unique())}."
    undefined = mine[(mine["status"] == "unsupported") & (mine["metric"] == "")]
    undefined = undefined[~is_attack(undefined)]
    if len(undefined):
        yield f"Not defined for this cipher and image: {', '.join(undefined['analysis'].unique())}."


def _span(rows: pd.DataFrame, form: str | Digits, unit: str = "") -> str:
    """The value with its unit, or over several images the least and the largest."""
    values = rows["value"].astype(float)
    low, high = form.format(values.min()), form.format(values.max())
    shown = low if low == high else f"{low} to {high}"
    return shown + unit + (f" over {len(rows)} images" if len(rows) > 1 and "image" in rows else "")


def _mean(values: pd.Series[float], ideal: float | None = None, judged: str = "") -> str:
    """The mean in percent with Student's 95 % interval and n; an interval without the ``ideal`` says so."""
    from scipy.stats import t

    mean, count = float(values.mean()), len(values)
    if count < 2:
        return f"{mean:.3f} % (n = 1)"
    half = float(t.ppf(0.975, count - 1)) * float(values.std(ddof=1)) / count**0.5
    low, high = mean - half, mean + half
    excluded, digits = "", 3
    if ideal is not None and not low <= ideal <= high:
        near = low if ideal < low else high
        digits = next((d for d in range(3, 9) if f"{near:.{d}f}" != f"{ideal:.{d}f}"), 3)  # so that it shows
        excluded = f", an interval that excludes the ideal {ideal:.{digits}f} %"
    interval = f"95 % CI {low:.{digits}f} to {high:.{digits}f} %"
    return f"{mean:.3f} % ({interval}, n = {count}){excluded}{_chance(excluded, judged)}"


def _ideal(rows: pd.DataFrame) -> float | None:
    """What an ideal cipher is expected to give in these rows, where it is the same in all."""
    known = rows["expected"].dropna().unique()
    return float(known[0]) if len(known) == 1 else None


def _outside(rows: pd.DataFrame, text: str) -> str:
    """The text, with how many of how many rows, where values lie outside the interval that the rows have."""
    values = pd.to_numeric(rows["value"], errors="coerce")
    count = int(((values < rows["low"]) | (values > rows["high"])).sum())
    return text.format(count, len(rows)) if count else ""


def _chance(outside: str, judged: str) -> str:
    """What a value outside means where the test as a whole, which allows for chance, has not failed."""
    return ", as one in twenty does by chance" if outside and not judged else ""


def _judged(run: RunData, cipher: str, test: str) -> str:
    """What the overview says of a test, where it is bad."""
    answer: Pooled | None = run.pooled.get((cipher, test))
    if answer is None or answer.state not in ("fail", "borderline"):
        return ""
    p = "" if answer.adjusted is None else f" (adjusted p {_p(answer.adjusted)})"
    if answer.state == "fail":
        return f", {_FAILS}{p}: the test failed"
    return f", a borderline result{p}"


def _p(p_value: float) -> str:
    text = p_text(p_value)
    return f"below {text[1:]}" if text == SMALLEST else f"= {text}"
