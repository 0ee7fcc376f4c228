"""Learned schemes from the literature; beside each, the same scheme on the proposed cipher's networks."""
