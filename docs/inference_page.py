"""The text of docs/inference.md, from what `make_inference` measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["factors", "page"]

_Row = Mapping[str, float]
_OWN = ("deepedn", "cyclegan-optical", "scrambling-aae", "cyclegan-avalanche")  # with generators of their own
_HEAD = """# How learned ciphers are run

The networks of a learned cipher can be run in two ways:

| | `portable`, the default | `fast` |
|---|---|---|
| runs on | this package's own kernels | OpenVINO, on one thread |
| in | float32 | bfloat16 where the processor multiplies such numbers, else float32 |
| ciphertext | the same bytes on every machine | differs by machine: a sample is off by a level or a few |
| needs | nothing | `pip install "cryptobench[fast]"` (59 MB to fetch, 180 MB on disk) |
| asked for by | the cipher's name | `+fast` behind the name, or `cb.load_cipher(name, inference="fast")` |

```sh
cryptobench run --ciphers deepedn,deepedn+fast --analyses timing,quality
```

A name with `+fast` is a cipher of its own, with rows of its own in every table. Either way decrypts what the other
has encrypted. All ciphers with trained networks have both, but for those of whole numbers
(`dense-resnet-xor-lossless`, `-sealed`), whose bytes have to agree. `cyclegan-avalanche` is run in float32 both
ways: its decryption is worth nothing where bytes are off.

Measured on {machine}: milliseconds of processor time on one thread, the least of nine rounds in which what is
compared takes turns. In the columns AVX2 the same machine was kept from AVX-512 and all that came after it, in
Numba by `NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=-avx512f`, in OpenVINO and torch by `ONEDNN_MAX_CPU_ISA=AVX2`.
The machine did other work besides. `python docs/make_inference.py` writes this page and `docs/inference.json`."""


def factors(times: Mapping[str, _Row], of: str) -> dict[str, dict[str, float]]:
    """Each time over that of ``of`` in the same column, for the columns that both have."""
    return {name: {way: row[way] / times[of][way] for way in row if way in times[of]} for name, row in times.items()}


def page(wide: Mapping[str, Any], narrow: Mapping[str, Any], machine: str) -> str:
    """All sections; ``wide`` was measured with AVX-512, ``narrow`` without."""
    ciphers, proposed = wide["ciphers"], "dense-resnet-xor"
    parts = [
        _HEAD.format(machine=machine),
        _networks(wide["networks"], narrow["networks"]),
        _ciphers(ciphers, narrow["ciphers"]),
        _claims(ciphers, narrow["ciphers"], proposed),
        _quality(wide["quality"]),
        _throughput(wide["throughput"]),
        _roofline(wide["roofline"]),
    ]
    return "\n\n".join(parts) + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(columns)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows))


def _networks(wide: Mapping[str, _Row], narrow: Mapping[str, _Row]) -> str:
    rows = [
        [title, *(f"{row[way]:.1f}" for way in ("own", "f32", "torch", "bf16")),
         *(f"{narrow[title][way]:.1f}" for way in ("own", "f32", "torch"))]
        for title, row in wide.items()
    ]  # fmt: skip
    table = _table(
        ("encoder at 256 x 256 x 3", "own", "OpenVINO, float32", "torch", "OpenVINO, bfloat16",
         "AVX2: own", "OpenVINO, float32", "torch"), rows,
    )  # fmt: skip
    saved = {title.partition(" (")[0]: 1 - row["own"] / row["f32"] for title, row in wide.items()}
    shares = ", ".join(f"{100 * share:.0f} % for the {title}" for title, share in saved.items())
    level = " and ".join(title for title, share in saved.items() if share < 1 / 3) or "none of them"
    return f"""## The networks alone

{table}

What our kernels save of OpenVINO's time at equal precision, with AVX-512: {shares}.

Less than a third is saved for the {level}: there our kernels stay for the equal bytes, not for
speed. At less precision, in bfloat16, the library is faster for every network, by little for the smallest.

onnxruntime 1.32 was tried once, with the first three networks exported from torch and without conversions from and to
bytes: 7.3, 22.0 and 38.5 ms where ours took 3.7, 11.6 and 23.2 in the same process. So OpenVINO is the library here."""


def _ciphers(wide: Mapping[str, _Row], narrow: Mapping[str, _Row]) -> str:
    rows = [
        [f"`{name}`", *(_pair(row, "portable") for row in (of_wide, narrow[name])), _pair(of_wide, "fast")]
        for name, of_wide in wide.items()
    ]
    table = _table(("cipher at 256 x 256 x 3", "portable", "portable, AVX2 alone", "fast"), rows)
    return f"""## Whole ciphers

Milliseconds to encrypt : to decrypt.

{table}

