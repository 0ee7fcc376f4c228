"""Attacks that learn from known or chosen pairs."""
