"""Vectors of numbers in the processor's registers, as values of compiled kernels: one type, two kinds of element.

`vectors` has the type and the instructions, `float64` and `float32` what kernels call.
"""
