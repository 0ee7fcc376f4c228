"""References: standard ciphers, which must pass every analysis."""
