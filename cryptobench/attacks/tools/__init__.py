"""Code that several attacks use. No attack is defined here."""
