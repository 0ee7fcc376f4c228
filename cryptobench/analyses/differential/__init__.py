"""The analysis `differential`: NPCR, UACI and BACI over many small changes of the plaintext."""
