"""Compiled passes over 64-bit words; they release the global interpreter lock."""
