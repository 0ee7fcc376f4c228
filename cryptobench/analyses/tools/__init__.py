"""Code that several analyses use. No analysis is defined here."""
