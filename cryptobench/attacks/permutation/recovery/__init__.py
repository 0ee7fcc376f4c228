"""The attack `permutation`: recovers a permutation of samples, bits or digits, plain or masked."""
