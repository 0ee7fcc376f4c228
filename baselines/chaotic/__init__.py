"""Chaotic schemes from the literature."""
