"""Parts of chaotic ciphers: maps, key schedules, permutations, diffusion, functions with the same bits everywhere."""
