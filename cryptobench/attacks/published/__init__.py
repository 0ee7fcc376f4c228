"""Attacks on single schemes, published or after their structure: each names the scheme that it assumes."""
