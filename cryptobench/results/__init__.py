"""Reads the folder of a run and judges what it holds."""
