"""The attack `permutation`: recovers a permutation of samples, bits or base-4 digits, masked or not."""
