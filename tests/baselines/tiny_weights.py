"""Learned ciphers with tiny networks: the same classes, but their weights are fresh ones in a temporary folder."""

from dataclasses import replace
from pathlib import Path

import torch

from cryptobench.primitives.learned.ciphers import LearnedCipher
from cryptobench.primitives.learned.weights import Manifest, save_weights


def with_tiny_weights(cipher: type[LearnedCipher], folder: Path, pairs: int | None = None) -> type[LearnedCipher]:
    """A subclass with the recipe's networks at width 6 and one block, one seed for each pair."""
    recipe = replace(cipher.recipe("cpu"), width=6, growth=4, layers=1, blocks=1)
    names = []
    for seed in range(pairs or len(cipher.weights)):
        torch.manual_seed(seed)
        networks = recipe.networks()
        shipped = torch.nn.ModuleDict({name: networks[name] for name in recipe.shipped})
        path = folder / f"{cipher.card.name}-{seed + 1}.safetensors"
        facts = Manifest(
            path.stem, cipher.card.name, "cpu", "", recipe.settings(), seed, 0, 0.0, "cpu", {}, "", torch.__version__
        )
        save_weights(path, shipped, facts)
        names.append(str(path))

    class Tiny(cipher):
        weights = tuple(names)

        @classmethod
        def recipe(cls, preset):
            return recipe

    Tiny.__name__ = f"Tiny{cipher.__name__}"
    return Tiny
