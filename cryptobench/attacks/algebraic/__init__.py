"""Attacks on ciphers that are affine maps, over GF(2), modulo 256 or over the reals."""
