"""Optical schemes from the literature, simulated; what a camera records goes through real uint8."""
