"""Attacks on what a ciphertext shows without being decrypted: equality, length, header, hidden state."""
