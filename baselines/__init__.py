"""Ciphers to compare with: references, controls, and schemes from the literature."""
