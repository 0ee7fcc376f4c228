"""Diffusion: chains, XOR passes, DNA coding, Feistel networks."""
