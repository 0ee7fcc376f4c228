"""The attack `plaintext_state`: the keystream or the map depends on the plaintext through a few values only."""
