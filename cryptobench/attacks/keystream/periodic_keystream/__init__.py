"""The attack `periodic_keystream`: a keystream that repeats is recovered from the ciphertext alone."""
