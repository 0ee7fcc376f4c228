"""The analysis `robustness`: damage to the ciphertext, and the trail that it leaves."""
