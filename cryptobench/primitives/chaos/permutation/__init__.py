"""Permutations of samples, bits and planes, and the sorting that makes them."""
