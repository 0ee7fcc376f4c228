"""Write docs/inference.md, how fast learned ciphers run and on what: `python docs/make_inference.py`.

Needs the extras `fast` and `learned`. Times are processor time on one thread, the least of several rounds in which all
that is compared takes turns; a second process has no AVX-512. Some five minutes. What was measured goes to
docs/inference.json, from which `python docs/make_inference.py --page` writes the page again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from inference_page import page
from make_kernels import WITHOUT_AVX512, elsewhere, machine

from cryptobench.cipher import Cipher, Image
from cryptobench.files import write_text
from cryptobench.images import load_image
from cryptobench.metrics import peak_signal_noise_ratio
from cryptobench.primitives.learned.inference.coupling import FastCouplingResNet, apply
from cryptobench.primitives.learned.inference.network import Network
from cryptobench.primitives.learned.inference.planes import Plane, mix, plane_of
from cryptobench.primitives.learned.inference.products import LONG, ZERO, tile
from cryptobench.primitives.learned.sizes import SLOPE, CouplingSize
from cryptobench.primitives.simd.float32 import Floats, aligned
from cryptobench.registry import load_cipher

__all__ = ["RIVALS", "least"]

HERE = Path(__file__)
PAGE, DATA = (HERE.with_name(f"inference.{end}") for end in ("md", "json"))
PROPOSED = "dense-resnet-xor"
RIVALS = ("deepedn", "cyclegan-optical", "scrambling-aae", "cyclegan-avalanche", "chen2020-cs")
NETWORKS = {
    "coupling network (`dense-resnet-xor`)": PROPOSED,
    "dense residual network (`-lite` rivals)": "deepedn-lite",
    "CycleGAN's generator (`deepedn`)": "deepedn",
    "network on bytes (`cyclegan-avalanche`)": "cyclegan-avalanche",
}
PICTURES = ("astronaut", "chelsea", "coffee")
SIDES = (256, 512, 2048)
BATCH = 8
KEY, NONCE = bytes(range(32)), bytes(16)
_Times = dict[str, float]


def least(calls: Mapping[str, Callable[[], Any]], rounds: int = 9) -> _Times:
    """Milliseconds of processor time of each call, the least over ``rounds`` in which they take turns."""
    best = dict.fromkeys(calls, float("inf"))
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            start, count = process_time(), 0
            while (spent := process_time() - start) < 0.03 or not count:
                call()
                count += 1
            best[name] = min(best[name], 1000 * spent / count)
    return best


def _picture(side: int) -> Image:
    return load_image("astronaut", side)


def _encoder(name: str) -> Network:
    encoder = load_cipher(name).networks()["encoder"]  # type: ignore[attr-defined]
    assert isinstance(encoder, Network)
    return encoder


def _networks(image: Image, *, coarse: bool) -> dict[str, _Times]:
    """Encoders alone: our kernels, OpenVINO in float32 and, if ``coarse``, in bfloat16, and torch."""
    import torch

    from cryptobench.primitives.learned.inference.forward import TorchNetwork
    from cryptobench.primitives.learned.inference.library import LibraryNetwork
    from cryptobench.primitives.learned.networks import network_of

    torch.set_num_threads(1)
    found = {}
    for title, name in NETWORKS.items():
        own = _encoder(name)
        ways: dict[str, Callable[[Image], Image]] = {"own": own}
        ways |= {numbers: LibraryNetwork(own.size, own.arrays, numbers) for numbers in ("f32", "bf16")[: 1 + coarse]}
        layers = network_of(own.size)  # type: ignore[arg-type]
        layers.load_state_dict({key: torch.tensor(np.float32(value)) for key, value in own.arrays.items()})
        plain = layers.eval().requires_grad_(False)
        ways["torch"] = TorchNetwork(plain.to(memory_format=torch.channels_last))  # type: ignore[call-overload]
        found[title] = least({way: lambda run=run: run(image) for way, run in ways.items()})  # type: ignore[misc]
    return found


def _ciphers(image: Image, *, coarse: bool) -> dict[str, _Times]:
    """Whole ciphers, both directions, each way."""
    calls: dict[str, Callable[[], Any]] = {}
    names = (PROPOSED, "dense-resnet-xor-lossless", "deepedn-lite", *RIVALS)
    for name in names:
        for way in ("portable", "fast") if coarse and "lossless" not in name else ("portable",):
            cipher = load_cipher(name, inference=way)
            key = KEY[: cipher.card.key_bytes]
            sent = cipher.encrypt(image, key, NONCE)
            calls[f"{name} {way} encrypt"] = lambda c=cipher, k=key: c.encrypt(image, k, NONCE)  # type: ignore[misc]
            calls[f"{name} {way} decrypt"] = lambda c=cipher, k=key, s=sent: c.decrypt(s, k)  # type: ignore[misc]
    found: dict[str, _Times] = {name: {} for name in names}
    for call, value in least(calls).items():
        name, _, way = call.partition(" ")
        found[name][way] = value
    return found


def _quality() -> dict[str, dict[str, list[float]]]:
    """PSNR by who encrypts and who decrypts, each picture."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in (PROPOSED, "deepedn-lite", *RIVALS):
        ways: dict[str, Cipher] = {way: load_cipher(name, inference=way) for way in ("portable", "fast")}
        key, row = KEY[: ways["fast"].card.key_bytes], found.setdefault(name, {})
        for image in (load_image(picture, 256) for picture in PICTURES):
            for a in ways:
                sent = ways[a].encrypt(image, key, NONCE)
                for b in ways:
                    got = peak_signal_noise_ratio(image, ways[b].decrypt(sent, key)).value
                    row.setdefault(f"{a} {b}", []).append(float(got or 0))
    return found


