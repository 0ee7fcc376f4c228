"""Attacks that run others where a cipher is simpler than it seems: inside one of its states, or backwards."""
