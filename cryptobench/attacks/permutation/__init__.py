"""Attacks that recover permutations, of samples or bits, and substitutions of single samples."""
