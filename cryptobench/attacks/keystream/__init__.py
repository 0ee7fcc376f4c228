"""Attacks on the keystream: reused, biased, periodic, or from few states."""
