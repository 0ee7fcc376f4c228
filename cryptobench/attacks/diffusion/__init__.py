"""Attacks that exploit how changes spread, or do not spread, over the image."""
