"""The regression gate: two measurement tables in, a verdict and an exit code out."""
