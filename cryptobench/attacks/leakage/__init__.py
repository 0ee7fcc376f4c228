"""Attacks on what a ciphertext reveals without decryption (equality, length, header), and on what decryption needs."""
