"""Attacks on single schemes, published or invited by their structure: each says which scheme it takes for granted."""
