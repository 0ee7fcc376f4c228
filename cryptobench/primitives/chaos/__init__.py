"""Parts of chaotic ciphers: maps, key schedules, permutations, diffusion, and functions with the same bits everywhere."""