Of the proposed cipher's time nearly two milliseconds are its key streams, whichever way the network is run: each
state of a chaotic orbit waits for the last one, some 23 cycles of the processor, so that no vector instruction
helps. OpenVINO makes its network a little faster, in bfloat16, and hardly the cipher: there is no reason to run it
so. The library pays for the larger networks, but for that of `cyclegan-avalanche`, which is run in float32 and
faster on our kernels."""


def _pair(row: _Row, way: str) -> str:
    key = f"{way} encrypt"
    return f"{row[key]:.1f} : {row[f'{way} decrypt']:.1f}" if key in row else "–"


def _claims(wide: Mapping[str, _Row], narrow: Mapping[str, _Row], proposed: str) -> str:
    compared, without = factors(wide, proposed), factors(narrow, proposed)
    rivals = [name for name in wide if not name.startswith(proposed)]
    rows = [
        [
            f"`{name}`",
            *(_factor(compared[name], way) for way in ("portable", "fast")),
            _factor(without[name], "portable"),
        ]
        for name in rivals
    ]
    own, rest = wide[proposed]["portable encrypt"], (row["fast encrypt"] for name, row in wide.items() if name in _OWN)
    least = 100 * own / min(rest)
    table = _table(("rival", "portable : portable", "fast : fast", "portable, AVX2 alone"), rows)
    return f"""## The proposed cipher and its rivals, both run the same way

How many times as long as `{proposed}` a rival takes to encrypt and to decrypt, both portable or both fast. The
abstract claims 2.7 % and 7.5 % against others, factors of 1.03 and 1.08.

{table}

`-lite` rivals, of which one is here, all run the dense residual network, with different weights. Rivals gain from the
library and the proposed cipher hardly does, for what is left of its time are the key streams, and most of these rivals
have none. So the claim holds by a factor of three and more where all run on the same kernels, and by 1.4 where a
library can use the processor's matrix unit. Run portable against their fast form, the proposed cipher still takes
{least:.0f} % of the time of the fastest rival with its own generator."""


def _factor(row: _Row, way: str) -> str:
    key = f"{way} encrypt"
    return f"{row[key]:.1f} : {row[f'{way} decrypt']:.1f}" if key in row else "–"


def _quality(quality: Mapping[str, Mapping[str, list[float]]]) -> str:
    order = ("portable portable", "portable fast", "fast portable", "fast fast")
    rows = [
        [f"`{name}`", *(" ".join(f"{value:.1f}" for value in row[way]) for way in order)]
        for name, row in quality.items()
    ]
    table = _table(
        ("cipher", "encrypted and decrypted portable", "decrypted fast", "encrypted fast", "both fast"), rows
    )
    return f"""## What bfloat16 costs

PSNR in dB of scikit-image's astronaut, cat and coffee cup at 256 x 256 x 3, by who encrypts and who decrypts.

{table}

The rivals lose nothing that counts: their networks err by far more than a rounding. The proposed cipher's decoder is
the exact inverse of its encoder, and an inverse gives back what rounding to 8 significant bits has changed: it loses
1 to 16 dB, and is still ahead of every rival but one. Network and
diffusion exchange uint8, so that ciphertexts differ by rounding: with the proposed cipher in 60 % of the samples of the
network's ciphertext, nine of ten of all by at most 3 levels and one of a hundred by more than ten; with `deepedn` in
half of them, by 5 levels at most but for one of a thousand."""


def _throughput(throughput: Mapping[str, _Row]) -> str:
    ways = ("portable network", "portable cipher", "fast network", "fast cipher")
    rows = [[title, *(f"{row[way]:.0f}" for way in ways)] for title, row in throughput.items()]
    table = _table(("megabytes of picture a second, encryption", *ways), rows)
    return f"""## Larger pictures and batches

{table}

A batch, pictures on top of one another, gains nothing either way: one picture fills the core, and larger ones leave
the cache. Several pictures are faster on several cores, a process each."""


def _roofline(roofline: Mapping[str, Any]) -> str:
    peak, bandwidth = roofline["peak"], roofline["bandwidth"]
    rows = []
    for name, part in roofline["parts"].items():
        rate, moved = part["products"] / part["ms"] / 1e6, part["bytes"] / part["ms"] / 1e6
        intensity = part["products"] / part["bytes"]
        roof = min(peak, intensity * bandwidth)
        rows.append([
            name, f"{part['ms']:.2f}", f"{part['products'] / 1e6:.1f}", f"{intensity:.1f}", f"{rate:.0f}",
            f"{100 * rate / peak:.0f} %", f"{moved:.0f}", f"{roof:.0f}", f"{100 * rate / roof:.0f} %",
        ])  # fmt: skip
    table = _table(
        ("part", "ms", "million products", "products a byte", "billion products a second", "of the peak",
         "billion bytes a second", "roof", "of the roof"), rows,
    )  # fmt: skip
    total = sum(part["products"] * (4 if "3x3" in name or "merge" in name else 1)
                for name, part in roofline["parts"].items())  # fmt: skip
    whole = roofline["whole"]
    rate = total / whole / 1e6
    share = 100 * rate / peak
    return f"""## How near to the machine's limits

One core multiplies and adds {peak:.0f} billion pairs of float32 a second at most, measured in registers with
AVX-512, and a copy in memory reads and writes {bandwidth:.0f} billion bytes a second. Below, the parts of the
proposed network; merges and 3x3 convolutions come four times. Products of 3x3 convolutions are those that
Winograd's tiles make, 36 where the definition has 144, and bytes are what must be read and written at least. The
roof is the peak, or what memory allows where that is less (Williams, Waterman and Patterson, "Roofline", 2009);
beyond it data come from a cache.

{table}

The whole network takes {whole:.1f} ms for {total / 1e6:.0f} million products, {rate:.0f} billion a second or
{share:.0f} % of the peak. 1x1 convolutions reach half of their roof, and a merge more, since its planes are still in
a cache. 3x3 convolutions to 8 channels spend most of their time on the transforms of tiles, which are sums and no
products: there is the most left to be had."""
