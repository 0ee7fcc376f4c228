"""Vectors of numbers in registers, for compiled kernels."""
