"""The attack `decryption_map`: map recoveries from chosen ciphertexts, in classes of ciphertexts too."""
