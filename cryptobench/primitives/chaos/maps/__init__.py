"""Chaotic maps, flows and lattices."""
