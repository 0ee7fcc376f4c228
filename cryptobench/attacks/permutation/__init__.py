"""Attacks that recover permutations and tables that act on each sample alone."""
