"""What an adversary does: an oracle in, a measured recovery out. One file an attack."""