def _throughput() -> dict[str, _Times]:
    """Megabytes of picture a second; a batch is pictures on top of one another, which is the same work."""
    found = {}
    for name in (PROPOSED, "deepedn"):
        ways = {way: load_cipher(name, inference=way) for way in ("portable", "fast")}
        key = KEY[: ways["fast"].card.key_bytes]
        images = {f"{side} x {side}": _picture(side) for side in SIDES}
        images[f"{BATCH} of 256 x 256 at once"] = np.concatenate([_picture(256)] * BATCH)
        for size, image in images.items():
            calls: dict[str, Callable[[], Any]] = {}
            for way, cipher in ways.items():
                encoder = cipher.networks()["encoder"]  # type: ignore[attr-defined]
                calls[f"{way} network"] = lambda e=encoder, i=image: e(i)  # type: ignore[misc]
                calls[f"{way} cipher"] = lambda c=cipher, i=image, k=key: c.encrypt(i, k, NONCE)  # type: ignore[misc]
            found[f"`{name}`, {size}"] = {
                way: image.nbytes / 1e3 / ms for way, ms in least(calls, rounds=3 if image.nbytes > 4e6 else 7).items()
            }
    return found


def _roofline() -> dict[str, Any]:
    """Peak and bandwidth of this core, and of each part of the proposed network its time, products and bytes."""
    network = _encoder(PROPOSED)
    assert isinstance(network.size, CouplingSize)
    image = _picture(256)
    made = FastCouplingResNet(network.size, network.arrays)
    given = plane_of(image, network.size.factor, 48)
    given.values[:] = 0.5
    halves, others = ([Plane.empty(given.height, given.width, made.room) for _ in range(2)] for _ in range(2))
    for half in halves:
        half.values[:] = 0.5
    block = made.blocks[0][1]
    one, two = block.layers
    calls = {
        "first 1x1, 48 to 2 x 24": lambda: apply(made.first, [given], others),
        "middle 1x1, 2 x 24 to 2 x 24": lambda: apply(made.middle[0], halves, others),
        "last 1x1, 2 x 24 to 48": lambda: apply(made.last, halves, [given]),
        "merge 1x1, 40 onto 24": lambda: mix(halves[0], made.room, block.merge, None, others[0]),
        "3x3, 24 to 8": lambda: halves[0].convolve(*one, SLOPE, halves[0], one.inputs),
        "3x3, 32 to 8": lambda: halves[0].convolve(*two, SLOPE, halves[0], two.inputs),
    }
    places, winograd = given.height * given.width, 36 / 16  # products for each output, input and weight
    products = (48 * 48, 48 * 48, 48 * 48, 40 * 24, winograd * 24 * 8, winograd * 32 * 8)
    numbers = (48 + 48, 48 + 48, 48 + 48, 40 + 24 + 24, 24 + 8, 32 + 8)  # read and written for each place
    parts = {
        name: {"ms": ms, "products": places * count, "bytes": 4 * places * moved}
        for (name, ms), count, moved in zip(least(calls).items(), products, numbers, strict=True)
    }
    whole = least({"network": lambda: network(image)})["network"]
    return {"peak": _peak(), "bandwidth": _bandwidth(), "parts": parts, "whole": whole}


def _peak() -> float:
    """Billions of products a second, all in registers and the nearest cache."""
    from numba import njit

    rows, columns, lanes = (14, 2, 16) if LONG else (6, 2, 8)
    kernel, n, depth, times = tile(rows, columns, lanes), columns * lanes, 48, 20_000
    arrays = tuple(aligned(size) for size in (rows * depth, depth * n, n, rows * n))
    for array in arrays:
        array[:] = 0.5

    def run(a: Floats, w: Floats, b: Floats, o: Floats, step: int, outputs: int) -> None:
        for _ in range(times):
            kernel(a, ZERO, step, step, w, ZERO, outputs, b, ZERO, ZERO, o, ZERO, outputs)

    compiled: Any = njit(run)
    ms = least({"peak": lambda: compiled(*arrays, depth, n)})["peak"]
    return times * rows * n * depth / ms / 1e6


def _bandwidth() -> float:
    """Billions of bytes a second that a copy of 64 megabytes reads and writes."""
    source, target = np.ones(16 << 20, np.float32), np.ones(16 << 20, np.float32)
    return 2 * source.nbytes / least({"copy": lambda: np.copyto(target, source)})["copy"] / 1e6


def measured() -> dict[str, Any]:
    """All of this process."""
    image, coarse = _picture(256), LONG
    found: dict[str, Any] = {"networks": _networks(image, coarse=coarse), "ciphers": _ciphers(image, coarse=coarse)}
    if coarse:
        found |= {"quality": _quality(), "throughput": _throughput(), "roofline": _roofline()}
    return found


def main() -> None:
    """Write the page, or print what this process measures as JSON for the one that writes it."""
    if "--times" in sys.argv[1:]:
        print(json.dumps(measured()))
        return
    if "--page" not in sys.argv[1:]:
        about = f"{machine()}, OpenVINO {version('openvino')}"
        found = {"machine": about, "wide": elsewhere(HERE, {}), "narrow": elsewhere(HERE, WITHOUT_AVX512)}
        write_text(DATA, json.dumps(_rounded(found), indent=1) + "\n")
    found = json.loads(DATA.read_text("utf-8"))
    write_text(PAGE, page(found["wide"], found["narrow"], found["machine"]))


def _rounded(found: Any) -> Any:
    """Numbers in four digits."""
    if isinstance(found, dict):
        return {name: _rounded(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_rounded(value) for value in found]
    return float(f"{found:.4g}") if isinstance(found, float) else found


if __name__ == "__main__":
    main()
