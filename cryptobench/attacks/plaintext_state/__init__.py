"""The attack `plaintext_state`: the keystream or the permutation depends on the plaintext through a few values only."""
