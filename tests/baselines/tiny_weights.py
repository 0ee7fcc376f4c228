"""Learned ciphers with tiny networks: the same classes, but their weights are fresh ones in a temporary folder."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from cryptobench.primitives.learned.ciphers import LearnedCipher
from cryptobench.primitives.learned.manifest import Manifest, manifest_path
from cryptobench.primitives.learned.sizes import ByteResNetSize, Size, shapes_of


def fresh_arrays(size: Size, seed: int) -> dict[str, np.ndarray]:
    """As torch draws them: uniformly within 1 / sqrt(inputs x kernel). A network for bytes starts as the identity."""
    generator, arrays = np.random.default_rng(seed), {}
    for name, shape in shapes_of(size).items():
        reach = 0.0 if isinstance(size, ByteResNetSize) and ".4." in name else np.prod(shape[1:]) ** -0.5
        arrays[name] = generator.uniform(-reach, reach, shape).astype(np.float32)
    return arrays


def with_tiny_weights(cipher: type[LearnedCipher], folder: Path, pairs: int | None = None) -> type[LearnedCipher]:
    """A subclass with the recipe's networks at width 6 and one block, one seed for each pair."""
    recipe = replace(cipher.recipe("cpu"), width=6, growth=4, layers=1, blocks=1)
    names = []
    for seed in range(pairs or len(cipher.weights)):
        made = {network: fresh_arrays(recipe.size(network), seed) for network in recipe.shipped}
        content = save({f"{network}.{name}": one for network, arrays in made.items() for name, one in arrays.items()})
        path = folder / f"{cipher.card.name}-{seed + 1}.safetensors"
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        facts = Manifest(path.stem, cipher.card.name, "cpu", sha256, recipe.settings(), seed, 0, 0.0, "cpu", {}, "", "")
        manifest_path(path).write_bytes(facts.json())
        names.append(str(path))

    class Tiny(cipher):
        weights = tuple(names)

        @classmethod
        def recipe(cls, preset):
            return recipe

    Tiny.__name__ = f"Tiny{cipher.__name__}"
    return Tiny
