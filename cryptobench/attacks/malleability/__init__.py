"""Attacks with chosen ciphertexts: what a changed ciphertext decrypts to."""
