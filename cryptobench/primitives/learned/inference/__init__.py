"""Networks for inference: kernels of our own, whose bytes are the same on every machine."""
