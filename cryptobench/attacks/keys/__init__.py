"""Attacks on the key space: weak keys, equivalent keys, small key spaces."""
