"""Ciphers that are not written in Python, behind the one interface: programs, described by a TOML file."""
